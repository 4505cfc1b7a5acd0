import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { type IpPlan, ipPlan, nothingOwned, type Owned, sameRoute } from '../../compile/network/ip-plan.ts';
import type { NetworkSet } from '../../compile/network/network-set.ts';
import { run } from '../host.ts';
import { keepJson } from './keep-json.ts';
import { isAsking, readLinks, readLive, takenAddresses } from './live.ts';
import type { NetworkWriter } from './writer.ts';

/** An address that goes takes its routes and its secondaries along: seen and put back in the next round. */
const ROUNDS = 4;
/** Duplicate address detection takes a second or two. */
const ASKING_LONGEST = 4_000;
const STEP = 100;

/**
 * The network of a machine that is not the appliance, by iproute2. Only what was set here is ever taken away: it is
 * written down before it is set, so that a crash in between leaves nothing behind that nobody owns.
 */
export class IpNetwork implements NetworkWriter {
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  async check(wanted: NetworkSet): Promise<void> {
    const { links } = await readLive();
    const names = new Set(links.map(link => link.name));
    for (const { name } of wanted.links.filter(link => link.type === 'port'))
      if (!names.has(name)) throw new Error(`this machine has no interface ${name}`);
    const owned = await this.#owned();
    for (const { name, type } of wanted.links.filter(link => link.type !== 'port')) {
      const found = links.find(link => link.name === name);
      if (found && found.kind !== type && !owned.links.includes(name))
        throw new Error(`${name} is there already and is no ${type}`);
    }
    for (const kind of new Set(wanted.links.map(link => link.type))) if (kind !== 'port') await needKind(kind);
  }

  async differs(wanted: NetworkSet): Promise<boolean> {
    return (await this.#plan(wanted)).steps.length > 0;
  }

  async tryOut(_good: NetworkSet, wanted: NetworkSet): Promise<void> {
    for (let round = 0; round < ROUNDS; round++) {
      const { steps, owned } = await this.#plan(wanted);
      if (steps.length === 0) {
        await this.#keep(owned);
        return this.#verify(wanted);
      }
      await this.#keep(both(await this.#owned(), owned));
      for (const step of steps) {
        const ran = await run('ip', step);
        // Gone by itself with something else is as good; File exists: somebody else was first.
        if (ran.code !== 0 && !step.includes('del')) throw new Error(`${step.join(' ')}: ${sentenceOf(ran.said)}`);
      }
    }
    const { steps } = await this.#plan(wanted);
    if (steps.length > 0) throw new Error(`the kernel does not keep it: ${(steps[0] ?? []).join(' ')}`);
    await this.#verify(wanted);
  }

  /** What was tried is what is there: nothing to do. A restart of the machine knows of none of it. */
  async keep(): Promise<void> {}

  async putBack(good: NetworkSet): Promise<void> {
    await this.tryOut(good, good);
  }

  async lookAfter(good: NetworkSet): Promise<void> {
    if (good.links.length + good.routes.length > 0 && (await this.differs(good))) await this.tryOut(good, good);
  }

  async #verify(wanted: NetworkSet): Promise<void> {
    const names = new Set(wanted.links.map(link => link.name));
    for (const end = Date.now() + ASKING_LONGEST; ; await sleep(STEP)) {
      const links = (await readLinks()).filter(link => names.has(link.ifname));
      const [taken] = takenAddresses(links);
      if (taken) throw new Error(`${taken} is in use by another host already`);
      if (!isAsking(links) || Date.now() > end) break;
    }
    const live = await readLive();
    for (const spec of wanted.links) {
      const found = live.links.find(link => link.name === spec.name);
      const missing = spec.addresses.find(address => !found?.addresses.includes(address));
      if (!found) throw new Error(`${spec.name} is not there`);
      if (missing) throw new Error(`${spec.name} did not take ${missing}`);
      if (spec.mtu !== 0 && found.mtu !== spec.mtu) throw new Error(`${spec.name} did not take the MTU ${spec.mtu}`);
    }
    const lost = wanted.routes.find(route => !live.routes.some(one => sameRoute(one, route)));
    if (lost) throw new Error(`the kernel did not take the route to ${lost.to} by ${lost.via}`);
  }

  async #plan(wanted: NetworkSet): Promise<IpPlan> {
    const [live, owned] = await Promise.all([readLive(), this.#owned()]);
    return ipPlan(live, wanted, owned);
  }

  async #owned(): Promise<Owned> {
    try {
      return { ...nothingOwned(), ...(JSON.parse(await readFile(this.#file, 'utf8')) as Partial<Owned>) };
    } catch {
      return nothingOwned();
    }
  }

  #keep = (owned: Owned) => keepJson(this.#file, owned);
}

/** Everything that is in one of the two, each once. */
function both(a: Owned, b: Owned): Owned {
  const union = <T>(one: readonly T[], other: readonly T[]): T[] => [
    ...new Map([...one, ...other].map(each => [JSON.stringify(each), each])).values(),
  ];
  return {
    links: union(a.links, b.links),
    addresses: union(a.addresses, b.addresses),
    routes: union(a.routes, b.routes),
    mtus: union(a.mtus, b.mtus),
    masters: union(a.masters, b.masters),
  };
}

/** Has this kernel such devices? Tried where it changes nothing: in a network of its own that ends at once. */
async function needKind(kind: 'vlan' | 'bond'): Promise<void> {
  const words = kind === 'bond' ? ['type', 'bond'] : ['link', 'lo', 'type', 'vlan', 'id', '1'];
  const ran = await run('unshare', ['--net', 'ip', 'link', 'add', 'name', 'probe', ...words]);
  // That a loopback interface can carry no VLAN is another matter.
  if (/Unknown device type|Operation not supported/i.test(ran.said))
    throw new Error(`this kernel has no ${kind === 'bond' ? 'bonds' : 'VLANs'}`);
}

function sentenceOf(said: string): string {
  if (/File exists/.test(said)) return 'the system has one of its own that was not set here';
  return said.split('\n')[0] ?? '';
}
