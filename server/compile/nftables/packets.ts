import type { Config } from '../../schema/config.ts';
import type { RealServer } from '../../schema/real-server.ts';
import { canonical } from '../../schema/rules.ts';
import type { VirtualService } from '../../schema/virtual-service.ts';

/** Everything the kernel does for services by itself. */
export interface PacketSet {
  services: PacketService[];
  /** Does any service speak to its servers from the address of the client? */
  transparent: boolean;
}

export const packetSet = (config: Config): PacketSet => ({
  services: packetServices(config),
  transparent: config.virtualServices.some(vs => vs.enabled && vs.transparent),
});

/** A Layer 4 service as the kernel is told of it: values only, compared and printed by others. */
export interface PacketService {
  id: number;
  family: 'ip' | 'ip6';
  address: string;
  protocol: 'tcp' | 'udp';
  port: number;
  choose: 'in turn' | 'by source' | 'least connections';
  forwarding: 'nat' | 'route';
  sourceNat: boolean;
  /** Seconds an entry lives after its last new connection; 0: no persistence. */
  persistence: number;
  /** Seconds a flow of direct return is remembered after its last packet. */
  idle: number;
  servers: PacketServer[];
}

export interface PacketServer {
  id: number;
  address: string;
  port: number;
  /** As configured; 1 where the method ignores weights. */
  weight: number;
  /** Takes new clients; without it only those that persistence sends. */
  open: boolean;
}

/** Every Layer 4 service that takes traffic, in the order of numbers. Disabled servers are not there at all. */
function packetServices(config: Config): PacketService[] {
  const servers = Map.groupBy(config.realServers, rs => rs.virtualService);
  return config.virtualServices
    .filter(vs => vs.enabled && vs.layer === 'l4')
    .sort((a, b) => a.id - b.id)
    .map(vs =>
      packetService(
        vs,
        (servers.get(vs.id) ?? []).toSorted((a, b) => a.id - b.id),
      ),
    );
}

function packetService(vs: VirtualService, servers: readonly RealServer[]): PacketService {
  return {
    id: vs.id,
    family: vs.address.includes(':') ? 'ip6' : 'ip',
    address: canonical(vs.address),
    protocol: vs.protocol,
    port: vs.port,
    choose: CHOOSE[vs.scheduling],
    forwarding: vs.forwarding,
    sourceNat: vs.sourceNat,
    persistence: vs.persistence === 'source-ip' ? vs.persistenceTimeout : 0,
    idle: vs.idleTimeout,
    servers: servers
      .filter(rs => rs.state !== 'disabled')
      .map(rs => ({
        id: rs.id,
        address: canonical(rs.address),
        port: rs.port,
        weight: WEIGHTED.has(vs.scheduling) ? rs.weight : 1,
        open: rs.state === 'enabled',
      })),
  };
}

const WEIGHTED = new Set(['weighted-round-robin', 'weighted-least-connection']);

const CHOOSE: Record<VirtualService['scheduling'], PacketService['choose']> = {
  'round-robin': 'in turn',
  'weighted-round-robin': 'in turn',
  'least-connection': 'least connections',
  'weighted-least-connection': 'least connections',
  'source-ip-hash': 'by source',
};
