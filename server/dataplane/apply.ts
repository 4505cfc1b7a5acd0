import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { type Compiled, compile } from '../compile/compile.ts';
import { type Command, plan } from '../compile/plan.ts';
import type { Place } from '../compile/proxy.ts';
import { render } from '../compile/render.ts';
import type { Paths } from '../paths.ts';
import { type Config, emptyConfig, type Facts } from '../schema/config.ts';
import type { CheckReply } from '../schema/control.ts';
import { Fault } from '../schema/faults.ts';
import { problemsOf } from '../schema/rules.ts';
import type { Effect, Outcome } from '../schema/status.ts';
import { words } from '../schema/words.ts';
import type { Addresses } from './addresses.ts';
import { consequences } from './consequences.ts';
import { diff } from './diff.ts';
import type { Engine } from './engine.ts';
import { ask } from './haproxy-socket.ts';
import { takenBy } from './listeners.ts';
import { healthOnly } from './server-state.ts';
import { type Applied, flip, prune, recall, remember, type Stage, writeStage } from './stage.ts';

interface Deps {
  paths: Paths;
  facts: Facts;
  place: Place;
  engine: Engine;
  addresses: Addresses;
  /** Told when something went wrong after the answer was given. */
  trouble: (text: string) => void;
}

/** Milliseconds. */
const SETTLE_AFTER = 150;

/**
 * Makes the machine equal to a configuration, all or nothing. Every public method runs alone: they wait for each
 * other in the order they were called.
 */
