import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { Appliance, kill } from '../support/appliance.ts';
import { ask, shares } from '../support/http-client.ts';
import { freePort } from '../support/ports.ts';
import { until } from '../support/wait.ts';
import { startServers } from '../support/web-server.ts';

/** What must outlive ends and losses: traffic, configuration, and whatever Ballast did not make. */

const address = '127.0.0.1';

test('stop and start: the same configuration serves again; stop leaves nothing and touches no other HAProxy', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'foreign-haproxy-'));
  const foreignPort = await freePort();
  writeFileSync(
    join(folder, 'haproxy.cfg'),
    `defaults\n  mode http\n  timeout client 5s\n  timeout server 5s\n  timeout connect 5s\nfrontend f\n  bind 127.0.0.1:${foreignPort}\n  http-request return status 200 content-type text/plain string foreign\n`,
  );
  const foreign = spawn('haproxy', ['-W', '-f', join(folder, 'haproxy.cfg')], { stdio: 'ignore' });
  const servers = await startServers(['a', 'b', 'c']);
  const appliance = await Appliance.start();
  t.after(async () => {
    await appliance.stop();
    await Promise.all(servers.map(server => server.stop()));
    const ended = once(foreign, 'exit');
    foreign.kill('SIGTERM');
    await ended;
    rmSync(folder, { recursive: true });
  });
  const port = await freePort();
  await appliance.addService({ address, port, realServers: servers.map(s => ({ address, port: s.port })) });
  assert.deepEqual(await shares({ port }, 30), { a: 10, b: 10, c: 10 });

  assert.deepEqual(await appliance.stop({ keepData: true }), []);
  await assert.rejects(ask({ port }), /ECONNREFUSED/);
  assert.equal((await ask({ port: foreignPort })).body, 'foreign');

  await appliance.launch();
  assert.deepEqual(await shares({ port }, 30), { a: 10, b: 10, c: 10 });
  assert.equal((await appliance.call('listVirtualServices')).length, 1);
  assert.equal((await ask({ port: foreignPort })).body, 'foreign');
  assert.equal(foreign.exitCode, null);
});

test('the database is gone: a restarted data plane serves on, and nothing takes the place of the lost one unasked', async t => {
  const servers = await startServers(['a', 'b', 'c']);
  const appliance = await Appliance.start();
  t.after(async () => {
    await appliance.stop();
    await Promise.all(servers.map(server => server.stop()));
  });
  const port = await freePort();
  await appliance.addService({ address, port, realServers: servers.map(s => ({ address, port: s.port })) });

  const store = join(appliance.dataDir, 'store');
  const away = join(appliance.dataDir, 'store-away');
  renameSync(store, away);
  for (const { pid } of [...appliance.processes('haproxy master'), ...appliance.processes('data plane')]) kill(pid);
  await until('traffic from the last good set', async () => (await ask({ port })).status === 200, { limit: 15_000 });
  assert.deepEqual(await shares({ port }, 30), { a: 10, b: 10, c: 10 });

  // The API, restarted or not, must not have made an empty configuration that switches the service off.
  for (const { pid } of appliance.processes('api')) kill(pid);
  await new Promise(done => setTimeout(done, 4_000));
  assert.deepEqual(await shares({ port }, 30), { a: 10, b: 10, c: 10 });
  if (existsSync(store)) rmSync(store, { recursive: true });
  renameSync(away, store);
  assert.ok(readdirSync(store).includes('config.db'));
  for (const { pid } of appliance.processes('api')) kill(pid);
  await until('the API with its database', async () => (await appliance.call('getHealth')).state === 'ok', {
    limit: 20_000,
  });
  await appliance.login();
  assert.equal((await appliance.call('listVirtualServices')).length, 1);
  assert.deepEqual(await shares({ port }, 30), { a: 10, b: 10, c: 10 });
});
