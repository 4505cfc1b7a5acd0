import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import test, { after, before } from 'node:test';
import { Agents } from '../support/agents.ts';
import { applied } from '../support/appliance.ts';
import { ask, shares } from '../support/http-client.ts';
import { freePort } from '../support/ports.ts';
import { Setting } from '../support/setting.ts';
import { until } from '../support/wait.ts';
import { WebServer } from '../support/web-server.ts';

/** Each scheduling method with real traffic, told apart from every other. Round robin and the least connection methods: service.test.ts. */

const setting = Setting.forThisFile();
/** Servers a, b and c at addresses of their own, so that each can have an agent. */
const places = ['127.0.0.31', '127.0.0.32', '127.0.0.33'];
const servers: WebServer[] = [];
const agents = new Agents();

before(async () => {
  await agents.start(places);
  for (const [at, address] of places.entries())
    servers.push(await new WebServer('abc'[at] as string, { address }).start());
});
after(async () => {
  await agents.stop();
  await Promise.all(servers.map(server => server.stop()));
});

const real = (...each: object[]) => servers.map(({ address, port }, at) => ({ address, port, ...each[at] }));

async function service(properties: object, realServers = real()) {
  const port = await freePort();
  const made = await setting.appliance.addService({ address: '127.0.0.1', port, ...properties, realServers });
  const id = (name: string) => {
    const { address } = servers['abc'.indexOf(name)] as WebServer;
    return made.servers.find(s => s.address === address)?.id ?? 0;
  };
  return { ...made, place: { port }, id, remove: () => setting.appliance.deleteService(made.service.id) };
}

const patch = (id: number, body: object) => setting.appliance.call('patchRealServer', { at: { id }, body });
const stateOf = async (id: number) =>
  (await setting.appliance.call('getStatus')).servers.find(server => server.id === id)?.state;
const settings = (body: object) => setting.appliance.call('patchSettings', { body });

test('fixed weighting: the heaviest usable server gets everything, the next one only when it fails', async () => {
  const it = await service(
    { scheduling: 'fixed-weighting', checkType: 'tcp', checkInterval: 1, checkTimeout: 1, checkRetries: 1 },
    real({ weight: 10 }, { weight: 30 }, { weight: 20 }),
  );
  assert.deepEqual(await shares(it.place, 12), { b: 12 });
  await servers[1]?.stop();
  await until('b to be down', async () => (await stateOf(it.id('b'))) === 'down');
  assert.deepEqual(await shares(it.place, 12), { c: 12 });
  await patch(it.id('c'), { state: 'disabled' });
  assert.deepEqual(await shares(it.place, 12), { a: 12 });
  await servers[1]?.start();
  await until('b to be back', async () => (await stateOf(it.id('b'))) === 'up');
  assert.deepEqual(await shares(it.place, 12), { b: 12 });
  await patch(it.id('a'), { weight: 31 });
  assert.deepEqual(await shares(it.place, 12), { a: 12 });
  await it.remove();
});

test('fixed weighting with equal weights takes the order of the list, and a full server is left out', async () => {
  const it = await service({ scheduling: 'fixed-weighting' }, real({ connectionLimit: 1 }));
  // One connection is the most for a: the engine may still be ending the last one when the next request comes.
  await until('all to go to the first of the list', async () => (await shares(it.place, 6)).a === 6);
  const held = ask(it.place, { path: '/hold' });
  await until('a to be busy', () => servers[0]?.held === 1);
  assert.deepEqual(await shares(it.place, 6), { b: 6 });
  servers[0]?.release();
  await held;
  await it.remove();
});

test('URL hash: the URL alone says who gets a request, whoever asks', async () => {
  const it = await service({ scheduling: 'url-hash' });
  const met = new Set<string>();
  for (let at = 1; at <= 24; at++) {
    const path = `/page?number=${at}`;
    const first = await shares(it.place, 2, { path });
    const other = await shares(it.place, 2, { path, from: '127.0.5.9' });
    assert.equal(Object.keys(first).length, 1, path);
    assert.deepEqual(first, other);
    met.add(Object.keys(first)[0] ?? '');
  }
  assert.deepEqual([...met].sort(), ['a', 'b', 'c']);
  await it.remove();
});

