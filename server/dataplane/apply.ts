import { type Compiled, compile } from '../compile/compile.ts';
import { refuseBandwidth } from '../compile/haproxy/bandwidth.ts';
import type { Live } from '../compile/nftables/ruleset.ts';
import { type Command, plan } from '../compile/plan.ts';
import type { Place, ProxySet } from '../compile/proxy.ts';
import type { Paths } from '../paths.ts';
import { type Config, emptyConfig, type Facts, settingsOf } from '../schema/config.ts';
import type { CheckReply } from '../schema/control.ts';
import { Fault } from '../schema/faults.ts';
import { problemsOf } from '../schema/rules.ts';
import type { Effect, Outcome } from '../schema/status.ts';
import type { Addresses } from './addresses.ts';
import { type Drain, Drains, withDrains } from './drains.ts';
import type { Engine } from './engine.ts';
import { freshSet, lastSet } from './first-set.ts';
import { ask } from './haproxy-socket.ts';
import { Health } from './health.ts';
import { refuseTaken } from './listeners.ts';
import { samePackets } from './packet-signature.ts';
import type { Packets } from './packets.ts';
import { refusePowerless } from './powerless.ts';
import { preview } from './preview.ts';
import { type Applied, flip, forgetUnsure, isUnsure, noteUnsure, prune, remember } from './stage.ts';
import { Stager, textOf } from './stager.ts';

export interface Deps {
  paths: Paths;
  facts: Facts;
  place: Place;
  engine: Pick<Engine, 'adopt' | 'check' | 'processes' | 'reload' | 'start'>;
  addresses: Pick<Addresses, 'add' | 'removeAllBut'>;
  packets: Pick<Packets, 'apply' | 'check' | 'lookAfter' | 'start' | 'steer'>;
  /** Without NET_ADMIN: then much is refused before it is tried. */
  powerless?: boolean;
  /** Told when something went wrong that no answer tells of. */
  trouble: (text: string) => void;
  /** Told when a revision that was answered as applied had to be taken back. */
  takenBack: (outcome: Outcome) => void;
  /** Awaited before a new worker takes the place of the one that runs. Must not fail. */
  beforeReload: (next: ProxySet) => Promise<void>;
}

/** Milliseconds from a runtime change to its place on disk, and the most when one follows another. */
const SETTLE_AFTER = 150;
const SETTLE_LATEST = 2_000;

/**
 * Makes the machine equal to a configuration, all or nothing. Every public method runs alone: they wait for each
 * other in the order they were called.
 */
export class Applier {
  readonly #deps: Deps;
  readonly #stager: Stager;
  readonly #health: Health;
  readonly #drains: Drains;
  #shown: { of: Config; drains: readonly Drain[]; config: Config } | undefined;
  /** What runs. */
  #applied: Applied | undefined;
  /** What is on disk and would run after a restart; behind `#applied` only while it settles. */
  #kept: Applied | undefined;
  #queue: Promise<unknown> = Promise.resolve();
  #settling: NodeJS.Timeout | undefined;
  #unsettledSince = 0;
  #finished = false;
  #lastJudged: { text: string; compiled: Compiled } | undefined;

  constructor(deps: Deps) {
    this.#deps = deps;
    this.#stager = new Stager(deps.paths, deps.engine);
    this.#health = new Health(deps.paths);
    this.#drains = new Drains(deps.paths.drains);
  }

  get applied(): Applied | undefined {
    return this.#applied;
  }

