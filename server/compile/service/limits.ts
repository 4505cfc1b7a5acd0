import { networksOf } from '../../schema/networks.ts';
import type { limitsFields } from '../../schema/service/limits.ts';
import { bandwidthLines } from '../haproxy/bandwidth.ts';
import { clientLimitLines } from '../haproxy/client-limits.ts';
import { limitRuleLines } from '../haproxy/limit-rules.ts';
import { http, type LinesOf } from '../lines.ts';
import { word } from '../word.ts';

/** One entry per property of schema/service/limits.ts, in the order in which the lines are written. */
export const limitsLines = {
  // Who is refused anyway counts for no limit. Lists of the whole appliance first.
  blockList: (vs, { settings }) => ({
    guard: [
      ...(settings.blockList.length > 0 ? ['tcp-request connection reject if { src -f lists/block.txt }'] : []),
      ...(vs.blockList.length > 0
        ? [`tcp-request connection reject if { src -f lists/vs${word(vs.id)}-block.txt }`]
        : []),
    ],
  }),
  allowList: (vs, { settings }) => ({
    guard: [
      ...(settings.allowList.length > 0 ? ['tcp-request connection reject if !{ src -f lists/allow.txt }'] : []),
      ...(vs.allowList.length > 0
        ? [`tcp-request connection reject if !{ src -f lists/vs${word(vs.id)}-allow.txt }`]
        : []),
    ],
  }),
  connectionRateLimit: (vs, { settings }) => ({
    guard: [
      ...clientLimitLines(vs, settings),
      ...(vs.connectionRateLimit > 0
        ? [`tcp-request connection reject if { fe_sess_rate gt ${word(vs.connectionRateLimit)} }`]
        : []),
    ],
  }),
  concurrentLimit: vs =>
    vs.concurrentLimit > 0
      ? { guard: [`tcp-request connection reject if { fe_conn gt ${word(vs.concurrentLimit)} }`] }
      : {},
  requestRateLimit: (vs, { settings }) =>
    http(vs, {
      guard: [
        ...limitRuleLines(settings),
        ...(vs.requestRateLimit > 0
          ? [`http-request deny deny_status 429 if { fe_req_rate gt ${word(vs.requestRateLimit)} }`]
          : []),
      ],
    }),
  bandwidthLimit: bandwidthLines,
} satisfies { [K in keyof typeof limitsFields]: LinesOf };

/** Files of access lists: networks only, a line each. */
export function accessFiles(
  settings: { blockList: string[]; allowList: string[] },
  services: readonly { id: number; blockList: string[]; allowList: string[] }[],
): Record<string, string> {
  const lists: [string, readonly string[]][] = [
    ['block', settings.blockList],
    ['allow', settings.allowList],
    ...services.flatMap((vs): [string, readonly string[]][] => [
      [`vs${vs.id}-block`, vs.blockList],
      [`vs${vs.id}-allow`, vs.allowList],
    ]),
  ];
  return Object.fromEntries(
    lists
      .filter(([, lines]) => lines.length > 0)
      .map(([name, lines]) => [
        `lists/${name}.txt`,
        networksOf(lines)
          .map(line => `${word(line)}\n`)
          .join(''),
      ]),
  );
}
