import { accessCommands } from './access-lists.ts';
import { acmeCommands } from './acme.ts';
import { backupCommands } from './backup.ts';
import { certificateBackupCommands } from './certificate-backup.ts';
import { certificateCommands } from './certificates.ts';
import type { Command } from './command.ts';
import { ruleCommands } from './content-rules.ts';
import { diagnosticCommands } from './diagnostics.ts';
import { limitCommands } from './limits.ts';
import { networkCommands } from './network.ts';
import { realServerCommands } from './real-servers.ts';
import { statsCommands } from './stats.ts';
import { systemCommands, versionOf } from './system.ts';
import { userCommands } from './users.ts';
import { serviceCommands } from './virtual-services.ts';
import { wafCommands } from './waf.ts';

/** Every command there is. A two-word command of version 1, `logging/df`, has a dot here as in version 2. */
export const commands: Readonly<Record<string, Command>> = {
  ...serviceCommands,
  ...realServerCommands,
  ...ruleCommands,
  ...certificateCommands,
  ...accessCommands,
  ...limitCommands,
  ...networkCommands,
  ...userCommands,
  ...backupCommands,
  ...acmeCommands,
  ...certificateBackupCommands,
  ...diagnosticCommands,
  ...wafCommands,
  ...statsCommands,
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
