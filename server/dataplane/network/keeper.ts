import { readFile, rm } from 'node:fs/promises';
import { couldCutOff, emptyNetwork, type NetworkSet, networkSet } from '../../compile/network/network-set.ts';
import { type Config, type Facts, settingsOf } from '../../schema/config.ts';
import type { Settled } from '../../schema/control.ts';
import { Fault } from '../../schema/faults.ts';
import type { ConfirmRequest, Unconfirmed } from '../../schema/network/state.ts';
import { canonical } from '../../schema/rules.ts';
import type { Outcome, Preview } from '../../schema/status.ts';
import type { BoxFilter } from './box-filter.ts';
import { refuseTaken } from './conflicts.ts';
import { keepJson } from './keep-json.ts';
import { whyPowerless } from './privilege.ts';
import type { NetworkWriter } from './writer.ts';

export interface KeeperDeps {
  /** What holds: read at every start. */
  file: string;
  /** There while a change waits to be confirmed. */
  waitingFile: string;
  facts: Facts;
  writer: NetworkWriter;
  filter: Pick<BoxFilter, 'check' | 'set'>;
  /** Puts all the rest of a configuration into effect. */
  rest: (config: Config, revision: number) => Promise<Outcome>;
  /** What is in effect by now. */
  applied: () => { config: Config; revision: number } | undefined;
  /** Interfaces were changed: service addresses may have gone with them. */
  moved: () => Promise<void>;
  /** Told what became of a change that waited. */
  settled: (outcome: Outcome, reason: string) => void;
  trouble: (text: string) => void;
}

/** What is good, and which revision was undone last: it is not tried again. */
interface Held {
  good: NetworkSet;
  undone?: { revision: number; wanted: NetworkSet; reason: string };
}

/** On disk: enough to go back, whoever ended meanwhile. */
interface Waiting {
  revision: number;
  wanted: NetworkSet;
  /** Left out when nothing was in effect. */
  before?: { config: Config; revision: number };
}

interface Running extends Waiting {
  outcome: Outcome;
  until: number;
  /** Of the monotonic clock, milliseconds. */
  since: number;
  addresses: string[];
  timer: NodeJS.Timeout;
}

/**
 * Keeps the network of the machine as the configuration wants it. A change that could cut somebody off is only tried:
 * it holds when it is confirmed over a new connection, and is undone when its time is over, when it is asked for, and
 * at the next start, whatever ended this process. Every public method runs alone.
 */
