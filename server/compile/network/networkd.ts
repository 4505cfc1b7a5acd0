import type { LinkSpec, NetworkSet, RouteSpec } from './network-set.ts';

/**
 * Files of systemd-networkd, by path below the root folder (systemd.network(5), systemd.netdev(5); version 252).
 * What is good lies in /etc under 50-. What is in effect since the machine started, be it only tried, lies in /run under
 * 40-, where it is found first and where no restart of the machine finds it again.
 */

const HEAD = '# Written by Ballast. Changes made here are lost.\n';
const MODES = { 'active-backup': 'active-backup', '802.3ad': '802.3ad' } as const;

/** What networkd is told once: routes and rules that Ballast adds for its services are not its business. */
export const NETWORKD_CONF = {
  'etc/systemd/networkd.conf.d/50-ballast.conf': `${HEAD}[Network]\nManageForeignRoutes=no\nManageForeignRoutingPolicyRules=no\n`,
};

/** The files of a set that holds. */
export function networkdFiles(set: Pick<NetworkSet, 'links' | 'routes'>): Record<string, string> {
  return {
    ...(set.links.length > 0 && NETWORKD_CONF),
    ...filesOf(set, 'etc/systemd/network/50-ballast-'),
  };
}

/** The files that try a set out beside those of the one that holds: what it leaves out is left without addresses. */
export function trialFiles(
  good: Pick<NetworkSet, 'links' | 'routes'>,
  wanted: Pick<NetworkSet, 'links' | 'routes'>,
): Record<string, string> {
  const gone = good.links.filter(link => !wanted.links.some(other => other.name === link.name));
  const bare = gone.map(({ name }): LinkSpec => ({ name, type: 'port', addresses: [], mtu: 0 }));
  return {
    ...NETWORKD_CONF,
    ...filesOf({ links: [...wanted.links, ...bare], routes: wanted.routes }, 'run/systemd/network/40-ballast-'),
  };
}

/** Devices that networkd has made for one set and that another has not: it does not take them away by itself. */
export function goneDevices(before: Pick<NetworkSet, 'links'>, after: Pick<NetworkSet, 'links'>): string[] {
  const place = (link: LinkSpec) => JSON.stringify([link.name, link.type, link.vlan, link.mode]);
  const kept = new Set(after.links.map(place));
  return before.links.filter(link => link.type !== 'port' && !kept.has(place(link))).map(link => link.name);
}

function filesOf({ links, routes }: Pick<NetworkSet, 'links' | 'routes'>, start: string): Record<string, string> {
  return Object.fromEntries(
    links.flatMap(link => [
      ...(link.type === 'port' ? [] : [[`${start}${link.name}.netdev`, netdev(link)]]),
      [
        `${start}${link.name}.network`,
        network(
          link,
          links,
          routes.filter(route => route.link === link.name),
        ),
      ],
    ]),
  );
}

function netdev({ name, vlan, mode, mtu }: LinkSpec): string {
  const size = mtu === 0 ? [] : [`MTUBytes=${mtu}`];
  return vlan
    ? file(['NetDev', `Name=${name}`, 'Kind=vlan', ...size], ['VLAN', `Id=${vlan.id}`])
    : file(
        ['NetDev', `Name=${name}`, 'Kind=bond', ...size],
        ['Bond', `Mode=${MODES[mode ?? 'active-backup']}`, 'MIIMonitorSec=100ms'],
      );
}

function network(link: LinkSpec, links: readonly LinkSpec[], routes: readonly RouteSpec[]): string {
  const vlans = links.filter(other => other.vlan?.parent === link.name).map(other => `VLAN=${other.name}`);
  return file(
    ['Match', `Name=${link.name}`],
    ['Link', ...(link.mtu === 0 ? [] : [`MTUBytes=${link.mtu}`]), 'RequiredForOnline=no'],
    [
      'Network',
      'DHCP=no',
      'IPv6AcceptRA=no',
      // A port that is joined has no addresses at all.
      ...(link.bond ? [`Bond=${link.bond}`, 'LinkLocalAddressing=no'] : ['LinkLocalAddressing=ipv6']),
      'ConfigureWithoutCarrier=yes',
      // Addresses of services are not networkd's: no change of the network may take them away.
      'KeepConfiguration=static',
      ...vlans,
      ...link.addresses.map(address => `Address=${address}`),
    ],
    ...routes.map(({ to, via }) => ['Route', ...(to === 'default' ? [] : [`Destination=${to}`]), `Gateway=${via}`]),
  );
}

const file = (...sections: string[][]): string =>
  HEAD + sections.map(([name, ...lines]) => `\n[${name}]\n${lines.map(line => `${line}\n`).join('')}`).join('');
