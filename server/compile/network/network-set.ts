import type { Config, Facts } from '../../schema/config.ts';
import { settingsOf } from '../../schema/config.ts';
import type { NetworkInterface } from '../../schema/network/interface.ts';
import { networksOf, placesOf } from '../../schema/networks.ts';
import { addressesOf } from '../../schema/problems/network-links.ts';
import { linkOf } from '../../schema/problems/network-routes.ts';
import { canonical } from '../../schema/rules.ts';
import { heldText } from '../../schema/subnets.ts';

/** An interface as the machine shall have it. */
export interface LinkSpec {
  name: string;
  type: NetworkInterface['type'];
  /** Such as `10.0.0.5/24`, in the order of the configuration. */
  addresses: string[];
  /** 0: as it is. */
  mtu: number;
  /** Of a VLAN. */
  vlan?: { parent: string; id: number };
  /** Of a bond. */
  mode?: NetworkInterface['bondMode'];
  /** Of a port that is joined. */
  bond?: string;
}

export interface RouteSpec {
  family: 4 | 6;
  /** `default`, or a network such as `10.20.0.0/16`. */
  to: string;
  via: string;
  link: string;
}

/** What the machine calls itself and others. */
export interface Names {
  /** Empty: as it is. */
  hostName: string;
  dns: string[];
  search: string[];
  hosts: string[];
  ntp: string[];
  timeZone: string;
}

/** Who may reach the management of the machine. */
export interface Guard {
  /** TCP ports. */
  ports: number[];
  links: string[];
  /** None: from everywhere. */
  networks: string[];
  /** The appliance's own lists, which come first. */
  block: string[];
  allow: string[];
  /** Addresses that are for services alone. */
  services: string[];
  /** Where a service itself listens on one of the ports: that is no management. */
  places: { address: string; port: number }[];
}

/** The network of the machine as the configuration wants it. */
export interface NetworkSet {
  /** Ports first, then bonds, then VLANs: each after what it is made on. */
  links: LinkSpec[];
  routes: RouteSpec[];
  names: Names;
  guard?: Guard;
}

/** Nothing of ours. */
export const emptyNetwork = (): NetworkSet => ({
  links: [],
  routes: [],
  names: { hostName: '', dns: [], search: [], hosts: [], ntp: [], timeZone: '' },
});

const SSH = 22;
const ORDER = ['port', 'bond', 'vlan'];

/** What a configuration says of the machine's own network. It must have passed problemsOf(). Pure. */
export function networkSet(config: Config, facts: Facts): NetworkSet {
  const { hostName, dnsServers, searchDomains, hosts, ntpServers, timeZone } = settingsOf(config);
  const guard = guardOf(config, facts);
  return {
    links: config.interfaces
      .map(one => linkSpec(one, config.interfaces))
      .sort((a, b) => ORDER.indexOf(a.type) - ORDER.indexOf(b.type) || (a.name < b.name ? -1 : 1)),
    routes: routesOf(config),
    names: { hostName, dns: dnsServers.map(canonical), search: searchDomains, hosts, ntp: ntpServers, timeZone },
    ...(guard && { guard }),
  };
}

function linkSpec(one: NetworkInterface, all: readonly NetworkInterface[]): LinkSpec {
  const parent = all.find(other => other.id === one.parent);
  const bond = all.find(other => other.type === 'bond' && other.members.includes(one.id));
  return {
    name: one.name,
    type: one.type,
    addresses: addressesOf(one).map(heldText),
    mtu: one.mtu,
    ...(one.type === 'vlan' && parent && { vlan: { parent: parent.name, id: one.vlanId } }),
    ...(one.type === 'bond' && { mode: one.bondMode }),
    ...(bond && { bond: bond.name }),
  };
}

function routesOf(config: Config): RouteSpec[] {
  const { gateway4, gateway6, gateway6Interface } = settingsOf(config);
  const route = (to: string, gateway: string, named: number): RouteSpec[] => {
    const via = canonical(gateway);
    const link =
      config.interfaces.find(one => one.id === named)?.name ?? linkOf(via, config.interfaces)?.link.name ?? '';
    return [{ family: via.includes(':') ? 6 : 4, to, via, link }];
  };
  return [
    ...(gateway4 ? route('default', gateway4, 0) : []),
    ...(gateway6 ? route('default', gateway6, gateway6Interface) : []),
    ...config.routes
      .flatMap(one => route(one.destination, one.gateway, one.interface))
      .sort((a, b) => a.family - b.family || (a.to < b.to ? -1 : 1)),
  ];
}

function guardOf(config: Config, facts: Facts): Guard | undefined {
  const settings = settingsOf(config);
  if (!settings.managementFilter) return undefined;
  const ports = [...(settings.managementSsh ? [SSH] : []), facts.managementPort];
  const places = config.virtualServices
    .filter(vs => vs.enabled && vs.parent === 0)
    .flatMap(placesOf)
    .map(({ address, port }) => ({ address: canonical(address), port }));
  // An address that an interface has anyway stays good for management: the appliance may have no other.
  const own = new Set(config.interfaces.flatMap(addressesOf).map(held => held.address));
  const services = [...new Set(places.map(place => place.address))].filter(address => !own.has(address)).sort();
  return {
    ports,
    links: config.interfaces.filter(one => settings.managementInterfaces.includes(one.id)).map(one => one.name),
    networks: networksOf(settings.managementNetworks),
    block: networksOf(settings.blockList),
    allow: networksOf(settings.allowList),
    services,
    places: places.filter(place => ports.includes(place.port)),
  };
}

/**
 * Could going from one to the other end the connection of whoever manages the machine? Names never do, nor does an
 * interface over which nobody is allowed to manage it.
 */
export function couldCutOff(before: NetworkSet, after: NetworkSet): boolean {
  const aside = new Set(after.links.map(link => link.name));
  for (const set of [before, after])
    for (const name of set.guard ? set.guard.links : set.links.map(link => link.name)) {
      for (let at: string | undefined = name; at; at = carrierOf(at, set)) aside.delete(at);
      for (const link of set.links) if (link.bond === name) aside.delete(link.name);
    }
  const weight = ({ links, routes, guard }: NetworkSet) =>
    JSON.stringify([
      links.filter(link => !aside.has(link.name)),
      routes,
      // Services come and go on addresses of their own.
      guard && { ...guard, services: [], places: [] },
    ]);
  return weight(before) !== weight(after);
}

const carrierOf = (name: string, set: NetworkSet) => set.links.find(link => link.name === name)?.vlan?.parent;
