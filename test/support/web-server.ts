import { createServer as createPlain, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer as createTls } from 'node:https';
import type { Socket } from 'node:net';
import type { Pem } from './pem.ts';
import { freePort } from './ports.ts';
import { switching } from './strict-origin.ts';

/** One request as the server got it. */
export interface Seen {
  method: string;
  url: string;
  headers: IncomingMessage['headers'];
  remote: string;
  body: string;
}

/**
 * A real web server on loopback that says who it is: every answer is 200 with the server's name as body.
 *
 *   /slow/MS    answers after that many milliseconds
 *   /hold       answers only when release() is called
 *   /echo       answers with the request's body
 *   /text/N     answers with N bytes of text and what ?headers= says, a JSON object
 *   Upgrade     is taken: what comes in goes out again
 */
export class WebServer {
  readonly name: string;
  readonly address: string;
  port = 0;
  /** Requests so far, newest last; health checks (no token in the URL) are there too. */
  readonly seen: Seen[] = [];
  /** Answers with this status from now on. */
  status = 200;
  #server: Server;
  #sockets = new Set<Socket>();
  #held: (() => void)[] = [];

  constructor(name: string, { address = '127.0.0.1', pem }: { address?: string; pem?: Pem } = {}) {
    this.name = name;
    this.address = address;
    this.#server = pem ? createTls({ cert: pem.chain, key: pem.key }, this.#answer) : createPlain(this.#answer);
    this.#server.keepAliveTimeout = 60_000;
    this.#server.on('upgrade', (request, socket) => {
      socket.on('error', () => socket.destroy());
      socket.write(switching(request.headers['sec-websocket-key'] ?? ''));
      socket.pipe(socket);
    });
    this.#server.on('connection', socket => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
  }

  /** Listens; after stop() again on the same port. */
  async start(): Promise<this> {
    this.port ||= await freePort();
    await new Promise<void>((done, fail) => {
      this.#server.once('error', fail);
      this.#server.listen({ port: this.port, host: this.address }, () => done());
    });
    return this;
  }

  /** Stops as a machine that is switched off does: every connection ends at once. */
  async stop(): Promise<void> {
    this.release();
    if (!this.#server.listening) return;
    await new Promise<void>(done => {
      this.#server.close(() => done());
      for (const socket of this.#sockets) socket.destroy();
    });
  }

  /** Answers everything that waits at /hold. */
  release(): void {
    for (const go of this.#held.splice(0)) go();
  }

  get held(): number {
    return this.#held.length;
  }

  #answer: RequestListener = (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', chunk => chunks.push(chunk));
    request.on('error', () => response.destroy());
    request.on('end', async () => {
      const body = Buffer.concat(chunks).toString('latin1');
      const url = request.url ?? '';
      this.seen.push({
        method: request.method ?? '',
        url,
        headers: request.headers,
        remote: request.socket.remoteAddress ?? '',
        body,
      });
      if (this.seen.length > 10_000) this.seen.splice(0, 5_000);
      const slow = /^\/slow\/(\d+)/.exec(url);
      if (slow) await new Promise(done => setTimeout(done, Number(slow[1])));
      if (url.startsWith('/hold')) await new Promise<void>(done => this.#held.push(done));
      const long = /^\/text\/(\d+)/.exec(url);
      const text = url.startsWith('/echo') ? body : long ? this.name.repeat(Number(long[1])) : this.name;
      const more = new URL(url, 'http://x').searchParams.get('headers');
      response.writeHead(this.status, {
        'content-type': 'text/plain',
        'content-length': Buffer.byteLength(text, 'latin1'),
        ...(more && JSON.parse(more)),
      });
      response.end(request.method === 'HEAD' ? undefined : Buffer.from(text, 'latin1'));
    });
  };
}

/** As many servers as names, listening. */
export const startServers = (names: string[], options: ConstructorParameters<typeof WebServer>[1] = {}) =>
  Promise.all(names.map(name => new WebServer(name, options).start()));
