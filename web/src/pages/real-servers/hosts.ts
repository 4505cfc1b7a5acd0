import type { RealServer } from '../../../../server/schema/real-server.ts';
import { canonical } from '../../../../server/schema/rules.ts';
import type { ServerState } from '../../../../server/schema/status.ts';
import type { VirtualService } from '../../../../server/schema/virtual-service.ts';
import type { Live } from '../../api/live.ts';
import { badness } from '../../parts/state-badge.tsx';

/** One machine: all Real Servers with its address, each with the service it works for. */
export interface Host {
  address: string;
  members: { rs: RealServer; vs: VirtualService }[];
}

/** Real Servers by address, in the order in which the addresses first appear. */
export function hostsOf(servers: readonly RealServer[], services: readonly VirtualService[]): Host[] {
  const byId = new Map(services.map(vs => [vs.id, vs]));
  const hosts = new Map<string, Host>();
  for (const rs of servers) {
    const vs = byId.get(rs.virtualService);
    if (!vs) continue;
    const key = canonical(rs.address);
    const host = hosts.get(key);
    if (host) host.members.push({ rs, vs });
    else hosts.set(key, { address: rs.address, members: [{ rs, vs }] });
  }
  return [...hosts.values()];
}

export interface Load {
  connections: number;
  rate: number;
}

/** The sum of what the members of a host carry. */
export function loadOf(host: Host, live: Live | undefined): Load {
  const sum = { connections: 0, rate: 0 };
  for (const { rs } of host.members) {
    const status = live?.servers.get(rs.id);
    if (!status) continue;
    sum.connections += status.connections;
    sum.rate += status.requestRate || status.connectionRate;
  }
  return sum;
}

/** One state for the whole machine: the worst of its members, and degraded when they differ about being down. */
export function stateOf(host: Host, live: Live | undefined): ServerState | 'degraded' {
  const states = host.members.map(({ rs }) => live?.servers.get(rs.id)?.state ?? 'pending');
  const worst = states.reduce((a, b) => (badness[b] < badness[a] ? b : a), 'disabled' as ServerState);
  return worst === 'down' && states.some(state => state === 'up' || state === 'unchecked') ? 'degraded' : worst;
}