export class NetworkKeeper {
  readonly #deps: KeeperDeps;
  #held: Held = { good: emptyNetwork() };
  #running: Running | undefined;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(deps: KeeperDeps) {
    this.#deps = deps;
  }

  /** The change that waits, if there is one. */
  get unconfirmed(): Unconfirmed | undefined {
    if (!this.#running) return undefined;
    const { revision, until, addresses } = this.#running;
    return { revision, until, addresses };
  }

  /** What the machine shall have now. */
  get wanted(): NetworkSet {
    return this.#running?.wanted ?? this.#held.good;
  }

  /** Brings back what holds, before anything else is served. */
  start(): Promise<void> {
    return this.#alone(async () => {
      const { file, waitingFile, writer, filter, trouble } = this.#deps;
      this.#held = (await readJson<Held>(file)) ?? this.#held;
      const waiting = await readJson<Waiting>(waitingFile);
      const { good } = this.#held;
      try {
        await writer.putBack(good, waiting?.wanted);
        await filter.set(good.guard);
      } catch (error) {
        trouble(`The network could not be brought back: ${(error as Error).message}`);
      }
    });
  }

  /** What was not confirmed before the last end takes its services back as well. After start(), when the engine runs. */
  recover(): Promise<void> {
    return this.#alone(async () => {
      const waiting = await readJson<Waiting>(this.#deps.waitingFile);
      if (waiting) await this.#goBack(waiting, 'it was not confirmed before Ballast was started again');
    });
  }

  /** Throws a Fault when the machine cannot have this. Changes nothing. */
  check(config: Config, dryRun: boolean): Promise<void> {
    return this.#alone(async () => {
      if (this.#running && !dryRun) throw waitsFault(this.#running.until);
      const wanted = networkSet(config, this.#deps.facts);
      if (same(wanted, this.#held.good)) return;
      try {
        const reason = await whyPowerless();
        if (reason) throw new Error(reason);
        await this.#deps.writer.check(wanted);
        await this.#deps.filter.check(wanted.guard);
        if (!dryRun) await refuseTaken(wanted);
      } catch (error) {
        throw new Fault('NETWORK_REFUSED', { reason: (error as Error).message });
      }
    });
  }

  /** What a change of the network would do, added to what the rest of it does. */
  async previewed(config: Config, preview: Preview): Promise<Preview> {
    const wanted = networkSet(config, this.#deps.facts);
    if (same(wanted, this.#held.good)) return preview;
    const effect = preview.effect === 'none' ? 'runtime' : preview.effect;
    if (!(await this.#isCutting(wanted))) return { ...preview, effect };
    const time = settingsOf(config).confirmTime;
    const words = `This could cut you off from the appliance: it is undone after ${time} seconds unless you confirm it over a new connection.`;
    return { ...preview, effect, words: [...preview.words, words] };
  }

  /** Puts a configuration into effect, the network first: services need their interfaces. */
  apply(config: Config, revision: number): Promise<Outcome> {
    return this.#alone(async () => {
      const { facts, rest, applied } = this.#deps;
      const before = applied();
      const kept = (fault: Fault): Outcome => ({
        state: 'kept',
        revision: before?.revision ?? 0,
        refused: revision,
        fault: fault.reply,
      });
      if (this.#running?.revision === revision) return this.#running.outcome;
      if (this.#running) return kept(waitsFault(this.#running.until));
      const wanted = networkSet(config, facts);
      const { good, undone } = this.#held;
      if (undone?.revision === revision && same(undone.wanted, wanted))
        return kept(new Fault('NETWORK_UNDONE', { reason: undone.reason }));
      if (same(wanted, good)) return rest(config, revision);

      const waiting: Waiting | undefined = (await this.#isCutting(wanted))
        ? { revision, wanted, ...(before && { before: { config: before.config, revision: before.revision } }) }
        : undefined;
      if (waiting) await keepJson(this.#deps.waitingFile, waiting);
      const outcome = await this.#tryOut(wanted)
        .then(() => rest(config, revision))
        .catch((error: Error) => kept(new Fault('NETWORK_FAILED', { reason: error.message })));
      if (outcome.state === 'kept') {
        await this.#putBack(wanted);
        await this.#forget();
        return outcome;
      }
      if (!waiting) {
        await this.#hold(wanted);
        return outcome;
      }
      return this.#wait(waiting, settingsOf(config).confirmTime, { ...outcome, unconfirmed: true });
    });
  }

  /** Keeps the change that waits, if this came over a connection that proves that it works. */
  confirm(request: ConfirmRequest): Promise<Settled> {
    return this.#alone(async () => {
      const running = this.#running;
      if (!running) return { fault: new Fault('NOTHING_TO_CONFIRM').reply };
      const fault = whyNoProof(running, request, this.#deps.facts);
      if (fault) return { fault: fault.reply };
      clearTimeout(running.timer);
      await this.#hold(running.wanted);
      this.#running = undefined;
      await this.#forget();
      const { revision } = running;
      this.#deps.settled({ state: 'applied', revision, effect: 'none', milliseconds: 0 }, '');
      return { revision };
    });
  }

  undo(): Promise<Settled> {
    return this.#alone(async () => {
      if (!this.#running) return { fault: new Fault('NOTHING_TO_CONFIRM').reply };
      const { revision } = this.#running;
      await this.#goBack(this.#running, 'somebody asked for it');
      return { revision };
    });
  }

  /** Sets again what somebody took from the machine. */
  lookAfter(): Promise<void> {
    return this.#alone(async () => {
      if (!this.#running) await this.#deps.writer.lookAfter(this.#held.good);
    });
  }

  /** Leaves the machine with what holds. The filter goes with us, where the machine is not the appliance. */
  stop(): Promise<void> {
    return this.#alone(async () => {
      if (this.#running) {
        clearTimeout(this.#running.timer);
        await this.#putBack(this.#running.wanted);
      }
      if (!this.#deps.facts.appliance) await this.#deps.filter.set(undefined).catch(() => {});
    });
  }

  async #isCutting(wanted: NetworkSet): Promise<boolean> {
    const { good } = this.#held;
    if (!couldCutOff(good, wanted)) return false;
    return JSON.stringify(good.guard) !== JSON.stringify(wanted.guard) || (await this.#deps.writer.differs(wanted));
  }

  async #tryOut(wanted: NetworkSet): Promise<void> {
    await this.#deps.writer.tryOut(this.#held.good, wanted);
    await this.#deps.filter.set(wanted.guard);
    await this.#deps.moved();
  }

  async #putBack(tried: NetworkSet): Promise<void> {
    const { writer, filter, moved, trouble } = this.#deps;
    const { good } = this.#held;
    try {
      // The way in first.
      await filter.set(good.guard);
      await writer.putBack(good, tried);
      await moved();
    } catch (error) {
      trouble(`The network could not be put back: ${(error as Error).message}`);
    }
  }

  #wait(waiting: Waiting, seconds: number, outcome: Outcome): Outcome {
    const timer = setTimeout(() => void this.#over(waiting.revision, seconds), seconds * 1_000);
    const had = new Set(addressesIn(this.#held.good));
    const brought = addressesIn(waiting.wanted).filter(address => !had.has(address));
    const kept = addressesIn(waiting.wanted).some(address => had.has(address));
    const gone = [...had].some(address => !addressesIn(waiting.wanted).includes(address));
    this.#running = {
      ...waiting,
      outcome,
      timer,
      until: Date.now() + seconds * 1_000,
      since: monotonic(),
      // When an address was exchanged, that the others answer proves nothing.
      addresses: gone || !kept ? brought : [],
    };
    return outcome;
  }

  #over(revision: number, seconds: number): Promise<void> {
    return this.#alone(async () => {
      if (this.#running?.revision !== revision) return;
      await this.#goBack(this.#running, `nobody confirmed it within ${seconds} seconds`);
    });
  }

  async #goBack(waiting: Waiting, reason: string): Promise<void> {
    const { revision, wanted, before } = waiting;
    clearTimeout(this.#running?.timer);
    this.#running = undefined;
    await this.#putBack(wanted);
    this.#held = { good: this.#held.good, undone: { revision, wanted, reason } };
    await keepJson(this.#deps.file, this.#held);
    const outcome = before && (await this.#deps.rest(before.config, before.revision));
    await this.#forget();
    const fault = outcome?.state === 'kept' ? outcome.fault : new Fault('NETWORK_UNDONE', { reason }).reply;
    this.#deps.settled({ state: 'kept', revision: before?.revision ?? 0, refused: revision, fault }, reason);
  }

  async #hold(wanted: NetworkSet): Promise<void> {
    await this.#deps.writer.keep(this.#held.good, wanted);
    this.#held = { good: wanted };
    await keepJson(this.#deps.file, this.#held);
  }

  #forget = () => rm(this.#deps.waitingFile, { force: true });

  #alone<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#queue.then(work, work);
    this.#queue = turn.catch(() => {});
    return turn;
  }
}

/** Milliseconds of the kernel's monotonic clock, the same in every process. */
export const monotonic = (): number => Number(process.hrtime.bigint() / 1_000_000n);

/** Why this connection does not prove that the change works; undefined when it does. */
function whyNoProof(
  running: Running,
  { opened, address, local: console }: ConfirmRequest,
  facts: Facts,
): Fault | undefined {
  if (console) return undefined;
  if (opened <= running.since) return new Fault('OLD_CONNECTION');
  const here = canonical(address);
  const local = here === '::1' || here.startsWith('127.');
  const wanted = running.addresses;
  if (wanted.length > 0 ? !wanted.includes(here) : local && !facts.loopback)
    return new Fault('OLD_ADDRESS', { address: here, wanted: wanted.join(' or ') || 'an address of the network' });
  return undefined;
}

const waitsFault = (until: number) =>
  new Fault('NETWORK_UNCONFIRMED', { seconds: Math.max(1, Math.ceil((until - Date.now()) / 1_000)) });

const addressesIn = (set: NetworkSet) => set.links.flatMap(link => link.addresses.map(one => one.split('/')[0] ?? ''));

const same = (a: NetworkSet, b: NetworkSet) => JSON.stringify(a) === JSON.stringify(b);

async function readJson<T>(path: string): Promise<T | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as T;
  } catch {
    return undefined;
  }
}
