import { existsSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Paths } from '../paths.ts';
import { ask } from './haproxy-socket.ts';
import { run, startDetached } from './host.ts';

export interface Processes {
  master: number;
  /** Failed reloads since the last good one. */
  failed: number;
  /** The worker that takes new connections; 0 when there is none. */
  worker: number;
  /** Workers of earlier configurations that still have connections. */
  old: number[];
}

const START_DEADLINE = 10_000;
const RELOAD_DEADLINE = 20_000;
const POLL = 5;

/**
 * HAProxy as one thing that runs: started in a session of its own, found again after our own death, reloaded and
 * never believed: a start or reload counts only once the new worker itself has answered.
 */
export class Engine {
  readonly #paths: Paths;
  readonly #died: () => void;
  #watch: Socket | undefined;
  #expected = false;
  reloads = 0;

  /** `died` is called whenever HAProxy is gone although it should run. */
  constructor(paths: Paths, died: () => void) {
    this.#paths = paths;
    this.#died = died;
  }

  /** What the engine says of a stage. `ok` false: `reason` is its own words, one line. */
  async check(stage: string): Promise<{ ok: boolean; reason: string }> {
    const ran = await run('haproxy', ['-C', stage, '-c', '-q', '-f', 'haproxy.cfg']);
    return { ok: ran.code === 0, reason: ran.code === 0 ? '' : firstAlert(ran.said) };
  }

  async version(): Promise<string> {
    const ran = await run('haproxy', ['-v']);
    return /version (\S+)/.exec(ran.out)?.[1] ?? '';
  }

  /** Takes over a running HAProxy; false when there is none. */
  async adopt(): Promise<boolean> {
    const found = await this.processes();
    if (!found || found.worker === 0) return false;
    this.#expected = true;
    this.#startWatch();
    return true;
  }

