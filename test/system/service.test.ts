import assert from 'node:assert/strict';
import test from 'node:test';
import { Refused } from '../support/appliance.ts';
import { ask, shares } from '../support/http-client.ts';
import { freePort } from '../support/ports.ts';
import { exchange } from '../support/raw-client.ts';
import { Setting } from '../support/setting.ts';
import { until } from '../support/wait.ts';

/** Who gets which request: scheduling, persistence, states and limits of servers, through the API and with real traffic. */

const setting = Setting.forThisFile();
const address = '127.0.0.1';

async function service(properties: object = {}, servers = setting.servers()) {
  const port = await freePort();
  const made = await setting.appliance.addService({ address, port, ...properties, realServers: servers });
  const byPort = (wanted: number) => made.servers.find(s => s.port === wanted)?.id ?? 0;
  return {
    ...made,
    place: { port },
    ids: { a: byPort(setting.a.port), b: byPort(setting.b.port), c: byPort(setting.c.port) },
    remove: () => setting.appliance.deleteService(made.service.id),
  };
}

/** Requests that no server has answered yet, let go in the end. */
async function hold(port: number, count: number) {
  const { a, b, c } = setting;
  const before = a.held + b.held + c.held;
  const answers = Array.from({ length: count }, () => ask({ port }, { path: '/hold' }));
  await until(`${count} requests to be held`, () => a.held + b.held + c.held === before + count);
  return answers;
}

const releaseAll = () => {
  for (const server of [setting.a, setting.b, setting.c]) server.release();
};

test('round robin: 30 requests on new connections arrive 10/10/10', async () => {
  const it = await service();
  assert.deepEqual(await shares(it.place, 30), { a: 10, b: 10, c: 10 });
  await it.remove();
});

test('round robin over generic TCP: 10/10/10, and bytes go both ways', async () => {
  const it = await service({ type: 'tcp' });
  assert.deepEqual(await shares(it.place, 30), { a: 10, b: 10, c: 10 });
  const { answer } = await exchange(
    it.place,
    ['GET / HTTP/1.1\r\nHost: t\r\nConnection: Upgrade\r\nUpgrade: any\r\n\r\n', 'hello through the tunnel'],
    { quiet: 1_000, done: text => text.endsWith('tunnel') },
  );
  assert.match(answer, /hello through the tunnel$/);
  await it.remove();
});

test('weighted round robin: shares follow the weights, and a new weight acts at once', async () => {
  const it = await service(
    { scheduling: 'weighted-round-robin' },
    setting.servers({ weight: 1000 }, { weight: 2000 }, { weight: 3000 }),
  );
  const near = (counts: Record<string, number>, wanted: Record<string, number>) => {
    for (const [name, count] of Object.entries(wanted))
      assert.ok(
        Math.abs((counts[name] ?? 0) - count) <= 2,
        `wanted ${JSON.stringify(wanted)}, got ${JSON.stringify(counts)}`,
      );
  };
  near(await shares(it.place, 60), { a: 10, b: 20, c: 30 });
  const changed = await setting.appliance.call('patchRealServer', { at: { id: it.ids.a }, body: { weight: 3000 } });
  assert.equal(changed.outcome.state, 'applied');
  assert.ok('effect' in changed.outcome && changed.outcome.effect === 'runtime', 'a weight needs no reload');
  near(await shares(it.place, 80), { a: 30, b: 20, c: 30 });
  await it.remove();
});

test('round robin takes no notice of weights', async () => {
  const it = await service({}, setting.servers({ weight: 1 }, { weight: 500 }, { weight: 60_000 }));
  assert.deepEqual(await shares(it.place, 30), { a: 10, b: 10, c: 10 });
  await it.remove();
});

