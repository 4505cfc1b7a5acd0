import assert from 'node:assert/strict';
import { readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '../../server/schema/config.ts';
import { fill } from '../../server/schema/derive.ts';
import { ask, shares } from '../support/http-client.ts';
import { Load } from '../support/load.ts';
import { until } from '../support/wait.ts';
import { WebServer } from '../support/web-server.ts';
import { config, port, Rig } from './rig.ts';

/** The data plane with the real HAProxy, through its own door. */

async function origin(t: TestContext, name: string, at = port()): Promise<number> {
  const server = new WebServer(name);
  server.port = at;
  await server.start();
  t.after(() => server.stop());
  return at;
}

async function thief(t: TestContext, at: number): Promise<void> {
  const server = createServer(socket => socket.destroy());
  await new Promise<void>(done => server.listen(at, '127.0.0.1', done));
  t.after(() => server.close());
}

const tcpCheck = { checkType: 'tcp', checkInterval: 1, checkTimeout: 1, checkRetries: 1 };

/** A rig with one service, its port, and the ports of two servers. */
async function withService(t: TestContext, service: object = {}) {
  const rig = await Rig.start(t);
  const [a, b, at] = [await origin(t, 'a'), await origin(t, 'b'), port()];
  const base = config(at, [a, b], service);
  const outcome = await rig.set(base);
  return { rig, a, b, at, base, outcome };
}

test('a new service serves as soon as it is answered as applied', async t => {
  const { rig, at, outcome } = await withService(t);
  assert.equal(outcome.state === 'applied' && outcome.effect, 'reload');
  assert.deepEqual(await shares({ port: at }, 4), { a: 2, b: 2 });
  const { apply, engine, services } = await until('the status to be up', async () => {
    const status = await rig.status();
    return status.services[0]?.state === 'unchecked' && status;
  });
  assert.deepEqual([apply.state, apply.head, apply.applied], ['live', 1, 1]);
  assert.equal(engine.running, true);
  assert.ok(engine.version !== '' && engine.startedAt > Date.now() - 60_000, JSON.stringify(engine));
  assert.equal(services[0]?.serversUp, 2);
});

test('what can be done at runtime leaves the worker alone and is on disk soon after', async t => {
  const { rig, a, b, at } = await withService(t);
  const { worker } = await rig.engine();
  for (const [state, wanted] of [
    ['disabled', { b: 4 }],
    ['enabled', { a: 2, b: 2 }],
    ['drain', { b: 4 }],
  ] as const) {
    const outcome = await rig.set(config(at, [a, b], {}, [{ state }]));
    assert.equal(outcome.state === 'applied' && outcome.effect, 'runtime');
    assert.deepEqual(await shares({ port: at }, 4), wanted);
  }
  assert.equal((await rig.engine()).worker, worker);
  await until('the files to follow', () =>
    /server rs1 \S+ weight 0/.test(readFileSync(join(rig.paths.live, 'haproxy.cfg'), 'utf8')),
  );
});

/** What a state file carried over a reload must not undo: each case is a revision at runtime, then one with a reload. */
test('a reload brings exactly what is configured, and keeps what is down', async t => {
  const { rig, a, b, at } = await withService(t);
  const reload = async (wanted: Config) => {
    const outcome = await rig.set(wanted);
    assert.equal(outcome.state === 'applied' && outcome.effect, 'reload', JSON.stringify(outcome));
  };
  await rig.set(config(at, [a, b], {}, [{ state: 'drain' }]));
  await reload(config(at, [a, b], { idleTimeout: 101 }));
  assert.deepEqual(await shares({ port: at }, 4), { a: 2, b: 2 }, 'a drained server takes new clients again');

  await reload(config(at, [b, a], { idleTimeout: 102 }, [{ state: 'disabled' }]));
  assert.deepEqual(await shares({ port: at }, 4), { a: 4 }, 'ports that change with a reload');

  const dead = port();
  await reload(config(at, [a, dead], { ...tcpCheck, idleTimeout: 103 }));
  await until('the dead server to be down', async () => (await rig.status()).servers[1]?.state === 'down');
  await reload(config(at, [a, dead], { ...tcpCheck, idleTimeout: 104 }));
  assert.match(await rig.worker('show stat'), /^vs1,rs2,.*,DOWN/m, 'down before, down after');
  assert.deepEqual(await shares({ port: at }, 4), { a: 4 });

  await reload(config(at, [a, dead], { idleTimeout: 105 }));
  await origin(t, 'back', dead);
  assert.deepEqual(await shares({ port: at }, 4), { a: 2, back: 2 }, 'without a check nothing can stay down');
});

test('totals go on over reloads', async t => {
  const { rig, a, b, at } = await withService(t);
  const total = async () => (await rig.status()).services[0]?.totalRequests ?? 0;
  await shares({ port: at }, 5);
  await until('five requests to be counted', async () => (await total()) === 5);
  await rig.set(config(at, [a, b], { idleTimeout: 101 }));
  await shares({ port: at }, 2);
  await until('seven requests to be counted', async () => (await total()) === 7);
});

test('what the engine refuses changes nothing', async t => {
  const { rig, base, at } = await withService(t);
  await rig.set(base);
  const live = realpathSync(rig.paths.live);
  const { worker } = await rig.engine();
  const broken: Config = {
    ...base,
    certificates: [
      fill('certificate', {
        id: 1,
        name: 'broken',
        chain: '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n',
        key: '-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----\n',
      }),
    ],
    virtualServices: base.virtualServices.map(vs => ({ ...vs, tls: true, certificates: [1] })),
  };
  const checked = await rig.check(broken);
  assert.equal(checked.accepted === false && checked.fault.code, 'ENGINE_REFUSED');
  const outcome = await rig.set(broken);
  assert.equal(outcome.state === 'kept' && outcome.fault.code, 'ENGINE_REFUSED');
  assert.deepEqual(await shares({ port: at }, 4), { a: 2, b: 2 });
  assert.deepEqual([realpathSync(rig.paths.live), (await rig.engine()).worker], [live, worker]);
  const { apply } = await rig.status();
  assert.deepEqual([apply.state, apply.applied, apply.fault?.code], ['refused', outcome.revision, 'ENGINE_REFUSED']);
});

test('a port of another program is refused before anything is stored, and checks leave little behind', async t => {
  const { rig, a, at, base } = await withService(t);
  const taken = port();
  await thief(t, taken);
  const checked = await rig.check(config(taken, [a]));
  assert.ok(!checked.accepted);
  assert.equal(checked.fault.code, 'ADDRESS_TAKEN');
  assert.match(checked.fault.message, new RegExp(`already used by .*\\(process ${process.pid}\\)`));
  assert.deepEqual(await rig.check(base), { accepted: true }, 'our own port is not taken');
  for (let n = 0; n < 9; n++) assert.deepEqual(await rig.check(config(port(), [a])), { accepted: true });
  await until('old stages to go', () => readdirSync(rig.paths.stages).length <= 7);
  assert.deepEqual(await shares({ port: at }, 2), { a: 1, b: 1 });
});

test('a preview says what would happen and does nothing', async t => {
  const { rig, a, b, at } = await withService(t);
  const reply = await rig.check(config(at + 1, [a, b], { idleTimeout: 77 }), true);
  assert.ok(reply.accepted && reply.preview);
  assert.equal(reply.preview.effect, 'reload');
  assert.match(reply.preview.diff, new RegExp(`^-.*bind 127.0.0.1:${at}[\\s\\S]*^\\+.*bind 127.0.0.1:${at + 1}`, 'm'));
  assert.ok(
    reply.preview.words.some(word => word.includes(`127.0.0.1:${at}`)),
    reply.preview.words.join('\n'),
  );
  assert.deepEqual(await shares({ port: at }, 2), { a: 1, b: 1 });
});

test('kill -9 of HAProxy: back within a second, nothing left over', async t => {
  const { rig, a, at } = await withService(t);
  await rig.set(config(at, [a], { idleTimeout: 55 }));
  for (const role of ['worker', 'master', 'worker'] as const) {
    const before = await rig.engine();
    const killed = performance.now();
    process.kill(before[role], 'SIGKILL');
    await until('an answer of a new engine', async () => (await rig.engine()).master !== before.master, { every: 5 });
    assert.equal((await ask({ port: at })).body, 'a');
    const gap = performance.now() - killed;
    t.diagnostic(`${role} killed: served again after ${Math.round(gap)} ms`);
    assert.ok(gap < 1_000, `${role}: ${gap} ms`);
    const { master, worker } = await rig.engine();
    assert.deepEqual(rig.running('haproxy').sort(), [master, worker].sort());
    await until('the status to follow', async () => (await rig.status()).engine.running);
  }
});

test('a new data plane takes over the engine and no client notices', async t => {
  const { rig, at } = await withService(t);
  const { master, worker } = await rig.engine();
  const client = { place: { port: at }, connections: 2, body: '^[ab]$', pause: 2 };
  const load = await Load.start([
    { ...client, name: 'keep-alive', kind: 'keep-alive' },
    { ...client, name: 'close', kind: 'close' },
  ]);
  for (let n = 0; n < 2; n++) {
    await rig.stop('SIGKILL');
    await rig.start();
  }
  for (const report of await load.stop()) {
    assert.ok(report.requests > 20);
    assert.deepEqual(report.failures, [], report.name);
  }
  const after = await rig.engine();
  assert.deepEqual([after.master, after.worker], [master, worker]);
  assert.ok((await rig.status()).engine.startedAt > 0);
});

test('a data plane that died between a command and its record is put right by the next', async t => {
  const { rig, a, b, at, base } = await withService(t);
  await rig.set(config(at, [a, b], {}, [{ state: 'disabled' }]));
  await rig.stop('SIGKILL');
  rig.store(base);
  await rig.start();
  assert.deepEqual(await shares({ port: at }, 4), { a: 2, b: 2 });
});

test('a data plane killed at any moment of its start leaves one engine to the next', async t => {
  const rig = new Rig(t);
  const [a, at] = [await origin(t, 'a'), port()];
  rig.store(config(at, [a]));
  for (let wait = 150; wait < 900; wait += 150) {
    const starting = rig.start().catch(() => {});
    await sleep(wait);
    await rig.stop('SIGKILL');
    await starting;
  }
  await rig.start();
  assert.equal((await ask({ port: at })).body, 'a');
  const { master, worker } = await rig.engine();
  await until('no other engine to be left', () => rig.running('haproxy').length === 2);
  assert.deepEqual(rig.running('haproxy').sort(), [master, worker].sort());
});

test('without a readable database the last good set serves; without its record too', async t => {
  const { rig, at } = await withService(t);
  await rig.stop();
  assert.deepEqual(rig.running('haproxy'), []);
  for (const suffix of ['', '-wal', '-shm']) rmSync(rig.paths.database + suffix, { force: true });
  await rig.start();
  assert.deepEqual(await shares({ port: at }, 2), { a: 1, b: 1 });
  assert.equal((await rig.status()).apply.applied, 1);
  await rig.stop();
  writeFileSync(rig.paths.database, 'not a database at all');
  writeFileSync(rig.paths.applied, '{"revision":');
  await rig.start();
  assert.deepEqual(await shares({ port: at }, 2), { a: 1, b: 1 });
  const texts = (await rig.occurrences()).map(occurrence => occurrence.text).join('\n');
  assert.match(texts, /database cannot be read/);
  assert.match(texts, /not readable: its files serve as they are/);
});

test('files that the disk lost are made again', async t => {
  const { rig, at } = await withService(t);
  await rig.stop();
  writeFileSync(join(rig.paths.live, 'haproxy.cfg'), '');
  rmSync(rig.paths.database);
  await rig.start();
  assert.deepEqual(await shares({ port: at }, 2), { a: 1, b: 1 });
});

test('an engine that cannot start is told of once, and another configuration is the way out', async t => {
  const { rig, a, at } = await withService(t);
  await rig.stop();
  await thief(t, at);
  await rig.start();
  await until('a few tries', async () => (await rig.occurrences()).length >= 2);
  await sleep(1_000);
  const { engine, services } = await rig.status();
  assert.equal(engine.running, false);
  assert.deepEqual([services[0]?.state, services[0]?.reason], ['down', 'HAProxy does not run']);
  const told = (await rig.occurrences()).filter(occurrence => /cannot bind socket/.test(occurrence.text));
  assert.ok(told.length >= 1 && told.length <= 3, `${told.length} times`);
  const other = port();
  const outcome = await rig.set(config(other, [a]));
  assert.equal(outcome.state, 'applied', JSON.stringify(outcome));
  assert.equal((await ask({ port: other })).body, 'a');
  await until('the status to follow', async () => (await rig.status()).engine.running);
});

test('one data plane for a data folder; SIGTERM ends all, also at the start', async t => {
  const { rig } = await withService(t);
  const second = await rig.runToEnd();
  assert.equal(second.code, 1);
  assert.match(second.log, /Another data plane already runs on/);
  assert.equal(await rig.stop(), 0);
  assert.deepEqual(rig.running('haproxy'), []);
  const starting = rig.start().catch(() => {});
  await until('the engine to appear', () => rig.running('haproxy').length > 0, { every: 5 });
  await rig.stop();
  await starting;
  assert.deepEqual(rig.running('haproxy'), []);
});
