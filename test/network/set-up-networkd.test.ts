import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import test from 'node:test';
import { Client } from '../../firmware/console/client.ts';
import { proposed } from '../../firmware/console/wizard/answers.ts';
import { apply } from '../../firmware/console/wizard/apply.ts';
import { insideOwnNetwork, Network, runInside } from '../../scripts/namespaces.ts';
import { pathsOf } from '../../server/paths.ts';
import { Appliance } from '../support/appliance.ts';
import { NetworkdHere } from '../support/networkd.ts';
import { patience } from '../support/wait.ts';

/** The first set-up of an appliance, from the answers at its console to what systemd-networkd makes of them. */

if (!insideOwnNetwork)
  test('the first set-up, by systemd-networkd', { timeout: patience(120_000) }, t =>
    runInside(t, import.meta.filename, ['--mount', '--uts']),
  );
else
  test('the first set-up, by systemd-networkd', async t => {
    const networkd = await new NetworkdHere().start();
    t.after(() => networkd.stop());
    const network = new Network(['office', 'servers']);
    t.after(() => network.close());
    network.plug('eth0', 'office');
    network.plug('eth1', 'servers');
    const appliance = await Appliance.start({ BALLAST_LOOPBACK: '0', BALLAST_APPLIANCE: '1' });
    t.after(() => appliance.stop());
    const client = new Client(pathsOf(appliance.dataDir).consoleSocket);
    const machine = await client.call('getNetworkState');

    const answers = {
      ...proposed(machine, ''),
      eth0Address4: '10.9.0.1/24',
      eth0Address6: 'fd09::1/64',
      eth1Address4: '10.8.0.1/24',
      eth1Address6: '',
      gateway4: '10.9.0.254',
      gateway6: 'fe80::1',
      hostName: 'lb-1',
      // Of this machine, which the test does not have changed.
      dns: '',
      search: '',
      password: 'another horse battery',
      again: 'another horse battery',
    };
    await apply(client, answers, machine, () => {});

    const addresses = network.local('ip', '-o', 'address');
    for (const expected of [/eth0 .*10\.9\.0\.1\/24/, /eth0 .*fd09::1\/64/, /eth1 .*10\.8\.0\.1\/24/])
      assert.match(addresses, expected);
    assert.match(network.local('ip', 'route', 'show', 'default'), /via 10\.9\.0\.254 dev eth0/);
    assert.match(network.local('ip', '-6', 'route', 'show', 'default'), /via fe80::1 dev eth0/);
    assert.equal(network.local('hostname').trim(), 'lb-1');
    assert.equal((await client.call('getStatus')).unconfirmed, undefined, 'all of it is kept');
    for (const name of ['eth0', 'eth1']) assert.ok(existsSync(`/etc/systemd/network/50-ballast-${name}.network`));
    // Safe to repeat.
    await apply(client, answers, await client.call('getNetworkState'), () => {});
    await appliance.login('bal', 'another horse battery');
  });