test('adaptive: load, 101, 102, nonsense and the least value, through a reload', async () => {
  const say = (a: string, b: string, c: string) =>
    Object.assign(agents.says, { '127.0.0.31': a, '127.0.0.32': b, '127.0.0.33': c });
  const wanted = (what: string, place: { port: number }, right: (counts: Record<string, number>) => boolean) =>
    until(what, async () => right(await shares(place, 30)), { limit: 15_000 });
  const about = (count: number | undefined, value: number) => Math.abs((count ?? 0) - value) <= 1;
  say('50', '50', '90');
  const it = await service({
    scheduling: 'adaptive',
    adaptiveUrl: '/load',
    adaptivePort: agents.port,
    adaptiveInterval: 1,
    adaptiveMinPercent: 20,
  });
  // 51 : 51 : 11
  await wanted(
    'the loaded server to get less',
    it.place,
    ({ a, b, c }) => about(a, 13.5) && about(b, 13.5) && about(c, 3),
  );
  await setting.appliance.changeService(it.service.id, { idleTimeout: 432 });
  await wanted('the same after a reload', it.place, ({ a, b, c }) => about(a, 13.5) && about(b, 13.5) && about(c, 3));
  say('19', '1', '0');
  await wanted('small loads to count for nothing', it.place, ({ a, b, c }) => a === 10 && b === 10 && c === 10);
  say('80', '80', '101');
  await wanted('101 to take a server out', it.place, ({ a, b, c }) => a === 15 && b === 15 && !c);
  await until('it to be shown as down', async () => (await stateOf(it.id('c'))) === 'down');
  say('80', '102', '80');
  await wanted(
    '102 to take a server out and 80 to bring one back',
    it.place,
    ({ a, b, c }) => a === 15 && !b && c === 15,
  );
  await until('it to be shown as disabled', async () => (await stateOf(it.id('b'))) === 'disabled');
  say('busy', '103', '');
  await wanted('no usable number to leave the weights', it.place, ({ a, b, c }) => a === 10 && b === 10 && c === 10);
  await patch(it.id('a'), { weight: 4000 });
  await wanted('the weights to be what is left', it.place, ({ a, b, c }) => about(a, 20) && about(b, 5) && about(c, 5));
  await it.remove();
});

test('adaptive: a service without a URL of its own asks where the settings say', async () => {
  Object.assign(agents.says, { '127.0.0.31': '100', '127.0.0.32': '0', '127.0.0.33': '100' });
  await settings({ adaptiveUrl: '/any', adaptivePort: agents.port, adaptiveInterval: 1 });
  const it = await service({ scheduling: 'adaptive' });
  await until('b to get nearly all', async () => ((await shares(it.place, 30)).b ?? 0) >= 28, { limit: 15_000 });
  await it.remove();
});

test('adaptive: the servers of a content rule share among themselves by their loads, and 101 takes one out', async () => {
  Object.assign(agents.says, { '127.0.0.31': '0', '127.0.0.32': '90', '127.0.0.33': '0' });
  const { id: rule } = applied(
    await setting.appliance.call('createContentRule', {
      body: { name: 'Shop', pattern: '^/shop' },
    }),
  );
  const it = await service(
    {
      scheduling: 'adaptive',
      adaptiveUrl: '/load',
      adaptivePort: agents.port,
      adaptiveInterval: 1,
      contentSwitching: true,
    },
    real({ rules: [rule] }, { rules: [rule] }, { defaultRule: true }),
  );
  const path = '/shop/cart';
  // 101 : 11
  await until('the loaded server to get less', async () => {
    const { a = 0, b = 0, c = 0 } = await shares(it.place, 30, { path });
    return a >= 26 && b >= 2 && c === 0;
  });
  agents.says['127.0.0.31'] = '101';
  await until('the one that is out to get nothing', async () => (await shares(it.place, 10, { path })).b === 10);
  assert.deepEqual(await shares(it.place, 6), { c: 6 });
  await it.remove();
});

test('weighted response time: a server whose check takes long gets less', async () => {
  const slow = createServer((request, response) => {
    if (request.url === '/check') setTimeout(() => response.end(), 90);
    else response.end('slow');
  });
  slow.unref();
  const port = await freePort();
  await new Promise<void>(done => slow.listen(port, '127.0.0.1', done));
  const it = await service(
    {
      scheduling: 'weighted-response-time',
      checkType: 'http',
      checkUrl: '/check',
      checkInterval: 2,
      checkTimeout: 1,
      checkRetries: 1,
    },
    [...real(), { address: '127.0.0.1', port }],
  );
  await until('the slow server to get less', async () => {
    const counts = await shares(it.place, 40);
    return (counts.slow ?? 0) <= 4 && (counts.a ?? 0) > 4;
  });
  assert.ok(((await shares(it.place, 300)).slow ?? 0) > 0, 'it still gets some');
  await it.remove();
  await new Promise(done => {
    slow.close(done);
    slow.closeAllConnections();
  });
});

test('slow start: a server that comes back under least connection takes up its share step by step', async () => {
  await settings({ slowStart: 20 });
  const it = await service({
    scheduling: 'least-connection',
    checkType: 'tcp',
    checkInterval: 1,
    checkTimeout: 1,
    checkRetries: 1,
  });
  await servers[2]?.stop();
  await until('c to be down', async () => (await stateOf(it.id('c'))) === 'down');
  const held = Array.from({ length: 20 }, () => ask(it.place, { path: '/hold' }));
  await until('20 to be held', () => servers.reduce((sum, server) => sum + server.held, 0) === 20);
  await servers[2]?.start();
  await until('c to be back', async () => (await stateOf(it.id('c'))) === 'up');
  const more = Array.from({ length: 8 }, () => ask(it.place, { path: '/hold' }));
  await until('28 to be held', () => servers.reduce((sum, server) => sum + server.held, 0) === 28);
  // Without the ramp all eight would go to the empty server.
  assert.ok((servers[2]?.held ?? 0) <= 5, `c got ${servers[2]?.held} of 8 at once`);
  for (const server of servers) server.release();
  await Promise.all([...held, ...more]);
  await settings({ slowStart: 0 });
  await it.remove();
});
