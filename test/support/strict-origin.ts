import { createHash } from 'node:crypto';
import { createServer, type Server, type Socket } from 'node:net';
import { freePort } from './ports.ts';

/** A request as a strict reader understands it. */
export interface StrictRequest {
  line: string;
  method: string;
  target: string;
  version: string;
  /** In order, names as sent. */
  headers: [string, string][];
  body: string;
}

/** What came in on one connection. All text is latin1: one character per byte. */
export interface Conversation {
  raw: string;
  requests: StrictRequest[];
  /** Why the bytes are not a sequence of clean requests; empty while they are. */
  fault: string;
}

const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const requestLine = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+) ([\x21-\x7e]+) HTTP\/1\.([01])$/;

/**
 * A web server that takes nothing but clean HTTP/1 (RFC 9112 with every leniency left out) and keeps the bytes
 * of each connection. It is the judge of the smuggling test: what it saw counts, not what the client was told.
 *
 * Targets containing `/answer-NAME` get the raw bytes registered under that name, all others 200 "ok".
 */
export class StrictOrigin {
  port = 0;
  readonly conversations: Conversation[] = [];
  readonly answers = new Map<string, string>();
  #sockets = new Set<Socket>();
  #server: Server = createServer(socket => this.#talk(socket));

  async start(): Promise<this> {
    this.port ||= await freePort();
    await new Promise<void>((done, fail) => {
      this.#server.once('error', fail);
      this.#server.listen({ port: this.port, host: '127.0.0.1' }, () => done());
    });
    return this;
  }

  async stop(): Promise<void> {
    await new Promise<void>(done => {
      this.#server.close(() => done());
      for (const socket of this.#sockets) socket.destroy();
    });
  }

  /** Everything seen since the last call: requests in order of arrival, and faults. Connections go on. */
  take(): { requests: StrictRequest[]; faults: string[]; raw: string } {
    const requests = this.conversations.flatMap(c => c.requests.splice(0));
    const faults = this.conversations.filter(c => c.fault).map(c => `${c.fault} in ${JSON.stringify(c.raw)}`);
    const raw = this.conversations.map(c => c.raw).join('\n---\n');
    for (const c of this.conversations) c.raw = '';
    this.conversations.splice(0, this.conversations.length, ...this.conversations.filter(c => !c.fault));
    return { requests, faults, raw };
  }

  #talk(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    const conversation: Conversation = { raw: '', requests: [], fault: '' };
    this.conversations.push(conversation);
    let rest = '';
    let invited = false;
    let tunnel = false;
    socket.on('data', chunk => {
      const text = chunk.toString('latin1');
      conversation.raw += text;
      if (tunnel) return void socket.write(chunk);
      if (conversation.fault) return;
      rest += text;
      for (;;) {
        const read = readRequest(rest);
        if (read === 'more') {
          if (!invited && /\r\nexpect: *100-continue\r\n/i.test(rest)) {
            invited = true;
            socket.write('HTTP/1.1 100 Continue\r\n\r\n');
          }
          return;
        }
        invited = false;
        if (typeof read === 'string') {
          conversation.fault = read;
          return void socket.destroy();
        }
        rest = rest.slice(read.length);
        conversation.requests.push(read.request);
        if (valuesOf(read.request, 'upgrade').includes('websocket')) {
          socket.write(switching(valuesOf(read.request, 'sec-websocket-key')[0] ?? ''));
          tunnel = true;
          return;
        }
        const name = /\/answer-(\w+)/.exec(read.request.target)?.[1];
        const answer = name && this.answers.get(name);
        socket.write(
          Buffer.from(
            answer ||
              `HTTP/1.1 200 OK\r\nContent-Length: ${read.request.method === 'HEAD' ? '2\r\n\r\n' : '2\r\n\r\nok'}`,
            'latin1',
          ),
        );
      }
    });
  }
}

/** The answer that opens a WebSocket (RFC 6455 4.2.2). */
export function switching(key: string): string {
  const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
  return `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`;
}

