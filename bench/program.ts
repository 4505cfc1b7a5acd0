import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** A program that runs until stop(), and ends when we are killed. Its output is kept for an error. */
export class Program {
  #child: ChildProcess;
  #said = '';

  constructor(command: string, args: string[]) {
    this.#child = spawn('setpriv', ['--pdeathsig', 'TERM', '--', command, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      // In a session of its own, as Ballast's HAProxy is: where the kernel shares the CPU out among sessions
      // (sched_autogroup), rivals would else be measured with another share.
      detached: true,
    });
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.on('data', chunk => {
        this.#said = (this.#said + chunk).slice(-4_000);
      });
  }

  /** Resolves when something listens on the port; throws with the program's words when it does not within 5 s. */
  async listens(port: number): Promise<void> {
    for (const end = Date.now() + 5_000; Date.now() < end; await sleep(20)) {
      if (this.#child.exitCode !== null) break;
      if (await accepts(port)) return;
    }
    throw new Error(`nothing listens on port ${port}:\n${this.#said}`);
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    await ended;
  }
}

const accepts = (port: number) =>
  new Promise<boolean>(done => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      done(true);
    });
    socket.once('error', () => done(false));
  });

/** Runs a program to its end and returns its standard output; throws with all it said when it fails. */
export async function output(command: string, args: string[]): Promise<string> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: 60_000 });
  let out = '';
  let said = '';
  child.stdout.on('data', chunk => {
    out += chunk;
  });
  child.stderr.on('data', chunk => {
    said += chunk;
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${command} ended with ${code}: ${said}${out}`);
  return out || said;
}
