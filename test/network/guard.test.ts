import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import test from 'node:test';
import { insideOwnNetwork, runInside } from '../../scripts/namespaces.ts';
import { boxSetting, type Said } from '../support/box-setting.ts';
import { patience } from '../support/wait.ts';

/** Who reaches the management of the machine, tried with real connections over IPv4 and IPv6. */

if (!insideOwnNetwork)
  test('the guard of the management, in network namespaces', { timeout: patience(120_000) }, t =>
    runInside(t, import.meta.filename),
  );
else
  test('the guard of the management', async t => {
    const { network, appliance, clients, ask, make, keep, undone } = await boxSetting(t, 5);
    const eth0 = await make({ name: 'eth0', addresses: ['10.9.0.1/24', 'fd09::1/64'] });
    await make({ name: 'eth1', addresses: ['10.8.0.1/24', 'fd08::1/64'] });
    await keep();

    await t.test('the guard: chosen interface and networks only, never on service addresses', async () => {
      await appliance.addService({
        address: '10.9.0.100',
        port: 80,
        realServers: [{ address: '10.9.0.60', port: 80 }],
      });
      assert.equal((await ask('guest', '10.9.0.100')).status, 200, 'without the guard it answers everywhere');
      assert.equal((await ask('stranger', '10.8.0.1')).status, 200);
      // Stands for the SSH daemon of the machine.
      const ssh = createServer(socket => socket.destroy()).listen(22, '::');
      await once(ssh, 'listening');
      t.after(() => ssh.close());
      const reach = (who: keyof typeof clients, host: string, port: number) =>
        clients[who].ask<Said>({ host, port, method: 'TCP' });
      assert.equal((await reach('guest', '10.9.0.1', 22)).status, 200);
      await appliance.call('patchSettings', {
        body: {
          managementFilter: true,
          managementInterfaces: [eth0.id],
          managementNetworks: ['10.9.0.50 the administrator', 'fd09::50'],
          managementSsh: true,
        },
      });
      await keep();
      for (const [who, host, status] of [
        ['admin', '10.9.0.1', 200],
        ['admin', 'fd09::1', 200],
        ['admin', '10.9.0.100', undefined],
        ['guest', '10.9.0.1', undefined],
        ['guest', 'fd09::1', undefined],
        ['stranger', '10.8.0.1', undefined],
        ['stranger', 'fd08::1', undefined],
      ] as const)
        assert.equal((await ask(who, host)).status, status, `${who} at ${host}`);
      assert.equal((await reach('admin', 'fd09::1', 22)).status, 200);
      assert.ok((await reach('guest', '10.9.0.1', 22)).failed, 'SSH is guarded too');
      assert.equal((await reach('guest', '10.9.0.100', 80)).status, 200, 'services answer everybody');
      network.run('guest', 'fping', '-q', '10.9.0.1');
      network.run('guest', 'fping', '-q', 'fd09::1');
    });

    await t.test('a block list comes before the guard; shutting oneself out is undone', async () => {
      const { revision } = await appliance.call('patchSettings', { body: { blockList: ['10.9.0.50'] } });
      assert.ok((await ask('admin', '10.9.0.1')).failed);
      await undone(revision);
      assert.equal((await ask('admin', '10.9.0.1')).status, 200);
    });

    await t.test('switched off everybody is let in again', async () => {
      await appliance.call('patchSettings', { body: { managementFilter: false, managementInterfaces: [] } });
      await keep();
      assert.equal((await ask('guest', 'fd09::1')).status, 200);
      assert.doesNotMatch(network.local('nft', 'list', 'tables'), /guard/);
    });
  });
