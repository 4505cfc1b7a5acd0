import { createServer } from 'node:net';

/** Below the range the kernel takes ports of outgoing connections from, so that none of those is in the way. */
const first = 26_000;
const count = 2_000;
const given = new Set<number>();

/** A TCP port nobody listens on, on any address of this machine; never the same twice in one process. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < 500; tries++) {
    const port = first + Math.floor(Math.random() * count);
    if (given.has(port) || !(await isFree(port))) continue;
    given.add(port);
    return port;
  }
  throw new Error(`no free port in ${first}-${first + count}`);
}

const isFree = (port: number) =>
  new Promise<boolean>(done => {
    const probe = createServer();
    probe.once('error', () => done(false));
    probe.listen({ port, host: '::' }, () => probe.close(() => done(true)));
  });
