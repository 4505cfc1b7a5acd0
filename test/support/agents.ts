import { createServer, type Server } from 'node:http';

/** Agents of Real Servers: each address of loopback tells its own load at one port. */
export class Agents {
  /** What each address answers, as text. */
  readonly says: Record<string, string> = {};
  port = 0;
  #servers: Server[] = [];

  async start(addresses: string[]): Promise<this> {
    for (const address of addresses) {
      const server = createServer((_request, response) => response.end(this.says[address] ?? 'nothing'));
      await new Promise<void>((done, fail) => {
        server.once('error', fail);
        server.listen({ host: address, port: this.port }, () => done());
      });
      this.port ||= (server.address() as { port: number }).port;
      this.#servers.push(server);
    }
    return this;
  }

  async stop(): Promise<void> {
    await Promise.all(
      this.#servers.map(
        server =>
          new Promise<void>(done => {
            server.close(() => done());
            server.closeAllConnections();
          }),
      ),
    );
  }
}
