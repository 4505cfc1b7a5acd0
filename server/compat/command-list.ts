import type { LoadMasterCommand } from '../schema/loadmaster-calls.ts';
import { commands } from './commands.ts';
import { openedBy } from './permissions.ts';
import { uploads } from './uploads.ts';

/** Every command by name: what the console and the docs list. */
export const commandList: readonly LoadMasterCommand[] = Object.entries(commands)
  .toSorted(([a], [b]) => a.localeCompare(b))
  .map(([name, { about, role, params }]) => ({
    name,
    about,
    role,
    permissions: openedBy(name),
    parameters: params.map(each => ({ name: each.replace(/\?$/, ''), needed: !each.endsWith('?') })),
    upload: uploads.has(name),
  }));