export class Applier {
  readonly #deps: Deps;
  #applied: Applied | undefined;
  #queue: Promise<unknown> = Promise.resolve();
  /** The stage the engine accepted last and its text, so that nothing is checked twice. */
  #accepted: { text: string; stage: Stage } | undefined;
  #serial = 0;
  #settling: NodeJS.Timeout | undefined;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  get applied(): Applied | undefined {
    return this.#applied;
  }

  /** Has the last good set run, whatever the database says; the very first time an empty one. */
  start(): Promise<void> {
    return this.#alone(async () => {
      const { engine, paths, addresses } = this.#deps;
      this.#applied = await recall(paths);
      if (!this.#applied) {
        const config = emptyConfig();
        const compiled = this.#compile(config);
        const stage = await writeStage(paths, this.#name(), compiled, true);
        await flip(paths, stage.folder);
        this.#applied = { revision: 0, stage: stage.folder, config, compiled };
        await remember(paths, this.#applied);
      } else {
        await flip(paths, this.#applied.stage);
        await addresses.add(this.#applied.compiled.addresses);
      }
      if (await engine.adopt()) return;
      await this.#freshen();
      await engine.start();
    });
  }

  /** Adds service addresses that somebody took from the machine. */
  holdAddresses(): Promise<void> {
    return this.#alone(() => this.#deps.addresses.add(this.#applied?.compiled.addresses ?? []));
  }

  /**
   * Nothing runs yet, so a new version of Ballast, or a data folder that was moved, costs nobody anything now. What
   * the engine would refuse stays as it was.
   */
  async #freshen(): Promise<void> {
    const { paths } = this.#deps;
    const last = this.#applied as Applied;
    const compiled = this.#compile(last.config);
    if (JSON.stringify(compiled) === JSON.stringify(last.compiled)) return;
    const stage = await this.#accept(compiled).catch(() => undefined);
    if (!stage) return;
    await flip(paths, stage.folder);
    this.#applied = { ...last, stage: stage.folder, compiled };
    await remember(paths, this.#applied);
  }

  /** Starts HAProxy again on the live set after it died. */
  restart(): Promise<void> {
    return this.#alone(async () => {
      await this.#settle();
      await this.#deps.engine.start();
    });
  }

  /** Leaves on disk what runs; nothing may be asked afterwards. */
  finish(): Promise<void> {
    return this.#alone(() => this.#settle());
  }

  /** Would the engine accept this, and what would it do? Changes nothing that runs. */
  check(config: Config, preview: boolean): Promise<CheckReply> {
    return this.#alone(async () => {
      try {
        const { compiled, effect } = this.#planned(config);
        if (effect === 'reload') await this.#accept(compiled);
        return { accepted: true, ...(preview && { preview: this.#preview(config, compiled, effect) }) };
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
        const effect = await this.#apply(config, revision);
        return { state: 'applied', revision, effect, milliseconds: Math.round(performance.now() - started) };
      } catch (error) {
        return {
          state: 'kept',
          revision: this.#applied?.revision ?? 0,
          refused: revision,
          fault: faultOf(error).reply,
        };
      }
    });
  }

  async #apply(config: Config, revision: number): Promise<Effect> {
    const { compiled, effect, commands } = this.#planned(config);
    const next = { revision, config, compiled };
    if (effect === 'reload') {
      await this.#reload(next);
      return effect;
    }
    if (effect === 'runtime' && !(await this.#command(commands))) {
      // Some commands may have worked: only a reload brings everything to one known state.
      await this.#reload(next);
      return 'reload';
    }
    await this.#deps.addresses.removeAllBut(compiled.addresses);
    const before = this.#applied as Applied;
    this.#applied = { ...next, stage: before.stage };
    this.#settleSoon();
    return effect;
  }

  /** The user need not wait for the disk, and of many quick changes only the last is written. */
  #settleSoon(): void {
    clearTimeout(this.#settling);
    this.#settling = setTimeout(() => this.#later(() => this.#settle()), SETTLE_AFTER);
  }

  async #reload(next: Omit<Applied, 'stage'>): Promise<void> {
    const { paths, engine, addresses } = this.#deps;
    await this.#settle();
    const before = this.#applied as Applied;
    const stage = await this.#accept(next.compiled);
    await this.#refuseTaken(next.config, before.config);
    try {
      await addresses.add(next.compiled.addresses);
      await this.#saveHealth();
      await flip(paths, stage.folder);
      await engine.reload();
    } catch (error) {
      await flip(paths, before.stage);
      // The old worker still serves, but its master may be left waiting: a reload of the old set puts it right.
      await engine.reload().catch(() => engine.start());
      await addresses.removeAllBut(before.compiled.addresses);
      throw new Fault('APPLY_FAILED', { reason: (error as Error).message });
    }
    this.#applied = { ...next, stage: stage.folder };
    await remember(paths, this.#applied);
    this.#later(async () => {
      await addresses.removeAllBut(next.compiled.addresses);
      await prune(paths, [stage.folder]);
    });
  }

  /** Brings the disk up to what already runs; before anything that reads the live set. */
  async #settle(): Promise<void> {
    if (this.#settling === undefined) return;
    clearTimeout(this.#settling);
    this.#settling = undefined;
    const { paths, engine, trouble } = this.#deps;
    const running = this.#applied as Applied;
    const stage = await writeStage(paths, this.#name(), running.compiled, true);
    const verdict = await engine.check(stage.folder);
    if (!verdict.ok)
      return trouble(`Revision ${running.revision} runs but would not survive a restart: ${verdict.reason}`);
    await flip(paths, stage.folder);
    this.#applied = { ...running, stage: stage.folder };
    await remember(paths, this.#applied);
    await prune(paths, [stage.folder]);
  }

  /** The stage of a set that the engine accepts. */
  async #accept(compiled: Compiled): Promise<Stage> {
    const text = JSON.stringify(render(compiled.proxy));
    if (this.#accepted?.text === text && existsSync(this.#accepted.stage.folder)) return this.#accepted.stage;
    const stage = await writeStage(this.#deps.paths, this.#name(), compiled, true);
    const verdict = await this.#deps.engine.check(stage.folder);
    if (!verdict.ok) throw new Fault('ENGINE_REFUSED', { reason: verdict.reason });
    this.#accepted = { text, stage };
    return stage;
  }

  #planned(config: Config): { compiled: Compiled; effect: Effect; commands: Command[] } {
    const problem = problemsOf(config, this.#deps.facts)[0];
    if (problem) throw problem.fault;
    const compiled = this.#compile(config);
    const before = this.#applied as Applied;
    return { compiled, ...plan(before.compiled.proxy, compiled.proxy) };
  }

  #compile = (config: Config) => compile(config, this.#deps.facts, this.#deps.place);

  #preview(config: Config, compiled: Compiled, effect: Effect) {
    const before = this.#applied as Applied;
    const text = (of: Compiled) => render(of.proxy)['haproxy.cfg'] ?? '';
    return {
      effect,
      words: [...words(before.config, config), ...consequences(before.config, config, effect)],
      diff: diff(text(before.compiled), text(compiled)),
    };
  }

  /** False as soon as one command is not answered as it should be. */
  async #command(commands: readonly Command[]): Promise<boolean> {
    for (const { line, payload, expect } of commands) {
      const answer = await ask(this.#deps.paths.statsSocket, line, payload).catch(error => String(error));
      if (!new RegExp(expect).test(answer)) return false;
    }
    return true;
  }

  async #saveHealth(): Promise<void> {
    const dump = await ask(this.#deps.paths.statsSocket, 'show servers state').catch(() => '');
    await writeFile(this.#deps.paths.stateFile, healthOnly(dump), { mode: 0o600 });
  }

  /** SO_REUSEPORT would let another program share a port with us in silence. */
  async #refuseTaken(config: Config, before: Config): Promise<void> {
    const processes = await this.#deps.engine.processes();
    const ours = processes ? [processes.master, processes.worker, ...processes.old] : [];
    const known = new Set(before.virtualServices.filter(vs => vs.enabled).map(vs => `${vs.address} ${vs.port}`));
    for (const vs of config.virtualServices) {
      if (!vs.enabled || known.has(`${vs.address} ${vs.port}`)) continue;
      if (await takenBy(vs.address, vs.port, ours))
        throw new Fault(
          'ADDRESS_TAKEN',
          { address: vs.address, port: vs.port, by: 'another program on this machine' },
          '/port',
        );
    }
  }

  #name = () => `${Date.now()}-${++this.#serial}`;

  #alone<T>(work: () => Promise<T>): Promise<T> {
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
