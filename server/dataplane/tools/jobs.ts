import { type ChildProcess, spawn } from 'node:child_process';
import { Resolver } from 'node:dns/promises';
import { rmSync } from 'node:fs';
import { mkdir, readFile, rm, stat } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Fault } from '../../schema/faults.ts';
import type { ToolRequest, ToolRun } from '../../schema/tools.ts';
import { commandOf } from './commands.ts';

/** At once; more are refused. */
const MOST_RUNNING = 4;
/** Of a run that is over its words are kept so long, and no more than so many. */
const KEPT = 10 * 60_000;
const MOST_LINES = 2_000;
const LARGEST_CAPTURE = 64 * 1024 * 1024;
const LONGEST = 120_000;
/** Milliseconds a program gets beyond its limit: then it is ended even if nobody is there any more to end it. */
const GRACE = 5_000;
const CONNECT_PATIENCE = 10_000;

interface Job {
  run: ToolRun;
  stop: () => void;
  /** Somebody asked for its end. */
  cancelled: boolean;
}

/** Runs of the tools: bounded in number, time and size, each told line by line and ended when it is asked for. */
export class Jobs {
  readonly #folder: string;
  readonly #kept: number;
  readonly #jobs = new Map<number, Job>();
  #last = 0;

  /**
   * `folder`: where captures lie until they are fetched; what an earlier process left there goes. `kept`: milliseconds
   * after which a run that is over is forgotten, its capture with it.
   */
  constructor(folder: string, kept = KEPT) {
    this.#folder = folder;
    this.#kept = kept;
    // Before the first capture, which a later removal would take with it.
    rmSync(folder, { recursive: true, force: true });
  }

