import { checkTimes, leastInterval } from '../check.ts';
import { type Config, settingsOf } from '../config.ts';
import { groupsOf, readable } from '../content-pattern.ts';
import { Fault } from '../faults.ts';
import type { RealServer } from '../real-server.ts';
import { endpoint, type Problem } from '../rules.ts';
import type { Settings } from '../settings.ts';
import type { VirtualService } from '../virtual-service.ts';

/** What properties of health checks need of each other. */
export function healthProblems(config: Config): Problem[] {
  const settings = settingsOf(config);
  return [
    ...timesProblem(settings, settings).map(fault => ({ kind: 'settings' as const, id: settings.id, fault })),
    ...config.virtualServices.flatMap(vs =>
      serviceFaults(vs, settings).map(fault => ({ kind: 'virtualService' as const, id: vs.id, fault })),
    ),
    ...followProblems(config),
  ];
}

const needs = (label: string, wanted: string, at: string) => new Fault('NEEDS', { label, needs: wanted }, `/${at}`);

function serviceFaults(vs: VirtualService, settings: Settings): Fault[] {
  const wrong = patternFault(vs.checkPattern);
  const reserved = vs.checkHeaders.find(line => OURS.test(line));
  return [
    ...(vs.checkType === 'none' ? [] : timesProblem(vs, settings)),
    ...(reserved
      ? [needs('Custom Headers', `no “${reserved.split(':')[0]}”: Ballast sends it where it belongs`, 'checkHeaders')]
      : []),
    ...(wrong === '' ? [] : [new Fault('INVALID', { label: 'Reply 200 Pattern', reason: wrong }, '/checkPattern')]),
    ...(vs.checkExpect.length / 2 > (vs.checkMatchLength || Number.POSITIVE_INFINITY)
      ? [needs('Find Match Within', 'room for the expected bytes', 'checkMatchLength')]
      : []),
  ];
}

/** What the check says of itself: a second one would be read differently by different servers. */
const OURS = /^(?:host|connection|content-length|transfer-encoding)\s*:/i;

/** Why HAProxy could not read a pattern, or would read it otherwise, as a clause; empty when it is a good one. */
function patternFault(whole: string): string {
  const pattern = whole.replace(/^\^/, '');
  const { source, reason } = readable(pattern);
  if (source === undefined) return reason;
  for (const [what, why] of UNKNOWN) if (what.test(pattern)) return why;
  const groups = groupsOf(source);
  const calls = [...pattern.matchAll(/\\([1-9])/g)].map(([, group]) => Number(group));
  return calls.some(group => group > groups) ? 'must not repeat a group that is not there' : '';
}

/** What ECMAScript takes for something else. */
const UNKNOWN: readonly [RegExp, string][] = [
  [
    /(?<!\\)(?:\\\\)*\\(?![dDwWsSbBtnrfAzZhR1-9]|x[0-9A-Fa-f]{2})[0-9A-Za-z]/,
    'must not have an escape that is not known',
  ],
  [/\[[.:=]/, 'must not have a named class'],
  [/\(\?</, 'must not have a lookbehind or a named group'],
  [/\{\d*,?\d{4}/, 'must not repeat more than 999 times'],
];

type Own = Pick<VirtualService, 'checkInterval' | 'checkTimeout' | 'checkRetries'>;

/** A cycle of time-outs must end before the next one begins. */
function timesProblem(own: Own, settings: Settings): Fault[] {
  // Nothing of its own: the settings have answered for it.
  if (own.checkInterval === 0 && own.checkTimeout === 0 && own.checkRetries === 0) return [];
  const times = checkTimes(own, settings);
  const least = leastInterval(times);
  if (times.interval >= least) return [];
  const from = own.checkInterval > 0 ? '' : ' of the settings';
  const sum = times.retries === 1 ? 'its timeout' : `timeout × retries + 1 = ${least} seconds`;
  const at = own.checkInterval > 0 ? 'checkInterval' : own.checkTimeout > 0 ? 'checkTimeout' : 'checkRetries';
  return [needs(`Interval${from}`, `to be at least ${sum}`, at)];
}

/** A chain of servers that follow each other must end at one that is checked itself. */
function followProblems(config: Config): Problem[] {
  const servers = new Map(config.realServers.map(rs => [rs.id, rs]));
  return config.realServers.flatMap(rs => {
    const bad = (fault: Fault) => [{ kind: 'realServer' as const, id: rs.id, fault }];
    if (rs.follow > 0 && !servers.has(rs.follow))
      return bad(
        needs(endpoint(rs.address, rs.port), 'the server whose health it has: choose another first', 'follow'),
      );
    const seen = new Set<number>();
    for (let at: RealServer | undefined = rs; at && at.follow > 0; at = servers.get(at.follow)) {
      if (seen.has(at.id))
        return bad(needs('Healthcheck On', 'a server that does not follow this one in turn', 'follow'));
      seen.add(at.id);
    }
    return [];
  });
}
