import { createServer, type Server } from 'node:http';

/** A tiny web server that says who it is. */
export class SampleServer {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  #page: string;
  #server: Server | undefined;

  constructor(name: string, address: string, port: number, colour: string) {
    this.name = name;
    this.address = address;
    this.port = port;
    this.#page = `<!doctype html><meta charset="utf-8"><title>${name}</title>
<body style="margin:0;display:grid;place-items:center;height:100vh;background:${colour};color:#fff;font:5vw system-ui">
<div>This is <b>${name}</b><p style="font-size:1.2vw">${address}:${port}, behind Ballast</p></div>\n`;
  }

  /** Throws when the port is taken. */
  start(): Promise<void> {
    const server = createServer((request, reply) => {
      if (request.url === '/health') {
        reply.end('ok');
        return;
      }
      // As a page that takes some work.
      setTimeout(() => reply.setHeader('content-type', 'text/html').end(this.#page), 2 + Math.random() * 15);
    });
    this.#server = server;
    return new Promise((done, fail) => {
      server.once('error', error => fail(new Error(`The sample server ${this.name} cannot start: ${error.message}`)));
      server.listen(this.port, this.address, done);
    });
  }

  stop(): void {
    this.#server?.close();
    this.#server?.closeAllConnections();
    this.#server = undefined;
  }
}