  /** What is applied as the engine has it: with servers that drain in the place of disabled ones. */
  get shown(): Config {
    const of = this.#applied?.config ?? emptyConfig();
    const drains = this.#drains.now;
    if (this.#shown?.of !== of || this.#shown.drains !== drains)
      this.#shown = { of, drains, config: withDrains(of, drains, Date.now()) };
    return this.#shown.config;
  }

  /** Sends runtime commands that `make` draws from what runs when its turn comes; a refused one is not an error. */
  tune(make: (applied: Applied) => string[]): Promise<void> {
    return this.#alone(async () => {
      if (!this.#applied) return;
      for (const line of make(this.#applied)) await ask(this.#deps.paths.statsSocket, line).catch(() => '');
    });
  }

  /** Disables the servers whose drain time is over, and closes their connections if that is wanted. */
  async endDrains(): Promise<void> {
    if (this.#drains.due(Date.now()).length === 0) return;
    await this.#alone(() => this.#endDrains());
  }

  async #endDrains(): Promise<void> {
    const due = this.#drains.due(Date.now());
    const { config, revision, compiled } = this.#applied as Applied;
    if (due.length === 0) return;
    // No drain is due any more when it is planned anew: their servers are disabled now.
    await this.#apply(config, revision);
    const always = settingsOf(config).dropAtDrainEnd;
    const dropped = new Set(due.filter(drain => always || drain.drop).map(drain => `rs${drain.realServer}`));
    for (const { name, servers } of compiled.proxy.sections)
      for (const server of servers.filter(one => dropped.has(one.name)))
        await ask(this.#deps.paths.statsSocket, `shutdown sessions server ${name}/${server.name}`).catch(() => '');
    const over = new Set(due.map(drain => drain.realServer));
    await this.#drains.set(this.#drains.now.filter(drain => !over.has(drain.realServer)));
  }

  /** Has the last good set run, whatever the database says; the very first time an empty one. */
  start(): Promise<void> {
    return this.#alone(() => this.#begin());
  }

  async #begin(): Promise<void> {
    const { engine, packets, paths, trouble } = this.#deps;
    const { applied, readable } = await lastSet(paths, this.#stager, this.#compile);
    if (!readable) trouble('What was applied last is not readable: its files serve as they are.');
    this.#applied = this.#kept = applied;
    await flip(paths, applied.stage);
    await this.#addAddresses();
    const serving = await engine.adopt();
    await packets.start(applied.compiled.packets, serving !== 'none').catch(error => trouble((error as Error).message));
    if (serving === 'waiting' || (serving === 'serving' && isUnsure(paths))) await this.#loadKept();
    if (serving !== 'none') return;
    this.#applied = this.#kept = await freshSet(paths, this.#stager, this.#compile, applied);
    await this.#health.forget();
    await engine.start();
    await forgetUnsure(paths);
  }

  /** Starts HAProxy again on the live set after it died. */
  restart(): Promise<void> {
    return this.#alone(async () => {
      const { engine, trouble } = this.#deps;
      if (!this.#applied) return this.#begin();
      // An apply that met the dead engine may have started it already.
      if ((await engine.processes()) && (await engine.adopt()) === 'serving') return;
      await this.#settle().catch(error => trouble(`Keeping what ran failed: ${(error as Error).message}`));
      await this.#addAddresses();
      await this.#leave((this.#kept as Applied).compiled);
      await engine.start();
    });
  }

  /** Adds service addresses that somebody took from the machine, and remembers which servers are down. */
  lookAfter(): Promise<void> {
    return this.#alone(async () => {
      await this.#deps.addresses.add(this.#applied?.compiled.addresses ?? []);
      await this.#deps.packets.lookAfter();
      await this.#health.note();
    });
  }

  /** Tells the kernel how its servers are doing. */
  steer(live: ReadonlyMap<number, Live>): Promise<void> {
    return this.#alone(() => this.#deps.packets.steer(live));
  }

  /** Leaves on disk what runs; whatever is asked afterwards is refused. */
  finish(): Promise<void> {
    const settled = this.#alone(() => this.#settle());
    this.#finished = true;
    return settled;
  }

