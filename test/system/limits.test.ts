import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { connect } from 'node:net';
import test from 'node:test';
import type { NewVirtualService } from '../../server/schema/endpoints.ts';
import type { Settings } from '../../server/schema/settings.ts';
import { applied, Refused } from '../support/appliance.ts';
import { ask } from '../support/http-client.ts';
import { freePort } from '../support/ports.ts';
import { Setting } from '../support/setting.ts';

/** Limits and access lists, with clients of several addresses of 127.0.0.0/8. */

const setting = Setting.forThisFile();
const address = '127.0.0.1';

async function service(properties: Partial<NewVirtualService>) {
  const port = await freePort();
  const made = await setting.appliance.addService({ address, port, ...properties, realServers: setting.servers() });
  return { port, id: made.service.id, remove: () => setting.appliance.deleteService(made.service.id) };
}

const settle = async (body: Partial<Omit<Settings, 'id'>>) =>
  applied(await setting.appliance.call('patchSettings', { body }), false);

/** Status of one request, or `refused` for a connection that was cut. */
const status = (port: number, from = '127.0.0.1') =>
  ask({ port }, { from }).then(
    answer => String(answer.status),
    () => 'refused',
  );

/** The answers of so many requests at once, counted. */
async function burst(port: number, count: number, from?: string) {
  const counts: Record<string, number> = {};
  for (const answer of await Promise.all(Array.from({ length: count }, () => status(port, from))))
    counts[answer] = (counts[answer] ?? 0) + 1;
  return counts;
}

/** A connection that stays open; its end as a promise of `refused`, or `open` when it lived for a while. */
function opened(port: number, from = '127.0.0.1') {
  const socket = connect({ port, host: address, localAddress: from });
  socket.on('error', () => {});
  const state = new Promise<'refused' | 'open'>(done => {
    socket.once('close', () => done('refused'));
    setTimeout(() => done('open'), 500);
  });
  return { state, end: () => socket.destroy() };
}

async function openAtOnce(port: number, count: number, from?: string) {
  const sockets = Array.from({ length: count }, () => opened(port, from));
  const states = await Promise.all(sockets.map(socket => socket.state));
  for (const socket of sockets) socket.end();
  return states.filter(state => state === 'open').length;
}

/** How long something takes. What is measured is held back by the engine itself, not by this machine's speed. */
async function seconds(act: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await act();
  return (performance.now() - started) / 1_000;
}

test('a block list refuses, an allow list refuses everybody else, and the block list comes first', async () => {
  const it = await service({
    blockList: ['127.0.1.0/24 the others', '127.0.2.7'],
    allowList: ['127.0.1.0/24', '127.0.2.0/24', '127.0.0.1 this machine'],
  });
  assert.equal(await status(it.port), '200');
  assert.equal(await status(it.port, '127.0.2.8'), '200');
  assert.equal(await status(it.port, '127.0.1.5'), 'refused', 'on both lists');
  assert.equal(await status(it.port, '127.0.2.7'), 'refused');
  assert.equal(await status(it.port, '127.0.3.1'), 'refused', 'on neither');
  await it.remove();
});

test('the lists of the appliance hold for every service', async () => {
  const it = await service({ type: 'tcp', allowList: ['127.0.0.0/8'] });
  await settle({ blockList: ['127.0.4.0/24'] });
  assert.equal(await status(it.port, '127.0.4.1'), 'refused');
  assert.equal(await status(it.port), '200');
  await settle({ blockList: [], allowList: ['127.0.0.1'] });
  assert.equal(await status(it.port, '127.0.4.1'), 'refused');
  assert.equal(await status(it.port), '200');
  await settle({ allowList: [] });
  assert.equal(await status(it.port, '127.0.4.1'), '200');
  await it.remove();
});

test('connections per second: those beyond are refused', async () => {
  const it = await service({ connectionRateLimit: 10 });
  const counts = await burst(it.port, 40);
  assert.ok((counts['200'] ?? 0) >= 10 && (counts['200'] ?? 0) <= 20, JSON.stringify(counts));
  assert.ok((counts.refused ?? 0) >= 20, JSON.stringify(counts));
  await it.remove();
});

test('requests per second: those beyond are answered 429', async () => {
  const it = await service({ requestRateLimit: 10 });
  const counts = await burst(it.port, 40);
  assert.ok((counts['200'] ?? 0) >= 10 && (counts['200'] ?? 0) <= 20, JSON.stringify(counts));
  assert.ok((counts['429'] ?? 0) >= 20, JSON.stringify(counts));
  await it.remove();
});

test('concurrent connections: no more than the limit stay open', async () => {
  const it = await service({ concurrentLimit: 5 });
  assert.equal(await openAtOnce(it.port, 12), 5);
  await it.remove();
});

test('limits of each client, over all services together', async () => {
  const it = await service({});
  const other = await service({ type: 'tcp' });
  await settle({ clientConnections: 4 });
  const held = Array.from({ length: 3 }, () => opened(it.port));
  await Promise.all(held.map(socket => socket.state));
  assert.equal(await openAtOnce(other.port, 5), 1, 'three are open at the other service');
  assert.equal(await openAtOnce(other.port, 5, '127.0.5.1'), 4, 'another client has its own');
  for (const socket of held) socket.end();
  await settle({ clientConnections: 0, clientConnectionRate: 5 });
  assert.ok(((await burst(it.port, 20, '127.0.5.2'))['200'] ?? 0) <= 10);
  await settle({ clientConnectionRate: 0, clientRequestRate: 5 });
  assert.ok(((await burst(it.port, 20, '127.0.5.3'))['429'] ?? 0) >= 10);
  await settle({ clientRequestRate: 0 });
  assert.deepEqual(await burst(it.port, 20, '127.0.5.4'), { 200: 20 });
  await it.remove();
  await other.remove();
});

