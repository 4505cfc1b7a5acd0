import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { insideOwnNetwork, Network, runInside } from '../../scripts/namespaces.ts';
import type { NewVirtualService } from '../../server/schema/endpoints.ts';
import { Appliance, Refused } from '../support/appliance.ts';
import { patience, until } from '../support/wait.ts';

/** Connections that servers start themselves, services with every port of their address, and redirects that nobody sends. */

const support = join(import.meta.dirname, '../support');
const PORT = 7_000;

if (!insideOwnNetwork)
  test('server NAT and the wildcard port, in network namespaces', { timeout: patience(120_000) }, t =>
    runInside(t, import.meta.filename),
  );
else
  test('server NAT and the wildcard port', async t => {
    const network = new Network(['outer', 'inner']);
    t.after(() => network.close());
    network.plug('eth0', 'outer', '10.1.0.1/24', 'fd01::1/64');
    network.plug('eth1', 'inner', '10.2.0.1/24', 'fd02::1/64');
    network.host('client', 'outer', ['10.1.0.50/24', 'fd01::50/64'], ['10.1.0.1', 'fd01::1']);
    // Knows nothing of the servers' network: only an address of its own is answered.
    network.host('mail', 'outer', ['10.1.0.60/24', 'fd01::60/64']);
    network.host('server', 'inner', ['10.2.0.11/24', 'fd02::11/64'], ['10.2.0.1', 'fd02::1']);
    network.host('other', 'inner', ['10.2.0.12/24', 'fd02::12/64'], ['10.2.0.1', 'fd02::1']);
    for (const host of ['mail', 'server', 'other'])
      await network.node(host, join(support, 'named-server.ts'), host, String(PORT)).next();
    const [client, server, other] = ['client', 'server', 'other'].map(host =>
      network.node(host, join(support, 'named-client.ts')),
    );
    assert.ok(client && server && other);
    const redirects = () => network.local('sysctl', '-n', 'net.ipv4.conf.eth0.send_redirects').trim();
    network.local('sysctl', '-qw', 'net.ipv4.conf.eth0.send_redirects=1', 'net.ipv4.conf.all.send_redirects=1');
    const appliance = await Appliance.start({ BALLAST_LOOPBACK: '0' });
    t.after(() => appliance.stop());
    let next = 100;
    const add = async (more: Partial<NewVirtualService>, address = `10.1.0.${next++}`, real = '10.2.0.11') => {
      const realServers = [{ address: real, port: more.port ?? PORT }];
      const { service } = await appliance.addService({ address, port: PORT, checkType: 'none', ...more, realServers });
      return service;
    };
    const seenAs = async (who: typeof server, address: string, way = 'tcp') => {
      const [answer] = await who.ask<(string | null)[]>({ do: way, address, port: PORT });
      return answer?.split(' ')[1] ?? 'nobody';
    };

    await t.test('without it servers leave as themselves, and nobody answers them', async () => {
      await add({ type: 'tcp', layer: 'l4' });
      assert.equal(await seenAs(server, '10.1.0.60'), 'nobody');
    });

    await t.test('the address of a service, over TCP, UDP and IPv6, and only for its servers', async () => {
      const { id, address } = await add({ type: 'tcp', serverNat: true });
      assert.equal(await seenAs(server, '10.1.0.60'), address);
      assert.equal(await seenAs(server, '10.1.0.60', 'udp'), address);
      assert.equal(await seenAs(other, '10.1.0.60'), 'nobody');
      await add({ type: 'tcp', serverNat: true }, 'fd01::100', 'fd02::11');
      assert.equal(await seenAs(server, 'fd01::60'), 'fd01::100');
      await appliance.changeService(id, { serverNat: false });
      assert.equal(await seenAs(server, '10.1.0.60'), 'nobody');
      await appliance.changeService(id, { serverNat: true });
    });

    await t.test('for all others the address of the way out; nothing else changes', async () => {
      const { address } = await add({ type: 'tcp' }, undefined, '10.2.0.12');
      await appliance.call('patchSettings', { body: { serverNat: true } });
      assert.equal(await seenAs(other, '10.1.0.60'), '10.1.0.1');
      assert.notEqual(await seenAs(server, '10.1.0.60'), '10.1.0.1', 'the service’s own address goes before');
      const [seen] = await client.ask<(string | null)[]>({ do: 'tcp', address, port: PORT });
      assert.equal(seen?.split(' ')[1], '10.2.0.1', 'what clients start is as before');
    });

    await t.test('a restart of the data plane leaves it as it is', async () => {
      const [victim] = appliance.processes('data plane');
      process.kill(victim?.pid ?? 0, 'SIGKILL');
      await until('a new one', async () => (await appliance.call('getHealth')).state === 'ok', { limit: 20_000 });
      assert.equal(await seenAs(other, '10.1.0.60'), '10.1.0.1');
    });

    await t.test('the wildcard port: every port, but those of others', async () => {
      const { address } = await add({ type: 'tcp', layer: 'l4', wildcardPort: true, port: 9 });
      const ask = async (port: number, way = 'tcp') =>
        (await client.ask<(string | null)[]>({ do: way, address, port }))[0]?.split(' ')[0] ?? 'nobody';
      assert.equal(await ask(PORT), 'server');
      assert.equal(await ask(PORT + 1, 'http'), 'server');
      assert.equal(await ask(PORT + 2, 'tls'), 'server');
      assert.equal(await ask(PORT + 500), 'nobody', 'nobody listens there');
      await add({ type: 'tcp', layer: 'l4' }, address, '10.2.0.12');
      assert.equal(await ask(PORT), 'other', 'a port of one’s own in the kernel goes before');
      await appliance.addService({
        ...{ address, port: PORT + 1, checkType: 'none' },
        realServers: [{ address: '10.2.0.12', port: PORT + 1 }],
      });
      assert.equal(await ask(PORT + 1, 'http'), 'other', 'and one of HAProxy’s');
      assert.equal(await ask(PORT + 2, 'tls'), 'server');
      const refused = (more: Partial<NewVirtualService>) =>
        assert.rejects(add({ wildcardPort: true, ...more }), (error: unknown) => error instanceof Refused);
      await refused({ type: 'tcp' });
      await refused({ type: 'tcp', layer: 'l4', forwarding: 'route' });
    });

    await t.test('no ICMP redirects while packets are forwarded, and afterwards as before', async () => {
      assert.equal(redirects(), '0');
      for (const vs of await appliance.call('listVirtualServices')) await appliance.deleteService(vs.id);
      await appliance.stop({ keepData: true });
      assert.equal(redirects(), '1');
    });
  });
