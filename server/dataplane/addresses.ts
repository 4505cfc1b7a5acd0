import { readFile, rename, writeFile } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import ipaddr from 'ipaddr.js';
import type { Paths } from '../paths.ts';
import { canonical } from '../schema/rules.ts';
import { run } from './host.ts';

/** An interface with its addresses, as `ip -j address` tells it. */
export interface Link {
  name: string;
  addresses: { address: string; prefix: number }[];
}

interface Held {
  address: string;
  link: string;
}

/**
 * Service addresses on the machine's interfaces. Only what was added here is ever removed: it is written down
 * before it is added, so that a crash in between leaves nothing behind that nobody owns.
 */
export class Addresses {
  readonly #file: string;

  constructor(paths: Paths) {
    this.#file = join(paths.dataplane, 'addresses.json');
  }

  /** Adds what the machine has not got. Throws with a sentence when an address fits no interface. */
  async add(wanted: readonly string[]): Promise<void> {
    const missing = wanted.filter(address => !isLoopback(address));
    if (missing.length === 0) return;
    const running = runningLinks();
    // Programs take their time with a thousand addresses. They know interfaces without a cable, too.
    const links = missing.every(address => linkFor(address, running)) ? running : await this.#links();
    // As the kernel writes them, which is the canonical form.
    const present = new Set(links.flatMap(link => link.addresses.map(held => held.address)));
    const added: Held[] = [];
    for (const address of missing) {
      if (present.has(canonical(address))) continue;
      const link = linkFor(address, links) ?? (await this.#defaultLink(address));
      if (!link) throw new Error(`${address} is in the subnet of no interface, and there is no default route`);
      added.push({ address, link });
    }
    if (added.length === 0) return;
    const held = await this.#held();
    const known = new Set(held.map(entry => entry.address));
    await this.#keep([...held, ...added.filter(entry => !known.has(entry.address))]);
    const said = await batch(
      added.map(
        ({ address, link }) => `address add ${alone(address)} dev ${link}${address.includes(':') ? QUIET : ''}`,
      ),
    );
    // Added by somebody else meanwhile is as good.
    const wrong = said.filter(line => !/File exists|^Command failed/.test(line));
    if (wrong.length > 0)
      throw new Error(`${added.map(entry => entry.address).join(', ')} could not be added: ${wrong.join('; ')}`);
  }

  /** Removes those of ours that are not wanted any more. */
  async removeAllBut(wanted: readonly string[]): Promise<void> {
    const held = await this.#held();
    const needed = new Set(wanted);
    const stay = held.filter(entry => needed.has(entry.address));
    if (stay.length === held.length) return;
    const gone = held.filter(entry => !stay.includes(entry));
    await batch(gone.map(entry => `address del ${alone(entry.address)} dev ${entry.link}`));
    await this.#keep(stay);
  }

  async #links(): Promise<Link[]> {
    const ran = await run('ip', ['-j', 'address', 'show']);
    if (ran.code !== 0) throw new Error(`the interfaces could not be read: ${ran.said}`);
    return parseLinks(ran.out);
  }

  async #defaultLink(address: string): Promise<string | undefined> {
    const ran = await run('ip', ['-j', address.includes(':') ? '-6' : '-4', 'route', 'show', 'default']);
    if (ran.code !== 0) return undefined;
    const routes = JSON.parse(ran.out || '[]') as { dev?: string }[];
    return routes[0]?.dev;
  }

  async #held(): Promise<Held[]> {
    try {
      return JSON.parse(await readFile(this.#file, 'utf8')) as Held[];
    } catch {
      return [];
    }
  }

  async #keep(held: Held[]): Promise<void> {
    await writeFile(`${this.#file}.next`, JSON.stringify(held), { mode: 0o600, flush: true });
    await rename(`${this.#file}.next`, this.#file);
  }
}

/** Many commands of ip(8) by one process; what went wrong, line by line, does not stop the others. */
async function batch(commands: readonly string[]): Promise<string[]> {
  const ran = await run('ip', ['-force', '-batch', '-'], 60_000, `${commands.join('\n')}\n`);
  return ran.code === 0 ? [] : ran.said.split('\n').filter(line => line !== '');
}

export function parseLinks(json: string): Link[] {
  const raw = JSON.parse(json) as { ifname: string; addr_info?: { local?: string; prefixlen?: number }[] }[];
  return raw.map(link => ({
    name: link.ifname,
    addresses: (link.addr_info ?? []).flatMap(info =>
      info.local ? [{ address: info.local, prefix: info.prefixlen ?? 0 }] : [],
    ),
  }));
}

/** Interfaces that are up and connected. */
const runningLinks = (): Link[] =>
  Object.entries(networkInterfaces()).map(([name, list = []]) => ({
    name,
    addresses: list.map(({ address, cidr }) => ({ address, prefix: Number(cidr?.split('/')[1]) })),
  }));

/** The interface in whose subnet an address lies; the narrowest subnet wins. */
export function linkFor(address: string, links: readonly Link[]): string | undefined {
  const wanted = ipaddr.process(address);
  let best: { name: string; prefix: number } | undefined;
  for (const link of links) {
    for (const held of link.addresses) {
      // An address alone is no subnet. Service addresses are, and there may be a thousand of them.
      if (held.prefix >= (held.address.includes(':') ? 128 : 32)) continue;
      const network = ipaddr.process(held.address);
      if (network.kind() !== wanted.kind()) continue;
      const inside = wanted.match(network as never, held.prefix);
      if (inside && (!best || held.prefix > best.prefix)) best = { name: link.name, prefix: held.prefix };
    }
  }
  return best?.name;
}

const isLoopback = (address: string) => ipaddr.process(address).range() === 'loopback';

/**
 * In use at once, and never chosen by the kernel as the source of what this machine sends by itself: of several IPv6
 * addresses it would take any (RFC 6724, rule 3: not one that is deprecated).
 */
const QUIET = ' nodad valid_lft forever preferred_lft 0';

/** With the prefix of a single address, so that it brings no route to a subnet along. */
const alone = (address: string) => `${address}/${address.includes(':') ? 128 : 32}`;
