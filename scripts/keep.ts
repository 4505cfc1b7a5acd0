import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { RESET } from '../server/dataplane/exit-codes.ts';

/** A program's exit code for: trying again is of no use (EX_CONFIG of sysexits.h). Its last line says why. */
export const GIVE_UP = 78;

const FIRST_DELAY = 100;
const LONGEST_DELAY = 5_000;
/** A process that lived this long starts with the first delay again. */
const LIVED_WELL = 10_000;
/** From SIGTERM to SIGKILL. */
const PATIENCE = 12_000;

export interface Program {
  name: string;
  command: string;
  args: string[];
  env: Record<string, string>;
}

/** One process that is started again whenever it ends, until stop(). */
export class Kept {
  readonly program: Program;
  #child: ChildProcess | undefined;
  #stopping = new AbortController();
  #ended: Promise<number>;

  constructor(program: Program) {
    this.program = program;
    this.#ended = this.#keep();
  }

  /** The exit code by which the process asked not to be started again; 0 after stop(). */
  get ended(): Promise<number> {
    return this.#ended;
  }

  /** SIGTERM, and SIGKILL after a while. Resolves when the process is gone; true when it had to be killed. */
  async stop(): Promise<boolean> {
    this.#stopping.abort();
    let killed = false;
    this.#child?.kill('SIGTERM');
    const timer = setTimeout(() => {
      killed = this.#child?.kill('SIGKILL') ?? false;
    }, PATIENCE);
    await this.#ended;
    clearTimeout(timer);
    return killed;
  }

  async #keep(): Promise<number> {
    let delay = FIRST_DELAY;
    while (!this.#stopping.signal.aborted) {
      const started = Date.now();
      const how = await this.#run();
      if (this.#stopping.signal.aborted) break;
      if (how === GIVE_UP || how === RESET) return how;
      if (Date.now() - started > LIVED_WELL) delay = FIRST_DELAY;
      say(`The ${this.program.name} ended (${how}); starting it again.`);
      await sleep(delay, undefined, { signal: this.#stopping.signal }).catch(() => {});
      delay = Math.min(delay * 2, LONGEST_DELAY);
    }
    return 0;
  }

  /** Runs the process to its end: its exit code, or the signal or error that ended it. */
  #run(): Promise<number | string> {
    const { name, command, args, env } = this.program;
    return new Promise(done => {
      // A session of its own: Ctrl-C in the terminal reaches only the supervisor, which then ends both in order.
      const child = spawn(command, args, { env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
      this.#child = child;
      for (const stream of [child.stdout, child.stderr]) relay(name, stream);
      child.once('error', error => done(error.message));
      child.once('exit', (code, signal) => done(code ?? signal ?? 'unknown'));
    });
  }
}

function relay(name: string, stream: Readable): void {
  const mark = name.padEnd(10);
  createInterface({ input: stream }).on('line', line => process.stdout.write(`${mark} | ${line}\n`));
}

/** A line of the supervisor itself. */
export function say(text: string): void {
  process.stdout.write(`==> ${text}\n`);
}
