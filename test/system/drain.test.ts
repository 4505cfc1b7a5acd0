import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import test, { after, before } from 'node:test';
import type { VirtualService } from '../../server/schema/virtual-service.ts';
import { kill } from '../support/appliance.ts';
import { freePort } from '../support/ports.ts';
import { Setting } from '../support/setting.ts';
import { until } from '../support/wait.ts';

/** What becomes of clients and connections of a server that is disabled or fails: the decision in seven steps, and both switches. */

const setting = Setting.forThisFile();
const address = '127.0.0.1';
const seconds = 3;
/** Servers that say their name at once and then keep the connection. */
const servers: { name: string; port: number; server: Server; open: Set<Socket> }[] = [];
/** What the servers are checked at. */
let check: Server;
let checkPort = 0;

const listening = async (server: Server): Promise<number> => {
  await new Promise<void>(done => server.listen(0, address, done));
  return (server.address() as { port: number }).port;
};

before(async () => {
  for (const name of ['a', 'b', 'c']) {
    const open = new Set<Socket>();
    const server = createServer(socket => {
      open.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => open.delete(socket));
      socket.write(name);
      socket.resume();
    });
    servers.push({ name, server, open, port: await listening(server) });
  }
  check = createServer(socket => socket.on('error', () => {}).end());
  checkPort = await listening(check);
});
after(async () => {
  for (const { server, open } of servers) {
    for (const socket of open) socket.destroy();
    await new Promise(done => server.close(done));
  }
  if (check.listening) await new Promise(done => check.close(done));
});

const settings = (body: object) => setting.appliance.call('patchSettings', { body });

async function service(properties: Partial<VirtualService>) {
  const port = await freePort();
  const made = await setting.appliance.addService({
    address,
    port,
    type: 'tcp',
    persistence: 'source-ip',
    ...properties,
    realServers: servers.map(server => ({ address, port: server.port })),
  });
  const idOf = (name: string) => {
    const wanted = servers.find(server => server.name === name)?.port;
    return made.servers.find(server => server.port === wanted)?.id ?? 0;
  };
  const set = (name: string, state: 'enabled' | 'disabled') => setting.appliance.setServers([idOf(name)], state);
  const state = async (name: string) => (await setting.appliance.serverStatus(idOf(name)))?.state;
  return { ...made, port, set, state, remove: () => setting.appliance.deleteService(made.service.id) };
}

/** A connection that stays open, and the name of the server at its other end. */
async function open(port: number, from: string) {
  const socket = connect({ host: address, port, localAddress: from });
  let closed = false;
  socket.on('close', () => {
    closed = true;
  });
  socket.on('error', () => {});
  const [name] = (await once(socket, 'data')) as [Buffer];
  return { name: String(name), closed: () => closed, end: () => socket.destroy() };
}
async function meets(port: number, from: string): Promise<string> {
  const one = await open(port, from);
  one.end();
  return one.name;
}
let clients = 0;
const fresh = () => `127.0.20.${++clients}`;

test('disabled: clients with an entry come until the drain time ends, others never; connections stay', async () => {
  await settings({ drainTime: seconds });
  const it = await service({});
  const client = fresh();
  const kept = await open(it.port, client);
  await it.set(kept.name, 'disabled');
  const at = Date.now();
  assert.equal(await meets(it.port, client), kept.name, 'step 6');
  for (let n = 0; n < 6; n++) assert.notEqual(await meets(it.port, fresh()), kept.name, 'step 2');
  await until('it to be shown as draining', async () => (await it.state(kept.name)) === 'drain');
  await until('the drain to end', async () => (await it.state(kept.name)) === 'disabled');
  assert.ok(Date.now() - at >= seconds * 1_000 - 100, 'not before its time');
  const next = await meets(it.port, client);
  assert.notEqual(next, kept.name, 'step 7');
  assert.equal(kept.closed(), false, 'what is open stays open');
  await it.set(kept.name, 'enabled');
  assert.equal(await meets(it.port, client), next, 'the old entry is gone');
  kept.end();
  await it.remove();
});

