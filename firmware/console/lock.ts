import { connect, createServer, type Server } from 'node:net';

/** Among the consoles of one machine only one may set it up; the kernel frees the name when its holder ends. */
const NAME = '\0ballast-set-up';

/**
 * Takes the lock and calls `left` when another console asks for it. Undefined when one holds it that does not give
 * way within two seconds.
 */
export async function takeLock(left: () => void): Promise<Server | undefined> {
  for (let tries = 0; tries < 20; tries++) {
    const server = await listen(left);
    if (server) return server;
    await askToLeave();
    await new Promise(later => setTimeout(later, 100));
  }
  return undefined;
}

function listen(left: () => void): Promise<Server | undefined> {
  return new Promise(done => {
    const server = createServer(socket => {
      socket.on('error', () => {});
      socket.destroy();
      server.close();
      left();
    });
    server.once('error', () => done(undefined));
    server.listen(NAME, () => done(server));
  });
}

function askToLeave(): Promise<void> {
  return new Promise(done => {
    const socket = connect(NAME);
    socket.on('error', () => done());
    socket.on('close', () => done());
  });
}
