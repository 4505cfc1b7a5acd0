import type { RealServer } from '../../../../server/schema/real-server.ts';
import { endpoint } from '../../../../server/schema/rules.ts';
import type { ServerStatus } from '../../../../server/schema/status.ts';
import type { VirtualService } from '../../../../server/schema/virtual-service.ts';
import { plural } from '../../parts/format.ts';
import { valueWords } from '../../parts/value.ts';

export type Act = RealServer['state'];

const MOST_NAMED = 4;

/** "A", "A and B", "A, B and C"; from six on "A, B, C, D and 2 more". */
export function listed(names: readonly string[]): string {
  if (names.length > MOST_NAMED + 1)
    return `${names.slice(0, MOST_NAMED).join(', ')} and ${names.length - MOST_NAMED} more`;
  if (names.length < 2) return names[0] ?? '';
  return `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

/** What clients meet when no server can take them. */
export function nobodyWords(vs: VirtualService): string {
  if (vs.type !== 'http') return 'clients are disconnected';
  if (vs.sorryAddress !== '') return `clients get the sorry server ${vs.sorryAddress}`;
  if (vs.unavailableAction === 'redirect') return `clients are redirected to ${vs.redirectUrl}`;
  const code = valueWords('virtualService', 'unavailableCode', vs.unavailableCode, () => undefined);
  return `clients are answered with ${code}`;
}

/** What draining or disabling some servers of one service does to its clients, in sentences. */
export function leavingWords(
  vs: VirtualService,
  servers: readonly RealServer[],
  leaving: ReadonlySet<number>,
  statusOf: (id: number) => ServerStatus | undefined,
  act: Act,
): string[] {
  const open = servers
    .filter(rs => leaving.has(rs.id))
    .reduce((sum, rs) => sum + (statusOf(rs.id)?.connections ?? 0), 0);
  const enabled = servers.filter(rs => !leaving.has(rs.id) && rs.state === 'enabled');
  const able = enabled.filter(rs => statusOf(rs.id)?.state !== 'down');
  const names = able.map(rs => endpoint(rs.address, rs.port));

  const words = [
    open === 0
      ? 'No connection is open.'
      : `${plural(open, 'open connection')} ${open === 1 ? 'stays and ends by itself' : 'stay and end by themselves'}.`,
  ];
  if (act === 'drain' && vs.persistence !== 'none') words.push('Clients that persistence sends here still come.');
  if (act === 'disabled' && vs.persistence !== 'none')
    words.push('Clients that persistence sends here still come until the Connection Drain Time is over.');
  if (!vs.enabled) words.push('The service is disabled: nobody comes anyway.');
  else if (names.length > 0) words.push(`New clients go to ${listed(names)}.`);
  else if (act === 'drain') words.push(`No other server can take new clients: ${nobodyWords(vs)}.`);
  else words.push(`No server is left: ${nobodyWords(vs)}.`);
  return words;
}

/** What disabling or deleting a whole service does to its clients. */
export function serviceLeavingWords(vs: VirtualService, open: number): string {
  const place = endpoint(vs.address, vs.port);
  if (open === 0) return `No connection is open. New clients of ${place} are refused.`;
  return `${plural(open, 'connection')} ${open === 1 ? 'is' : 'are'} open now. New clients of ${place} are refused.`;
}
