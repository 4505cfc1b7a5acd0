import { createSecureServer, type Http2SecureServer, type SecureServerOptions } from 'node:http2';
import type { TLSSocket } from 'node:tls';
import type { Pair } from '../certificates/authority.ts';
import { freePort } from './ports.ts';
import { switching } from './strict-origin.ts';

/** What a server saw of one request. */
export interface Met {
  version: string;
  servername: string;
  protocol: string;
  /** Common name of the client certificate, and whether it was good. */
  client: string;
  authorized: boolean;
  headers: Record<string, string>;
}

/** A web server that speaks TLS alone and answers with what it saw, as JSON. WebSockets echo over HTTP/1.1. */
export class TlsServer {
  port = 0;
  /** Newest last. */
  readonly met: Met[] = [];
  readonly #server: Http2SecureServer;
  readonly #sockets = new Set<{ destroy: () => void }>();

  constructor(pair: Pair & { chain?: string }, options: SecureServerOptions = {}) {
    const cert = pair.certificate + (pair.chain ?? '');
    this.#server = createSecureServer({ cert, key: pair.key, allowHTTP1: true, ...options }, (request, response) => {
      const socket = request.stream?.session?.socket ?? (request.socket as TLSSocket);
      const tls = socket as TLSSocket;
      const met: Met = {
        version: request.httpVersion,
        servername: String((tls as { servername?: string | false }).servername || ''),
        protocol: tls.getProtocol() ?? '',
        client: String(tls.getPeerCertificate().subject?.CN ?? ''),
        authorized: tls.authorized,
        headers: request.headers as Record<string, string>,
      };
      this.met.push(met);
      const body = JSON.stringify(met);
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
      response.end(body);
    });
    this.#server.on('upgrade', (request, socket) => {
      socket.on('error', () => socket.destroy());
      socket.write(switching(request.headers['sec-websocket-key'] ?? ''));
      socket.pipe(socket);
    });
    this.#server.on('connection', socket => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
    // A client that is refused by us is what some tests want.
    this.#server.on('tlsClientError', () => {});
  }

  async start(): Promise<this> {
    this.port = await freePort();
    await new Promise<void>(done => this.#server.listen(this.port, '127.0.0.1', done));
    return this;
  }

  async stop(): Promise<void> {
    const closed = new Promise<void>(done => this.#server.close(() => done()));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}
