import { chmodSync, chownSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { CheckResult } from '../schema/check.ts';
import type {
  ApplyRequest,
  ChallengeRequest,
  CheckReply,
  CheckRequest,
  ControlEvent,
  SeriesRequest,
  Settled,
  TellRequest,
  ToolReply,
  TryReply,
  TryRequest,
  UpdateReply,
} from '../schema/control.ts';
import type { FaultReply } from '../schema/faults.ts';
import type { ConfirmRequest, NetworkState } from '../schema/network/state.ts';
import type { ForgetRequest, PersistenceTable } from '../schema/persistence-table.ts';
import type { PowerRequest } from '../schema/power.ts';
import type { PathQuestion, PathReport } from '../schema/return-path.ts';
import type { History, HistorySeries, Occurrence, Outcome, Status } from '../schema/status.ts';
import type { SyslogState } from '../schema/syslog.ts';
import type { ConnectionList, Neighbour, ToolRequest } from '../schema/tools.ts';

/** What can be asked at the door; see schema/control.ts. */
export interface Answers {
  check(request: CheckRequest): Promise<CheckReply>;
  apply(request: ApplyRequest): Promise<Outcome>;
  status(): Status;
  history(of: string, seconds: number): History;
  series(request: SeriesRequest): HistorySeries;
  resetStatistics(): void;
  runTool(request: ToolRequest): Promise<ToolReply>;
  toolRun(id: number): ToolReply;
  stopTool(id: number): ToolReply;
  capture(id: number): Promise<Buffer | undefined>;
  connections(asked: { virtualService?: number; search?: string }): Promise<ConnectionList>;
  dropConnection(key: string): Promise<{ dropped: boolean }>;
  neighbours(): Promise<Neighbour[]>;
  checks(server: number): CheckResult[];
  tryChecks(request: TryRequest): Promise<TryReply>;
  persistence(service: number, search: string, limit: number): Promise<PersistenceTable>;
  forget(request: ForgetRequest): Promise<{ found: boolean }>;
  challenge(request: ChallengeRequest): Promise<{ served: boolean }>;
  tell(request: TellRequest): void;
  path(question: PathQuestion): Promise<PathReport>;
  network(): Promise<NetworkState>;
  confirmNetwork(request: ConfirmRequest): Promise<Settled>;
  undoNetwork(): Promise<Settled>;
  power(request: PowerRequest): Promise<{ fault?: FaultReply }>;
  diagnosis(): Promise<Record<string, string>>;
  update(act: 'look' | 'install' | 'start-other'): Promise<UpdateReply>;
  occurrences(since: number): Occurrence[];
  syslog(test: boolean): SyslogState[] | Promise<SyslogState[]>;
  /** First event for a new listener. */
  first(): ControlEvent;
}

const LARGEST_BODY = 64 * 1024 * 1024;
/** A listener that has this much unread is cut off: it comes back and gets a full status. */
const LARGEST_BACKLOG = 8 * 1024 * 1024;

export class Control {
  readonly #answers: Answers;
  readonly #server: Server;
  readonly #listeners = new Set<ServerResponse>();

  constructor(answers: Answers) {
    this.#answers = answers;
    this.#server = createServer((request, reply) => {
      this.#handle(request, reply).catch(error => {
        if (!reply.headersSent) reply.writeHead(500);
        reply.end(JSON.stringify({ error: (error as Error).message }));
      });
    });
  }

  /** Opens the socket for root and, when given, the API's group. */
  async listen(socketPath: string, group: number | undefined): Promise<void> {
    rmSync(socketPath, { force: true });
    await new Promise<void>((done, fail) => {
      this.#server.once('error', fail);
      this.#server.listen(socketPath, done);
    });
    chmodSync(socketPath, 0o660);
    if (group !== undefined) chownSync(socketPath, 0, group);
  }

  /** How many read the events now. */
  get listening(): number {
    return this.#listeners.size;
  }

  send(event: ControlEvent): void {
    const line = `${JSON.stringify(event)}\n`;
    for (const listener of this.#listeners) {
      if (listener.writableLength > LARGEST_BACKLOG) listener.destroy();
      else listener.write(line);
    }
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #handle(request: IncomingMessage, reply: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://control');
    const json = (value: unknown) => {
      reply.writeHead(200, { 'content-type': 'application/json' });
      reply.end(JSON.stringify(value));
    };
    switch (`${request.method} ${url.pathname}`) {
      case 'POST /check':
        return json(await this.#answers.check((await bodyOf(request)) as CheckRequest));
      case 'POST /apply':
        return json(await this.#answers.apply((await bodyOf(request)) as ApplyRequest));
      case 'GET /status':
        return json(this.#answers.status());
      case 'GET /history':
        return json(
          this.#answers.history(url.searchParams.get('of') ?? '', Number(url.searchParams.get('seconds') ?? 300)),
        );
      case 'POST /tools':
        return json(await this.#answers.runTool((await bodyOf(request)) as ToolRequest));
      case 'GET /tools':
        return json(this.#answers.toolRun(Number(url.searchParams.get('id'))));
      case 'POST /tools/stop':
        return json(this.#answers.stopTool(Number(url.searchParams.get('id'))));
      case 'GET /capture': {
        const bytes = await this.#answers.capture(Number(url.searchParams.get('id')));
        reply.writeHead(200, { 'content-type': 'application/octet-stream' });
        return void reply.end(bytes);
      }
      case 'GET /connections': {
        const { service, search = '' } = Object.fromEntries(url.searchParams);
        return json(await this.#answers.connections({ ...(service && { virtualService: Number(service) }), search }));
      }
      case 'POST /connections/drop':
        return json(await this.#answers.dropConnection(((await bodyOf(request)) as { key: string }).key));
      case 'GET /neighbours':
        return json(await this.#answers.neighbours());
      case 'GET /series': {
        const { of = '', seconds, points, values = '' } = Object.fromEntries(url.searchParams);
        return json(this.#answers.series({ of, seconds: Number(seconds), points: Number(points), values }));
      }
      case 'POST /statistics/reset':
        this.#answers.resetStatistics();
        return json({});
      case 'GET /persistence': {
        const { service, search = '', limit } = Object.fromEntries(url.searchParams);
        return json(await this.#answers.persistence(Number(service), search, Number(limit)));
      }
      case 'POST /persistence/forget':
        return json(await this.#answers.forget((await bodyOf(request)) as ForgetRequest));
      case 'GET /checks':
        return json(this.#answers.checks(Number(url.searchParams.get('server') ?? 0)));
      case 'POST /try':
        return json(await this.#answers.tryChecks((await bodyOf(request)) as TryRequest));
      case 'POST /challenge':
        return json(await this.#answers.challenge((await bodyOf(request)) as ChallengeRequest));
      case 'POST /tell':
        this.#answers.tell((await bodyOf(request)) as TellRequest);
        return json({});
      case 'POST /path':
        return json(await this.#answers.path((await bodyOf(request)) as PathQuestion));
      case 'GET /network':
        return json(await this.#answers.network());
      case 'POST /network/confirm':
        return json(await this.#answers.confirmNetwork((await bodyOf(request)) as ConfirmRequest));
      case 'POST /network/undo':
        return json(await this.#answers.undoNetwork());
      case 'POST /power':
        return json(await this.#answers.power((await bodyOf(request)) as PowerRequest));
      case 'GET /diagnosis':
        return json(await this.#answers.diagnosis());
      case 'GET /update':
        return json(await this.#answers.update('look'));
      case 'POST /update/install':
        return json(await this.#answers.update('install'));
      case 'POST /update/start-other':
        return json(await this.#answers.update('start-other'));
      case 'GET /occurrences':
        return json(this.#answers.occurrences(Number(url.searchParams.get('since') ?? 0)));
      case 'GET /syslog':
        return json(await this.#answers.syslog(false));
      case 'POST /syslog/test':
        return json(await this.#answers.syslog(true));
      case 'GET /events':
        reply.writeHead(200, { 'content-type': 'application/x-ndjson' });
        reply.write(`${JSON.stringify(this.#answers.first())}\n`);
        this.#listeners.add(reply);
        reply.on('close', () => this.#listeners.delete(reply));
        return;
      default:
        reply.writeHead(404).end();
    }
  }
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > LARGEST_BODY) throw new Error('the request is too large');
    chunks.push(chunk);
  }
  return JSON.parse(Buffer.concat(chunks).toString());
}
