import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { insideOwnNetwork, Network, runInside } from '../../scripts/namespaces.ts';
import type { NewVirtualService } from '../../server/schema/endpoints.ts';
import { Appliance } from '../support/appliance.ts';
import { patience } from '../support/wait.ts';

/**
 * Whose address Real Servers see at Layer 7 (loadmaster-features: the truth table of 1.1, and T6 to T8 of 1.2), for
 * HTTP and for TCP, over IPv4 and IPv6.
 */

const support = join(import.meta.dirname, '../support');
const PORT = 7_000;

if (!insideOwnNetwork)
  test('transparency, in network namespaces', { timeout: patience(120_000) }, t => runInside(t, import.meta.filename));
else
  test('transparency at Layer 7', async t => {
    const network = new Network(['outer', 'inner']);
    t.after(() => network.close());
    network.plug('eth0', 'outer', '10.1.0.1/24', 'fd01::1/64');
    network.plug('eth1', 'inner', '10.2.0.1/24', 'fd02::1/64');
    network.host('far', 'outer', ['10.1.0.50/24', 'fd01::50/64'], ['10.1.0.1', 'fd01::1']);
    network.host('near', 'inner', ['10.2.0.50/24', 'fd02::50/64'], ['10.2.0.1', 'fd02::1']);
    network.host('server', 'inner', ['10.2.0.11/24', 'fd02::11/64'], ['10.2.0.1', 'fd02::1']);
    // Its way out is another router: what it answers to a client's address never comes by here.
    network.host('astray', 'inner', ['10.2.0.12/24'], ['10.2.0.99']);
    for (const host of ['server', 'astray'])
      await network.node(host, join(support, 'named-server.ts'), host, String(PORT)).next();
    const far = network.node('far', join(support, 'named-client.ts'));
    const near = network.node('near', join(support, 'named-client.ts'));
    const appliance = await Appliance.start({ BALLAST_LOOPBACK: '0' });
    t.after(() => appliance.stop());

    let port = 80;
    const add = async (more: Partial<NewVirtualService>, server = '10.2.0.11', address = '10.1.0.100') => {
      const realServers = [{ address: server, port: more.type === 'tcp' ? PORT : PORT + 1 }];
      await appliance.addService({
        address,
        port: ++port,
        checkInterval: 1,
        checkTimeout: 1,
        checkRetries: 1,
        realServers,
        ...more,
      });
      return { address, port, do: more.type === 'tcp' ? 'tcp' : 'http' };
    };
    const seen = async (who: typeof far, what: object) =>
      (await who.ask<(string | null)[]>(what))[0]?.split(' ')[1] ?? 'nothing';

    for (const type of ['http', 'tcp'] as const)
      for (const [transparent, subnetOriginating, address] of [
        [false, false, '10.1.0.100'],
        [false, true, '10.2.0.1'],
        [true, false, '10.1.0.50'],
        [true, true, '10.1.0.50'],
      ] as const)
        await t.test(
          `${type}: transparency ${transparent}, subnet originating ${subnetOriginating}: ${address}`,
          async () => {
            assert.equal(await seen(far, await add({ type, transparent, subnetOriginating })), address);
          },
        );

    await t.test('T6: a client beside the server is served too, from the address of this machine', async () => {
      for (const type of ['http', 'tcp'] as const)
        assert.equal(await seen(near, await add({ type, transparent: true })), '10.2.0.1');
    });

    await t.test('T8: a server whose gateway is another gets no connection to its end', async () => {
      assert.equal(await seen(far, await add({ type: 'tcp', transparent: true }, '10.2.0.12')), 'nothing');
      assert.equal(
        await seen(far, await add({ type: 'tcp' }, '10.2.0.12')),
        '10.2.0.1',
        'without transparency it does',
      );
    });

    await t.test('IPv6', async () => {
      const six = { transparent: true };
      assert.equal(await seen(far, await add(six, 'fd02::11', 'fd01::100')), 'fd01::50');
      assert.equal(await seen(near, await add(six, 'fd02::11', 'fd01::100')), 'fd02::1');
    });

    await t.test('without a transparent service the machine routes as before', async () => {
      for (const vs of await appliance.call('listVirtualServices'))
        if (vs.transparent) await appliance.changeService(vs.id, { transparent: false });
      assert.doesNotMatch(network.local('ip', 'rule'), /7700/);
      assert.equal(await seen(far, await add({})), '10.2.0.1');
    });
  });
