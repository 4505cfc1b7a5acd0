import type { LinkSpec, NetworkSet, RouteSpec } from './network-set.ts';

/** An interface as the kernel has it. */
export interface LiveLink {
  name: string;
  mtu: number;
  up: boolean;
  /** Such as vlan, bond or veth; empty for hardware. */
  kind: string;
  /** The bond it is joined to. */
  master: string;
  /** Of a VLAN. */
  vlan?: { parent: string; id: number };
  /** Of a bond. */
  mode?: string;
  /** Such as `10.0.0.5/24`; link-local ones are left out. */
  addresses: string[];
}

export interface LiveRoute extends RouteSpec {
  metric: number;
}

export interface LiveNetwork {
  links: LiveLink[];
  /** Of the main table, those by a gateway. */
  routes: LiveRoute[];
}

/** What was set by us and by nobody else: only this is ever taken away again. */
export interface Owned {
  /** Devices we made. */
  links: string[];
  addresses: { link: string; address: string }[];
  routes: RouteSpec[];
  /** What an interface had before. */
  mtus: { link: string; before: number }[];
  masters: { link: string; master: string }[];
}

export const nothingOwned = (): Owned => ({ links: [], addresses: [], routes: [], mtus: [], masters: [] });

export interface IpPlan {
  /** Arguments of ip(8), in this order. */
  steps: string[][];
  /** What is ours when they are done. */
  owned: Owned;
}

/**
 * Steps of iproute2 that bring the machine to a set. New comes before old, so that there always is a way; nothing that
 * is not ours is changed or taken away. What the steps take along with them (an address that goes takes its routes) is
 * seen by planning anew. Pure.
 */
export function ipPlan(live: LiveNetwork, wanted: Pick<NetworkSet, 'links' | 'routes'>, owned: Owned): IpPlan {
  const has = new Map(live.links.map(link => [link.name, link]));
  const steps: string[][] = [];
  const next: Owned = { ...nothingOwned(), links: owned.links.filter(name => has.has(name)) };
  const specs = new Map(wanted.links.map(link => [link.name, link]));

  for (const spec of wanted.links.filter(link => link.type !== 'port')) {
    const found = has.get(spec.name);
    if (found && sameDevice(found, spec)) continue;
    if (found && next.links.includes(spec.name)) {
      steps.push(['link', 'delete', 'dev', spec.name]);
      has.delete(spec.name);
    }
    steps.push(deviceStep(spec));
    next.links = [...next.links.filter(name => name !== spec.name), spec.name];
  }
  for (const spec of wanted.links) {
    const found = has.get(spec.name);
    const joining = masterSteps(spec, found, owned, next);
    steps.push(...joining, ...mtuSteps(spec, found, owned, next));
    if (!found?.up || joining.length > 0) steps.push(['link', 'set', 'dev', spec.name, 'up']);
    const present = new Set(found?.addresses);
    for (const address of spec.addresses) {
      const mine = owned.addresses.some(one => one.link === spec.name && one.address === address);
      if (!present.has(address)) steps.push(['address', 'add', address, 'dev', spec.name]);
      if (mine || !present.has(address)) next.addresses.push({ link: spec.name, address });
    }
  }
  for (const route of wanted.routes) {
    const mine = owned.routes.some(one => sameRoute(one, route));
    const present = live.routes.some(one => sameRoute(one, route));
    if (!present) {
      // Over one of ours it is changed in one step; over another's it is refused.
      const over = owned.routes.some(one => one.family === route.family && one.to === route.to);
      steps.push([...familyOf(route), 'route', over ? 'replace' : 'add', ...routeWords(route)]);
    }
    if (mine || !present) next.routes.push(route);
  }

  for (const route of owned.routes)
    if (
      !wanted.routes.some(one => one.family === route.family && one.to === route.to) &&
      live.routes.some(one => sameRoute(one, route))
    )
      steps.push([...familyOf(route), 'route', 'del', ...routeWords(route)]);
  for (const { link, address } of owned.addresses)
    if (has.get(link)?.addresses.includes(address) && !specs.get(link)?.addresses.includes(address))
      steps.push(['address', 'del', address, 'dev', link]);
  for (const { link, master } of owned.masters)
    if (has.get(link)?.master === master && specs.get(link)?.bond !== master)
      steps.push(['link', 'set', 'dev', link, 'nomaster']);
  for (const { link, before } of owned.mtus)
    if (has.has(link) && !(specs.get(link)?.mtu ?? 0)) {
      if (has.get(link)?.mtu !== before) steps.push(['link', 'set', 'dev', link, 'mtu', String(before)]);
    }
  for (const name of owned.links.toReversed())
    if (has.has(name) && (specs.get(name)?.type ?? 'port') === 'port') {
      steps.push(['link', 'delete', 'dev', name]);
      next.links = next.links.filter(other => other !== name);
    }
  return { steps, owned: next };
}

function sameDevice(found: LiveLink, spec: LinkSpec): boolean {
  if (found.kind !== spec.type || (found.mode ?? spec.mode) !== spec.mode) return false;
  return spec.vlan === undefined || (found.vlan?.id === spec.vlan.id && found.vlan.parent === spec.vlan.parent);
}

const deviceStep = ({ name, vlan, mode }: LinkSpec): string[] =>
  vlan
    ? ['link', 'add', 'link', vlan.parent, 'name', name, 'type', 'vlan', 'id', String(vlan.id)]
    : ['link', 'add', 'name', name, 'type', 'bond', 'mode', mode ?? 'active-backup', 'miimon', '100'];

/** The kernel joins only what is down. */
function masterSteps(spec: LinkSpec, found: LiveLink | undefined, owned: Owned, next: Owned): string[][] {
  if (spec.bond === undefined) return [];
  const mine = owned.masters.some(one => one.link === spec.name && one.master === spec.bond);
  if (mine || found?.master !== spec.bond) next.masters.push({ link: spec.name, master: spec.bond });
  if (found?.master === spec.bond) return [];
  return [
    ['link', 'set', 'dev', spec.name, 'down'],
    ['link', 'set', 'dev', spec.name, 'master', spec.bond],
  ];
}

function mtuSteps({ name, mtu }: LinkSpec, found: LiveLink | undefined, owned: Owned, next: Owned): string[][] {
  if (mtu === 0) return [];
  const before = owned.mtus.find(one => one.link === name)?.before ?? found?.mtu;
  if (before !== undefined && before !== mtu) next.mtus.push({ link: name, before });
  return found?.mtu === mtu ? [] : [['link', 'set', 'dev', name, 'mtu', String(mtu)]];
}

export const sameRoute = (a: RouteSpec, b: RouteSpec): boolean =>
  a.family === b.family && a.to === b.to && a.via === b.via && a.link === b.link;

const familyOf = ({ family }: RouteSpec) => [`-${family}`];

/** Preferred to what router advertisements bring, which have 1024; IPv4 has 0 by itself. */
export const metricOf = ({ family }: RouteSpec): number => (family === 6 ? 100 : 0);

const routeWords = (route: RouteSpec): string[] => [
  route.to,
  'via',
  route.via,
  'dev',
  route.link,
  ...(metricOf(route) > 0 ? ['metric', String(metricOf(route))] : []),
  'proto',
  'static',
];
