import type { Static, TSchema } from 'typebox';
import { type BodyOf, type EndpointName, endpoints, type ReplyOf } from '../../../server/schema/endpoints.ts';
import type { FaultCode, FaultReply } from '../../../server/schema/faults.ts';
import type { Preview } from '../../../server/schema/status.ts';
import { noteUse } from './idle.ts';

type QueryOf<E extends EndpointName> = (typeof endpoints)[E] extends { query: infer Q extends TSchema }
  ? Static<Q>
  : undefined;

/** What a call takes. `ifMatch` is the revision an edit was made from; `dryRun` asks for a Preview and changes nothing. */
export interface Args<E extends EndpointName> {
  params?: Record<string, string | number>;
  query?: QueryOf<E>;
  body?: BodyOf<E>;
  ifMatch?: number;
  dryRun?: boolean;
  signal?: AbortSignal;
}

/** 'UNREACHABLE': no answer at all, so nobody knows whether the request arrived. */
export type ProblemCode = FaultCode | 'UNREACHABLE';

/** A refused or failed call. `at` is a JSON pointer into the body, such as `/port`. */
export class Problem extends Error {
  readonly code: ProblemCode;
  readonly status: number;
  readonly at: string | undefined;

  constructor(code: ProblemCode, status: number, message: string, at?: string) {
    super(message);
    this.name = 'Problem';
    this.code = code;
    this.status = status;
    this.at = at;
  }
}

const lostListeners = new Set<() => void>();

/** Tells when a call found that the session has ended. Returns the way to stop listening. */
export function onSessionLost(listener: () => void): () => void {
  lostListeners.add(listener);
  return () => lostListeners.delete(listener);
}

/**
 * The only way to the API. Throws a Problem. With `dryRun: true` the reply is a Preview, else what the
 * endpoint's table entry says.
 */
export function call<E extends EndpointName>(name: E, args: Args<E> & { dryRun: true }): Promise<Preview>;
export function call<E extends EndpointName>(name: E, args?: Args<E>): Promise<ReplyOf<E>>;
export async function call<E extends EndpointName>(name: E, args: Args<E> = {}): Promise<unknown> {
  const { method, path } = endpoints[name];
  const headers: Record<string, string> = { accept: 'application/json' };
  const bytes = args.body instanceof Blob;
  if (args.body !== undefined) headers['content-type'] = bytes ? 'application/octet-stream' : 'application/json';
  if (args.ifMatch !== undefined) headers['if-match'] = `"${args.ifMatch}"`;

  let response: Response;
  try {
    response = await fetch(urlOf(path, args), {
      method,
      headers,
      credentials: 'same-origin',
      ...(args.body !== undefined && { body: bytes ? (args.body as Blob) : JSON.stringify(args.body) }),
      ...(args.signal && { signal: args.signal }),
    });
  } catch (error) {
    if (args.signal?.aborted) throw error;
    throw new Problem('UNREACHABLE', 0, 'The appliance does not answer.');
  }

  const reply: unknown = await readReply(response).catch(() => undefined);
  if (response.ok) {
    noteUse();
    return reply;
  }
  const fault = reply as Partial<FaultReply> | undefined;
  if (fault?.code === 'NOT_LOGGED_IN') for (const listener of lostListeners) listener();
  throw new Problem(
    fault?.code ?? 'UNREACHABLE',
    response.status,
    fault?.message ?? `The appliance answered with status ${response.status} and no reason.`,
    fault?.at,
  );
}

/** JSON, or what a call says it answers with instead: text, or a file. */
function readReply(response: Response): Promise<unknown> {
  const type = response.headers.get('content-type') ?? '';
  if (!response.ok || type.includes('json')) return response.json();
  return type.startsWith('text/') ? response.text() : response.blob();
}

function urlOf(path: string, args: Args<EndpointName>): string {
  const filled = path.replace(/:(\w+)/g, (_, key: string) => {
    const value = args.params?.[key];
    if (value === undefined) throw new Error(`${path} needs ${key}`);
    return encodeURIComponent(value);
  });
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(args.query ?? {})) query.set(key, String(value));
  if (args.dryRun) query.set('dryRun', 'true');
  const text = query.toString();
  return text ? `${filled}?${text}` : filled;
}

/**
 * A request to the LoadMaster API as a tool sends it: without the console's session, which opens nothing there. Rejects
 * when nothing answers.
 */
export const callAsTool = (path: string, request: RequestInit): Promise<Response> =>
  fetch(path, { ...request, credentials: 'omit', cache: 'no-store' });
