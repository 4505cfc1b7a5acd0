import type { RealServer } from '../../../../server/schema/real-server.ts';
import { endpoint, titleOf } from '../../../../server/schema/rules.ts';
import type { ServerState, ServiceState } from '../../../../server/schema/status.ts';
import type { VirtualService } from '../../../../server/schema/virtual-service.ts';
import type { Live } from '../../api/live.ts';
import { plural } from '../../parts/format.ts';

/** One service that is not well, with its servers that are down. */
export interface Trouble {
  id: number;
  title: string;
  place: string;
  state: ServiceState;
  since: number;
  reason: string;
  servers: { id: number; title: string; since: number; reason: string }[];
  /** When the newest part of it began. */
  latest: number;
}

/** What is wrong, newest first. Pure. */
export function troublesOf(live: Live, services: VirtualService[], servers: RealServer[]): Trouble[] {
  const down = Map.groupBy(
    servers.filter(rs => live.servers.get(rs.id)?.state === 'down'),
    rs => rs.virtualService,
  );
  const troubles: Trouble[] = [];
  for (const vs of services) {
    const status = live.services.get(vs.id);
    if (!status || !['down', 'degraded', 'redirect', 'sorry'].includes(status.state)) continue;
    const members = (down.get(vs.id) ?? []).map(rs => {
      const server = live.servers.get(rs.id);
      return {
        id: rs.id,
        title: endpoint(rs.address, rs.port),
        since: server?.since ?? 0,
        reason: server?.reason ?? '',
      };
    });
    members.sort((a, b) => b.since - a.since);
    troubles.push({
      id: vs.id,
      title: titleOf(vs),
      place: endpoint(vs.address, vs.port),
      state: status.state,
      since: status.since,
      reason: status.reason,
      servers: members,
      latest: Math.max(status.since, ...members.map(member => member.since)),
    });
  }
  return troubles.sort((a, b) => b.latest - a.latest);
}

export type Counts<S extends string> = Partial<Record<S, number>>;

/** How many objects are in each state. */
export function countsOf<S extends ServiceState | ServerState>(statuses: Iterable<{ state: S }>): Counts<S> {
  const counts: Counts<S> = {};
  for (const { state } of statuses) counts[state] = (counts[state] ?? 0) + 1;
  return counts;
}

/** The state the whole is in, as the sentence says it. Pure. */
export function verdictOf(live: Live): ServiceState {
  if (!live.engine.running) return 'down';
  const services = countsOf(live.services.values());
  const servers = countsOf(live.servers.values());
  if (services.down) return 'down';
  if (services.degraded || services.redirect || services.sorry || servers.down) return 'degraded';
  return services.pending ? 'pending' : 'up';
}

/** Is everything all right? One sentence. Pure. */
export function sentenceOf(live: Live): string {
  if (!live.engine.running) return 'The engine is not running: no traffic passes.';
  const services = countsOf(live.services.values());
  const servers = countsOf(live.servers.values());
  const wrong = [
    services.down && `${plural(services.down, 'service')} down`,
    services.degraded && `${plural(services.degraded, 'service')} degraded`,
    services.redirect && `${plural(services.redirect, 'service')} redirecting`,
    services.sorry && `${plural(services.sorry, 'service')} on the sorry server`,
    servers.down && `${plural(servers.down, 'server')} down`,
  ].filter(Boolean);
  if (wrong.length > 0) return `${wrong.join(', ')}.`;
  if (live.services.size === 0) return 'No Virtual Service is set up yet.';
  if (services.pending) return `Waiting for the first check of ${plural(services.pending, 'service')}.`;
  return `Everything is up: ${plural(live.services.size, 'service')}, ${plural(live.servers.size, 'server')}.`;
}
