import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Place } from './raw-client.ts';

/**
 * A client that asks without end and counts exactly. Nothing is ever retried over HTTP/1: a request of which
 * a byte was sent and that did not get a whole 200 with the expected body has failed, and so has a refused
 * connection. (A server may announce the end of a connection with `Connection: close`; to close without
 * announcing, while a request is on its way, is a failure here, as it is for wrk.) Over HTTP/2 a stream whose
 * number is above the last one of a GOAWAY is asked again on a new connection, as RFC 9113 6.8 allows and
 * browsers do; it counts as `retried`.
 */
export interface LoadOptions {
  name: string;
  kind: 'keep-alive' | 'close' | 'h2';
  place: Place;
  /** Connections at a time; over HTTP/2 streams at a time on one connection. */
  connections: number;
  /** Source of the expression a good body matches. */
  body: string;
  path?: string;
  /** Milliseconds between two requests of one connection. */
  pause?: number;
}

export interface LoadReport {
  name: string;
  requests: number;
  failed: number;
  retried: number;
  /** The first failures in words, with milliseconds since the start. */
  failures: string[];
  /** Longest time without a good answer, milliseconds. */
  longestGap: number;
  /** Every time of more than 100 ms without a good answer: from and to, milliseconds since 1970. */
  gaps: [number, number][];
  /** How many answers each body had. */
  bodies: Record<string, number>;
}

/** Clients in a thread of their own, so that the test's own work is not in their way. */
export class Load {
  #worker: Worker;
  #stopped: Promise<LoadReport[]> | undefined;

  private constructor(worker: Worker) {
    this.#worker = worker;
  }

  /** Resolves when every client has had its first answers. */
  static async start(clients: LoadOptions[]): Promise<Load> {
    const worker = new Worker(new URL('./load-worker.ts', import.meta.url), { workerData: clients });
    const load = new Load(worker);
    const [first] = await once(worker, 'message');
    if (first !== 'running') throw new Error(`load said ${JSON.stringify(first)}`);
    return load;
  }

  /** Lets every request under way come to its end, then says what happened. A second call says the same. */
  stop(): Promise<LoadReport[]> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<LoadReport[]> {
    this.#worker.postMessage('stop');
    const [reports] = await once(this.#worker, 'message');
    await this.#worker.terminate();
    return reports;
  }
}

/** wrk, the same strictness in C: keep-alive connections at full speed until stopped. */
export class Wrk {
  #child;
  #output = '';

  constructor(url: string, connections: number) {
    this.#child = spawn('wrk', ['-t1', `-c${connections}`, '-d600s', '--timeout', '5s', '--', url], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream.on('data', chunk => {
        this.#output += chunk;
      });
  }

  /** Requests made, and those that failed in any way. */
  async stop(): Promise<{ requests: number; failed: number; output: string }> {
    const ended =
      this.#child.exitCode === null && this.#child.signalCode === null ? once(this.#child, 'exit') : undefined;
    this.#child.kill('SIGINT');
    await ended;
    const number = (text: RegExp) => Number(text.exec(this.#output)?.[1] ?? 0);
    const sockets = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(this.#output) ?? [];
    return {
      requests: number(/(\d+) requests in/),
      failed: sockets.slice(1).reduce((sum, n) => sum + Number(n), 0) + number(/Non-2xx or 3xx responses: (\d+)/),
      output: this.#output,
    };
  }
}
