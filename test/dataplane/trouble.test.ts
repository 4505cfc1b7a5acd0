import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { ask, shares } from '../support/http-client.ts';
import { Load } from '../support/load.ts';
import { until } from '../support/wait.ts';
import { config, origin, port, Rig, thief, withService } from './rig.ts';

/** What goes wrong around the data plane: killed processes, lost files, ports that others have. */

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