  /** Would the engine accept this, and what would it do? Changes nothing that runs. */
  check(config: Config, withPreview: boolean): Promise<CheckReply> {
    return this.#alone(async () => {
      try {
        const { compiled, effect } = this.#planned(config);
        if (this.#deps.powerless) await refusePowerless(config);
        if (effect !== 'none') await this.#deps.packets.check(compiled.packets);
        if (effect === 'reload') {
          await this.#refuseTaken(config);
          await this.#accept(compiled);
        }
        const before = this.#applied as Applied;
        return { accepted: true, ...(withPreview && { preview: preview(before, { config, compiled }, effect) }) };
      } catch (error) {
        return { accepted: false, fault: faultOf(error).reply };
      }
    });
  }

  /** Puts a configuration into effect; on failure the last good one serves on. */
  apply(config: Config, revision: number): Promise<Outcome> {
    return this.#alone(async () => {
      const started = performance.now();
      try {
        if (this.#deps.powerless) await refusePowerless(config);
        const effect = await this.#apply(config, revision);
        // A drain time of 0 is over at once.
        await this.#endDrains();
        return { state: 'applied', revision, effect, milliseconds: Math.round(performance.now() - started) };
      } catch (error) {
        return this.#keptOutcome(revision, error);
      }
    });
  }

  async #apply(config: Config, revision: number): Promise<Effect> {
    const { paths, addresses } = this.#deps;
    const { compiled, effect, commands, drains } = this.#planned(config);
    const next = { revision, config, compiled };
    if (effect === 'reload') {
      await this.#reload(next);
      await this.#drains.set(drains);
      return effect;
    }
    if (effect === 'runtime') {
      noteUnsure(paths);
      // A service of the kernel's that is not checked is none of the engine's.
      const had = new Set((this.#applied as Applied).compiled.addresses);
      await addresses.add(compiled.addresses.filter(address => !had.has(address)));
      await this.#deps.packets.apply(compiled.packets);
      if (!(await this.#command(commands))) {
        // Some commands may have worked: only a reload brings everything to one known state.
        await this.#reload(next);
        await this.#drains.set(drains);
        return 'reload';
      }
    }
    await addresses.removeAllBut(compiled.addresses);
    this.#applied = { ...next, stage: (this.#applied as Applied).stage };
    await this.#drains.set(drains);
    this.#settleSoon();
    return effect;
  }

  async #reload(next: Omit<Applied, 'stage'>): Promise<void> {
    const { paths, engine, addresses, packets } = this.#deps;
    await this.#settle();
    const before = this.#applied as Applied;
    const stage = await this.#accept(next.compiled);
    await this.#refuseTaken(next.config);
    let flipped = false;
    try {
      await addresses.add(next.compiled.addresses);
      await this.#leave(next.compiled);
      noteUnsure(paths);
      await packets.apply(next.compiled.packets);
      await flip(paths, stage.folder);
      flipped = true;
      // When the engine cannot run what was applied before, this may be the way out.
      await ((await engine.processes()) ? engine.reload() : engine.start());
    } catch (error) {
      if (flipped) {
        await flip(paths, before.stage);
        // The old worker still serves, but its master may be left waiting: a reload of the old set puts it right.
        await this.#loadKept();
      }
      await packets.apply(before.compiled.packets);
      await addresses.removeAllBut(before.compiled.addresses);
      throw new Fault('APPLY_FAILED', { reason: (error as Error).message });
    }
    await this.#keep({ ...next, stage: stage.folder });
    this.#later(() => addresses.removeAllBut(next.compiled.addresses));
  }

  /** A fresh worker of the engine for the set that runs; the old one serves what is open to its end. */
  renew(): Promise<void> {
    return this.#alone(async () => {
      await this.#settle();
      await this.#loadKept();
    });
  }

  /** The user need not wait for the disk, and of many quick changes only the last is written. */
  #settleSoon(): void {
    if (this.#settling === undefined) this.#unsettledSince = Date.now();
    clearTimeout(this.#settling);
    const left = SETTLE_LATEST - (Date.now() - this.#unsettledSince);
    this.#settling = setTimeout(() => this.#later(() => this.#settle()), Math.max(0, Math.min(SETTLE_AFTER, left)));
  }

  /** Brings the disk up to what already runs; before anything that reads the live set. */
  async #settle(): Promise<void> {
    if (this.#settling === undefined) return;
    clearTimeout(this.#settling);
    this.#settling = undefined;
    const { paths } = this.#deps;
    const running = this.#applied as Applied;
    // A new name or comment changes no file.
    if (textOf(running.compiled) === textOf((this.#kept as Applied).compiled)) return this.#keep(running);
    try {
      const stage = await this.#accept(running.compiled);
      await flip(paths, stage.folder);
      await this.#keep({ ...running, stage: stage.folder });
    } catch (error) {
      // It runs but would not survive a restart.
      const outcome = this.#keptOutcome(running.revision, error, this.#kept as Applied);
      this.#applied = this.#kept as Applied;
      await this.#loadKept();
      this.#deps.takenBack(outcome);
    }
  }

  async #keep(applied: Applied): Promise<void> {
    const { paths } = this.#deps;
    this.#applied = this.#kept = applied;
    await remember(paths, applied);
    await forgetUnsure(paths);
  }

  /** Brings the engine back to the live set, whatever it runs now; if it cannot, it is told as dead and started later. */
  async #loadKept(): Promise<void> {
    const { engine, paths, trouble } = this.#deps;
    await this.#leave((this.#kept as Applied).compiled);
    try {
      await engine.reload().catch(() => engine.start());
      await forgetUnsure(paths);
    } catch (error) {
      trouble(`HAProxy does not start: ${(error as Error).message}`);
    }
  }

  /** The stage of a set that the engine accepts. Of those that came to nothing only a few stay, to be read. */
  #accept(compiled: Compiled) {
    const { paths } = this.#deps;
    this.#later(() => prune(paths, [(this.#kept as Applied).stage]));
    return this.#stager.accept(compiled);
  }

  #planned(config: Config): { compiled: Compiled; effect: Effect; commands: Command[]; drains: Drain[] } {
    const before = this.#applied as Applied;
    const drains = this.#drains.planned(before.config, config, Date.now());
    const compiled = this.#judged(config, drains);
    const planned = plan(before.compiled.proxy, compiled.proxy);
    const same = samePackets(before.compiled.packets, compiled.packets);
    return { compiled, drains, ...planned, effect: planned.effect === 'none' && !same ? 'runtime' : planned.effect };
  }

  /** What a config compiles to. What was checked a moment ago is mostly what is applied next: it is not judged twice. */
  #judged(config: Config, drains: Drain[]): Compiled {
    // What drains depends on the time.
    const wanted = withDrains(config, drains, Date.now());
    const text = JSON.stringify(wanted);
    if (this.#lastJudged?.text === text) return this.#lastJudged.compiled;
    const problem = problemsOf(config, this.#deps.facts)[0];
    if (problem) throw problem.fault;
    refuseBandwidth(config, this.#deps.place.engine);
    const compiled = compile(wanted, this.#deps.facts, this.#deps.place);
    this.#lastJudged = { text, compiled };
    return compiled;
  }

  #compile = (config: Config, drains = this.#drains.now) =>
    compile(withDrains(config, drains, Date.now()), this.#deps.facts, this.#deps.place);

  /** False as soon as one command is not answered as it should be. */
  async #command(commands: readonly Command[]): Promise<boolean> {
    for (const { line, payload, expect } of commands) {
      const answer = await ask(this.#deps.paths.statsSocket, line, payload).catch(error => String(error));
      if (!new RegExp(expect).test(answer)) return false;
    }
    return true;
  }

  /** Saves what the worker that runs takes with it when the one of `next` takes its place. */
  async #leave(next: Compiled): Promise<void> {
    await this.#deps.beforeReload(next.proxy);
    await this.#health.save((this.#applied as Applied).compiled.proxy, next.proxy);
  }

  async #refuseTaken(config: Config): Promise<void> {
    const engine = await this.#deps.engine.processes();
    const ours = engine ? [engine.master, engine.worker, ...engine.old] : [];
    await refuseTaken((this.#applied as Applied).config, config, ours);
  }

  /** At a start: without its address a service fails, but the others need not. */
  async #addAddresses(): Promise<void> {
    const { addresses, trouble } = this.#deps;
    await addresses
      .add((this.#applied as Applied).compiled.addresses)
      .catch(error => trouble((error as Error).message));
  }

  #keptOutcome(refused: number, error: unknown, kept = this.#applied): Outcome {
    return { state: 'kept', revision: kept?.revision ?? 0, refused, fault: faultOf(error).reply };
  }

  #alone<T>(work: () => Promise<T>): Promise<T> {
    if (this.#finished) return Promise.reject(new Error('the data plane is stopping'));
    const turn = this.#queue.then(work, work);
    this.#queue = turn.catch(() => {});
    return turn;
  }

  #later(work: () => Promise<void>): void {
    this.#queue = this.#queue
      .then(work)
      .catch(error => this.#deps.trouble(`Tidying up failed: ${(error as Error).message}`));
  }
}

function faultOf(error: unknown): Fault {
  if (error instanceof Fault) return error;
  return new Fault('ENGINE_REFUSED', { reason: error instanceof Error ? error.message : String(error) });
}
