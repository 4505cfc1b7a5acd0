import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { createServer as createProbe } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import type { VirtualService } from '../server/schema/virtual-service.ts';
import { type ApiClient, CallRefused, inEffect } from './api-client.ts';
import { ApplianceProcess } from './appliance-process.ts';
import { SampleServer } from './sample-server.ts';

/**
 * npm run demo: three sample web servers on loopback addresses, an appliance with a Virtual Service in front of
 * them, made through its API, and light traffic. Its data folder is ./data-demo; delete it to begin anew.
 */

const data = join(import.meta.dirname, '../data-demo');
const port = Number(process.env.BALLAST_PORT || 8443);
const NAME = 'Demo shop';
const SERVERS = [
  { name: 'oak', address: '127.0.0.11', colour: '#2f6f4f' },
  { name: 'birch', address: '127.0.0.12', colour: '#8a5a00' },
  { name: 'pine', address: '127.0.0.13', colour: '#1f5f8b' },
];
const SERVER_PORT = 8081;

/** The first address others reach this machine by, or loopback when there is none. */
const ownAddress = (): string =>
  Object.values(networkInterfaces())
    .flatMap(list => list ?? [])
    .find(a => a.family === 'IPv4' && !a.internal)?.address ?? '127.0.0.1';

/** Made at the first demo and kept beside its data. */
function password(): string {
  const file = join(data, 'password');
  if (existsSync(file)) return readFileSync(file, 'utf8').trim();
  const made = randomBytes(9).toString('base64url');
  mkdirSync(data, { recursive: true });
  writeFileSync(file, `${made}\n`, { mode: 0o600 });
  chmodSync(file, 0o600);
  return made;
}

async function freePort(address: string): Promise<number> {
  for (const wanted of [8080, 8088, 8888, 8000]) {
    const free = await new Promise<boolean>(done => {
      const probe = createProbe();
      probe.once('error', () => done(false));
      probe.listen(wanted, address, () => probe.close(() => done(true)));
    });
    if (free) return wanted;
  }
  throw new Error('The ports 8080, 8088, 8888 and 8000 are all used by other programs.');
}

/** The demo's service, made when it is not there yet and moved when the machine has another address now. */
async function service(api: ApiClient): Promise<VirtualService> {
  const address = ownAddress();
  const there = (await api.call('listVirtualServices')).find(vs => vs.name === NAME);
  if (there?.address === address) return there;
  if (there) return inEffect(await api.call('patchVirtualService', { at: { id: there.id }, body: { address } }));
  return inEffect(
    await api.call('createVirtualService', {
      body: {
        name: NAME,
        address,
        port: await freePort(address),
        checkType: 'http',
        checkUrl: '/health',
        checkInterval: 3,
        checkTimeout: 1,
        realServers: SERVERS.map(server => ({ address: server.address, port: SERVER_PORT })),
      },
    }),
  );
}

/** Visitors come and go: 5 to 45 requests a second over two minutes, never more than 30 open. */
function traffic({ address, port }: VirtualService): () => void {
  const agent = new Agent({ keepAlive: true, maxSockets: 30 });
  let open = 0;
  let owed = 0;
  const timer = setInterval(() => {
    owed += (25 + 20 * Math.sin((Date.now() / 120_000) * 2 * Math.PI)) / 10;
    for (; owed >= 1; owed--) {
      if (open >= 30) continue;
      open++;
      const path = `/page/${Math.floor(Math.random() * 50)}`;
      // One visitor in four comes on a new connection.
      const via = Math.random() < 0.25 ? false : agent;
      const asked = get({ host: address, port, path, agent: via, timeout: 5_000 }, reply => reply.resume());
      asked.on('timeout', () => asked.destroy());
      asked.on('error', () => {});
      asked.on('close', () => {
        open--;
      });
    }
  }, 100);
  return () => {
    clearInterval(timer);
    agent.destroy();
  };
}

/** Every three minutes the last server is away for half a minute. */
function failures(server: SampleServer): () => void {
  let back: NodeJS.Timeout | undefined;
  const timer = setInterval(() => {
    server.stop();
    back = setTimeout(() => server.start(), 30_000);
  }, 180_000);
  return () => {
    clearInterval(timer);
    clearTimeout(back);
  };
}

async function main(): Promise<void> {
  const signalled = new Promise<void>(done => {
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => done());
  });
  const secret = password();
  const servers = SERVERS.map(s => new SampleServer(s.name, s.address, SERVER_PORT, s.colour));
  await Promise.all(servers.map(server => server.start()));
  const appliance = new ApplianceProcess({ data, port, password: secret, show: true });
  const stops: (() => void)[] = [];
  try {
    const ready = await Promise.race([appliance.ready().then(() => true), signalled.then(() => false)]);
    if (!ready) return;
    await appliance.api.login('bal', secret).catch(error => {
      if (!(error instanceof CallRefused && error.code === 'BAD_LOGIN')) throw error;
      throw new Error(
        'The password of “bal” is not the demo’s any more. Delete the folder data-demo to begin a new demo.',
      );
    });
    const vs = await service(appliance.api);
    stops.push(traffic(vs), failures(servers.at(-1) as SampleServer));
    console.log(`
The demo is running.
  Console         https://${ownAddress()}:${port}   user bal, password ${secret}
                  (the browser warns of the self-signed certificate: that is expected here)
  The service     http://${vs.address}:${vs.port}   reload it: oak, birch and pine take turns
  What to look at Home: requests a second and health, live
                  Virtual Services > ${NAME}: drain or disable a server and watch its graph
                  “pine” fails every three minutes and is back half a minute later
Ctrl-C ends all of it. The folder data-demo keeps what you change.
`);
    await Promise.race([signalled, appliance.ended]);
  } finally {
    for (const stop of stops) stop();
    await appliance.stop();
    for (const server of servers) server.stop();
  }
}

main().then(
  () => process.exit(0),
  error => {
    console.error(error.message);
    process.exit(1);
  },
);
