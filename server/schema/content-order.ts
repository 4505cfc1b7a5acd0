import type { Config } from './config.ts';
import type { ContentRule } from './content-rule.ts';
import type { RealServer } from './real-server.ts';
import type { VirtualService } from './virtual-service.ts';

/** Rules that somebody carries, in the order in which they are tried: as the service says, then by number. */
export function carriedRules(
  vs: Pick<VirtualService, 'rulePrecedence'>,
  carriers: readonly { rules: readonly number[] }[],
  config: Pick<Config, 'contentRules'>,
): ContentRule[] {
  const carried = new Set(carriers.flatMap(carrier => carrier.rules));
  const place = new Map(vs.rulePrecedence.map((id, at) => [id, at]));
  const last = vs.rulePrecedence.length;
  return config.contentRules
    .filter(rule => carried.has(rule.id) && rule.type === 'match')
    .toSorted((a, b) => (place.get(a.id) ?? last) - (place.get(b.id) ?? last) || a.id - b.id);
}

/** What stands for the default where a rule would be `r5`. */
export const DEFAULT_MARK = 'd';

export interface RuleGroup {
  /** The backend, such as `vs1r5`; it keeps the group's persistence too. */
  name: string;
  /** What the deciding rule may be: `r5`, or the default's mark. */
  marks: string[];
  /** Numbers of the Real Servers. */
  servers: ReadonlySet<number>;
}

/**
 * Rules that are carried by the same servers share one backend, and so persistence, limits and counts. Those that all
 * servers carry need none of their own.
 */
export function ruleGroups(
  vs: VirtualService,
  servers: readonly RealServer[],
  config: Pick<Config, 'contentRules'>,
): RuleGroup[] {
  const groups = new Map<string, RuleGroup>();
  const add = (mark: string, ids: number[]) => {
    const key = ids.join();
    const group = groups.get(key);
    if (group) group.marks.push(mark);
    else
      groups.set(key, {
        name: ids.length === servers.length ? `vs${vs.id}` : `vs${vs.id}${mark}`,
        marks: [mark],
        servers: new Set(ids),
      });
  };
  const idsOf = (carries: (rs: RealServer) => boolean) => servers.filter(carries).map(rs => rs.id);
  // By number, not by precedence: a new order must not rename backends and lose their persistence.
  for (const rule of carriedRules(vs, servers, config).toSorted((a, b) => a.id - b.id))
    add(
      `r${rule.id}`,
      idsOf(rs => rs.rules.includes(rule.id)),
    );
  const usual = idsOf(rs => rs.defaultRule);
  if (usual.length > 0) add(DEFAULT_MARK, usual);
  return [...groups.values()];
}