  /** Starts HAProxy on the live stage and waits for its worker. Throws with HAProxy's own words. */
  async start(): Promise<void> {
    this.#expected = true;
    // A master that is alive but has no worker would keep the sockets: it goes first.
    await this.#endMaster();
    for (const socket of [this.#paths.masterSocket, this.#paths.statsSocket]) rmSync(socket, { force: true });
    if (!existsSync(this.#paths.stateFile)) await run('touch', ['--', this.#paths.stateFile]);
    let exited = false;
    const log = join(this.#paths.dataplane, 'haproxy.log');
    startDetached(
      'haproxy',
      [
        '-W',
        '-C',
        this.#paths.live,
        '-f',
        'haproxy.cfg',
        '-p',
        this.#paths.pidFile,
        '-S',
        `${this.#paths.masterSocket},mode,600`,
      ],
      log,
      () => {
        exited = true;
      },
    );
    const deadline = Date.now() + START_DEADLINE;
    while (Date.now() < deadline) {
      if (exited) throw new Error(firstAlert((await run('tail', ['-n', '20', '--', log])).out));
      const now = await this.processes();
      if (now && now.worker > 0 && (await this.#answers(now.worker))) return this.#startWatch();
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
    // Up to 2.6 the answer is a closed connection; from 2.7 it says Success, which is checked below all the same.
    await ask(this.#paths.masterSocket, 'reload', undefined, RELOAD_DEADLINE).catch(() => '');
    const deadline = Date.now() + RELOAD_DEADLINE;
    while (Date.now() < deadline) {
      const now = await this.processes();
      if (now && now.worker > 0 && !known.has(now.worker) && (await this.#answers(now.worker))) {
        this.reloads++;
        return;
      }
      if (now && now.failed > before.failed) throw new Error(firstAlert((await this.#logTail()).out));
      if (!alive(before.master)) throw new Error('HAProxy ended while it loaded');
      await sleep(POLL);
    }
    throw new Error('the new HAProxy worker did not answer within 20 seconds');
  }

  /** Ends HAProxy: gracefully for `grace` milliseconds, then at once. */
  async stop(grace: number): Promise<void> {
    this.#expected = false;
    this.#watch?.destroy();
    const now = await this.processes();
    if (!now) return;
    const all = [now.master, now.worker, ...now.old].filter(pid => pid > 0);
    signal(now.master, 'SIGUSR1');
    const deadline = Date.now() + grace;
    while (Date.now() < deadline && alive(now.master)) await sleep(20);
    for (const pid of all) if (alive(pid)) signal(pid, 'SIGTERM');
    for (const until = Date.now() + 2_000; Date.now() < until && all.some(alive); ) await sleep(20);
    for (const pid of all) if (alive(pid)) signal(pid, 'SIGKILL');
  }

  /** Undefined when no master answers. Output of `show proc`: management guide 2.6, 9.4. */
  async processes(): Promise<Processes | undefined> {
    const text = await ask(this.#paths.masterSocket, 'show proc', undefined, 2_000).catch(() => undefined);
    return text === undefined ? undefined : parseProcesses(text);
  }

  async #answers(worker: number): Promise<boolean> {
    const info = await ask(this.#paths.statsSocket, 'show info', undefined, 2_000).catch(() => '');
    return new RegExp(`^Pid: ${worker}$`, 'm').test(info);
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
      this.#reconnect().catch(() => this.#died());
    });
    // An idle command line is closed by HAProxy after its time-out: a prompt keeps it, asked for now and then.
    watch.write('prompt\n');
  }

  async #reconnect(): Promise<void> {
    for (let tries = 0; tries < 20; tries++) {
      if (!this.#expected) return;
      const now = await this.processes();
      if (now) return this.#startWatch();
      // While HAProxy rewrites its pid file nothing is known; a pid that is not ours is known to be gone.
      if ((await this.#pidFile()) > 0 && (await this.#pidOfFile()) === 0) break;
      await sleep(20);
    }
    if (this.#expected) this.#died();
  }

  async #endMaster(): Promise<void> {
    const pid = await this.#pidOfFile();
    if (pid === 0 || !alive(pid)) return;
    signal(pid, 'SIGTERM');
    for (const until = Date.now() + 2_000; Date.now() < until && alive(pid); ) await sleep(10);
    if (alive(pid)) signal(pid, 'SIGKILL');
  }

  /** The master's pid by its file, only if that process really is our HAProxy; 0 otherwise. */
  async #pidOfFile(): Promise<number> {
    const pid = await this.#pidFile();
    const command = pid > 0 ? await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '') : '';
    return command.includes(this.#paths.masterSocket) ? pid : 0;
  }

  async #pidFile(): Promise<number> {
    return Number.parseInt(await readFile(this.#paths.pidFile, 'utf8').catch(() => ''), 10) || 0;
  }

  #logTail = () => run('tail', ['-n', '30', '--', join(this.#paths.dataplane, 'haproxy.log')]);
}

export function parseProcesses(text: string): Processes {
  const rows = text.split('\n').map(line => line.trim().split(/\s+/));
  const master = rows.find(row => row[1] === 'master');
  const workers = rows.filter(row => row[1] === 'worker');
  const failed = /\[failed: (\d+)\]/.exec(text)?.[1];
  return {
    master: Number(master?.[0] ?? 0),
    failed: Number(failed ?? 0),
    worker: Number(workers.find(row => row[2] === '0')?.[0] ?? 0),
    old: workers.filter(row => row[2] !== '0').map(row => Number(row[0])),
  };
}

/** HAProxy's own reason: its first alert that names a cause, without the file's path. */
export function firstAlert(text: string): string {
  const alerts = text.split('\n').filter(line => line.includes('[ALERT]'));
  const telling =
    alerts.find(line => !/Fatal errors|Error\(s\) found/.test(line)) ??
    alerts[0] ??
    text.trim().split('\n').at(-1) ??
    '';
  return telling
    .replace(/^\[ALERT\]\s*\(\d+\)\s*:\s*/, '')
    .replace(/^config\s*:\s*/, '')
    .trim();
}

export function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    if (pid > 0) process.kill(pid, name);
  } catch {
    // Gone already.
  }
}