test('least connection: the server with fewer open connections gets the next ones', async () => {
  const it = await service({ scheduling: 'least-connection' });
  const first = await hold(it.place.port, 6);
  assert.deepEqual([setting.a.held, setting.b.held, setting.c.held], [2, 2, 2]);
  let answered = 0;
  for (const answer of first) void answer.then(() => answered++);
  setting.b.release();
  await until('b to be idle', () => answered === 2);
  assert.deepEqual(await shares(it.place, 10), { b: 10 });
  releaseAll();
  await Promise.all(first);
  await it.remove();
});

test('weighted least connection: connections follow the weights', async () => {
  const it = await service(
    { scheduling: 'weighted-least-connection' },
    setting.servers({ weight: 1000 }, { weight: 1000 }, { weight: 2000 }),
  );
  const held = await hold(it.place.port, 8);
  assert.deepEqual([setting.a.held, setting.b.held, setting.c.held], [2, 2, 4]);
  releaseAll();
  await Promise.all(held);
  await it.remove();
});

test('source-IP hash: a client always meets the same server, clients spread over all', async () => {
  const it = await service({ scheduling: 'source-ip-hash' });
  const met = new Set<string>();
  for (let i = 1; i <= 30; i++) {
    const counts = Object.keys(await shares(it.place, 3, { from: `127.0.3.${i}` }));
    assert.equal(counts.length, 1, `client ${i} met ${counts}`);
    met.add(counts[0] ?? '');
  }
  assert.deepEqual([...met].sort(), ['a', 'b', 'c']);
  await it.remove();
});

test('source-IP persistence: a client stays, another one is scheduled anew, and it outlives a reload', async () => {
  const it = await service({ persistence: 'source-ip', persistenceTimeout: 300 });
  const first = await ask(it.place, { from: '127.0.4.1' });
  const clients = new Map([['127.0.4.1', first.body]]);
  for (const from of ['127.0.4.2', '127.0.4.3']) clients.set(from, (await ask(it.place, { from })).body);
  assert.deepEqual([...clients.values()].sort(), ['a', 'b', 'c']);
  for (const [from, body] of clients) assert.deepEqual(await shares(it.place, 5, { from }), { [body]: 5 });
  await setting.appliance.changeService(it.service.id, { idleTimeout: 321 });
  for (const [from, body] of clients)
    assert.deepEqual(await shares(it.place, 5, { from }), { [body]: 5 }, `after a reload, from ${from}`);
  await it.remove();
});

test('active cookie: a client that gives it back stays, one that does not is scheduled, and it outlives a reload', async () => {
  const it = await service({ persistence: 'active-cookie' });
  const first = await ask(it.place);
  assert.equal(first.cookies.length, 1);
  assert.match(first.cookies[0] ?? '', /HttpOnly/i);
  const cookie = first.cookies[0]?.split(';')[0] ?? '';
  assert.deepEqual(await shares(it.place, 10, { headers: { cookie } }), { [first.body]: 10 });
  assert.deepEqual(Object.keys(await shares(it.place, 6)).sort(), ['a', 'b', 'c']);
  await setting.appliance.changeService(it.service.id, { idleTimeout: 321 });
  assert.deepEqual(await shares(it.place, 10, { headers: { cookie } }), { [first.body]: 10 });
  const last = setting[first.body as 'a' | 'b' | 'c'].seen.findLast(seen => seen.url === '/' && seen.method === 'GET');
  assert.ok(!last?.headers.cookie?.includes(cookie), 'the cookie is between the client and Ballast only');
  const address = await ask(it.place, { headers: { cookie: `${cookie.split('=')[0]}=nonsense` } });
  assert.equal(address.status, 200, 'a forged cookie is only ignored');
  await it.remove();
});

