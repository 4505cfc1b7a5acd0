import assert from 'node:assert/strict';
import test from 'node:test';
import { insideOwnNetwork, runInside } from '../../scripts/namespaces.ts';
import type { NetworkInterface } from '../../server/schema/network/interface.ts';
import type { NetworkState } from '../../server/schema/network/state.ts';
import { kill, type Refused } from '../support/appliance.ts';
import { boxSetting } from '../support/box-setting.ts';
import { kernelHas } from '../support/kernel.ts';
import { patience, until } from '../support/wait.ts';

/**
 * The machine's own network on a machine that is not the appliance: what is ours is set and given back, what could cut
 * the administrator off is undone by itself. IPv4 and IPv6.
 */

const SECONDS = 5;

if (!insideOwnNetwork)
  test('the network of the machine, in network namespaces', { timeout: patience(180_000) }, t =>
    runInside(t, import.meta.filename),
  );
else
  test('the network of the machine', async t => {
    const setting = await boxSetting(t, SECONDS);
    const { network, appliance, ask, confirm, waits, addresses, make, patch, keep, undone } = setting;
    let eth0!: NetworkInterface;
    let eth1!: NetworkInterface;
    const keepIfAsked = async () => {
      if (await waits()) await keep();
    };

    await t.test('what is there already is taken into the configuration and nothing happens', async () => {
      eth0 = await make({ name: 'eth0', addresses: ['10.9.0.1/24', 'fd09::1/64'] });
      assert.equal(await waits(), undefined);
    });

    await t.test('an interface that is not there is refused, and so is what the kernel lacks', async () => {
      const refused = (body: Partial<NetworkInterface> & { name: string }) =>
        appliance.call('createInterface', { body }).then(
          () => 'nothing',
          (error: Refused) => error.fault.message,
        );
      assert.match(await refused({ name: 'eth7' }), /no interface eth7/);
      if (!kernelHas('vlan'))
        assert.match(await refused({ name: 'v10', type: 'vlan', parent: eth0.id, vlanId: 10 }), /no VLANs/);
      assert.match(
        await refused({ name: 'eth1', addresses: ['10.9.0.7/24'] }),
        /overlaps with 10\.9\.0\.0\/24 of eth0/,
      );
    });

    await t.test('a new address is confirmed over a new connection to it, and only so', async () => {
      await ask('admin', '10.9.0.1', '/api/session', 'GET', 'old');
      const changed = await patch(eth0.id, { addresses: ['10.9.0.1/24', 'fd09::1/64', '10.9.7.1/24'] });
      assert.equal(changed.outcome.state === 'applied' && changed.outcome.unconfirmed, true);
      const waiting = await waits();
      assert.ok(waiting && waiting.until - Date.now() <= SECONDS * 1_000);
      assert.equal((await confirm('10.9.0.1', 'old')).body?.code, 'OLD_CONNECTION');
      await until('a new connection over loopback', async () => {
        const refusal = await appliance.call('confirmNetwork').catch((error: Refused) => error.fault.code);
        return refusal === 'OLD_ADDRESS';
      });
      await assert.rejects(
        appliance.call('patchSettings', { body: { idleTimeout: 100 } }),
        (error: Refused) => error.fault.code === 'NETWORK_UNCONFIRMED',
        'nothing else is built on what may be undone',
      );
      await keep();
      assert.ok(addresses('eth0').includes('10.9.7.1/24'));
      const [newest] = await appliance.call('listRevisions');
      assert.deepEqual([newest?.revision, newest?.outcome], [changed.revision, 'applied']);
    });

    await t.test('a wrong address is undone by itself, and what is stored is again what runs', async () => {
      // The addresses that were there before us stay; the one of ours goes, and with it its administrator.
      const { revision } = await patch(eth0.id, { addresses: ['10.9.0.1/24', 'fd09::1/64', '10.9.9.1/24'] });
      assert.ok(!addresses('eth0').includes('10.9.7.1/24'));
      assert.ok((await ask('admin', '10.9.7.1')).failed, 'cut off');
      assert.equal((await confirm('10.9.0.1')).body?.code, 'OLD_ADDRESS', 'that the others answer proves nothing');
      await undone(revision);
      assert.equal((await ask('admin', '10.9.7.1')).status, 200);
      const found = await appliance.call('getInterface', { at: { id: eth0.id } });
      assert.deepEqual(found.addresses, ['10.9.0.1/24', 'fd09::1/64', '10.9.7.1/24']);
      const revisions = await appliance.call('listRevisions');
      assert.deepEqual(
        revisions.slice(0, 2).map(one => one.outcome),
        ['applied', 'refused'],
      );
    });

    await t.test('an address of another host is refused, over IPv4 and IPv6', async () => {
      for (const address of ['10.9.0.60/24', 'fd09::60/64'])
        await assert.rejects(
          patch(eth0.id, { addresses: ['10.9.0.1/24', 'fd09::1/64', '10.9.7.1/24', address] }),
          (error: Refused) => /in use by another host/.test(error.message),
        );
      assert.deepEqual(addresses('eth0'), ['10.9.0.1/24', '10.9.7.1/24', 'fd09::1/64']);
    });

    await t.test('the API is killed in between: its timer runs on, and it can be confirmed', async () => {
      const killApi = async () => {
        for (const { pid } of appliance.processes('api')) kill(pid);
        await until('the API to be back', async () => (await appliance.call('getHealth')).state === 'ok', {
          limit: 30_000,
        });
      };
      const first = await patch(eth0.id, { mtu: 1400 });
      await killApi();
      await undone(first.revision);
      // Long enough for a busy machine to start the API.
      await appliance.call('patchSettings', { body: { confirmTime: 60 } });
      const second = await patch(eth0.id, { mtu: 1300 });
      await killApi();
      await keep();
      assert.match(network.local('ip', 'link', 'show', 'dev', 'eth0'), /mtu 1300/);
      const outcomes = await appliance.call('listRevisions');
      assert.equal(outcomes.find(one => one.revision === second.revision)?.outcome, 'applied');
      await patch(eth0.id, { mtu: 0 });
      await keep();
      await appliance.call('patchSettings', { body: { confirmTime: SECONDS } });
    });

    await t.test('undone at once when it is asked for', async () => {
      const { revision } = await patch(eth0.id, { mtu: 1400 });
      assert.match(network.local('ip', 'link', 'show', 'dev', 'eth0'), /mtu 1400/);
      await appliance.call('undoNetwork');
      assert.match(network.local('ip', 'link', 'show', 'dev', 'eth0'), /mtu 1500/);
      await undone(revision);
    });

    await t.test('the data plane is killed in between: the old is back', async () => {
      const { revision } = await patch(eth0.id, { addresses: ['10.9.0.1/24', 'fd09::1/64', '10.9.9.1/24'] });
      assert.ok(addresses('eth0').includes('10.9.9.1/24'));
      for (const { pid } of appliance.processes('data plane')) kill(pid);
      await undone(revision);
      assert.ok(!addresses('eth0').includes('10.9.9.1/24'));
      assert.ok(addresses('eth0').includes('10.9.7.1/24'));
    });

    await t.test('the machine restarts in between: the old is there', async () => {
      await patch(eth0.id, { addresses: ['10.9.0.1/24', 'fd09::1/64', '10.9.9.1/24'] });
      const killed = appliance.processes();
      for (const { pid } of killed) kill(pid);
      // As a restart does: nothing is left in the kernel but what the system itself sets.
      for (const address of ['10.9.9.1/24', '10.9.7.1/24'])
        if (addresses('eth0').includes(address)) network.local('ip', 'address', 'del', address, 'dev', 'eth0');
      await appliance.launch();
      await until('the change to be taken back', async () => {
        const { addresses: stored } = await appliance.call('getInterface', { at: { id: eth0.id } });
        return stored.includes('10.9.7.1/24');
      });
      assert.deepEqual(addresses('eth0'), ['10.9.0.1/24', '10.9.7.1/24', 'fd09::1/64']);
    });

    await t.test(
      'gateways and routes: a wrong one is refused, a right one leads there, all is given back',
      async () => {
        const refused = (error: Refused) => /in the subnet of no interface/.test(error.message);
        await assert.rejects(appliance.call('patchSettings', { body: { gateway4: '10.77.0.1' } }), refused);
        await assert.rejects(appliance.call('patchSettings', { body: { gateway6: 'fd77::1' } }), refused);
        await appliance.call('patchSettings', { body: { gateway4: '10.9.0.50', gateway6: 'fd09::50' } });
        await keep();
        assert.match(network.local('ip', 'route', 'show', 'default'), /via 10\.9\.0\.50 dev eth0/);
        assert.match(network.local('ip', '-6', 'route', 'show', 'default'), /via fd09::50 dev eth0/);
        const made = await appliance.call('createRoute', {
          body: { destination: '10.70.0.0/16', gateway: '10.9.0.60' },
        });
        await keep();
        assert.match(network.local('ip', 'route', 'get', '10.70.1.1'), /via 10\.9\.0\.60/);
        await appliance.call('deleteRoute', { at: { id: made.object?.id ?? 0 } });
        await keep();
        await appliance.call('patchSettings', { body: { gateway4: '', gateway6: '' } });
        await keep();
        assert.equal(network.local('ip', 'route', 'show', 'default'), '');
        assert.equal(network.local('ip', 'route', 'show', '10.70.0.0/16'), '');
      },
    );

    await t.test('an address and its gateway change together, as one revision', async () => {
      await make({ name: 'eth1', addresses: ['10.8.0.1/24', 'fd08::1/64'] });
      await keep();
      eth1 = (await appliance.call('listInterfaces')).find(one => one.name === 'eth1') as NetworkInterface;
      await appliance.call('patchSettings', { body: { gateway4: '10.8.0.60' } });
      await keep();
      const moved = { [eth1.id]: { addresses: ['10.8.1.1/24', 'fd08::1/64'] } };
      await assert.rejects(appliance.call('patchInterface', { at: { id: eth1.id }, body: moved[eth1.id] ?? {} }));
      await appliance.call('changeNetwork', { body: { interfaces: moved, settings: { gateway4: '10.8.1.60' } } });
      assert.match(network.local('ip', 'route', 'show', 'default'), /via 10\.8\.1\.60 dev eth1/);
      await appliance.call('undoNetwork');
      assert.match(network.local('ip', 'route', 'show', 'default'), /via 10\.8\.0\.60 dev eth1/);
      await appliance.call('patchSettings', { body: { gateway4: '' } });
      await keep();
    });

    // A kernel without them is named by the test before; the image's has them.
    for (const kind of ['vlan', 'bond'] as const)
      if (kernelHas(kind))
        await t.test(`a ${kind} comes and goes`, async () => {
          if (kind === 'bond') network.plug('eth2', 'other');
          const member = kind === 'bond' ? await make({ name: 'eth2' }) : undefined;
          if (member) await keepIfAsked();
          const made = await make(
            member
              ? {
                  name: 'bond0',
                  type: 'bond',
                  members: [member.id],
                  bondMode: 'active-backup',
                  addresses: ['10.21.0.1/24'],
                }
              : { name: 'v20', type: 'vlan', parent: eth1.id, vlanId: 20, addresses: ['10.20.0.1/24'] },
          );
          await keepIfAsked();
          assert.ok(addresses(made.name).includes(member ? '10.21.0.1/24' : '10.20.0.1/24'));
          await appliance.call('deleteInterface', { at: { id: made.id } });
          await keepIfAsked();
          assert.doesNotMatch(network.local('ip', 'link'), new RegExp(made.name));
        });

    await t.test('somebody takes an address away: it is set again', async () => {
      network.local('ip', 'address', 'del', '10.8.0.1/24', 'dev', 'eth1');
      await until('the address to be back', () => addresses('eth1').includes('10.8.0.1/24'));
    });

    await t.test('the state tells links, addresses and who set them', async () => {
      const state: NetworkState = await appliance.call('getNetworkState');
      const found = state.links.find(link => link.name === 'eth1');
      assert.deepEqual([found?.link, found?.id, state.appliance], ['up', eth1.id, false]);
      assert.match(found?.mac ?? '', /^(?:[0-9a-f]{2}:){5}[0-9a-f]{2}$/);
      assert.equal(found?.addresses.find(one => one.address === '10.8.0.1')?.setBy, 'ballast');
    });

    await t.test('what was ours is given back, what was not stays', async () => {
      await appliance.call('deleteInterface', { at: { id: eth1.id } });
      await keep();
      await appliance.call('deleteInterface', { at: { id: eth0.id } });
      await keep();
      assert.deepEqual(addresses('eth1'), []);
      assert.deepEqual(
        addresses('eth0').filter(address => !address?.startsWith('10.9.0.100')),
        ['10.9.0.1/24', 'fd09::1/64'],
      );
    });
  });
