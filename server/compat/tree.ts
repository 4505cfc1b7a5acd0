import type { Config } from '../schema/config.ts';
import type { RealServer } from '../schema/real-server.ts';
import { canonical, isAddress } from '../schema/rules.ts';
import type { ServerStatus, ServiceStatus, StatusEvent } from '../schema/status.ts';
import type { VirtualService } from '../schema/virtual-service.ts';
import { type Params, Refused, unknown } from './wire.ts';

/** Numbers of places of SubVSs, which must be none of a Real Server's. They follow from the SubVS and so never change. */
const SLOTS = 1_000_000;
export const slotOf = (sub: { id: number }): number => SLOTS + sub.id;

/** What is asked of a configuration over and over, found once. */
export interface Tree {
  config: Config;
  services: ReadonlyMap<number, VirtualService>;
  servers: ReadonlyMap<number, readonly RealServer[]>;
  subs: ReadonlyMap<number, readonly VirtualService[]>;
  rules: ReadonlyMap<number, { name: string; type: string }>;
  certificates: ReadonlyMap<number, string>;
}

const trees = new WeakMap<Config, Tree>();

export function treeFor(config: Config): Tree {
  const known = trees.get(config);
  if (known) return known;
  const tree: Tree = {
    config,
    services: new Map(config.virtualServices.map(vs => [vs.id, vs])),
    servers: Map.groupBy(config.realServers, rs => rs.virtualService),
    subs: Map.groupBy(
      config.virtualServices.filter(vs => vs.parent > 0),
      vs => vs.parent,
    ),
    rules: new Map(config.contentRules.map(rule => [rule.id, rule])),
    certificates: new Map(config.certificates.map(({ id, name }) => [id, name])),
  };
  trees.set(config, tree);
  return tree;
}

export interface Observed {
  services: ReadonlyMap<number, ServiceStatus>;
  servers: ReadonlyMap<number, ServerStatus>;
}

const observed = new WeakMap<StatusEvent, Observed>();
const NOTHING: Observed = { services: new Map(), servers: new Map() };

export function observedIn(status: StatusEvent | undefined): Observed {
  if (!status) return NOTHING;
  const known = observed.get(status);
  if (known) return known;
  const made = {
    services: new Map(status.services.map(service => [service.id, service])),
    servers: new Map(status.servers.map(server => [server.id, server])),
  };
  observed.set(status, made);
  return made;
}

/** The service that `vs`, or `vs`, `port` and `prot`, names. */
export function serviceOf(config: Config, params: Params): VirtualService {
  const vs = params.need('vs', 'Address', 'vsip');
  if (/^\d+$/.test(vs)) {
    const found = treeFor(config).services.get(Number(vs));
    if (!found) throw unknown('VS');
    return found;
  }
  const port = params.need('port', 'String', 'vsport');
  const protocol = (params.get('prot', 'vsprot') || 'tcp').toLowerCase();
  if (!isAddress(vs)) throw new Refused(400, 'vs: Address Value missing');
  const wanted = canonical(vs);
  const found = config.virtualServices.find(
    each =>
      each.parent === 0 &&
      (each.wildcardPort ? '*' : String(each.port)) === port &&
      each.protocol === protocol &&
      canonical(each.address) === wanted,
  );
  if (!found) throw unknown('VS');
  return found;
}

/** The Real Server, or the SubVS in its place, that `rs` names below a service. */
export function memberOf(
  config: Config,
  vs: VirtualService,
  params: Params,
): { server: RealServer; sub?: never } | { sub: VirtualService; server?: never } {
  const rs = params.need('rs', 'Address');
  const tree = treeFor(config);
  const servers = tree.servers.get(vs.id) ?? [];
  if (/^!\d+$/.test(rs)) {
    const number = Number(rs.slice(1));
    const server = servers.find(each => each.id === number);
    if (server) return { server };
    const subs = tree.subs.get(vs.id) ?? [];
    // One client gives the number of the SubVS itself.
    const sub = subs.find(each => slotOf(each) === number) ?? subs.find(each => each.id === number);
    if (sub) return { sub };
    throw unknown('RS');
  }
  const port = params.need('rsport', 'String');
  if (!isAddress(rs)) throw unknown('RS');
  const server = servers.find(each => String(each.port) === port && canonical(each.address) === canonical(rs));
  if (!server) throw unknown('RS');
  return { server };
}
