import { request } from 'node:http';
import type { CheckResult } from '../schema/check.ts';
import type { Config } from '../schema/config.ts';
import type {
  ChallengeRequest,
  CheckReply,
  ControlEvent,
  SeriesRequest,
  Settled,
  TellRequest,
  ToolReply,
  TryReply,
  TryRequest,
  UpdateReply,
} from '../schema/control.ts';
import { Fault, type FaultReply } from '../schema/faults.ts';
import type { ConfirmRequest, NetworkState } from '../schema/network/state.ts';
import type { ForgetRequest, PersistenceTable } from '../schema/persistence-table.ts';
import type { PowerRequest } from '../schema/power.ts';
import type { PathQuestion, PathReport } from '../schema/return-path.ts';
import type { History, HistorySeries, Occurrence, Outcome, Status } from '../schema/status.ts';
import type { SyslogState } from '../schema/syslog.ts';
import type { ConnectionList, Neighbour, ToolRequest, ToolRun } from '../schema/tools.ts';
import type { UpdateState } from '../schema/update.ts';

const QUICK = 5_000;
/** An engine with thousands of services takes its time over a check. */
const PATIENT = 30_000;
/** A check may wait a minute for its connection and another for its answer, and for other checks before it. */
const LONGEST_TRY = 180_000;
/** A status comes every second, or every few from a large appliance: after this long without a word nobody is there. */
const SILENCE = 30_000;

/** A fault of the other side, to be told as it is. */
function again({ code, message, at }: FaultReply): Fault {
  const fault = new Fault(code, {}, at);
  fault.message = message;
  return fault;
}

/** The API's side of the door to the data plane; see schema/control.ts. Every call rejects with DATA_PLANE_AWAY when nobody answers. */
export class DataPlaneClient {
  readonly #socketPath: string;
  #asked: Promise<boolean> | undefined;

  constructor(socketPath: string) {
    this.#socketPath = socketPath;
  }

  check = (config: Config, preview: boolean) => this.#call<CheckReply>('POST', '/check', { config, preview }, PATIENT);
  apply = (revision: number) => this.#call<Outcome>('POST', '/apply', { revision }, PATIENT);
  status = () => this.#call<Status>('GET', '/status');

  /** Does it answer? Many who ask at once share one answer: anybody may ask, and a status can be large. */
  answers = (): Promise<boolean> => {
    this.#asked ??= this.status()
      .then(
        () => true,
        () => false,
      )
      .finally(() => {
        this.#asked = undefined;
      });
    return this.#asked;
  };

