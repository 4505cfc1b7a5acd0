import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { insideOwnNetwork, Network, runInside } from '../../scripts/namespaces.ts';
import type { NetworkInterface } from '../../server/schema/network/interface.ts';
import { Appliance, applied, kill } from '../support/appliance.ts';
import { kernelHas } from '../support/kernel.ts';
import { NetworkdHere } from '../support/networkd.ts';
import { patience, until } from '../support/wait.ts';

/** The network of the appliance itself, with systemd-networkd doing what our files say. */

const SECONDS = 6;
const support = join(import.meta.dirname, '../support');

if (!insideOwnNetwork)
  test('the network of the appliance, by systemd-networkd', { timeout: patience(180_000) }, t =>
    runInside(t, import.meta.filename, ['--mount', '--uts']),
  );
else
  test('the network of the appliance, by systemd-networkd', async t => {
    const networkd = await new NetworkdHere().start();
    t.after(() => networkd.stop());
    const network = new Network(['office', 'other']);
    t.after(() => network.close());
    network.plug('eth0', 'office');
    network.plug('eth1', 'other');
    network.host('admin', 'office', ['10.9.0.50/24', 'fd09::50/64'], ['10.9.0.1']);
    const appliance = await Appliance.start({
      BALLAST_ADDRESS: '::',
      BALLAST_LOOPBACK: '0',
      BALLAST_APPLIANCE: '1',
    });
    t.after(() => appliance.stop());
    const { key } = await appliance.call('createKey', { body: { name: 'test', user: 'bal', role: 'administrator' } });
    const admin = network.node('admin', join(support, 'console-worker.ts'));
    let connections = 0;
    const ask = (host: string, path = '/api/session', method = 'GET') =>
      admin.ask<{ status?: number; failed?: string }>({
        ...{ connection: `new ${++connections}`, host, port: appliance.port, method, path, key },
      });
    const keep = async (host = '10.9.0.1') => {
      const { status, failed } = await ask(host, '/api/network/confirm', 'POST');
      assert.deepEqual([status, failed], [200, undefined]);
    };
    const patch = (id: number, body: Partial<NetworkInterface>) =>
      appliance.call('patchInterface', { at: { id }, body });
    const has = (link: string, text: string) => network.local('ip', 'address', 'show', 'dev', link).includes(text);
    const files = (folder: string) => {
      try {
        return readdirSync(`${folder}/systemd/network`).filter(name => name.includes('ballast'));
      } catch {
        return [];
      }
    };
    let eth0!: NetworkInterface;

    await t.test('a new address is tried out of /run and kept in /etc', async () => {
      await appliance.call('patchSettings', { body: { confirmTime: SECONDS } });
      eth0 = applied(
        await appliance.call('createInterface', {
          body: { name: 'eth0', addresses: ['10.9.0.1/24', 'fd09::1/64'], mtu: 1400 },
        }),
      );
      assert.deepEqual([files('/run'), files('/etc')], [['40-ballast-eth0.network'], []]);
      assert.match(network.local('ip', 'link', 'show', 'dev', 'eth0'), /mtu 1400/);
      await keep('fd09::1');
      assert.deepEqual([files('/run'), files('/etc')], [['40-ballast-eth0.network'], ['50-ballast-eth0.network']]);
      assert.ok(has('eth0', '10.9.0.1/24') && has('eth0', 'fd09::1/64'));
    });

    await t.test('a service address outlives a change of its interface', async () => {
      await appliance.addService({ address: '10.9.0.100', port: 80 });
      const watch = spawn('ip', ['-o', 'monitor', 'address', 'dev', 'eth0'], { stdio: ['ignore', 'pipe', 'ignore'] });
      let said = '';
      watch.stdout.on('data', chunk => {
        said += chunk;
      });
      t.after(() => watch.kill());
      await patch(eth0.id, { mtu: 1300, addresses: ['10.9.0.1/24', 'fd09::1/64', '10.9.5.1/24'] });
      await keep('10.9.0.1');
      watch.kill();
      assert.match(said, /10\.9\.5\.1/, 'the watcher sees changes');
      assert.doesNotMatch(said, /Deleted.*10\.9\.0\.100/);
      assert.ok(has('eth0', '10.9.0.100/32'));
      assert.match(network.local('ip', 'link', 'show', 'dev', 'eth0'), /mtu 1300/);
    });

    await t.test('a wrong address is undone by itself', async () => {
      const { revision } = await patch(eth0.id, { addresses: ['10.9.9.1/24', 'fd99::1/64'] });
      assert.ok(has('eth0', '10.9.9.1/24') && !has('eth0', '10.9.0.1/24'));
      assert.ok((await ask('10.9.0.1')).failed, 'cut off');
      await until('it to be undone', async () => {
        const { apply, unconfirmed } = await appliance.call('getStatus');
        return !unconfirmed && apply.state === 'live' && apply.applied > revision;
      });
      assert.equal((await ask('10.9.0.1')).status, 200);
      assert.ok(!has('eth0', '10.9.9.1'));
    });

    await t.test('the machine restarts in between: the old comes back without Ballast, and with it', async () => {
      await patch(eth0.id, { addresses: ['10.9.9.1/24'] });
      for (const { pid } of appliance.processes()) kill(pid);
      network.local('ip', 'address', 'flush', 'dev', 'eth0');
      await networkd.boot();
      assert.deepEqual(files('/run'), []);
      await until('networkd to bring the old address back', () => has('eth0', '10.9.0.1/24'));
      assert.ok(!has('eth0', '10.9.9.1'));
      await appliance.launch();
      await until('the change to be taken back', async () =>
        (await appliance.call('getInterface', { at: { id: eth0.id } })).addresses.includes('10.9.0.1/24'),
      );
      assert.equal((await ask('10.9.0.1')).status, 200);
    });

    await t.test('gateways and routes', async () => {
      applied(await appliance.call('createInterface', { body: { name: 'eth1', addresses: ['10.8.0.1/24'] } }));
      await keep();
      applied(await appliance.call('createRoute', { body: { destination: '10.70.0.0/16', gateway: '10.8.0.9' } }));
      await keep();
      await appliance.call('patchSettings', {
        body: { gateway4: '10.9.0.50', gateway6: 'fe80::7', gateway6Interface: eth0.id },
      });
      await keep();
      assert.match(network.local('ip', 'route', 'show', 'default'), /via 10\.9\.0\.50 dev eth0/);
      assert.match(network.local('ip', '-6', 'route', 'show', 'default'), /via fe80::7 dev eth0/);
      assert.match(network.local('ip', 'route', 'get', '10.70.1.1'), /via 10\.8\.0\.9 dev eth1/);
    });

    await t.test('host name and local hosts need no confirmation', async () => {
      await appliance.call('patchSettings', { body: { hostName: 'lb-7', hosts: ['10.8.0.11 owa-1 owa-1.example'] } });
      assert.equal((await appliance.call('getStatus')).unconfirmed, undefined);
      assert.equal(network.local('hostname').trim(), 'lb-7');
      assert.match(readFileSync('/etc/hosts', 'utf8'), /^10\.8\.0\.11 owa-1 owa-1\.example$/m);
      assert.equal(readFileSync('/etc/hostname', 'utf8'), 'lb-7\n');
      const state = await appliance.call('getNetworkState');
      assert.deepEqual([state.hostName, state.appliance], ['lb-7', true]);
    });

    // This kernel may have none: then the goldens and the tests of the firmware are all there is.
    if (kernelHas('vlan'))
      await t.test('a VLAN comes and goes', async () => {
        const body = { name: 'v20', type: 'vlan', parent: eth0.id, vlanId: 20, addresses: ['10.20.0.1/24'] } as const;
        const made = applied(
          await appliance.call('createInterface', { body: { ...body, addresses: ['10.20.0.1/24'] } }),
        );
        await keep();
        assert.ok(has('v20', '10.20.0.1/24'));
        await appliance.call('deleteInterface', { at: { id: made.id } });
        await keep();
        assert.doesNotMatch(network.local('ip', 'link'), /v20/);
      });
  });
