import { readdir, readFile, writeFile } from 'node:fs/promises';
import type { PacketService, PacketSet } from '../compile/nftables/packets.ts';
import {
  baseText,
  besideText,
  COUNTED,
  dropText,
  type Live,
  markOf,
  outboundText,
  serverOfMark,
  serviceText,
  withoutText,
} from '../compile/nftables/ruleset.ts';
import type { Paths } from '../paths.ts';
import { run } from './host.ts';
import { signatureOf } from './packet-signature.ts';
import { type DirectRoute, networksBeside, routeBorrowed, routeDirect } from './routes.ts';

/** What the kernel has counted for one server. */
export interface PacketCounters {
  /** Since the service was made: new connections, and packets and bytes from and to clients. */
  connections: number;
  in: number;
  out: number;
}

/**
 * Layer 4 in the kernel: one nftables table of our own, changed in whole transactions. Services that stay the same
 * are not touched by a change of another, and no change ends a connection that is open.
 */
export class Packets {
  readonly #table: string;
  readonly #noteForwarding: string;
  #services = new Map<number, PacketService>();
  #live = new Map<number, Live>();
  /** Text of each service as the kernel has it. */
  #texts = new Map<number, string>();
  #made = new Map<number, { source: string; text: string }>();
  #ready = false;
  /** What an earlier process left is in force and was not replaced yet. */
  #unseen = false;
  #transparent = false;
  #dropOnFailure = false;
  #direct: DirectRoute[] = [];
  #beside = '';
  #outbound = '';

  constructor(paths: Paths) {
    this.#table = paths.packetTable;
    this.#noteForwarding = `${paths.dataplane}/forwarding`;
  }

  /** Throws with nft's words when the kernel would refuse them. Changes nothing. */
  async check({ services, outbound }: PacketSet): Promise<void> {
    if (services.length === 0 && outbound.length === 0) return;
    // What the kernel has it took: of a thousand services only those that change are asked about.
    const change = this.#ready && !this.#unseen ? this.#change(services) : this.#fresh(services);
    await this.#nft(change + outboundText(this.#table, outbound), ['-c']);
  }

  /**
   * The first act of a process: whatever an earlier one left is replaced; connections and who was sent where go on.
   * `running`: the engine was found running, and so knows who is down.
   */
  async start(set: PacketSet, running: boolean): Promise<void> {
    const exists = await this.#exists();
    if (exists && running) {
      // Only the first look tells who is down: until then the kernel goes on with what it was told last.
      this.#ready = this.#unseen = true;
      this.#services = new Map(set.services.map(service => [service.id, service]));
      this.#transparent = set.transparent;
      this.#outbound = outboundText(this.#table, set.outbound);
      this.#dropOnFailure = set.dropOnFailure;
      this.#direct = directOf(set.services);
      return;
    }
    if (exists) await this.#takeOver(set.services, true);
    await this.apply(set);
  }