  challenge = (request: ChallengeRequest) => this.#call<{ served: boolean }>('POST', '/challenge', request);
  tell = (request: TellRequest) => this.#call<object>('POST', '/tell', request);
  path = (question: PathQuestion) => this.#call<PathReport>('POST', '/path', question, PATIENT);
  network = () => this.#call<NetworkState>('GET', '/network');
  confirmNetwork = (request: ConfirmRequest) => this.#call<Settled>('POST', '/network/confirm', request, PATIENT);
  undoNetwork = () => this.#call<Settled>('POST', '/network/undo', {}, PATIENT);
  power = async (request: PowerRequest): Promise<void> => {
    const { fault } = await this.#call<{ fault?: FaultReply }>('POST', '/power', request, PATIENT);
    if (fault) throw again(fault);
  };
  diagnosis = () => this.#call<Record<string, string>>('GET', '/diagnosis', undefined, PATIENT);
  update = async (act: '' | '/install' | '/start-other'): Promise<UpdateState> => {
    const reply = await this.#call<UpdateReply>(act === '' ? 'GET' : 'POST', `/update${act}`);
    if ('fault' in reply) throw again(reply.fault);
    return reply;
  };
  occurrences = (since = 0) => this.#call<Occurrence[]>('GET', `/occurrences?since=${since}`);
  syslog = () => this.#call<SyslogState[]>('GET', '/syslog');
  testSyslog = () => this.#call<SyslogState[]>('POST', '/syslog/test', {}, PATIENT);
  checks = (server: number) => this.#call<CheckResult[]>('GET', `/checks?server=${server}`);
  persistence = (service: number, search: string, limit: number) =>
    this.#call<PersistenceTable>(
      'GET',
      `/persistence?${new URLSearchParams({ service: String(service), search, limit: String(limit) })}`,
      undefined,
      PATIENT,
    );
  forget = (request: ForgetRequest) => this.#call<{ found: boolean }>('POST', '/persistence/forget', request, PATIENT);
  tryChecks = (request: TryRequest) => this.#call<TryReply>('POST', '/try', request, LONGEST_TRY);
  runTool = async (request: ToolRequest): Promise<ToolRun> => {
    const { run, fault } = await this.#call<ToolReply>('POST', '/tools', request);
    if (run) return run;
    throw fault ? again(fault) : new Fault('INTERNAL');
  };
  toolRun = (id: number) => this.#call<ToolReply>('GET', `/tools?id=${id}`);
  stopTool = (id: number) => this.#call<ToolReply>('POST', `/tools/stop?id=${id}`, {});
  connections = ({ virtualService, search = '' }: { virtualService?: number; search?: string }) =>
    this.#call<ConnectionList>(
      'GET',
      `/connections?${new URLSearchParams({ ...(virtualService && { service: String(virtualService) }), search })}`,
      undefined,
      PATIENT,
    );
  dropConnection = (key: string) => this.#call<{ dropped: boolean }>('POST', '/connections/drop', { key });
  neighbours = () => this.#call<Neighbour[]>('GET', '/neighbours');
  capture = (id: number) => this.#bytes('GET', `/capture?id=${id}`, undefined, PATIENT);
  series = (asked: SeriesRequest) =>
    this.#call<HistorySeries>(
      'GET',
      `/series?${new URLSearchParams({ ...asked, seconds: String(asked.seconds), points: String(asked.points) })}`,
      undefined,
      PATIENT,
    );
  resetStatistics = () => this.#call<object>('POST', '/statistics/reset', {});
  history = (of: string, seconds: number) =>
    this.#call<History>('GET', `/history?${new URLSearchParams({ of, seconds: String(seconds) })}`);

  /** Calls `each` with every event until the connection ends, then `ended`. Returns a function that ends it. */
  listen(each: (event: ControlEvent) => void, ended: () => void): () => void {
    const call = request({ socketPath: this.#socketPath, path: '/events' }, reply => {
      let rest = '';
      reply.setEncoding('utf8');
      reply.on('data', (text: string) => {
        const lines = (rest + text).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) if (line) each(JSON.parse(line) as ControlEvent);
      });
      reply.on('close', ended);
    });
    call.on('error', ended);
    call.setTimeout(SILENCE, () => call.destroy(new Error('no word')));
    call.end();
    return () => call.destroy();
  }

  async #call<T>(method: string, path: string, body?: unknown, timeout = QUICK): Promise<T> {
    const bytes = await this.#bytes(method, path, body, timeout);
    try {
      return JSON.parse(bytes.toString()) as T;
    } catch {
      throw new Fault('DATA_PLANE_AWAY');
    }
  }

  #bytes(method: string, path: string, body: unknown, timeout: number): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const away = () => reject(new Fault('DATA_PLANE_AWAY'));
      const call = request({ socketPath: this.#socketPath, method, path, timeout }, reply => {
        const chunks: Buffer[] = [];
        reply.on('data', chunk => chunks.push(chunk));
        reply.on('error', away);
        reply.on('end', () => {
          if (reply.statusCode !== 200) return away();
          resolve(Buffer.concat(chunks));
        });
      });
      call.on('timeout', () => call.destroy(new Error('no answer')));
      call.on('error', away);
      call.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }
}
