import type { Config } from '../schema/config.ts';
import { titleOf } from '../schema/rules.ts';
import type { ServiceState, ServiceStatus } from '../schema/status.ts';
import type { VirtualService } from '../schema/virtual-service.ts';
import type { ProxyStat } from './observe.ts';

/** Rules that choose among servers have backends such as `vs1r5`, with servers of the same names as in `vs1`. */
const RULE_BACKEND = /^(vs\d+)(?:r\d+|d)$/;

/** What was counted for a server or service in the backends of rules, added to its own row. */
export function folded(stats: readonly ProxyStat[]): ProxyStat[] {
  if (!stats.some(stat => RULE_BACKEND.test(stat.proxy))) return [...stats];
  const kept = new Map(
    stats.filter(stat => !RULE_BACKEND.test(stat.proxy)).map(stat => [`${stat.proxy}/${stat.name}`, { ...stat }]),
  );
  for (const stat of stats) {
    const [, service] = RULE_BACKEND.exec(stat.proxy) ?? [];
    const own = service && kept.get(`${service}/${stat.name}`);
    if (!own) continue;
    own.current += stat.current;
    own.total += stat.total;
    own.requests += stat.requests;
    own.in += stat.in;
    own.out += stat.out;
    own.failed += stat.failed;
    // The average of a server that was used through one rule only is that rule's.
    own.responseTime = own.responseTime || stat.responseTime;
  }
  return [...kept.values()];
}

const WORKS: readonly ServiceState[] = ['up', 'degraded', 'unchecked'];

/** A service with SubVSs is as well as they are: its own backend has no server. */
export function withSubs(
  config: Config,
  services: readonly ServiceStatus[],
  before: ReadonlyMap<number, ServiceStatus>,
  now: number,
): ServiceStatus[] {
  const subs = Map.groupBy(
    config.virtualServices.filter(vs => vs.parent > 0),
    vs => vs.parent,
  );
  const parents = new Map(config.virtualServices.map(vs => [vs.id, vs]));
  const byId = new Map(services.map(service => [service.id, service]));
  return services.map(service => {
    const own = (subs.get(service.id) ?? []).flatMap(sub => {
      const status = byId.get(sub.id);
      return status && status.state !== 'disabled' ? [{ sub, title: sub.name || titleOf(sub), status }] : [];
    });
    if (own.length === 0 || service.state === 'disabled' || service.reason === NOT_RUNNING) return service;
    const short = shortOf(parents.get(service.id), own);
    const state = short
      ? 'down'
      : stateOf(
          own.map(({ status }) => status.state),
          service.state,
        );
    const last = before.get(service.id);
    const sum = (of: (status: ServiceStatus) => number) => own.reduce((all, { status }) => all + of(status), 0);
    const bad = own.filter(({ status }) => !WORKS.includes(status.state) || status.state === 'degraded');
    return {
      ...service,
      state,
      since: last?.state === state ? last.since : now,
      reason:
        short ||
        (state === 'up' || state === 'unchecked' || state === 'pending' || !bad[0]
          ? ''
          : `SubVS “${bad[0].title}”${bad.length > 1 ? ` and ${bad.length - 1} more` : ''}: ${bad[0].status.reason || bad[0].status.state}`),
      serversUp: sum(status => status.serversUp),
      serversTotal: sum(status => status.serversTotal),
      unavailable: service.unavailable + sum(status => status.unavailable),
    };
  });
}

interface Own {
  sub: VirtualService;
  title: string;
  status: ServiceStatus;
}

/** Why a service with Enhanced Options counts as down although SubVSs work; empty when it does not. */
function shortOf(parent: VirtualService | undefined, own: readonly Own[]): string {
  if (!parent?.enhancedChecks) return '';
  const works = ({ status }: Own) => WORKS.includes(status.state) || status.state === 'pending';
  const critical = own.find(one => one.sub.subCritical && !works(one));
  if (critical) return `the critical SubVS “${critical.title}” is down`;
  const up = own.filter(works).length;
  if (up === 0 || up >= parent.minimumServers) return '';
  return `${up} of at least ${parent.minimumServers} SubVSs ${up === 1 ? 'is' : 'are'} up`;
}

const NOT_RUNNING = 'HAProxy does not run';

function stateOf(states: readonly ServiceState[], nobody: ServiceState): ServiceState {
  const working = states.filter(state => WORKS.includes(state));
  if (working.length === 0) {
    if (states.includes('pending')) return 'pending';
    const soft = states.find(state => state === 'sorry' || state === 'redirect');
    if (soft && !states.includes('down')) return soft;
    return nobody === 'redirect' ? 'redirect' : 'down';
  }
  if (working.length < states.length || working.includes('degraded')) return 'degraded';
  return working.every(state => state === 'unchecked') ? 'unchecked' : 'up';
}