test('enabled again in the drain time: as if nothing had been', async () => {
  const it = await service({});
  const client = fresh();
  const name = await meets(it.port, client);
  await it.set(name, 'disabled');
  await it.set(name, 'enabled');
  assert.equal(await meets(it.port, client), name, 'step 4');
  const counts = new Set<string>();
  for (let n = 0; n < 6; n++) counts.add(await meets(it.port, fresh()));
  assert.equal(counts.size, 3);
  await it.remove();
});

test('without persistence a disabled server gets nobody at once', async () => {
  const it = await service({ persistence: 'none' });
  await it.set('b', 'disabled');
  const client = fresh();
  for (let n = 0; n < 9; n++) assert.notEqual(await meets(it.port, client), 'b', 'step 1');
  await it.remove();
});

test('a data plane that is killed goes on with the same deadline', async () => {
  await settings({ drainTime: 6 });
  const it = await service({});
  const client = fresh();
  const name = await meets(it.port, client);
  await it.set(name, 'disabled');
  const at = Date.now();
  const [victim] = setting.appliance.processes('data plane');
  kill(victim?.pid ?? 0);
  await until(
    'a new data plane',
    async () => (await setting.appliance.call('getHealth')).state === 'ok' && it.state(name),
    { limit: 15_000 },
  );
  if (Date.now() - at < 4_500) assert.equal(await meets(it.port, client), name, 'it still drains');
  // A reload does not begin it anew.
  await setting.appliance.changeService(it.service.id, { idleTimeout: 77 });
  await until('the drain to end', async () => (await meets(it.port, client)) !== name, { limit: 25_000 });
  const took = Date.now() - at;
  // Soon after a start the reload may wait for HAProxy's tables, up to ten seconds, and the end of the drain behind it.
  assert.ok(took >= 5_900 && took < 20_000, `it took ${took} ms`);
  await it.remove();
});

test('Drop at Drain Time End closes what is open then, and not before', async () => {
  await settings({ drainTime: seconds, dropAtDrainEnd: true });
  const it = await service({});
  const kept = await open(it.port, fresh());
  const others = [await open(it.port, fresh()), await open(it.port, fresh())];
  const at = Date.now();
  await it.set(kept.name, 'disabled');
  await until('it to be closed', kept.closed);
  assert.ok(Date.now() - at >= seconds * 1_000 - 100, `closed after ${Date.now() - at} ms`);
  assert.deepEqual(
    others.map(one => one.closed()),
    [false, false],
  );
  for (const one of others) one.end();
  await settings({ dropAtDrainEnd: false });
  await it.remove();
});

test('a drain time of 0 closes everything at once, and nobody comes any more', async () => {
  await settings({ drainTime: 0 });
  const it = await service({});
  const client = fresh();
  const kept = await open(it.port, client);
  await it.set(kept.name, 'disabled');
  await until('it to be closed', kept.closed, { limit: 2_000 });
  assert.notEqual(await meets(it.port, client), kept.name);
  await it.remove();
});

test('a server that fails: connections stay, or with Drop Connections on RS Failure are closed', async () => {
  for (const dropOnFailure of [false, true]) {
    await settings({ dropOnFailure, drainTime: 300 });
    const it = await service({ checkType: 'tcp', checkPort, checkInterval: 1, checkTimeout: 1, checkRetries: 1 });
    const kept = await open(it.port, fresh());
    await new Promise(done => check.close(done));
    await until('it to be down', async () => (await it.state(kept.name)) === 'down');
    if (dropOnFailure) await until('it to be closed', kept.closed);
    else assert.equal(kept.closed(), false);
    kept.end();
    await new Promise<void>(done => check.listen(checkPort, address, done));
    await it.remove();
  }
});
