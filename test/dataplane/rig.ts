import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

import { ask } from '../../server/dataplane/haproxy-socket.ts';
import { type Processes, parseProcesses } from '../../server/dataplane/processes.ts';
import { type Paths, pathsOf } from '../../server/paths.ts';
import { type Config, emptyConfig } from '../../server/schema/config.ts';
import type { CheckReply } from '../../server/schema/control.ts';
import { editsBetween, fill } from '../../server/schema/derive.ts';
import type { Occurrence, Outcome, Status } from '../../server/schema/status.ts';
import { openStore } from '../../server/store/db.ts';
import { Revisions } from '../../server/store/revisions.ts';
import { processesOf } from '../support/processes.ts';
import { until } from '../support/wait.ts';
import { WebServer } from '../support/web-server.ts';

/** Test files that run side by side start a hundred apart. */
let nextPort = 22_000 + (process.pid % 10) * 100;

/** A port of these tests' own range. */
export function port(): number {
  nextPort = nextPort >= 22_999 ? 22_000 : nextPort + 1;
  return nextPort;
}

/** The real data plane with the real engine and a store, without the API. Ends, with all it started, with its test. */
export class Rig {
  readonly paths: Paths;
  log = '';
  #child: ChildProcess | undefined;
  #revisions: Revisions;

  constructor(t: TestContext) {
    const folder = mkdtempSync(join(tmpdir(), 'ballast-dataplane-'));
    chmodSync(folder, 0o755);
    this.paths = pathsOf(folder);
    mkdirSync(this.paths.store, { recursive: true });
    const db = openStore(this.paths.database);
    this.#revisions = new Revisions(db);
    t.after(async () => {
      await this.stop();
      db.close();
      for (const left of this.running('haproxy')) process.kill(left, 'SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    });
  }

  static async start(t: TestContext): Promise<Rig> {
    const rig = new Rig(t);
    await rig.start();
    return rig;
  }

  /** Starts the data plane and waits until it says that it is ready. */
  async start(): Promise<void> {
    const child = this.#spawn();
    this.#child = child;
    const from = this.log.length;
    const ended = () => child.exitCode !== null || child.signalCode !== null;
    await until('the data plane to be ready', () => ended() || this.log.slice(from).includes('data plane ready'), {
      every: 5,
    });
    if (ended()) throw new Error(this.log.slice(from));
  }

  /** Runs a data plane to its end, for one that is expected to give up. */
  async runToEnd(): Promise<{ code: number; log: string }> {
    const from = this.log.length;
    const [code] = await once(this.#spawn(), 'exit');
    return { code, log: this.log.slice(from) };
  }

  /** Ends the data plane as the supervisor does. Returns its exit code. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return null;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
    return child.exitCode;
  }

  /** Writes a revision as the API does, without telling anybody. */
  store(config: Config): number {
    const { revision, config: before } = this.#revisions.current();
    return this.#revisions.commit(revision, editsBetween(before, config), 'test', [], Date.now());
  }

  apply = (revision: number) => this.call<Outcome>('POST', '/apply', { revision });
  set = (config: Config) => this.apply(this.store(config));
  check = (config: Config, preview = false) => this.call<CheckReply>('POST', '/check', { config, preview });
  status = () => this.call<Status>('GET', '/status');
  occurrences = () => this.call<Occurrence[]>('GET', '/occurrences');

  call<T>(method: string, path: string, body?: unknown): Promise<T> {
    return new Promise((resolve, reject) => {
      const call = request({ socketPath: this.paths.controlSocket, method, path }, reply => {
        let text = '';
        reply.setEncoding('utf8');
        reply.on('data', (chunk: string) => {
          text += chunk;
        });
        reply.on('error', reject);
        reply.on('end', () =>
          reply.statusCode === 200 ? resolve(JSON.parse(text) as T) : reject(new Error(`${reply.statusCode} ${text}`)),
        );
      });
      call.on('error', reject);
      call.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }

  /** HAProxy's processes as its master tells them. */
  engine = async (): Promise<Processes> => parseProcesses(await ask(this.paths.masterSocket, 'show proc'));

  /** One command on the worker's socket. */
  worker = (line: string) => ask(this.paths.statsSocket, line);

  /** Pids of what runs for this data folder. */
  running(what: 'haproxy' | 'data plane'): number[] {
    return processesOf(this.paths.data)
      .filter(p => p.role.startsWith(what))
      .map(p => p.pid);
  }

  #spawn(): ChildProcess {
    const child = spawn(process.execPath, [join(import.meta.dirname, '../../server/dataplane/main.ts')], {
      env: { PATH: process.env.PATH, BALLAST_DATA: this.paths.data, BALLAST_LOOPBACK: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => {
        this.log += chunk;
      });
    return child;
  }
}

/** One service on loopback with a server on each port; no checks unless asked for. */
export function config(
  servicePort: number,
  serverPorts: number[],
  service: object = {},
  servers: object[] = [],
): Config {
  return {
    ...emptyConfig(),
    virtualServices: [
      fill('virtualService', { id: 1, address: '127.0.0.1', port: servicePort, checkType: 'none', ...service }),
    ],
    realServers: serverPorts.map((serverPort, at) =>
      fill('realServer', { id: at + 1, virtualService: 1, address: '127.0.0.1', port: serverPort, ...servers[at] }),
    ),
  };
}

/** A web server with this name; its port. */
export async function origin(t: TestContext, name: string, at = port()): Promise<number> {
  const server = new WebServer(name);
  server.port = at;
  await server.start();
  t.after(() => server.stop());
  return at;
}

/** Takes a port away from everybody else. */
export async function thief(t: TestContext, at: number): Promise<void> {
  const server = createServer(socket => socket.destroy());
  await new Promise<void>(done => server.listen(at, '127.0.0.1', done));
  t.after(() => server.close());
}

/** A rig with one service, its port, and the ports of two servers. */
export async function withService(t: TestContext, service: object = {}) {
  const rig = await Rig.start(t);
  const [a, b, at] = [await origin(t, 'a'), await origin(t, 'b'), port()];
  const base = config(at, [a, b], service);
  const outcome = await rig.set(base);
  return { rig, a, b, at, base, outcome };
}
