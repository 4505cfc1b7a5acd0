import { Agent, request } from 'node:https';
import { type BodyOf, type Changed, type EndpointName, endpoints, type ReplyOf } from '../server/schema/endpoints.ts';
import type { FaultReply } from '../server/schema/faults.ts';

/** A call that was refused; the message is the appliance's own sentence. */
export class CallRefused extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, fault: Partial<FaultReply>) {
    super(fault.message ?? `status ${status}`);
    this.status = status;
    this.code = fault.code ?? '';
  }
}

interface Options<E extends EndpointName> {
  /** For `:id` and the like in the path. */
  at?: Record<string, string | number>;
  body?: BodyOf<E>;
  query?: Record<string, string | number>;
}

/** The native API of an appliance on this machine, as typed as its table of calls. */
export class ApiClient {
  readonly url: string;
  #agent = new Agent({ keepAlive: true, maxSockets: 2, rejectUnauthorized: false });
  #cookie = '';

  constructor(port: number) {
    this.url = `https://127.0.0.1:${port}`;
  }

  async login(user: string, password: string): Promise<void> {
    await this.call('login', { body: { user, password } });
  }

  /** Throws CallRefused, or the network's error. */
  async call<E extends EndpointName>(name: E, { at = {}, body, query }: Options<E> = {}): Promise<ReplyOf<E>> {
    const { method, path } = endpoints[name];
    const filled = path.replace(/:(\w+)/g, (_, key: string) => encodeURIComponent(String(at[key])));
    const asked = query
      ? `${filled}?${new URLSearchParams(Object.entries(query).map(([k, v]) => [k, String(v)]))}`
      : filled;
    const sent = Buffer.isBuffer(body) ? body : body && JSON.stringify(body);
    const { status, cookie, text } = await this.#send(method, asked, sent);
    if (cookie) this.#cookie = cookie;
    const reply = text === '' ? {} : JSON.parse(text);
    if (status >= 400) throw new CallRefused(status, reply);
    return reply;
  }

  close(): void {
    this.#agent.destroy();
  }

  #send(method: string, path: string, body: string | Buffer | undefined) {
    return new Promise<{ status: number; cookie: string | undefined; text: string }>((done, fail) => {
      const headers = {
        ...(this.#cookie && { cookie: this.#cookie }),
        ...(method !== 'GET' && { origin: new URL(this.url).origin }),
        ...(body !== undefined && {
          'content-type': typeof body === 'string' ? 'application/json' : 'application/octet-stream',
          'content-length': Buffer.byteLength(body),
        }),
      };
      const sent = request(this.url + path, { method, agent: this.#agent, timeout: 15_000, headers }, reply => {
        let text = '';
        reply.setEncoding('utf8');
        reply.on('data', chunk => {
          text += chunk;
        });
        reply.on('error', fail);
        reply.on('end', () =>
          done({ status: reply.statusCode ?? 0, cookie: reply.headers['set-cookie']?.[0]?.split(';')[0], text }),
        );
      });
      sent.on('timeout', () => sent.destroy(new Error(`${method} ${path}: no answer within 15 s`)));
      sent.on('error', fail);
      sent.end(body);
    });
  }
}

/** The object of a change that is in effect; throws when it is not. */
export function inEffect<T>({ outcome, object }: Changed<T>): T {
  if (outcome.state !== 'applied') throw new Error(`not in effect: ${JSON.stringify(outcome)}`);
  return object as T;
}
