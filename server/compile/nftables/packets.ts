import { type Config, type Facts, settingsOf } from '../../schema/config.ts';
import { extraPortsOf, networksOf, placesOf } from '../../schema/networks.ts';
import type { RealServer } from '../../schema/real-server.ts';
import { canonical } from '../../schema/rules.ts';
import type { Settings } from '../../schema/settings.ts';
import type { VirtualService } from '../../schema/virtual-service.ts';

/** Everything the kernel does for services by itself. */
export interface PacketSet {
  services: PacketService[];
  /** Does any service speak to its servers from the address of the client? */
  transparent: boolean;
  /** What leaves this machine when servers start connections themselves. */
  outbound: Outbound[];
  /** Are the connections of a server that fails ended? */
  dropOnFailure: boolean;
}

export const packetSet = (config: Config, facts: Facts): PacketSet => ({
  services: packetServices(config, facts),
  outbound: outboundOf(config),
  transparent: config.virtualServices.some(vs => vs.enabled && vs.transparent),
  dropOnFailure: settingsOf(config).dropOnFailure,
});

/** A server, and the address by which others see it; undefined: that of the interface its packets leave by. */
export interface Outbound {
  server: string;
  as?: string;
}

/** Of several services that a server works for, the first that wants it decides. */
function outboundOf(config: Config): Outbound[] {
  const everybody = settingsOf(config).serverNat;
  const services = new Map(config.virtualServices.filter(vs => vs.enabled).map(vs => [vs.id, vs]));
  const found = new Map<string, Outbound>();
  for (const rs of config.realServers) {
    const vs = services.get(rs.virtualService);
    // A SubVS has its parent's address.
    const top = vs && vs.parent > 0 ? services.get(vs.parent) : vs;
    if (!vs || !top) continue;
    const server = canonical(rs.address);
    const as = canonical(top.address);
    const own = vs.serverNat && server.includes(':') === as.includes(':');
    if (own && found.get(server)?.as === undefined) found.set(server, { server, as });
    else if (everybody && !found.has(server)) found.set(server, { server });
  }
  return [...found.values()].sort((a, b) => (a.server < b.server ? -1 : 1));
}

/** A Layer 4 service as the kernel is told of it: values only, compared and printed by others. */
export interface PacketService {
  id: number;
  family: 'ip' | 'ip6';
  address: string;
  protocol: 'tcp' | 'udp';
  /** The service's own port first. With more than one a packet keeps the port it came to. */
  ports: number[];
  /** It has every port of its address but these, and `ports` are only where it is found in lists; undefined: it has not. */
  everyPortBut?: number[];
  choose: 'in turn' | 'by source' | 'least connections' | 'heaviest';
  forwarding: 'nat' | 'route';
  sourceNat: boolean;
  /** Networks of the service's family: the service's and the appliance's that are refused … */
  block: string[];
  /** … and, each if there are any, those of the service and of the appliance but whom everybody is refused. */
  allow: string[];
  allowEverywhere: string[];
  /** Seconds an entry lives after its last new connection; 0: no persistence. */
  persistence: number;
  /** Of a client's address these bits count for persistence: a mask as the kernel writes it; undefined: all of them. */
  mask?: string;
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
function packetServices(config: Config, facts: Facts): PacketService[] {
  const servers = Map.groupBy(config.realServers, rs => rs.virtualService);
  const settings = settingsOf(config);
  return config.virtualServices
    .filter(vs => vs.enabled && vs.layer === 'l4')
    .sort((a, b) => a.id - b.id)
    .map(vs => {
      const own = (servers.get(vs.id) ?? []).toSorted((a, b) => a.id - b.id);
      return {
        ...packetService(vs, own, settings),
        ...(vs.wildcardPort && { everyPortBut: sparedPorts(vs, config, facts) }),
      };
    });
}

const SSH = 22;

/** Ports of the address that others have: the console, SSH, and services that HAProxy serves there. The kernel's own are found first anyway. */
function sparedPorts({ address, protocol }: VirtualService, config: Config, { managementPort }: Facts): number[] {
  if (protocol === 'udp') return [];
  const others = config.virtualServices
    .filter(vs => vs.enabled && vs.parent === 0 && vs.layer === 'l7')
    .flatMap(placesOf)
    .filter(place => canonical(place.address) === canonical(address))
    .map(({ port }) => port);
  return [...new Set([SSH, managementPort, ...others])].sort((a, b) => a - b);
}

function packetService(vs: VirtualService, servers: readonly RealServer[], settings: Settings): PacketService {
  const six = vs.address.includes(':');
  const networks = (lines: readonly string[]) => networksOf(lines).filter(network => network.includes(':') === six);
  return {
    id: vs.id,
    family: six ? 'ip6' : 'ip',
    address: canonical(vs.address),
    protocol: vs.protocol,
    ports: [vs.port, ...extraPortsOf(vs.extraPorts)],
    choose: CHOOSE[vs.scheduling] ?? 'in turn',
    forwarding: vs.forwarding,
    sourceNat: vs.sourceNat,
    block: networks([...settings.blockList, ...vs.blockList]),
    allow: networks(vs.allowList),
    allowEverywhere: networks(settings.allowList),
    persistence: vs.persistence === 'source-ip' ? vs.persistenceTimeout : 0,
    ...maskOf(vs, six),
    idle: vs.idleTimeout || settings.idleTimeout,
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

function maskOf({ persistenceMask4, persistenceMask6 }: VirtualService, six: boolean): { mask?: string } {
  const [bits, all] = six ? [persistenceMask6, 128] : [persistenceMask4, 32];
  if (bits === all) return {};
  const ones = '1'.repeat(bits).padEnd(all, '0');
  const words = ones.match(six ? /.{16}/g : /.{8}/g) ?? [];
  return { mask: words.map(word => Number.parseInt(word, 2).toString(six ? 16 : 10)).join(six ? ':' : '.') };
}

const WEIGHTED = new Set<VirtualService['scheduling']>([
  'weighted-round-robin',
  'weighted-least-connection',
  'fixed-weighting',
]);

/** The methods the kernel has; schema/problems/network.ts refuses the others. */
const CHOOSE: Partial<Record<VirtualService['scheduling'], PacketService['choose']>> = {
  'round-robin': 'in turn',
  'weighted-round-robin': 'in turn',
  'least-connection': 'least connections',
  'weighted-least-connection': 'least connections',
  'source-ip-hash': 'by source',
  'fixed-weighting': 'heaviest',
};
