import type { unavailableFields } from '../../schema/service/unavailable.ts';
import type { VirtualService } from '../../schema/virtual-service.ts';
import { nobodyLines } from '../haproxy/unavailable.ts';
import { elsewhere, http, type LinesOf } from '../lines.ts';
import type { Server } from '../proxy.ts';

/** One entry per property of schema/service/unavailable.ts, in the order in which the lines are written. */
export const unavailableLines = {
  // Behind the Real Servers: HAProxy takes a backup when none of the others can be used.
  sorryAddress: elsewhere,
  sorryPort: elsewhere,
  unavailablePage: elsewhere,
  unavailableAction: (vs, { settings }) => http(vs, { backend: nobodyLines(vs, settings.closeOnError) }),
  unavailableCode: elsewhere,
  unavailableMessage: elsewhere,
  redirectCode: elsewhere,
  redirectUrl: elsewhere,
} satisfies { [K in keyof typeof unavailableFields]: LinesOf };

/** The sorry server: unchecked, so always there. */
export function sorryServers(vs: VirtualService, options: readonly string[]): Server[] {
  if (vs.sorryAddress === '') return [];
  return [
    {
      name: 'sorry',
      address: vs.sorryAddress,
      port: vs.sorryPort || vs.port,
      weight: 1,
      maxconn: 0,
      admin: 'ready',
      options: [...options, 'backup'],
      dynamic: false,
    },
  ];
}
