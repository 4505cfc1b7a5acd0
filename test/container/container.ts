import assert from 'node:assert/strict';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { ApiClient, CallRefused, inEffect } from '../../scripts/api-client.ts';
import { insideOwnNetwork, Network, runInside } from '../../scripts/namespaces.ts';
import type { NewVirtualService } from '../../server/schema/endpoints.ts';
import { until } from '../support/wait.ts';
import { buildImage, IMAGE, podman } from './engine.ts';

/**
 * The container: built from the Dockerfile, run with NET_ADMIN and without, its volume kept over its end. The network
 * is that of namespaces: a client, a server, and between them the one the container shares with this test.
 */

const PORT = 7_000;
const NAME = `ballast-test-${process.pid}`;
const password = 'correct horse battery';

async function start(t: TestContext, ...options: string[]): Promise<ApiClient> {
  await podman(
    ...[
      'run',
      '--detach',
      '--name',
      NAME,
      '--network',
      'host',
      '--ulimit',
      'nofile=8192:8192',
      '--ulimit',
      'nproc=4096:4096',
    ],
    ...['--env', `BALLAST_ADMIN_PASSWORD=${password}`, ...options, IMAGE],
  );
  t.after(() => podman('rm', '--force', '--volumes', '--time', '20', NAME).catch(() => {}));
  return healthy();
}

/** Waits for what `docker ps` shows as healthy, then logs in. */
async function healthy(): Promise<ApiClient> {
  await until('the container to be healthy', () => podman('healthcheck', 'run', NAME).then(() => true), {
    limit: 90_000,
    every: 500,
  }).catch(async error => {
    throw new Error(`${error.message}\n${await podman('logs', NAME)}`);
  });
  const api = new ApiClient(443);
  await api.login('bal', password);
  return api;
}

if (!insideOwnNetwork) {
  test('the container, built from the Dockerfile', { timeout: 1_800_000 }, async t => {
    await buildImage();
    t.after(() => podman('volume', 'rm', '--force', NAME).catch(() => {}));
    await runInside(t, import.meta.filename);
  });
} else {
  const network = new Network(['outer', 'inner']);
  network.plug('eth0', 'outer', '10.1.0.1/24');
  network.plug('eth1', 'inner', '10.2.0.1/24');
  network.host('client', 'outer', ['10.1.0.50/24'], ['10.1.0.1']);
  network.host('server', 'inner', ['10.2.0.11/24'], ['10.2.0.1']);
  const support = join(import.meta.dirname, '../support');
  await network.node('server', join(support, 'named-server.ts'), 'server', String(PORT)).next();
  const client = network.node('client', join(support, 'named-client.ts'));
  test.after(() => network.close());

  const add = async (api: ApiClient, address: string, port: number, more: Partial<NewVirtualService> = {}) =>
    inEffect(
      await api.call('createVirtualService', {
        body: { address, port, realServers: [{ address: '10.2.0.11', port: PORT + 1 }], ...more },
      }),
    );
  const seen = (address: string, port: number, how = 'http') =>
    until(`${how} ${address}:${port}`, async () => {
      const [answer] = await client.ask<(string | null)[]>({ do: how, address, port });
      return answer?.startsWith('server') ? answer : undefined;
    });

  test('with NET_ADMIN: both layers, and all of it again after its end', async t => {
    let api = await start(t, '--cap-add', 'NET_ADMIN', '--volume', `${NAME}:/data`);
    await add(api, '10.1.0.100', 80);
    const layer4 = () =>
      add(api, '10.1.0.101', PORT, {
        ...{ type: 'tcp', layer: 'l4', checkType: 'none' },
        realServers: [{ address: '10.2.0.11', port: PORT }],
      });
    await assert.rejects(layer4(), /set net\.ipv4\.ip_forward=1, for a container with --sysctl/);
    network.local('sysctl', '-qw', 'net.ipv4.ip_forward=1');
    await layer4();
    await seen('10.1.0.100', 80);
    assert.match(await seen('10.1.0.101', PORT, 'tcp'), /10\.1\.0\.50/, 'the server sees the client');
    assert.equal((await api.call('getStatus')).powerless, undefined);
    api.close();

    await podman('stop', '--time', '20', NAME);
    assert.match(await podman('logs', NAME), /Stopped\./, 'it ended by itself, in order');
    assert.deepEqual(await client.ask({ do: 'http', address: '10.1.0.100', port: 80 }), [null], 'nobody is left');
    await podman('start', NAME);
    api = await healthy();
    await seen('10.1.0.100', 80);
    await seen('10.1.0.101', PORT, 'tcp');
    api.close();
  });

  test('another container takes the volume over', async t => {
    const api = await start(t, '--cap-add', 'NET_ADMIN', '--volume', `${NAME}:/data`);
    assert.equal((await api.call('listVirtualServices')).length, 2);
    await seen('10.1.0.100', 80);
    await seen('10.1.0.101', PORT, 'tcp');
    api.close();
  });

  test('without NET_ADMIN Layer 7 serves at addresses that are there, and all else is refused', async t => {
    const api = await start(t);
    assert.match((await api.call('getStatus')).powerless ?? '', /NET_ADMIN/);
    await add(api, '10.1.0.1', 80);
    await seen('10.1.0.1', 80);
    await assert.rejects(
      add(api, '10.1.0.1', 81, { type: 'tcp', layer: 'l4' }),
      (error: unknown) => error instanceof CallRefused && error.code === 'NEEDS_PRIVILEGE',
    );
    api.close();
  });
}
