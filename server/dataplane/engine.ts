import { rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Paths } from '../paths.ts';
import { EngineLog, firstAlert } from './engine-log.ts';
import { ask } from './haproxy-socket.ts';
import { run, startDetached } from './host.ts';
import { alive, end, type Processes, parseProcesses, processesWith, signal } from './processes.ts';

/** Milliseconds. */
const START_DEADLINE = 10_000;
const RELOAD_DEADLINE = 20_000;
/** A master that has just been started, or works hard, may take this long to answer. */
const ADOPT_DEADLINE = 5_000;
const POLL = 5;

/**
 * HAProxy as one thing that runs: started in a session of its own, found again after our own death, reloaded and
 * never believed: a start or reload counts only once the new worker itself has answered.
 */
export class Engine {
  readonly #paths: Paths;
  readonly #died: () => void;
  readonly #log: EngineLog;
  #watch: Socket | undefined;
  #expected = false;
  #running = false;
  #startedAt = 0;
  #reloads = 0;

  /** `died` is called whenever HAProxy is gone although it should run. */
  constructor(paths: Paths, died: () => void) {
    this.#paths = paths;
    this.#died = died;
    this.#log = new EngineLog(join(paths.dataplane, 'haproxy.log'));
  }

  /** A worker has answered and nothing is known of its end. */
  get running(): boolean {
    return this.#running;
  }

  /** When the master started, milliseconds since 1970; 0 before the first start. */
  get startedAt(): number {
    return this.#startedAt;
  }

  /** Since the master started. */
  get reloads(): number {
    return this.#reloads;
  }

  /** What the engine says of a stage. `ok` false: `reason` is its own words, one line. With `-q` it would keep them to itself. */
  async check(stage: string): Promise<{ ok: boolean; reason: string }> {
    const ran = await run('haproxy', ['-C', stage, '-c', '-f', 'haproxy.cfg']);
    return { ok: ran.code === 0, reason: ran.code === 0 ? '' : firstAlert(ran.said) };
  }

  async version(): Promise<string> {
    const ran = await run('haproxy', ['-v']);
    return /version (\S+)/.exec(ran.out)?.[1] ?? '';
  }

