import { createServer as createHttps } from 'node:https';
import { createServer as createPlain, type Server, type Socket } from 'node:net';
import type { Pem } from './pem.ts';

/** The ports it takes on its own loopback address. */
export const exchangePorts = { https: 443, smtp: 25, imap: 143, pop3: 110, rpc: 135 } as const;

/**
 * A stand-in for an Exchange server: every virtual directory over HTTPS with the page by which Managed Availability
 * says how a workload is, SMTP, IMAP, POP3 with their greetings, and a port of RPC. Answers name the server.
 */
export class ExchangeServer {
  readonly name: string;
  readonly address: string;
  /** Virtual directories whose healthcheck.htm says that they are not well, in small letters: `/ews`. */
  readonly sick = new Set<string>();
  /** Paths that arrived, checks not counted. */
  readonly paths: string[] = [];
  #servers = new Map<number, Server>();
  #sockets = new Set<Socket>();

  constructor(name: string, address: string, pem: Pem) {
    this.name = name;
    this.address = address;
    const web = createHttps({ cert: pem.chain, key: pem.key }, (request, response) => {
      const path = (request.url ?? '').toLowerCase();
      const directory = /^\/[a-z0-9-]+/.exec(path)?.[0] ?? '/';
      const end = (code: number, text: string) => {
        response.writeHead(code, { 'content-type': 'text/html', 'content-length': text.length }).end(text);
      };
      if (path.endsWith('/healthcheck.htm'))
        return this.sick.has(directory) ? end(500, 'unhealthy') : end(200, `200 OK<br/>${name}.example.test`);
      this.paths.push(request.url ?? '');
      return end(200, `${name} ${directory}`);
    });
    this.#servers.set(exchangePorts.https, web);
    this.#talk(exchangePorts.smtp, `220 ${name} ESMTP\r\n`, line =>
      /^(?:EHLO|HELO)/i.test(line) ? `250 ${name}\r\n` : /^QUIT/i.test(line) ? '221 Bye\r\n' : '250 OK\r\n',
    );
    this.#talk(exchangePorts.imap, `* OK ${name} IMAP4\r\n`, line =>
      /LOGOUT/i.test(line) ? `* BYE\r\n${line.split(' ')[0]} OK\r\n` : `${line.split(' ')[0]} OK\r\n`,
    );
    this.#talk(exchangePorts.pop3, `+OK ${name} POP3\r\n`, () => '+OK\r\n');
    this.#talk(exchangePorts.rpc, '', line => `${name} ${line}`);
    for (const server of this.#servers.values())
      server.on('connection', (socket: Socket) => {
        this.#sockets.add(socket);
        socket.on('error', () => socket.destroy());
        socket.on('close', () => this.#sockets.delete(socket));
      });
  }

  async start(): Promise<this> {
    for (const [port, server] of this.#servers)
      await new Promise<void>((done, fail) => {
        server.once('error', fail);
        server.listen({ port, host: this.address }, () => done());
      });
    return this;
  }

  async stop(): Promise<void> {
    for (const server of this.#servers.values()) server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  /** A protocol of lines: a greeting, then an answer to each. */
  #talk(port: number, greeting: string, answer: (line: string) => string): void {
    const server = createPlain(socket => {
      if (greeting) socket.write(greeting);
      let rest = '';
      socket.on('data', data => {
        rest += data.toString('latin1');
        const lines = rest.split('\r\n');
        rest = lines.pop() ?? '';
        for (const line of lines) socket.write(answer(line));
      });
    });
    this.#servers.set(port, server);
  }
}
