import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import { Appliance, password } from '../support/appliance.ts';
import { ask } from '../support/http-client.ts';
import { freePort } from '../support/ports.ts';
import { until } from '../support/wait.ts';
import { WebServer } from '../support/web-server.ts';

/** Restarting the management, and resetting everything, on a machine that is no appliance. */

let appliance: Appliance;
let port: number;
const server = new WebServer('a');
const pids = (role: 'api' | 'data plane' | 'haproxy master' | 'haproxy worker') =>
  appliance.processes(role).map(one => one.pid);

before(async () => {
  await server.start();
  appliance = await Appliance.start();
  port = await freePort();
  await appliance.addService({
    ...{ address: '127.0.0.1', port, realServers: [{ address: '127.0.0.1', port: server.port }] },
  });
  await until('the service to answer', async () => (await ask({ port })).status === 200);
});
after(async () => {
  const left = await appliance?.stop();
  await server.stop();
  assert.deepEqual(left, []);
});

test('restart: both processes are others, HAProxy has a fresh worker, and no request is lost', async () => {
  const [worker] = pids('haproxy worker');
  const before = { api: pids('api'), dataPlane: pids('data plane'), engine: pids('haproxy master') };
  const failures: string[] = [];
  let asked = 0;
  const traffic = setInterval(() => {
    asked++;
    ask({ port }).then(
      reply => reply.status === 200 || failures.push(String(reply.status)),
      (error: Error) => failures.push(error.message),
    );
  }, 20);
  try {
    await appliance.call('power', { body: { act: 'restart' } });
    await until('other processes', () =>
      [pids('api'), pids('data plane')].every(
        (now, at) => now.length === 1 && now[0] !== [before.api, before.dataPlane][at]?.[0],
      ),
    );
    await until('it to be well', async () => (await appliance.call('getHealth')).state === 'ok');
  } finally {
    clearInterval(traffic);
  }
  assert.ok(asked > 20, `${asked} requests`);
  assert.deepEqual(failures, []);
  assert.deepEqual(pids('haproxy master'), before.engine);
  assert.ok(worker && !pids('haproxy worker').includes(worker), 'another worker');
  assert.equal((await appliance.call('getSession')).user, 'bal', 'who was logged in still is');
});

test('a machine beside other programs is neither rebooted nor shut down', async () => {
  for (const act of ['reboot', 'shutdown'] as const)
    await assert.rejects(appliance.call('power', { body: { act } }), /beside others/);
});

test('reset: as it was first started, and what it served it serves no more', async () => {
  await appliance.call('createUser', {
    body: { name: 'eve', role: 'administrator', password: 'a horse of another colour' },
  });
  await appliance.call('power', { body: { act: 'reset' } });
  await until('the service to be gone', () =>
    ask({ port }).then(
      () => false,
      (error: NodeJS.ErrnoException) => error.code === 'ECONNREFUSED',
    ),
  );
  await until('it to be well', async () => (await appliance.call('getHealth')).state === 'ok', { limit: 30_000 });
  await assert.rejects(appliance.call('getSession'), 'nobody is logged in any more');
  await assert.rejects(appliance.login('eve', 'a horse of another colour'));
  await appliance.login('bal', password);
  assert.deepEqual(await appliance.call('listVirtualServices'), []);
  assert.deepEqual(
    (await appliance.call('listRevisions')).map(one => one.revision).filter(revision => revision > 1),
    [],
  );
  assert.deepEqual(
    readdirSync(join(appliance.dataDir, 'store')).filter(name => /backup|acme/.test(name)),
    [],
  );
  assert.equal(appliance.processes('data plane').length, 1);
});
