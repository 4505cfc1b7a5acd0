import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type BodyOf,
  type Changed,
  type EndpointName,
  endpoints,
  type NewVirtualService,
  type ReplyOf,
} from '../../server/schema/endpoints.ts';
import type { FaultReply } from '../../server/schema/faults.ts';
import type { RealServer } from '../../server/schema/real-server.ts';
import type { ServerStatus, ServiceStatus } from '../../server/schema/status.ts';
import type { VirtualService } from '../../server/schema/virtual-service.ts';
import { freePort } from './ports.ts';
import { type ProcessRole, processesOf, type Running } from './processes.ts';
import { until } from './wait.ts';

/** Password of `bal` on every appliance that tests start. */
export const password = 'correct horse battery';

/** A call that the appliance refused. */
export class Refused extends Error {
  readonly status: number;
  readonly fault: FaultReply;

  constructor(status: number, fault: FaultReply) {
    super(`${status} ${fault.code}: ${fault.message}`);
    this.status = status;
    this.fault = fault;
  }
}

interface CallOptions<E extends EndpointName> {
  /** Values for `:id` and the like in the path. */
  at?: Record<string, string | number>;
  body?: BodyOf<E>;
  query?: Record<string, string | number | boolean>;
  headers?: Record<string, string>;
}

/**
 * A whole appliance as `npm start` runs it, in a data folder and on ports of its own, with loopback addresses
 * allowed. stop() ends it as Ctrl-C does and tells what was left running.
 */
export class Appliance {
  readonly dataDir: string;
  readonly port: number;
  /** What supervisor, API and data plane printed. */
  log = '';
  readonly #within: readonly string[];
  #environment: Record<string, string>;
  #child: ChildProcess | undefined;
  #agent = new Agent({ keepAlive: true, maxSockets: 4, rejectUnauthorized: false });
  #cookie = '';

  private constructor(dataDir: string, port: number, environment: Record<string, string>, within: readonly string[]) {
    this.#within = within;
    this.dataDir = dataDir;
    this.port = port;
    this.#environment = environment;
  }

  /** Started, well and logged in. `within`: a program and its words to start it by. */
  static async start(environment: Record<string, string> = {}, within: readonly string[] = []): Promise<Appliance> {
    const dataDir = mkdtempSync(join(tmpdir(), 'ballast-test-'));
    // Another user than the test's must find the way to its own part of the folder.
    chmodSync(dataDir, 0o755);
    const appliance = new Appliance(dataDir, await freePort(), environment, within);
    try {
      await appliance.launch();
    } catch (error) {
      await appliance.stop();
      throw error;
    }
    return appliance;
  }

  get url(): string {
    return `https://127.0.0.1:${this.port}`;
  }

