import type { NetworkSet } from '../../compile/network/network-set.ts';
import { run } from '../host.ts';
import { readLinks } from './live.ts';

/** Of many addresses only so many are asked for: each takes a second, all at once. */
const MOST = 32;

/**
 * Throws when another host answers for an IPv4 address that would be new here. Of IPv6 the kernel finds that out by
 * itself. Nobody can be asked over an interface that is not there or down.
 */
export async function refuseTaken(wanted: NetworkSet): Promise<void> {
  const links = await readLinks();
  const ours = new Set(links.map(link => link.address));
  const here = new Set(links.flatMap(link => (link.addr_info ?? []).map(info => info.local)));
  const fresh = wanted.links
    .filter(({ name }) => links.some(link => link.ifname === name && link.flags.includes('LOWER_UP')))
    .flatMap(({ name, addresses }) => addresses.map(text => ({ name, address: text.split('/')[0] ?? '' })))
    .filter(({ address }) => !address.includes(':') && !here.has(address))
    .slice(0, MOST);
  await Promise.all(
    fresh.map(async ({ name, address }) => {
      const ran = await run('arping', ['-D', '-c', '1', '-w', '1', '-I', name, address], 5_000);
      const holder = /\[([0-9A-Fa-f:]{17})\]/.exec(ran.out)?.[1]?.toLowerCase();
      if (holder && !ours.has(holder)) throw new Error(`${address} is in use by another host already, ${holder}`);
    }),
  );
}