  /** Throws a Fault when too many run already. */
  start(request: ToolRequest): ToolRun {
    const running = [...this.#jobs.values()].filter(job => job.run.state === 'running').length;
    if (running >= MOST_RUNNING) throw new Fault('TOO_MANY_RUNS', { most: MOST_RUNNING });
    const id = ++this.#last;
    const run: ToolRun = { id, request, state: 'running', started: Date.now(), lines: [] };
    const job: Job = { run, stop: () => {}, cancelled: false };
    this.#jobs.set(id, job);
    const act =
      request.tool === 'lookup'
        ? lookUp(request, run, job)
        : request.tool === 'connect'
          ? reach(request, run, job)
          : this.#program(request, job);
    act.then(
      good => this.#end(job, good ? 'done' : 'failed'),
      error => {
        run.lines.push((error as Error).message);
        this.#end(job, 'failed');
      },
    );
    return run;
  }

  /** Undefined when it is not known any more. */
  get = (id: number): ToolRun | undefined => this.#jobs.get(id)?.run;

  stop(id: number): ToolRun | undefined {
    const job = this.#jobs.get(id);
    if (job?.run.state === 'running') {
      // It is over when its program is: until then a capture is not whole, and its place is taken.
      job.cancelled = true;
      job.stop();
    }
    return job?.run;
  }

  /** The bytes of a capture that is over; it is forgotten with that. */
  async capture(id: number): Promise<Buffer | undefined> {
    const job = this.#jobs.get(id);
    if (job?.run.request.tool !== 'capture' || job.run.state === 'running') return undefined;
    const bytes = await readFile(this.#fileOf(id)).catch(() => undefined);
    await rm(this.#fileOf(id), { force: true });
    return bytes;
  }

  /** Ends all of them. */
  close(): void {
    for (const id of this.#jobs.keys()) this.stop(id);
    void rm(this.#folder, { recursive: true, force: true });
  }

  async #program(request: Exclude<ToolRequest, { tool: 'lookup' | 'connect' }>, job: Job): Promise<boolean> {
    const file = this.#fileOf(job.run.id);
    const captures = request.tool === 'capture';
    if (captures) await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const [program, args] = commandOf(request, file);
    const limit = captures ? request.seconds * 1_000 : LONGEST;
    const child = spawn('timeout', ['-s', 'INT', '-k', '5', String((limit + GRACE) / 1_000), program, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LANG: 'C' },
    });
    job.stop = () => void child.kill('SIGINT');
    const timer = setTimeout(job.stop, limit);
    const size = captures ? setInterval(() => void this.#measure(job, file, child), 500) : undefined;
    const heard = [child.stdout, child.stderr].map(stream => hear(stream, job.run));
    const code = await new Promise<number>((done, fail) => {
      child.once('error', fail);
      child.once('close', code => done(code ?? 0));
    }).finally(() => {
      clearTimeout(timer);
      clearInterval(size);
    });
    await Promise.all(heard);
    if (code === 127) throw new Error(`${program} is not installed on this machine.`);
    if (captures) await this.#measure(job, file, child);
    return code === 0;
  }

  async #measure({ run, stop }: Job, file: string, child: ChildProcess): Promise<void> {
    const size = await stat(file).then(
      found => found.size,
      () => 0,
    );
    run.captured = size;
    if (size > LARGEST_CAPTURE && child.exitCode === null) stop();
  }

  #end({ run, cancelled }: Job, state: ToolRun['state']): void {
    run.state = cancelled ? 'cancelled' : state;
    setTimeout(() => {
      this.#jobs.delete(run.id);
      void rm(this.#fileOf(run.id), { force: true });
    }, this.#kept).unref();
  }

  #fileOf = (id: number) => join(this.#folder, `${id}.pcap`);
}

async function hear(stream: NodeJS.ReadableStream | null, run: ToolRun): Promise<void> {
  if (!stream) return;
  for await (const line of createInterface(stream)) if (run.lines.length < MOST_LINES) run.lines.push(line);
}

async function lookUp(
  { host, type, server }: Extract<ToolRequest, { tool: 'lookup' }>,
  run: ToolRun,
  job: Job,
): Promise<boolean> {
  const resolver = new Resolver({ timeout: 3_000, tries: 2 });
  job.stop = () => resolver.cancel();
  if (server) resolver.setServers([server]);
  run.lines.push(`Asking ${resolver.getServers().join(', ')} for ${type} of ${host}`);
  const started = performance.now();
  const found = type === 'PTR' ? await resolver.reverse(host) : await resolver.resolve(host, type);
  for (const one of [found].flat(2) as unknown[]) run.lines.push(typeof one === 'string' ? one : JSON.stringify(one));
  run.lines.push(`Answered in ${Math.round(performance.now() - started)} ms`);
  return true;
}

function reach(
  { host, port, source }: Extract<ToolRequest, { tool: 'connect' }>,
  run: ToolRun,
  job: Job,
): Promise<boolean> {
  return new Promise(done => {
    const started = performance.now();
    const socket = connect({ host, port, timeout: CONNECT_PATIENCE, ...(source && { localAddress: source }) });
    const end = (line: string, good: boolean) => {
      run.lines.push(`${line} after ${Math.round(performance.now() - started)} ms`);
      socket.destroy();
      done(good);
    };
    job.stop = () => end('Ended', false);
    socket.on('connect', () => {
      run.lines.push(`${socket.localAddress} → ${socket.remoteAddress}, port ${port}`);
      end('Connected', true);
    });
    socket.on('timeout', () => end('No answer', false));
    socket.on('error', (error: NodeJS.ErrnoException) => end(WHY[error.code ?? ''] ?? error.message, false));
  });
}

const WHY: Record<string, string> = {
  ECONNREFUSED: 'Refused: the host is there, but nobody listens on this port,',
  EHOSTUNREACH: 'No way to this host',
  ENETUNREACH: 'No route to this network',
  ENOTFOUND: 'The name is not known',
  EADDRNOTAVAIL: 'This machine has no such address',
  ETIMEDOUT: 'No answer',
};
