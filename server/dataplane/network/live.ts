import type { LiveLink, LiveNetwork, LiveRoute } from '../../compile/network/ip-plan.ts';
import { run } from '../host.ts';

/** An interface as `ip -d -s -j address` tells it; only what we read. */
export interface RawLink {
  ifindex: number;
  ifname: string;
  link?: string;
  mtu: number;
  flags: string[];
  operstate: string;
  address?: string;
  master?: string;
  linkinfo?: { info_kind?: string; info_data?: { id?: number; mode?: string } };
  addr_info?: {
    local?: string;
    prefixlen?: number;
    scope?: string;
    dadfailed?: boolean;
    tentative?: boolean;
    dynamic?: boolean;
  }[];
  stats64?: { rx: { bytes: number }; tx: { bytes: number } };
}

/** A route as `ip -j route` tells it. */
export interface RawRoute {
  dst: string;
  gateway?: string;
  dev?: string;
  protocol?: string;
  metric?: number;
}

export const readLinks = () => json<RawLink>(['-d', '-s', '-j', 'address', 'show'], 'the interfaces');

/** Of the main table, those that lead by a gateway. */
export async function readRoutes(): Promise<(LiveRoute & { protocol: string })[]> {
  const found = await Promise.all(
    ([4, 6] as const).map(async family =>
      (await json<RawRoute>([`-${family}`, '-j', 'route', 'show', 'table', 'main'], 'the routes')).flatMap(route =>
        route.gateway
          ? [
              {
                family,
                to: withPrefix(route.dst, family),
                via: route.gateway,
                link: route.dev ?? '',
                metric: route.metric ?? 0,
                protocol: route.protocol ?? 'boot',
              },
            ]
          : [],
      ),
    ),
  );
  return found.flat();
}

export async function readLive(): Promise<LiveNetwork> {
  const [links, routes] = await Promise.all([readLinks(), readRoutes()]);
  return { links: links.map(liveLink), routes };
}

/** IPv6 addresses that another host has already, as duplicate address detection found. */
export const takenAddresses = (links: readonly RawLink[]): string[] =>
  links.flatMap(link => (link.addr_info ?? []).flatMap(info => (info.dadfailed && info.local ? [info.local] : [])));

/** Does the kernel still ask whether somebody has one of the addresses? */
export const isAsking = (links: readonly RawLink[]): boolean =>
  links.some(
    link => link.flags.includes('LOWER_UP') && link.addr_info?.some(info => info.tentative && !info.dadfailed),
  );

export function liveLink(raw: RawLink): LiveLink {
  const kind = raw.linkinfo?.info_kind ?? '';
  const id = raw.linkinfo?.info_data?.id;
  return {
    name: raw.ifname,
    mtu: raw.mtu,
    up: raw.flags.includes('UP'),
    kind,
    master: raw.master ?? '',
    ...(kind === 'vlan' && id !== undefined && { vlan: { parent: raw.link ?? '', id } }),
    ...(kind === 'bond' && raw.linkinfo?.info_data?.mode && { mode: raw.linkinfo.info_data.mode }),
    addresses: (raw.addr_info ?? []).flatMap(info =>
      info.local && !(info.local.startsWith('fe80:') && info.scope === 'link')
        ? [`${info.local}/${info.prefixlen ?? 0}`]
        : [],
    ),
  };
}

/** The kernel leaves out the prefix of a single address. */
const withPrefix = (to: string, family: 4 | 6) =>
  to === 'default' || to.includes('/') ? to : `${to}/${family === 4 ? 32 : 128}`;

async function json<T>(args: readonly string[], what: string): Promise<T[]> {
  const ran = await run('ip', args);
  // A machine without IPv6 has no routes of it.
  if (ran.code !== 0 && args[0] === '-6') return [];
  if (ran.code !== 0) throw new Error(`${what} could not be read: ${ran.said}`);
  return JSON.parse(ran.out || '[]') as T[];
}
