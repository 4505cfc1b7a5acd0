import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { insideOwnNetwork, Network, runInside, type Talker } from '../../scripts/namespaces.ts';
import { Appliance, Refused } from '../support/appliance.ts';
import { patience, until } from '../support/wait.ts';

/**
 * Layer 4 between real machines, as namespaces are: a client network and a server network with the balancer between
 * (two-arm), and one network for all (one-arm).
 */

const support = join(import.meta.dirname, '../support');
const PORT = 7_000;

/** Who answered how often, without the address they saw. */
const tally = (answers: (string | null)[]) => {
  const counts: Record<string, number> = {};
  for (const answer of answers) {
    const who = answer?.split(' ')[0] ?? 'nobody';
    counts[who] = (counts[who] ?? 0) + 1;
  }
  return counts;
};
const seenBy = (answers: (string | null)[]) => [...new Set(answers.map(answer => answer?.split(' ')[1] ?? 'nobody'))];

if (!insideOwnNetwork)
  test('Layer 4, in network namespaces', { timeout: patience(180_000) }, t => runInside(t, import.meta.filename));
else
  test('Layer 4', async t => {
    const network = new Network(['outer', 'inner']);
    t.after(() => network.close());
    network.plug('eth0', 'outer', '10.1.0.1/24', 'fd01::1/64');
    network.plug('eth1', 'inner', '10.2.0.1/24', 'fd02::1/64');
    network.host(
      'client',
      'outer',
      ['10.1.0.50/24', '10.1.0.51/24', '10.1.0.52/24', 'fd01::50/64'],
      ['10.1.0.1', 'fd01::1'],
    );
    const names = ['a', 'b', 'c'];
    for (const [at, name] of names.entries())
      network.host(name, 'inner', [`10.2.0.1${at + 1}/24`, `fd02::1${at + 1}/64`], ['10.2.0.1', 'fd02::1']);
    // On the clients' side and with another gateway: only source NAT brings its answers back.
    network.host('d', 'outer', ['10.1.0.14/24']);
    const start = async (name: string) => {
      const server = network.node(name, join(support, 'named-server.ts'), name, String(PORT));
      await server.next();
      return server;
    };
    const servers = new Map<string, Talker>();
    for (const name of [...names, 'd']) servers.set(name, await start(name));
    const client = network.node('client', join(support, 'named-client.ts'));
    const ask = (what: object) => client.ask<(string | null)[]>(what);

    const appliance = await Appliance.start({ BALLAST_LOOPBACK: '0' });
    t.after(() => appliance.stop());
    const inner = (port = PORT) => names.map((_, at) => ({ address: `10.2.0.1${at + 1}`, port }));
    const l4 = { layer: 'l4', type: 'tcp', checkInterval: 1, checkTimeout: 1, checkRetries: 1 } as const;
    let next = 100;
    const add = async (more: Partial<Parameters<typeof appliance.addService>[0]> = {}) => {
      const address = `10.1.0.${next++}`;
      const made = await appliance.addService({ ...l4, address, port: 80, realServers: inner(), ...more });
      return { ...made, at: { address: made.service.address, port: made.service.port } };
    };

    await t.test('round robin: 10/10/10, and the servers see the client', async () => {
      const { at, service } = await add();
      const answers = await ask({ do: 'tcp', ...at, times: 30 });
      assert.deepEqual(tally(answers), { a: 10, b: 10, c: 10 });
      assert.deepEqual(seenBy(answers), ['10.1.0.50']);
      await until('the counters', async () => (await appliance.serviceStatus(service.id))?.totalConnections === 30);
      const status = await appliance.serviceStatus(service.id);
      assert.equal(status?.state, 'up');
      assert.ok((status?.totalIn ?? 0) > 30 * 40 && (status?.totalOut ?? 0) > 30 * 40, 'bytes both ways');
    });

    await t.test('weighted round robin follows the weights', async () => {
      const realServers = inner().map((server, at) => ({ ...server, weight: [1, 2, 3][at] as number }));
      const { at } = await add({ scheduling: 'weighted-round-robin', realServers });
      assert.deepEqual(tally(await ask({ do: 'tcp', ...at, times: 60 })), { a: 10, b: 20, c: 30 });
    });

    await t.test('source IP hash: one client, one server; not all clients the same', async () => {
      const { at } = await add({ scheduling: 'source-ip-hash' });
      const each = [];
      for (const from of ['10.1.0.50', '10.1.0.51', '10.1.0.52'])
        each.push(tally(await ask({ do: 'tcp', ...at, from, times: 6 })));
      for (const counts of each) assert.equal(Object.keys(counts).length, 1, JSON.stringify(each));
    });

    await t.test('least connections: who holds many gets few', async () => {
      const { at } = await add({ scheduling: 'least-connection' });
      for (let i = 0; i < 12; i++) {
        // Only those that landed on a stay open.
        const [answer] = await ask({ do: 'hold', ...at, as: `lc${i}` });
        if (!answer?.startsWith('a ')) await ask({ do: 'close', as: `lc${i}` });
      }
      await until('the kernel to be told', async () => {
        const counts = tally(await ask({ do: 'tcp', ...at, times: 30 }));
        return (counts.a ?? 0) < 6 && (counts.b ?? 0) > 8 && (counts.c ?? 0) > 8;
      });
    });

    await t.test('fixed weighting: the heaviest takes all, the next when it is drained', async () => {
      const realServers = inner().map((server, at) => ({ ...server, weight: [1, 30, 20][at] as number }));
      const { at, servers: real } = await add({ scheduling: 'fixed-weighting', realServers });
      assert.deepEqual(tally(await ask({ do: 'tcp', ...at, times: 6 })), { b: 6 });
      await appliance.setServers([real[1]?.id ?? 0], 'drain');
      assert.deepEqual(tally(await ask({ do: 'tcp', ...at, times: 6 })), { c: 6 });
      await appliance.setServers([real[1]?.id ?? 0], 'enabled');
    });

    await t.test('block and allow lists, of the service and of the appliance', async () => {
      const { at, service } = await add({ blockList: ['10.1.0.51 a printer', '10.1.0.48/30'] });
      const from = async (address: string) =>
        Object.keys(tally(await ask({ do: 'tcp', ...at, from: address })))[0] === 'nobody' ? 'refused' : 'served';
      assert.deepEqual(
        [await from('10.1.0.52'), await from('10.1.0.51'), await from('10.1.0.50')],
        ['served', 'refused', 'refused'],
      );
      await appliance.changeService(service.id, { blockList: [], allowList: ['10.1.0.51'] });
      assert.deepEqual([await from('10.1.0.52'), await from('10.1.0.51')], ['refused', 'served']);
      await appliance.call('patchSettings', { body: { blockList: ['10.1.0.51'] } });
      assert.equal(await from('10.1.0.51'), 'refused');
      await appliance.call('patchSettings', { body: { blockList: [] } });
      assert.equal(await from('10.1.0.51'), 'served');
    });

    await t.test('extra ports keep the port; the server must listen on it', async () => {
      const at = { address: `10.1.0.${next++}`, port: PORT };
      await appliance.addService({ ...l4, ...at, extraPorts: [String(PORT + 1)], realServers: inner() });
      assert.deepEqual(tally(await ask({ do: 'tcp', ...at, times: 6 })), { a: 2, b: 2, c: 2 });
      assert.deepEqual(tally(await ask({ do: 'http', ...at, port: PORT + 1, times: 6 })), { a: 2, b: 2, c: 2 });
    });

    await t.test('source IP persistence holds for its time, and a dead server’s client moves', async () => {
      const { at } = await add({ persistence: 'source-ip', persistenceTimeout: 2 });
      const first = await ask({ do: 'tcp', ...at, times: 8 });
      assert.equal(Object.keys(tally(first)).length, 1);
      const others = new Set<string>();
      for (const from of ['10.1.0.51', '10.1.0.52'])
        for (const who of Object.keys(tally(await ask({ do: 'tcp', ...at, from, times: 3 })))) others.add(who);
      assert.equal(others.size, 2, 'other clients are scheduled on their own');
      const old = first[0]?.split(' ')[0] ?? '';
      await servers.get(old)?.stop();
      await until('the client to be moved', async () => {
        const counts = tally(await ask({ do: 'tcp', ...at, times: 4 }));
        return !(old in counts) && !('nobody' in counts) && Object.keys(counts).length === 1;
      });
      servers.set(old, await start(old));
      await until('all to be up', async () => (await appliance.call('getStatus')).servers.every(s => s.state === 'up'));
    });

    await t.test('source IP persistence by network: clients of one share an entry', async () => {
      const met = async (persistenceMask4: number) => {
        const { at } = await add({ persistence: 'source-ip', persistenceMask4 });
        const who = new Set<string>();
        for (const from of ['10.1.0.50', '10.1.0.51', '10.1.0.52'])
          for (const name of Object.keys(tally(await ask({ do: 'tcp', ...at, from, times: 2 })))) who.add(name);
        return who.size;
      };
      // 50 and 51 agree in 31 bits, all three in 24.
      assert.deepEqual([await met(32), await met(31), await met(24)], [3, 2, 1]);
    });

    await t.test('drain keeps open connections, new ones avoid the server', async () => {
      const { at, servers: real } = await add();
      const [held] = await ask({ do: 'hold', ...at, as: 'drained' });
      const name = held?.split(' ')[0] ?? '';
      const drained = real[names.indexOf(name)];
      await appliance.setServers([drained?.id ?? 0], 'drain');
      const counts = tally(await ask({ do: 'tcp', ...at, times: 10 }));
      assert.deepEqual(counts, Object.fromEntries(names.filter(n => n !== name).map(n => [n, 5])));
      assert.deepEqual(await ask({ do: 'echo', as: 'drained', text: 'still' }), ['still']);
      await appliance.setServers([drained?.id ?? 0], 'disabled');
      assert.deepEqual(await ask({ do: 'echo', as: 'drained', text: 'here' }), ['here']);
    });

    await t.test('one-arm: without source NAT no answer comes back, with it the server sees this machine', async () => {
      const realServers = [{ address: '10.1.0.14', port: PORT }];
      const { at, service } = await add({ realServers });
      assert.deepEqual(tally(await ask({ do: 'tcp', ...at, times: 1 })), { nobody: 1 });
      await appliance.changeService(service.id, { sourceNat: true });
      const answers = await ask({ do: 'tcp', ...at, times: 4 });
      assert.deepEqual(tally(answers), { d: 4 });
      assert.deepEqual(seenBy(answers), ['10.1.0.1']);
    });

    await t.test('UDP, by its own port of the same address', async () => {
      const { at, service } = await add();
      const udp = await appliance.addService({ ...l4, ...at, protocol: 'udp', checkPort: PORT, realServers: inner() });
      const answers = await ask({ do: 'udp', ...at, times: 30 });
      assert.deepEqual(tally(answers), { a: 10, b: 10, c: 10 });
      assert.deepEqual(seenBy(answers), ['10.1.0.50']);
      await appliance.deleteService(service.id);
      assert.deepEqual(tally(await ask({ do: 'udp', ...at, times: 3 })), { a: 1, b: 1, c: 1 });
      await appliance.deleteService(udp.service.id);
    });

    await t.test('IPv6, TCP and UDP', async () => {
      const realServers = names.map((_, at) => ({ address: `fd02::1${at + 1}`, port: PORT }));
      const at = { address: 'fd01::100', port: 80 };
      await appliance.addService({ ...l4, ...at, realServers });
      await appliance.addService({ ...l4, ...at, protocol: 'udp', checkPort: PORT, realServers });
      for (const how of ['tcp', 'udp'])
        assert.deepEqual(tally(await ask({ do: how, ...at, times: 30 })), { a: 10, b: 10, c: 10 });
    });

    await t.test('changes of one service leave the connections of all others alone; a restart too', async () => {
      const { at } = await add();
      await ask({ do: 'hold', ...at, as: 'kept' });
      const other = await add();
      await appliance.changeService(other.service.id, { port: 81 });
      await appliance.deleteService(other.service.id);
      assert.deepEqual(await ask({ do: 'echo', as: 'kept', text: 'one' }), ['one']);
      const [dataPlane] = appliance.processes('data plane');
      process.kill(dataPlane?.pid ?? 0, 'SIGKILL');
      assert.deepEqual(tally(await ask({ do: 'tcp', ...at, times: 3 })), { a: 1, b: 1, c: 1 }, 'without a data plane');
      await until('a new data plane', async () => (await appliance.call('getHealth')).dataPlane === 'ok');
      assert.deepEqual(await ask({ do: 'echo', as: 'kept', text: 'two' }), ['two']);
      assert.equal(Object.keys(tally(await ask({ do: 'tcp', ...at, times: 9 }))).length, 3);
    });

    await t.test('what Layer 4 cannot do is refused', async () => {
      for (const [more, field] of [
        [{ type: 'http' }, '/type'],
        [{ layer: 'l7', protocol: 'udp' }, '/layer'],
        [{ layer: 'l7', sourceNat: true }, '/sourceNat'],
      ] as const)
        await assert.rejects(
          add(more),
          (error: unknown) => error instanceof Refused && error.fault.code === 'NEEDS' && error.fault.at === field,
        );
    });
  });
