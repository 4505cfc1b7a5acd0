import assert from 'node:assert/strict';
import { readdirSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import type { Config } from '../../server/schema/config.ts';
import { fill } from '../../server/schema/derive.ts';
import { shares } from '../support/http-client.ts';
import { until } from '../support/wait.ts';
import { config, origin, port, thief, withService } from './rig.ts';

/** The data plane with the real HAProxy, through its own door. */

const tcpCheck = { checkType: 'tcp', checkInterval: 1, checkTimeout: 1, checkRetries: 1 };

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

test('totals go on over reloads and over a new data plane', async t => {
  const { rig, a, b, at } = await withService(t);
  const total = async () => (await rig.status()).services[0]?.totalRequests ?? 0;
  await shares({ port: at }, 5);
  await until('five requests to be counted', async () => (await total()) === 5);
  await rig.set(config(at, [a, b], { idleTimeout: 101 }));
  await shares({ port: at }, 2);
  await until('seven requests to be counted', async () => (await total()) === 7);
  await rig.stop('SIGKILL');
  await shares({ port: at }, 1);
  await rig.start();
  await until('eight requests to be counted', async () => (await total()) === 8);
  await rig.stop();
  await rig.start();
  await until('nothing to be forgotten', async () => (await total()) === 8);
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
  assert.ok(!checked.accepted);
  assert.equal(checked.fault.code, 'ENGINE_REFUSED');
  assert.match(checked.fault.message, /parsing \[haproxy.cfg:\d+\].*(certificate|PEM)/i, 'in the engine’s own words');
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
