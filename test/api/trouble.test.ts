import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { storeFault } from '../../server/api/store-fault.ts';
import { openReadOnly } from '../../server/store/db.ts';
import { folder, newStore } from '../store/support.ts';
import { bench } from './bench.ts';

test('on a full disk a change is refused whole, in words, and everything can still be read', async t => {
  const { db, call, session, app, revisions, log } = await bench(t);
  const headers = session('bal');
  db.pragma('wal_checkpoint(TRUNCATE)');
  db.pragma(`max_page_count = ${db.pragma('page_count', { simple: true })}`);
  const realServers = Array.from({ length: 200 }, (_, n) => ({ address: `198.51.100.${n + 1}`, port: 80 }));
  const add = () => call('POST', '/api/virtual-services', { address: '192.0.2.1', port: 80, realServers });
  const reply = await add();
  assert.deepEqual([reply.statusCode, reply.json().code], [503, 'STORE_UNWRITABLE']);
  assert.match(reply.json().message, /the disk is full/);
  assert.equal(revisions.head, 0);
  assert.deepEqual(revisions.changes(1), []);
  assert.ok(log.some(text => text.includes('SQLITE_FULL')));
  // Its last use is to be noted again, which the disk may not take.
  db.prepare('UPDATE session SET used = used - 120000').run();
  assert.equal((await app.inject({ url: '/api/virtual-services', headers })).statusCode, 200);
  db.pragma('max_page_count = 1000000');
  assert.equal((await add()).statusCode, 200, 'with room again it works');
});

test('errors of the database are told as what they mean, others are not', t => {
  const garbage = join(folder(t), 'garbage.db');
  writeFileSync(garbage, 'no database at all '.repeat(100));
  const caught = (work: () => unknown): unknown => {
    try {
      work();
    } catch (error) {
      return error;
    }
    return assert.fail('nothing was thrown');
  };
  const notOne = caught(() => openReadOnly(garbage).prepare('SELECT * FROM object').all());
  assert.equal(storeFault(notOne)?.code, 'STORE_DAMAGED');
  const { path, db } = newStore(t);
  const reader = openReadOnly(path);
  t.after(() => reader.close());
  assert.equal(storeFault(caught(() => reader.exec('DELETE FROM user')))?.code, 'STORE_UNWRITABLE');
  assert.equal(storeFault({ code: 'SQLITE_IOERR_FSYNC' })?.code, 'STORE_UNWRITABLE');
  assert.equal(storeFault({ code: 'SQLITE_CORRUPT_INDEX' })?.code, 'STORE_DAMAGED');
  for (const error of [caught(() => db.exec('NO SQL')), new TypeError('x'), undefined, { code: 'ENOSPC' }])
    assert.equal(storeFault(error), undefined);
});

/** A running stream of the bench, and whether it still runs. */
async function streamOf(app: Awaited<ReturnType<typeof bench>>['app'], headers: Record<string, string>) {
  const reply = await app.inject({ url: '/api/events', headers, payloadAsStream: true });
  assert.equal(reply.statusCode, 200);
  const stream = reply.stream();
  const state = { open: true };
  stream
    .on('error', () => {})
    .on('close', () => {
      state.open = false;
    });
  stream.resume();
  return state;
}

const settle = () => new Promise(done => setTimeout(done, 50));

test('a stream ends soon after its right to run: log-out, role, switched off, revoked key, half an hour, twelve', async t => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const { app, db, user, session, key, call } = await bench(t);
  await user('ann', 'operator');
  await user('bob', 'operator');
  await user('eve', 'operator');
  const beat = async () => {
    t.mock.timers.tick(15_000);
    await settle();
  };
  const stays = await streamOf(app, session('bal'));
  const keyed = await streamOf(app, key('bal', 'read-only'));
  const own = session('bal');
  const ends: [string, { open: boolean }, () => unknown][] = [
    ['log-out', await streamOf(app, own), () => app.inject({ method: 'DELETE', url: '/api/session', headers: own })],
    ['role', await streamOf(app, session('ann')), () => call('PATCH', '/api/users/ann', { role: 'read-only' })],
    [
      'off, by key',
      await streamOf(app, key('bob', 'operator')),
      () => call('PATCH', '/api/users/bob', { enabled: false }),
    ],
    ['deleted', await streamOf(app, session('eve')), () => call('DELETE', '/api/users/eve')],
  ];
  await beat();
  for (const [name, stream, change] of ends) {
    assert.equal(stream.open, true, name);
    await change();
    await beat();
    assert.equal(stream.open, false, name);
  }
  assert.deepEqual([stays.open, keyed.open], [true, true]);
  db.prepare("DELETE FROM api_key WHERE user = 'bal' AND role = 'read-only'").run();
  await beat();
  assert.deepEqual([stays.open, keyed.open], [true, false], 'a revoked key');
  db.prepare('UPDATE session SET used = ?').run(Date.now() - 31 * 60_000);
  await beat();
  assert.equal(stays.open, false, 'not used for half an hour');
  const long = await streamOf(app, session('bal'));
  db.prepare('UPDATE session SET created = ?').run(Date.now() - 12 * 3_600_000 - 1000);
  await beat();
  assert.equal(long.open, false, 'twelve hours');
});

test('streams without end push out the oldest, not everybody else', async t => {
  const { app, key } = await bench(t);
  const headers = key('bal', 'read-only');
  const streams = [];
  for (let n = 0; n < 201; n++) streams.push(await streamOf(app, headers));
  await settle();
  assert.deepEqual(
    streams.map(stream => stream.open),
    streams.map((_, n) => n > 0),
  );
});

test('a body of the wrong kind, broken, deep or poisoned is refused before anything looks at it', async t => {
  const { app, key, revisions, log } = await bench(t);
  const ask = async (payload: string, type = 'application/json') => {
    const reply = await app.inject({
      method: 'POST',
      url: '/api/virtual-services',
      headers: { ...key('bal', 'administrator'), 'content-type': type },
      payload,
    });
    return [reply.statusCode, reply.json().code];
  };
  const good = '{"address":"192.0.2.1","port":80}';
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data', 'application/xml', ''])
    assert.deepEqual(await ask(good, type), [415, 'UNSUPPORTED_TYPE'], type);
  for (const text of ['', '{', `${good}x`, '{"__proto__":{"a":1},"address":"192.0.2.1","port":80}'])
    assert.deepEqual(await ask(text), [400, 'NOT_JSON'], text);
  assert.deepEqual(await ask('{"constructor":{"prototype":{"a":1}},"address":"192.0.2.1","port":80}'), [
    400,
    'NOT_JSON',
  ]);
  const deep = 500_000;
  assert.deepEqual(await ask(`{"address":${'['.repeat(deep)}${']'.repeat(deep)},"port":80}`), [400, 'INVALID']);
  for (const text of ['null', '[]', '1', '"x"']) assert.deepEqual(await ask(text), [400, 'INVALID'], text);
  assert.equal(revisions.head, 0);
  assert.deepEqual(log, []);
  assert.equal((await ask(good))[0], 200, 'the same without the faults');
});