test('a client’s own limits go before everybody’s, and the narrowest network counts', async () => {
  const it = await service({ type: 'tcp' });
  await settle({ clientConnections: 2, clientLimits: ['127.0.6.0/24 0 0 6', '127.0.6.9 0 0 3'] });
  assert.equal(await openAtOnce(it.port, 10, '127.0.7.1'), 2);
  assert.equal(await openAtOnce(it.port, 10, '127.0.6.1'), 6);
  assert.equal(await openAtOnce(it.port, 10, '127.0.6.9'), 3);
  await settle({ clientConnections: 0, clientLimits: [] });
  await it.remove();
});

const engine = Number(/version (\d+\.\d+)/.exec(execFileSync('haproxy', ['-v'], { encoding: 'utf8' }))?.[1]);

test('limits by rule: the first that fits holds a client back, over all services, and no other request', async () => {
  const it = await service({});
  const other = await service({});
  await settle({
    limitRules: ['search 5 url ^/search\\?', 'bots 5 agent (?i)bot', 'names 5 host !^(?:localhost|127\\.)'],
  });
  const refused = async (from: string, ask20: { path?: string; headers?: Record<string, string> }[]) => {
    const answers = await Promise.all(
      [...ask20, ...ask20].map((request, at) => ask(at % 2 ? it : other, { from, ...request })),
    );
    return answers.filter(answer => answer.status === 429).length;
  };
  const ten = (request: object) => Array.from({ length: 10 }, () => request);
  assert.ok((await refused('127.0.9.1', ten({ path: '/search?q=a' }))) >= 10);
  assert.equal(await refused('127.0.9.2', ten({ path: '/searches' })), 0);
  assert.ok((await refused('127.0.9.3', ten({ headers: { 'user-agent': 'GreatBOT/1' } }))) >= 10);
  assert.equal(await refused('127.0.9.4', ten({ headers: { 'user-agent': 'Browser/1' } })), 0);
  assert.ok((await refused('127.0.9.5', ten({ headers: { host: 'any.test' } }))) >= 10);
  // A rule that did not fit counts nothing: five of each pass.
  const mixed = ['/search?q=b', '/'].flatMap(path =>
    Array.from({ length: 2 }, () => ({ path, headers: { 'user-agent': path === '/' ? 'bot' : 'Browser/1' } })),
  );
  assert.equal(await refused('127.0.9.6', mixed), 0);
  await assert.rejects(
    settle({ limitRules: ['bad 5 url (('] }),
    (error: unknown) => error instanceof Refused && error.fault.at === '/limitRules',
  );
  await settle({ limitRules: [] });
  await it.remove();
  await other.remove();
});

test('bandwidth is shared by all clients of a service, or the limit is refused where the engine has none', async () => {
  const made = service({ bandwidthLimit: 1_000 });
  if (engine < 2.7) {
    const old = (error: unknown) =>
      error instanceof Refused && error.fault.code === 'ENGINE_TOO_OLD' && error.fault.at === '/bandwidthLimit';
    return await assert.rejects(made, old);
  }
  const it = await made;
  // 1,000 kbit/s: 125,000 bytes a second, whoever they go to.
  const one = await seconds(() => ask(it, { path: '/text/250000' }));
  assert.ok(one > 1.5 && one < 4, `250,000 bytes in ${one} s`);
  const up = await seconds(() => ask(it, { method: 'POST', body: 'x'.repeat(250_000) }));
  assert.ok(up > 1 && up < 4, `250,000 bytes up in ${up} s`);
  const two = await seconds(() =>
    Promise.all(['127.0.8.1', '127.0.8.2'].map(from => ask(it, { path: '/text/250000', from }))),
  );
  assert.ok(two > 3 && two < 8, `twice 250,000 bytes in ${two} s`);
  await it.remove();
});

test('bandwidth of each client over all services, or refused where the engine has none', async () => {
  if (engine < 2.7) {
    const old = (error: unknown) =>
      error instanceof Refused && error.fault.code === 'ENGINE_TOO_OLD' && error.fault.at === '/clientBandwidth';
    return await assert.rejects(settle({ clientBandwidth: 1_000 }), old);
  }
  const it = await service({});
  const other = await service({});
  await settle({ clientBandwidth: 1_000 });
  const both = (from: string) => [it, other].map(place => ask(place, { path: '/text/250000', from }));
  const same = await seconds(() => Promise.all(both('127.0.8.3')));
  assert.ok(same > 3 && same < 8, `one client: twice 250,000 bytes in ${same} s`);
  const two = await seconds(() =>
    Promise.all(['127.0.8.4', '127.0.8.5'].map(from => ask(it, { path: '/text/250000', from }))),
  );
  assert.ok(two > 1.5 && two < 3, `two clients: 250,000 bytes each in ${two} s`);
  await settle({ clientBandwidth: 0 });
  await it.remove();
  await other.remove();
});

test('a line that is no network is refused, with its field', async () => {
  for (const line of ['10.0.0.0/33', '1.2.3', '2001:db8::/129', '300.0.0.1'])
    await assert.rejects(
      service({ blockList: [line] }),
      (error: unknown) =>
        error instanceof Refused &&
        error.fault.at?.startsWith('/blockList') === true &&
        error.fault.message.includes(line),
      line,
    );
});
