import type { RealServer } from '../schema/real-server.ts';
import type { VirtualService } from '../schema/virtual-service.ts';
import type { Server } from './proxy.ts';

type Facet = (rs: RealServer, peers: readonly RealServer[], vs: VirtualService) => Partial<Server>;

/** Said by another property's entry. */
const elsewhere: Facet = () => ({});

/** One entry per property of a Real Server; `peers` are all servers of the service. */
export const realServerLines = {
  id: rs => ({ name: `rs${rs.id}` }),
  virtualService: elsewhere,
  address: rs => ({ address: rs.address }),
  // With extra ports a client's port is kept, moved by as much as the server's is from the service's.
  port: (rs, _peers, vs) => (vs.extraPorts.length > 0 ? { port: rs.port - vs.port, moved: true } : { port: rs.port }),
  weight: (rs, peers, vs) => ({ weight: rs.state === 'drain' ? 0 : scaled(rs, peers, vs) }),
  connectionLimit: rs => ({ maxconn: rs.connectionLimit }),
  // Both choose the backends the server is in.
  rules: elsewhere,
  defaultRule: elsewhere,
  // Both are said by the service's health check: enoughLines(), checkWords().
  critical: elsewhere,
  follow: elsewhere,
  state: rs => ({ admin: rs.state === 'disabled' ? 'maint' : 'ready' }),
} satisfies { [K in keyof RealServer]: Facet };

/** Adaptive: what the loads change is this weight. */
const WEIGHTED = new Set<VirtualService['scheduling']>([
  'weighted-round-robin',
  'weighted-least-connection',
  'adaptive',
]);
const EVEN = 100;
const TOP = 256;

/**
 * Weights of 1..65535 on HAProxy's scale of 1..256, the heaviest server at the top: ratios are kept as well as
 * whole numbers allow. Methods that ignore weights get equal ones.
 */
function scaled(rs: RealServer, peers: readonly RealServer[], vs: VirtualService): number {
  if (!WEIGHTED.has(vs.scheduling)) return EVEN;
  const heaviest = Math.max(...peers.map(peer => peer.weight));
  return Math.max(1, Math.round((rs.weight * TOP) / heaviest));
}