/** Values of a header, lower-case name. */
export const valuesOf = (request: StrictRequest, name: string): string[] =>
  request.headers.filter(([n]) => n.toLowerCase() === name).map(([, value]) => value);

/** The first request in the bytes and its length; 'more' when it is not complete; otherwise a sentence about the fault. */
export function readRequest(text: string): { request: StrictRequest; length: number } | string {
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return /^[!#$%&'*+.^_`|~0-9A-Za-z-]*(?: |$)/.test(text) ? 'more' : 'no method at the start';
  const [line = '', ...lines] = text.slice(0, end).split('\r\n');
  const parts = requestLine.exec(line);
  if (!parts) return `request line ${JSON.stringify(line)}`;
  const headers: [string, string][] = [];
  for (const header of lines) {
    const colon = header.indexOf(':');
    const name = header.slice(0, Math.max(colon, 0));
    const value = header.slice(colon + 1).replace(/^[ \t]+|[ \t]+$/g, '');
    if (!token.test(name)) return `header ${JSON.stringify(header)}`;
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
    if (/[\x00-\x08\x0a-\x1f\x7f]/.test(value)) return `control byte in header ${JSON.stringify(header)}`;
    headers.push([name, value]);
  }
  const request: StrictRequest = {
    line,
    method: parts[1] ?? '',
    target: parts[2] ?? '',
    version: `1.${parts[3]}`,
    headers,
    body: '',
  };
  const lengths = valuesOf(request, 'content-length');
  const codings = valuesOf(request, 'transfer-encoding');
  if (lengths.length + codings.length > 1) return `more than one length: ${JSON.stringify([...lengths, ...codings])}`;
  if (request.version === '1.1' && valuesOf(request, 'host').length !== 1) return 'not exactly one Host';
  if (valuesOf(request, 'host').length > 1) return 'more than one Host';
  if (/[/@,\s]/.test(valuesOf(request, 'host')[0] ?? '')) return `Host ${JSON.stringify(valuesOf(request, 'host')[0])}`;
  const start = end + 4;
  if (codings.length) {
    if (codings[0]?.toLowerCase() !== 'chunked') return `transfer coding ${JSON.stringify(codings[0])}`;
    if (request.version === '1.0') return 'transfer coding in HTTP/1.0';
    return readChunks(text, start, request);
  }
  if (!lengths.length) return { request, length: start };
  const length = lengths[0] ?? '';
  if (!/^(?:0|[1-9][0-9]{0,14})$/.test(length)) return `content length ${JSON.stringify(length)}`;
  if (text.length < start + Number(length)) return 'more';
  request.body = text.slice(start, start + Number(length));
  return { request, length: start + Number(length) };
}

function readChunks(text: string, start: number, request: StrictRequest) {
  let at = start;
  for (;;) {
    const eol = text.indexOf('\r\n', at);
    if (eol < 0) return text.length - at > 64 ? 'endless chunk size' : 'more';
    const size = text.slice(at, eol);
    if (!/^[0-9A-Fa-f]{1,8}$/.test(size)) return `chunk size ${JSON.stringify(size)}`;
    const length = Number.parseInt(size, 16);
    at = eol + 2;
    if (length === 0) {
      const trailers = text.indexOf('\r\n', at);
      if (trailers < 0) return 'more';
      if (trailers !== at) {
        const end = text.indexOf('\r\n\r\n', at);
        if (end < 0) return 'more';
        for (const trailer of text.slice(at, end).split('\r\n'))
          if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\t\x20-\x7e\x80-\xff]*$/.test(trailer))
            return `trailer ${JSON.stringify(trailer)}`;
        return { request, length: end + 4 };
      }
      return { request, length: at + 2 };
    }
    if (text.length < at + length + 2) return 'more';
    request.body += text.slice(at, at + length);
    if (text.slice(at + length, at + length + 2) !== '\r\n') return 'chunk without its end';
    at += length + 2;
  }
}