  /** Brings the kernel from what it has to this, in one transaction. */
  async apply({ services, transparent, outbound, dropOnFailure }: PacketSet): Promise<void> {
    this.#dropOnFailure = dropOnFailure;
    const needed = services.length > 0 || transparent || outbound.length > 0;
    if (!this.#ready && !needed) return;
    if (!this.#ready || this.#unseen) await this.#takeOver(services, this.#unseen);
    if (needed)
      await this.#forward(true, services.some(({ address }) => address.includes(':')) ? FORWARDING : [FORWARD4]);
    if (transparent !== this.#transparent) {
      await routeBorrowed(transparent);
      this.#transparent = transparent;
    }
    await this.lookAfter();
    await this.#leave(outbound);
    const direct = directOf(services);
    // New ways first, old ones last: no packet is marked for a way that is not there.
    if (direct.length > 0) await routeDirect(this.#direct, [...this.#direct, ...direct]);
    await this.#bring(services);
    if (this.#direct.length + direct.length > 0) await routeDirect([...this.#direct, ...direct], direct);
    this.#direct = direct;
  }

  /** Interfaces get other addresses: then other clients are neighbours of the servers. */
  async lookAfter(): Promise<void> {
    if (!this.#transparent) return;
    const text = besideText(this.#table, await networksBeside());
    if (text === this.#beside) return;
    await this.#nft(text);
    this.#beside = text;
  }

  async #leave(outbound: PacketSet['outbound']): Promise<void> {
    const text = outboundText(this.#table, outbound);
    if (text === this.#outbound) return;
    await this.#nft(text);
    this.#outbound = text;
  }

  async #bring(services: readonly PacketService[]): Promise<void> {
    const text = this.#change(services);
    if (text === '') return;
    await this.#nft(text);
    this.#keep(services);
  }

  /** The transaction from what the kernel has to these services; empty when that is the same. */
  #change(services: readonly PacketService[]): string {
    const wanted = new Map(services.map(service => [service.id, service]));
    const gone = [...this.#services.values()].filter(old => !samePlace(old, wanted.get(old.id)));
    return [
      // Places first become free, then they are taken.
      ...gone.map(old => withoutText(this.#table, old)),
      ...services
        .map(service => this.#textOf(service))
        .filter((made, at) => this.#texts.get(services[at]?.id ?? 0) !== made),
    ].join('');
  }

  /** New health or shares of servers: only the services they concern are written. */
  async steer(live: ReadonlyMap<number, Live>): Promise<void> {
    const failed = [...live].filter(([id, { up }]) => !up && this.#live.get(id)?.up !== false).map(([id]) => id);
    this.#live = new Map(live);
    if (!this.#ready) return;
    const services = [...this.#services.values()];
    await (this.#unseen ? this.#takeOver(services, true) : this.#bring(services));
    if (this.#dropOnFailure && failed.length > 0) await this.#end(new Set(failed));
  }

  /** Clients of these servers learn at once that nobody is there: their connections are forgotten, and so refused. */
  async #end(servers: ReadonlySet<number>): Promise<void> {
    for (const service of this.#services.values())
      for (const server of service.servers)
        if (servers.has(server.id)) await run('conntrack', ['-D', '--mark', String(markOf(service, server))]);
  }

  /** Ends a client's connection, so that both its ends learn of it. Throws when there is no table. */
  drop = (protocol: 'tcp' | 'udp', client: string, port: number): Promise<void> =>
    this.#nft(dropText(this.#table, protocol, client, port, NOTICE));

  /** By server. Empty when there is nothing to count. */
  async counters(): Promise<Map<number, PacketCounters>> {
    const found = new Map<number, PacketCounters>();
    if (!this.#ready || this.#services.size === 0) return found;
    for (const what of COUNTED) {
      const ran = await run('nft', ['-j', 'list', 'set', 'inet', this.#table, what]);
      if (ran.code !== 0) throw new Error(`the kernel's counters could not be read: ${ran.said}`);
      for (const { elem } of elementsOf(ran.out)) {
        const id = serverOfMark(elem.val);
        if (id === undefined) continue;
        const entry = found.get(id) ?? { connections: 0, in: 0, out: 0 };
        entry[what] += what === 'connections' ? elem.counter.packets : elem.counter.bytes;
        found.set(id, entry);
      }
    }
    return found;
  }

  /** Open connections by server, as the kernel tracks them. */
  async open(): Promise<Map<number, number>> {
    const found = new Map<number, number>();
    if (this.#services.size === 0) return found;
    const ran = await run('conntrack', ['-L', '--mark', '0x40000000/0x40000000']);
    for (const [, tracked, mark] of ran.out.matchAll(/^(.*)\bmark=(\d+)/gm)) {
      // What ended only waits for late packets.
      if (/\b(?:TIME_WAIT|CLOSE|LAST_ACK)\b/.test(tracked ?? '')) continue;
      const server = serverOfMark(Number(mark));
      if (server !== undefined) found.set(server, (found.get(server) ?? 0) + 1);
    }
    return found;
  }

  /** Takes the table away and gives back what was switched on for it. */
  async remove(): Promise<void> {
    await run('nft', ['delete', 'table', 'inet', this.#table]);
    this.#ready = false;
    this.#outbound = '';
    this.#services.clear();
    this.#texts.clear();
    await this.#forward(false);
    await routeBorrowed(false);
    await routeDirect(this.#direct, []);
    this.#direct = [];
    this.#transparent = false;
  }

  /** Of a thousand services mostly one is another: the texts of the rest are not made again. */
  #textOf(service: PacketService): string {
    const live = service.servers.map(({ id }) => this.#live.get(id));
    const source = signatureOf(service) + live.map(one => (one ? `${one.up} ${one.share}` : '')).join();
    const known = this.#made.get(service.id);
    if (known?.source === source) return known.text;
    const text = serviceText(this.#table, service, this.#live);
    this.#made.set(service.id, { source, text });
    return text;
  }

  /** What is there already, connections and who was sent where, goes on; chains of services that are gone are not asked any more. */
  async #takeOver(services: readonly PacketService[], exists: boolean): Promise<void> {
    const maps = ['ip_services', 'ip6_services', 'ip_wildcards', 'ip6_wildcards'];
    // An earlier version may have had fewer: they are made before they are emptied.
    const empty = exists ? [baseText(this.#table), ...maps.map(map => `flush map inet ${this.#table} ${map}\n`)] : [];
    await this.#nft([...empty, this.#fresh(services)].join(''));
    this.#ready = true;
    this.#unseen = false;
    this.#keep(services);
  }

  #fresh = (services: readonly PacketService[]) =>
    [baseText(this.#table), ...services.map(service => this.#textOf(service))].join('');

  #keep(services: readonly PacketService[]): void {
    this.#services = new Map(services.map(service => [service.id, service]));
    this.#texts = new Map(services.map(service => [service.id, this.#textOf(service)]));
    for (const id of this.#made.keys()) if (!this.#texts.has(id)) this.#made.delete(id);
  }

  async #exists(): Promise<boolean> {
    return (await run('nft', ['list', 'chain', 'inet', this.#table, 'pre'])).code === 0;
  }

  async #nft(text: string, options: readonly string[] = []): Promise<void> {
    const ran = await run('nft', [...options, '-f', '-'], 20_000, text);
    if (ran.code !== 0) throw new Error(`the packet rules were refused: ${ran.said.split('\n')[0] ?? ''}`);
  }

  /** Packets of others pass this machine only when the kernel is told to; what was otherwise before is so again afterwards. */
  async #forward(on: boolean, needed: readonly string[] = []): Promise<void> {
    const before = await readFile(this.#noteForwarding, 'utf8').catch(() => '');
    const mine = new Set(before.split('\n').filter(line => line !== ''));
    const redirects = (await readdir(INTERFACES)).map(name => `${INTERFACES}/${name}/send_redirects`);
    for (const { path, wanted } of [
      ...FORWARDING.map(path => ({ path, wanted: '1' })),
      // With one arm the kernel would tell clients and servers to go past us.
      ...redirects.map(path => ({ path, wanted: '0' })),
    ]) {
      const other = wanted === '1' ? '0' : '1';
      const now = (await readFile(path, 'utf8').catch(() => wanted)).trim();
      if (on && now === other) {
        mine.add(path);
        await writeFile(this.#noteForwarding, [...mine].join('\n'), { mode: 0o600 });
        await writeFile(path, wanted).catch(error => {
          if (needed.includes(path)) throw new Error(`${sentence(path)} (${(error as Error).message})`);
        });
      }
      if (!on && mine.has(path)) await writeFile(path, other).catch(() => {});
    }
    if (!on && mine.size > 0) await writeFile(this.#noteForwarding, '', { mode: 0o600 });
  }
}

/** Seconds in which the ends of a dropped connection learn of it; then its port may be used again. */
const NOTICE = 30;

const directOf = (services: readonly PacketService[]): DirectRoute[] =>
  services
    .filter(service => service.forwarding === 'route')
    .flatMap(service => service.servers.map(server => ({ mark: markOf(service, server), address: server.address })));

const INTERFACES = '/proc/sys/net/ipv4/conf';
const FORWARD4 = '/proc/sys/net/ipv4/ip_forward';
const FORWARDING = [FORWARD4, '/proc/sys/net/ipv6/conf/all/forwarding'];
/** In a container the kernel's settings can only be read; redirects and a family nobody uses may stay as they are. */
const sentence = (path: string) =>
  `this machine does not forward packets, and Ballast may not change that: set ${path.slice('/proc/sys/'.length).replaceAll('/', '.')}=1, for a container with --sysctl`;

interface Counted {
  elem: { val: number; counter: { packets: number; bytes: number } };
}

/** Elements of a set as `nft -j list set` prints it. */
function elementsOf(json: string): Counted[] {
  const { nftables } = JSON.parse(json) as { nftables: { set?: { elem?: Counted[] } }[] };
  return nftables.flatMap(({ set }) => set?.elem ?? []);
}

/** May the one be written over the other? Else it is taken away and made anew. */
function samePlace(a: PacketService, b: PacketService | undefined): boolean {
  if (!b) return false;
  const of = (s: PacketService) =>
    JSON.stringify([
      ...[s.address, s.protocol, s.everyPortBut ? 'every' : s.ports, s.sourceNat, s.forwarding, s.persistence, s.mask],
      ...[s.forwarding === 'route' && s.idle, s.block.length > 0, s.allow.length > 0, s.allowEverywhere.length > 0],
    ]);
  const kept = new Set(b.servers.map(server => server.id));
  return of(a) === of(b) && a.servers.every(server => kept.has(server.id));
}
