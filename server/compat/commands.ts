import type { Command } from './command.ts';
import { ruleCommands } from './content-rules.ts';
import { realServerCommands } from './real-servers.ts';
import { systemCommands, versionOf } from './system.ts';
import { serviceCommands } from './virtual-services.ts';

/** Every command there is. A two-word command of version 1, `logging/df`, has a dot here as in version 2. */
export const commands: Readonly<Record<string, Command>> = {
  ...serviceCommands,
  ...realServerCommands,
  ...ruleCommands,
  ...systemCommands,
  listapi: {
    role: 'read-only',
    about: 'Every command there is.',
    params: [],
    run: ({ services }) => ({
      data: { version: versionOf(services.version), commands: Object.keys(commands).toSorted() },
    }),
  },
};