test('drain: a persistent client stays, nobody else comes, and enabling ends it', async () => {
  const it = await service({ persistence: 'active-cookie' });
  const first = await ask(it.place);
  const name = first.body as 'a' | 'b' | 'c';
  const cookie = first.cookies[0]?.split(';')[0] ?? '';
  await setting.appliance.setServers([it.ids[name]], 'drain');
  assert.deepEqual(await shares(it.place, 5, { headers: { cookie } }), { [name]: 5 });
  assert.equal((await shares(it.place, 12))[name], undefined);
  await until(
    'the drain to be seen',
    async () => (await setting.appliance.serverStatus(it.ids[name]))?.state === 'drain',
  );
  await setting.appliance.changeService(it.service.id, { idleTimeout: 322 });
  assert.equal((await shares(it.place, 12))[name], undefined, 'after a reload');
  assert.deepEqual(await shares(it.place, 5, { headers: { cookie } }), { [name]: 5 }, 'after a reload');
  await setting.appliance.setServers([it.ids[name]], 'enabled');
  assert.ok((await shares(it.place, 12))[name]);
  await it.remove();
});

test('disable: nobody comes from the next request on, what is under way ends well, and it outlives a reload', async () => {
  const it = await service();
  const held = await hold(it.place.port, 3);
  await setting.appliance.setServers([it.ids.b], 'disabled');
  assert.deepEqual(await shares(it.place, 20), { a: 10, c: 10 });
  releaseAll();
  assert.deepEqual((await Promise.all(held)).map(answer => answer.body).sort(), ['a', 'b', 'c']);
  await setting.appliance.changeService(it.service.id, { idleTimeout: 323 });
  assert.deepEqual(await shares(it.place, 20), { a: 10, c: 10 }, 'after a reload');
  await setting.appliance.setServers([it.ids.b], 'enabled');
  assert.deepEqual(await shares(it.place, 30), { a: 10, b: 10, c: 10 });
  await it.remove();
});

test('disable everywhere by address, then enable again', async () => {
  const one = await service({}, [{ address: '127.0.0.1', port: setting.a.port }]);
  const two = await service({}, [{ address: '127.0.0.1', port: setting.a.port }]);
  const state = (to: 'disabled' | 'enabled') =>
    setting.appliance.call('setServerState', { body: { address: '127.0.0.1', state: to } });
  await state('disabled');
  assert.deepEqual([(await ask(one.place)).status, (await ask(two.place)).status], [503, 503]);
  await state('enabled');
  assert.deepEqual([(await ask(one.place)).status, (await ask(two.place)).status], [200, 200]);
  await one.remove();
  await two.remove();
});

test('connection limit: a server never has more than its share open', async () => {
  const it = await service({}, [{ address: '127.0.0.1', port: setting.a.port, connectionLimit: 2 }]);
  const answers = Array.from({ length: 5 }, () => ask(it.place, { path: '/hold' }));
  await until('two to be held', () => setting.a.held === 2);
  await new Promise(done => setTimeout(done, 300));
  assert.equal(setting.a.held, 2);
  const done = Promise.all(answers);
  await until(
    'all to be answered',
    async () => {
      assert.ok(setting.a.held <= 2);
      setting.a.release();
      return Promise.race([done, undefined]);
    },
    { every: 20 },
  );
  assert.deepEqual(
    (await done).map(answer => answer.status),
    [200, 200, 200, 200, 200],
  );
  await it.remove();
});

test('a server added and removed while traffic goes on', async () => {
  const it = await service({}, setting.servers().slice(0, 2));
  assert.deepEqual(await shares(it.place, 20), { a: 10, b: 10 });
  const added = await setting.appliance.call('createRealServer', {
    at: { id: it.service.id },
    body: { address: '127.0.0.1', port: setting.c.port },
  });
  assert.equal(added.outcome.state, 'applied');
  await until('the new server to take its share', async () => (await shares(it.place, 9)).c === 3);
  await setting.appliance.call('deleteRealServer', { at: { id: it.ids.a } });
  const counts = await shares(it.place, 20);
  assert.deepEqual(counts, { b: 10, c: 10 });
  await it.remove();
});