  /**
   * Takes over a running HAProxy. `waiting`: it serves, but with an old worker, because its last reload failed.
   * `none`: there is none that answers.
   */
  async adopt(): Promise<'none' | 'serving' | 'waiting'> {
    const deadline = Date.now() + ADOPT_DEADLINE;
    for (;;) {
      const found = await this.processes();
      const worker = found?.worker || found?.old.find(alive);
      if (found && worker && (await this.#answers(worker))) {
        this.#serves(found);
        return found.worker > 0 ? 'serving' : 'waiting';
      }
      if (Date.now() > deadline || (await processesWith(this.#paths.masterSocket)).length === 0) return 'none';
      await sleep(20);
    }
  }

  /** Starts HAProxy on the live stage and waits for its worker. Throws with HAProxy's own words. */
  async start(): Promise<void> {
    this.#expected = true;
    this.#running = false;
    // What is left of an earlier one would go on sharing its ports in silence.
    await end(await processesWith(this.#paths.masterSocket), 2_000);
    for (const socket of [this.#paths.masterSocket, this.#paths.statsSocket]) rmSync(socket, { force: true });
    // HAProxy warns of a state file that is not there.
    await writeFile(this.#paths.stateFile, '1\n', { flag: 'a', mode: 0o600 });
    let exited = false;
    const mark = this.#log.mark();
    const { live, pidFile, masterSocket } = this.#paths;
    const args = ['-W', '-C', live, '-f', 'haproxy.cfg', '-p', pidFile, '-S', `${masterSocket},mode,600`];
    startDetached('haproxy', args, this.#log.path, () => {
      exited = true;
    });
    const deadline = Date.now() + START_DEADLINE;
    while (Date.now() < deadline) {
      if (exited) throw new Error(firstAlert(this.#log.since(mark)) || 'HAProxy ended without a word');
      const now = await this.processes();
      if (now && now.worker > 0 && (await this.#answers(now.worker))) return this.#serves(now);
      await sleep(POLL);
    }
    throw new Error('HAProxy did not answer within 10 seconds');
  }

  /** Has HAProxy load the live stage. Throws when the old configuration still serves. */
  async reload(): Promise<void> {
    const before = await this.processes();
    if (!before) throw new Error('HAProxy is not running');
    // The master closes its sockets while it loads: that is not its death.
    this.#watch?.destroy();
    this.#watch = undefined;
    try {
      await this.#load(before);
    } finally {
      this.#startWatch();
    }
  }

  async #load(before: Processes): Promise<void> {
    const known = new Set([before.worker, ...before.old]);
    const mark = this.#log.mark();
    // Up to 2.6 the answer is a closed connection; from 2.7 it says Success, which is checked below all the same.
    await ask(this.#paths.masterSocket, 'reload', undefined, RELOAD_DEADLINE).catch(() => '');
    const deadline = Date.now() + RELOAD_DEADLINE;
    while (Date.now() < deadline) {
      const now = await this.processes();
      if (now && now.worker > 0 && !known.has(now.worker) && (await this.#answers(now.worker))) {
        this.#reloads = now.reloads;
        return;
      }
      if (now && now.failed > before.failed) throw new Error(firstAlert(this.#log.since(mark)));
      if (!alive(before.master)) throw new Error('HAProxy ended while it loaded');
      await sleep(POLL);
    }
    throw new Error('the new HAProxy worker did not answer within 20 seconds');
  }

  /** Ends HAProxy: gracefully for `grace` milliseconds, then at once. */
  async stop(grace: number): Promise<void> {
    this.#expected = false;
    this.#running = false;
    this.#watch?.destroy();
    const all = await processesWith(this.#paths.masterSocket);
    const now = await this.processes();
    if (now) {
      signal(now.master, 'SIGUSR1');
      for (const until = Date.now() + grace; Date.now() < until && all.some(alive); ) await sleep(20);
    }
    await end(all, 2_000);
  }

  /** Undefined when no master answers. */
  async processes(): Promise<Processes | undefined> {
    const text = await ask(this.#paths.masterSocket, 'show proc', undefined, 2_000).catch(() => undefined);
    const found = text === undefined ? undefined : parseProcesses(text);
    return found && found.master > 0 ? found : undefined;
  }

  async #answers(worker: number): Promise<boolean> {
    const info = await ask(this.#paths.statsSocket, 'show info', undefined, 2_000).catch(() => '');
    return new RegExp(`^Pid: ${worker}$`, 'm').test(info);
  }

  #serves(now: Processes): void {
    this.#expected = true;
    this.#running = true;
    this.#reloads = now.reloads;
    this.#startedAt = Date.now() - now.uptime * 1_000;
    this.#startWatch();
  }

  /** The master closes every connection when it goes, and also when it reloads: then a new one is opened. */
  #startWatch(): void {
    this.#watch?.destroy();
    const watch = connect(this.#paths.masterSocket);
    this.#watch = watch;
    watch.resume();
    watch.on('error', () => {});
    watch.on('close', () => {
      if (this.#watch !== watch || !this.#expected) return;
      this.#reconnect().catch(() => this.#gone());
    });
    // An idle command line is closed by HAProxy after its time-out: a prompt keeps it, asked for now and then.
    watch.write('prompt\n');
  }

  async #reconnect(): Promise<void> {
    for (let tries = 0; tries < 20; tries++) {
      if (!this.#expected) return;
      const now = await this.processes();
      if (now) return this.#startWatch();
      if ((await processesWith(this.#paths.masterSocket)).length === 0) break;
      await sleep(20);
    }
    this.#gone();
  }

  #gone(): void {
    if (!this.#expected) return;
    this.#running = false;
    this.#died();
  }
}
