import ipaddr from 'ipaddr.js';
import { FOR_US } from '../compile/nftables/ruleset.ts';
import { linkFor, parseLinks } from './addresses.ts';
import { run } from './host.ts';

/** Routing table and the place of its rule, behind that of the machine's own addresses. */
const TABLE = '7700';
const PLACE = '7700';

/**
 * The one routing rule that transparency needs: packets the rules have marked as ours are delivered here, whatever
 * their address. It is the same for every appliance of a machine.
 */
export async function routeBorrowed(on: boolean): Promise<void> {
  const mark = `0x${FOR_US.toString(16)}/0x${FOR_US.toString(16)}`;
  for (const family of ['-4', '-6']) {
    // Away first: said twice it would be there twice.
    await run('ip', [family, 'rule', 'del', 'pref', PLACE, 'fwmark', mark, 'lookup', TABLE]);
    if (!on) continue;
    const every = family === '-4' ? '0.0.0.0/0' : '::/0';
    const route = await run('ip', [family, 'route', 'replace', 'local', every, 'dev', 'lo', 'table', TABLE]);
    const rule = await run('ip', [family, 'rule', 'add', 'pref', PLACE, 'fwmark', mark, 'lookup', TABLE]);
    const failed = [route, rule].find(ran => ran.code !== 0);
    // A machine without IPv6 has no IPv6 to route.
    if (failed && family === '-4') throw new Error(`transparency needs a routing rule: ${failed.said}`);
  }
}

/** Before the machine's own addresses, which stand first by custom: the service's address is one of them. */
const DIRECT = '1';
const OWN = '2';

/** A server of direct return: packets with its mark go to it as they are. */
export interface DirectRoute {
  mark: number;
  address: string;
}

/**
 * Brings the routes of direct return from some servers to others. As long as there are any, the rule that delivers
 * the machine's own addresses stands behind theirs; afterwards it is where it was.
 */
export async function routeDirect(before: readonly DirectRoute[], after: readonly DirectRoute[]): Promise<void> {
  const same = (a: DirectRoute, b: DirectRoute) => a.mark === b.mark && a.address === b.address;
  const gone = before.filter(route => !after.some(other => same(route, other)));
  const fresh = after.filter(route => !before.some(other => same(route, other)));
  if (fresh.length > 0) await ownAddressesAt(OWN, '0');
  const links = parseLinks((await run('ip', ['-j', 'address', 'show'])).out);
  for (const { mark, address } of gone) {
    const family = address.includes(':') ? '-6' : '-4';
    await run('ip', [family, 'rule', 'del', 'pref', DIRECT, 'fwmark', hex(mark), 'lookup', String(mark)]);
    await run('ip', [family, 'route', 'flush', 'table', String(mark)]);
  }
  for (const { mark, address } of fresh) {
    const family = address.includes(':') ? '-6' : '-4';
    const link = linkFor(address, links);
    if (!link) throw new Error(`direct return to ${address} needs an interface in its network`);
    await run('ip', [family, 'rule', 'del', 'pref', DIRECT, 'fwmark', hex(mark), 'lookup', String(mark)]);
    const route = ['route', 'replace', 'default', 'via', address, 'dev', link, 'onlink', 'table', String(mark)];
    const made = await run('ip', [family, ...route]);
    const ruled = await run('ip', [family, 'rule', 'add', 'pref', DIRECT, 'fwmark', hex(mark), 'lookup', String(mark)]);
    const failed = [made, ruled].find(ran => ran.code !== 0);
    if (failed) throw new Error(`direct return to ${address} could not be routed: ${failed.said}`);
  }
  if (after.length === 0) await ownAddressesAt('0', OWN);
}

/** Moves the rule for the machine's own addresses; first there, then away, so that there always is one. */
async function ownAddressesAt(to: string, from: string): Promise<void> {
  for (const family of ['-4', '-6']) {
    const rules = (await run('ip', [family, 'rule', 'show'])).out;
    if (!new RegExp(`^${from}:.*lookup local`, 'm').test(rules)) continue;
    await run('ip', [family, 'rule', 'add', 'pref', to, 'lookup', 'local']);
    await run('ip', [family, 'rule', 'del', 'pref', from, 'lookup', 'local']);
  }
}

const hex = (mark: number) => `0x${mark.toString(16)}`;

/** The networks that lie on each interface, such as eth1 and 10.2.0.0/24. */
export async function networksBeside(): Promise<{ link: string; network: string }[]> {
  const ran = await run('ip', ['-j', 'address', 'show']);
  if (ran.code !== 0) throw new Error(`the interfaces could not be read: ${ran.said}`);
  return parseLinks(ran.out).flatMap(({ name, addresses }) => {
    if (name === 'lo') return [];
    const networks = addresses.flatMap(({ address, prefix }) => networkOf(address, prefix) ?? []);
    return [...new Set(networks)].map(network => ({ link: name, network }));
  });
}

/** The network of an address; undefined for an address alone, which has no neighbours. */
function networkOf(address: string, prefix: number): string | undefined {
  const parsed = ipaddr.process(address);
  const bits = parsed.toByteArray().length * 8;
  if (prefix >= bits || parsed.range() === 'linkLocal') return undefined;
  const bytes = parsed.toByteArray().map((byte, at) => {
    const kept = Math.min(8, Math.max(0, prefix - at * 8));
    return byte & (0xff00 >> kept) & 0xff;
  });
  return `${ipaddr.fromByteArray(bytes)}/${prefix}`;
}
