import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { TestContext } from 'node:test';
import type { ApplyRequest, CheckReply, CheckRequest, ControlEvent } from '../../server/schema/control.ts';
import type { FaultReply } from '../../server/schema/faults.ts';
import type { History, Outcome, Preview, StatusEvent } from '../../server/schema/status.ts';

const none = { connections: 0, connectionRate: 0, requestRate: 0, inRate: 0, outRate: 0 };
const totals = { totalConnections: 0, totalRequests: 0, totalIn: 0, totalOut: 0 };

export const preview: Preview = { effect: 'reload', words: ['Nothing much happens.'], diff: '--- now\n+++ then\n' };

/** The data plane's side of the control door (schema/control.ts) without an engine behind it. Tests tell it how to behave. */
export class FakeDataPlane {
  /** What it was asked, oldest first. */
  readonly checks: CheckRequest[] = [];
  readonly applies: number[] = [];
  /** The revision in effect. */
  applied = 0;
  /** Given: every check is refused with it. */
  refuseCheck: FaultReply | undefined;
  /** Revisions that cannot be put into effect: the one before is kept. */
  readonly refuseApply = new Map<number, FaultReply>();
  /** Applies wait for this. */
  hold: Promise<unknown> = Promise.resolve();
  /** Applies break the connection instead of answering. */
  breakApply = false;

  readonly #socketPath: string;
  readonly #listeners = new Set<ServerResponse>();
  #server: Server | undefined;

  constructor(socketPath: string) {
    this.#socketPath = socketPath;
  }

  static async started(t: Pick<TestContext, 'after'>, socketPath: string): Promise<FakeDataPlane> {
    const made = new FakeDataPlane(socketPath);
    await made.start();
    t.after(() => made.stop());
    return made;
  }

  start(): Promise<void> {
    const server = createServer((request, reply) => {
      this.#answer(request, reply).catch(() => reply.destroy());
    });
    this.#server = server;
    return new Promise((done, fail) => {
      server.once('error', fail);
      server.listen(this.#socketPath, done);
    });
  }

  /** Goes away: nobody listens at the socket any more. */
  stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    return new Promise(done => {
      if (!server) return done();
      server.close(() => done());
      server.closeAllConnections();
    });
  }

  send(event: ControlEvent): void {
    for (const listener of this.#listeners) listener.write(`${JSON.stringify(event)}\n`);
  }

  status(): StatusEvent {
    return {
      time: Date.now(),
      full: true,
      apply: { state: 'live', head: this.applied, applied: this.applied, since: 0 },
      engine: { running: true, version: 'fake', startedAt: 0, reloads: 0 },
      system: { ...none, ...totals, cpu: 1, memoryUsed: 1, memoryTotal: 2, networkIn: 0, networkOut: 0, tlsRate: 0 },
      services: [],
      servers: [],
      links: [],
      goneServices: [],
      goneServers: [],
    };
  }

  async #answer(request: IncomingMessage, reply: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://control');
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const body = chunks.length > 0 ? (JSON.parse(Buffer.concat(chunks).toString()) as unknown) : undefined;
    const json = (value: unknown) => {
      reply.writeHead(200, { 'content-type': 'application/json' });
      reply.end(JSON.stringify(value));
    };
    switch (`${request.method} ${url.pathname}`) {
      case 'POST /check':
        return json(this.#check(body as CheckRequest));
      case 'POST /apply': {
        const outcome = await this.#apply((body as ApplyRequest).revision);
        return outcome ? json(outcome) : void reply.destroy();
      }
      case 'GET /status':
        return json(this.status());
      case 'GET /history':
        return json({ time: [], ...mapped(none) } as unknown as History);
      case 'GET /occurrences':
        return json([]);
      case 'GET /events':
        reply.writeHead(200, { 'content-type': 'application/x-ndjson' });
        reply.write(`${JSON.stringify({ type: 'status', status: this.status() } satisfies ControlEvent)}\n`);
        this.#listeners.add(reply);
        reply.on('close', () => this.#listeners.delete(reply));
        return;
      default:
        reply.writeHead(404).end();
    }
  }

  #check(request: CheckRequest): CheckReply {
    this.checks.push(request);
    if (this.refuseCheck) return { accepted: false, fault: this.refuseCheck };
    return { accepted: true, ...(request.preview && { preview }) };
  }

  async #apply(revision: number): Promise<Outcome | undefined> {
    this.applies.push(revision);
    await this.hold;
    if (this.breakApply) return undefined;
    const fault = this.refuseApply.get(revision);
    if (fault) return { state: 'kept', revision: this.applied, refused: revision, fault };
    this.applied = revision;
    return { state: 'applied', revision, effect: 'reload', milliseconds: 1 };
  }
}

const mapped = (of: object) => Object.fromEntries(Object.keys(of).map(key => [key, []]));
