import { type Config, settingsOf } from '../config.ts';
import { Fault } from '../faults.ts';
import type { Problem } from '../rules.ts';
import { MOST_TARGETS, syslogLists } from '../syslog.ts';

/** Not too many targets, none twice, and ports that exist. */
export function syslogProblems(config: Config): Problem[] {
  const settings = settingsOf(config);
  const seen = new Set<string>();
  let count = 0;
  const faults = syslogLists.flatMap(({ property }): Fault[] =>
    (settings[property] as string[]).flatMap((entry): Fault[] => {
      count += 1;
      const wrong = (reason: string) => [new Fault('BAD_ADDRESS', { address: entry, reason }, `/${property}`)];
      if (Number(/\/(\d+)/.exec(entry)?.[1] ?? 1) > 65_535) return wrong('names a port above 65535');
      if (seen.has(entry.toLowerCase())) return wrong('stands here twice: the list of the lower level is enough');
      seen.add(entry.toLowerCase());
      return count === MOST_TARGETS + 1 ? wrong(`is one too many: ${MOST_TARGETS} targets can be had in all`) : [];
    }),
  );
  return faults.map(fault => ({ kind: 'settings', id: 1, fault }));
}