test('IPv6: the service on ::1, its server on ::1', async () => {
  const { WebServer } = await import('../support/web-server.ts');
  const server = await new WebServer('six', { address: '::1' }).start();
  const port = await freePort();
  const it = await setting.appliance.addService({
    address: '::1',
    port,
    realServers: [{ address: '0:0:0:0:0:0:0:1', port: server.port }],
  });
  try {
    const answer = await ask({ address: '::1', port });
    assert.equal(answer.body, 'six');
    assert.equal(server.seen.findLast(s => s.method === 'GET')?.headers['x-forwarded-for'], '::1');
  } finally {
    await server.stop();
    await setting.appliance.deleteService(it.service.id);
  }
});

test('delete frees the port; disable too, and enabling takes it again', async () => {
  const it = await service();
  await setting.appliance.call('enableVirtualService', { at: { id: it.service.id }, body: { enabled: false } });
  await assert.rejects(ask(it.place), /ECONNREFUSED/);
  await setting.appliance.call('enableVirtualService', { at: { id: it.service.id }, body: { enabled: true } });
  assert.equal((await ask(it.place)).status, 200);
  await it.remove();
  await assert.rejects(ask(it.place), /ECONNREFUSED/);
  const again = await setting.appliance.addService({ address, port: it.place.port, realServers: setting.servers() });
  assert.deepEqual(await shares(it.place, 30), { a: 10, b: 10, c: 10 });
  await setting.appliance.deleteService(again.service.id);
});

test('a port somebody else listens on is refused with a reason, and nothing changes', async () => {
  const revision = (await setting.appliance.call('getHealth')).head;
  await assert.rejects(
    setting.appliance.addService({ address, port: setting.a.port, realServers: [{ address, port: setting.b.port }] }),
    (error: unknown) => error instanceof Refused && error.status >= 400 && error.fault.message.length > 20,
  );
  const services = await setting.appliance.call('listVirtualServices');
  assert.equal(services.length, 0);
  const status = await setting.appliance.call('getStatus');
  assert.equal(status.apply.head, status.apply.applied);
  assert.ok(
    status.apply.head === revision || status.apply.head === revision + 2,
    'refused before, or taken back after',
  );
  const it = await service();
  assert.deepEqual(await shares(it.place, 30), { a: 10, b: 10, c: 10 });
  await it.remove();
});

test('duplicate: the copy has everything but the address and port, and carries traffic', async () => {
  const it = await service({ name: 'one', scheduling: 'weighted-round-robin', persistence: 'active-cookie' });
  const port = await freePort();
  const copy = await setting.appliance.call('duplicateVirtualService', {
    at: { id: it.service.id },
    body: { address, port, name: 'two' },
  });
  assert.deepEqual({ ...copy.object, id: 0, port: 0, name: '' }, { ...it.service, id: 0, port: 0, name: '' });
  assert.deepEqual(Object.keys(await shares({ port }, 6)).sort(), ['a', 'b', 'c']);
  await setting.appliance.deleteService(copy.object?.id ?? 0);
  await it.remove();
});

test('two services on one address and port: the second is refused and names the first', async () => {
  const it = await service({ name: 'first' });
  await assert.rejects(
    setting.appliance.addService({ address, port: it.place.port }),
    (error: unknown) => error instanceof Refused && error.fault.code === 'ADDRESS_TAKEN' && /first/.test(error.message),
  );
  await it.remove();
});

test('returning to a revision changes traffic back', async () => {
  const it = await service({}, setting.servers().slice(0, 1));
  const { head } = await setting.appliance.call('getHealth');
  await setting.appliance.call('patchRealServer', { at: { id: it.ids.a }, body: { port: setting.b.port } });
  assert.deepEqual(await shares(it.place, 5), { b: 5 });
  await setting.appliance.call('restoreRevision', { at: { id: head } });
  assert.deepEqual(await shares(it.place, 5), { a: 5 });
  await it.remove();
  await setting.appliance.call('restoreRevision', { at: { id: head } });
  assert.deepEqual(await shares(it.place, 5), { a: 5 });
  await setting.appliance.deleteService(it.service.id);
});