  /** Starts the supervisor and waits until a log-in works. */
  async launch(): Promise<void> {
    const [program = '', ...words] = [
      ...this.#within,
      process.execPath,
      join(import.meta.dirname, '../../scripts/supervise.ts'),
    ];
    const child = spawn(program, words, {
      env: {
        ...process.env,
        BALLAST_DATA: this.dataDir,
        BALLAST_PORT: String(this.port),
        BALLAST_ADDRESS: '127.0.0.1',
        BALLAST_ADMIN_PASSWORD: password,
        BALLAST_LOOPBACK: '1',
        ...this.#environment,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', chunk => {
        this.log += chunk;
      });
    const ended = once(child, 'exit').then(() => {
      throw new Error('the supervisor ended');
    });
    const well = until('the appliance to be well', async () => (await this.call('getHealth')).state === 'ok', {
      limit: 30_000,
    });
    await Promise.race([well, ended]).catch(error => {
      throw new Error(`${error.message}\n${error.cause ?? ''}\n${this.log.slice(-4_000)}`);
    });
    ended.catch(() => {});
    well.catch(() => {});
    await this.login();
  }

  async login(name = 'bal', secret = password): Promise<void> {
    await this.call('login', { body: { user: name, password: secret } });
  }

  /** Ends everything as Ctrl-C does; what was still there 15 seconds later is killed and returned. */
  async stop({ keepData = false } = {}): Promise<Running[]> {
    this.#agent.destroy();
    const child = this.#child;
    if (child && child.exitCode === null && child.signalCode === null) {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await Promise.race([ended, new Promise(done => setTimeout(done, 15_000).unref())]);
    }
    const left = processesOf(this.dataDir);
    for (const { pid } of left) kill(pid);
    if (left.length) await until('what was left to end', () => processesOf(this.dataDir).length === 0);
    this.#agent = new Agent({ keepAlive: true, maxSockets: 4, rejectUnauthorized: false });
    if (!keepData) rmSync(this.dataDir, { recursive: true, force: true });
    return left;
  }

  processes(role?: ProcessRole): Running[] {
    return processesOf(this.dataDir).filter(p => !role || p.role === role);
  }

  /** One native call, as typed as the console's. Throws Refused. */
  async call<E extends EndpointName>(name: E, options: CallOptions<E> = {}): Promise<ReplyOf<E>> {
    const { method, path } = endpoints[name];
    const filled = path.replace(/:(\w+)/g, (_, key) => encodeURIComponent(String(options.at?.[key])));
    const query = new URLSearchParams(Object.entries(options.query ?? {}).map(([k, v]) => [k, String(v)])).toString();
    const body = options.body === undefined ? undefined : JSON.stringify(options.body);
    const { status, headers, text } = await this.#send(method, filled + (query && `?${query}`), body, options.headers);
    const cookie = headers['set-cookie']?.[0]?.split(';')[0];
    if (cookie) this.#cookie = cookie;
    // What is no JSON, such as CSV, is its text.
    const json = status >= 400 || headers['content-type']?.[0]?.includes('json');
    const reply = text === '' ? {} : json ? JSON.parse(text) : text;
    if (status >= 400) throw new Refused(status, reply.error ?? reply);
    return reply;
  }

  #send(method: string, path: string, body: string | undefined, extra: Record<string, string> = {}) {
    return new Promise<{ status: number; headers: Record<string, string[] | undefined>; text: string }>(
      (done, fail) => {
        const sent = request(
          this.url + path,
          {
            method,
            agent: this.#agent,
            timeout: 20_000,
            headers: {
              ...(this.#cookie && { cookie: this.#cookie }),
              ...(method !== 'GET' && { origin: this.url }),
              ...(body !== undefined && {
                'content-type': 'application/json',
                'content-length': Buffer.byteLength(body),
              }),
              ...extra,
            },
          },
          response => {
            let text = '';
            response.setEncoding('utf8');
            response.on('data', chunk => {
              text += chunk;
            });
            response.on('error', fail);
            response.on('end', () =>
              done({ status: response.statusCode ?? 0, headers: response.headersDistinct, text }),
            );
          },
        );
        sent.on('timeout', () => sent.destroy(new Error(`${method} ${path} took longer than 20 s`)));
        sent.on('error', fail);
        sent.end(body);
      },
    );
  }

  /** A new service in effect, with its servers. */
  async addService(service: NewVirtualService): Promise<{ service: VirtualService; servers: RealServer[] }> {
    const made = applied(await this.call('createVirtualService', { body: service }));
    const servers = await this.call('listRealServers', { query: { virtualService: made.id } });
    return { service: made, servers };
  }

  /** Changes a service and waits until the change is in effect. */
  async changeService(id: number, body: BodyOf<'patchVirtualService'>): Promise<VirtualService> {
    return applied(await this.call('patchVirtualService', { at: { id }, body }));
  }

  async deleteService(id: number): Promise<void> {
    applied(await this.call('deleteVirtualService', { at: { id } }), false);
  }

  async setServers(ids: number[], state: RealServer['state']): Promise<void> {
    applied(await this.call('setServerState', { body: { ids, state } }), false);
  }

  async serviceStatus(id: number): Promise<ServiceStatus | undefined> {
    return (await this.call('getStatus')).services.find(s => s.id === id);
  }

  async serverStatus(id: number): Promise<ServerStatus | undefined> {
    return (await this.call('getStatus')).servers.find(s => s.id === id);
  }
}

/** The object of a reply, or an error when the change did not get into effect. */
export function applied<T>(reply: Changed<T>): T;
export function applied<T>(reply: Changed<T>, needed: false): T | undefined;
export function applied<T>(reply: Changed<T>, needed = true): T | undefined {
  if (reply.outcome.state !== 'applied') throw new Error(`not applied: ${JSON.stringify(reply.outcome)}`);
  if (needed && reply.object === undefined) throw new Error(`no object in ${JSON.stringify(reply)}`);
  return reply.object;
}

/** SIGKILL; a process that is gone already is as good. */
export function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
