import ipaddr from 'ipaddr.js';
import { FOR_US } from '../compile/nftables/ruleset.ts';
import { parseLinks } from './addresses.ts';
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
