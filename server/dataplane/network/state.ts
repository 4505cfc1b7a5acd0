import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { sameRoute } from '../../compile/network/ip-plan.ts';
import type { NetworkSet } from '../../compile/network/network-set.ts';
import type { Config } from '../../schema/config.ts';
import type { LinkState, NetworkState, SetBy } from '../../schema/network/state.ts';
import { canonical } from '../../schema/rules.ts';
import { run } from '../host.ts';
import { liveLink, type RawLink, readLinks, readRoutes } from './live.ts';
import { whyPowerless } from './privilege.ts';

/** The network of the machine as it is now, beside what is configured. */
export async function networkState(
  config: Config,
  wanted: NetworkSet,
  services: readonly string[],
  appliance: boolean,
): Promise<NetworkState> {
  const [links, routes, resolver, synchronised, powerless] = await Promise.all([
    readLinks(),
    readRoutes(),
    readFile('/etc/resolv.conf', 'utf8').catch(() => ''),
    clock(),
    whyPowerless(),
  ]);
  const there = links.filter(link => link.ifname !== 'lo');
  const missing = wanted.links.filter(spec => !links.some(link => link.ifname === spec.name));
  const idOf = (name: string) => config.interfaces.find(one => one.name === name)?.id ?? 0;
  return {
    appliance,
    powerless,
    links: [
      ...(await Promise.all(there.map(link => linkState(link, idOf(link.ifname), wanted, services)))),
      ...missing.map(({ name, mtu }) => absent(name, idOf(name), mtu)),
    ],
    routes: await Promise.all(
      routes.map(async route => ({
        ...route,
        setBy: wanted.routes.some(one => sameRoute(one, route)) ? ('ballast' as const) : ('other' as const),
        answers: route.to === 'default' ? await answers(route.via, route.link) : null,
      })),
    ),
    hostName: hostname(),
    dnsServers: [...resolver.matchAll(/^nameserver\s+(\S+)/gm)].map(([, server = '']) => server),
    searchDomains: (/^search\s+(.+)$/m.exec(resolver)?.[1] ?? '').split(/\s+/).filter(domain => domain !== ''),
    synchronised,
  };
}

async function linkState(
  raw: RawLink,
  id: number,
  wanted: NetworkSet,
  services: readonly string[],
): Promise<LinkState> {
  const { name, kind, mtu, up } = liveLink(raw);
  const spec = wanted.links.find(link => link.name === name);
  const setBy = (address: string, prefix: number): SetBy => {
    if (spec?.addresses.includes(`${address}/${prefix}`)) return 'ballast';
    return services.includes(canonical(address)) ? 'service' : 'other';
  };
  const carrier = raw.flags.includes('LOWER_UP') && raw.operstate !== 'LOWERLAYERDOWN';
  return {
    name,
    id,
    kind,
    mac: raw.address ?? '',
    mtu,
    link: up ? (carrier ? 'up' : 'no-carrier') : 'down',
    ...(await speedOf(raw)),
    addresses: (raw.addr_info ?? []).flatMap(({ local, prefixlen = 0 }) =>
      local ? [{ address: local, prefix: prefixlen, setBy: setBy(local, prefixlen) }] : [],
    ),
    received: raw.stats64?.rx.bytes ?? 0,
    sent: raw.stats64?.tx.bytes ?? 0,
  };
}

const absent = (name: string, id: number, mtu: number): LinkState => ({
  name,
  id,
  kind: '',
  mac: '',
  mtu,
  link: 'none',
  speed: null,
  duplex: null,
  addresses: [],
  received: 0,
  sent: 0,
});

/** Only the driver knows; /sys may show another network namespace, which is seen by the hardware address. */
async function speedOf({ ifname, address }: RawLink): Promise<Pick<LinkState, 'speed' | 'duplex'>> {
  const [mac, speed, duplex] = await Promise.all(
    ['address', 'speed', 'duplex'].map(what =>
      readFile(`/sys/class/net/${ifname}/${what}`, 'utf8').then(
        text => text.trim(),
        () => '',
      ),
    ),
  );
  if (mac !== address) return { speed: null, duplex: null };
  return {
    speed: Number(speed) > 0 ? Number(speed) : null,
    duplex: duplex === 'full' || duplex === 'half' ? duplex : null,
  };
}

/** What the kernel has found out about a neighbour by ARP or neighbour discovery. */
async function answers(address: string, link: string): Promise<boolean | null> {
  const ran = await run('ip', ['-j', 'neigh', 'show', 'to', address, 'dev', link]);
  const [found] = ran.code === 0 ? (JSON.parse(ran.out || '[]') as { state?: string[] }[]) : [];
  if (found?.state?.some(state => ['REACHABLE', 'STALE', 'DELAY', 'PROBE', 'PERMANENT'].includes(state))) return true;
  return found?.state?.includes('FAILED') ? false : null;
}

async function clock(): Promise<boolean | null> {
  const { code, out } = await run('timedatectl', ['show', '--property=NTPSynchronized', '--value'], 2_000);
  return code === 0 && /^(?:yes|no)$/.test(out.trim()) ? out.trim() === 'yes' : null;
}
