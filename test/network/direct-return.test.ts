import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { insideOwnNetwork, Network, runInside } from '../../scripts/namespaces.ts';
import { Appliance, Refused } from '../support/appliance.ts';
import { patience, until } from '../support/wait.ts';

/** Direct return: the balancer sees what clients send and never what servers answer. */

const support = join(import.meta.dirname, '../support');
const PORT = 7_000;

const tally = (answers: (string | null)[]) => {
  const counts: Record<string, number> = {};
  for (const answer of answers) {
    const who = answer?.split(' ')[0] ?? 'nobody';
    counts[who] = (counts[who] ?? 0) + 1;
  }
  return counts;
};

if (!insideOwnNetwork)
  test('direct return, in network namespaces', { timeout: patience(120_000) }, t => runInside(t, import.meta.filename));
else
  test('direct return', async t => {
    const network = new Network(['lan']);
    t.after(() => network.close());
    network.plug('eth0', 'lan', '10.1.0.1/24');
    network.host('client', 'lan', ['10.1.0.50/24', '10.1.0.51/24', '10.1.0.52/24']);
    const names = ['a', 'b', 'c'];
    const servers = new Map<string, ReturnType<typeof network.node>>();
    const start = async (name: string) => {
      servers.set(name, network.node(name, join(support, 'named-server.ts'), name, String(PORT)));
      await servers.get(name)?.next();
    };
    for (const [at, name] of names.entries()) {
      network.host(name, 'lan', [`10.1.0.1${at + 1}/24`]);
      network.holdQuietly(name, '10.1.0.100');
      await start(name);
    }
    const client = network.node('client', join(support, 'named-client.ts'));
    const ask = (what: object) => client.ask<(string | null)[]>(what);
    const appliance = await Appliance.start({ BALLAST_LOOPBACK: '0' });
    t.after(() => appliance.stop());
    const at = { address: '10.1.0.100', port: PORT };
    const realServers = names.map((_, n) => ({ address: `10.1.0.1${n + 1}`, port: PORT }));
    const common = {
      layer: 'l4',
      type: 'tcp',
      forwarding: 'route',
      checkInterval: 1,
      checkTimeout: 1,
      checkRetries: 1,
      realServers,
    } as const;
    const tcp = await appliance.addService({ ...at, ...common });

    await t.test('round robin, the servers see the client, and no answer passes the balancer', async () => {
      await until('the way to be learnt', async () => !('nobody' in tally(await ask({ do: 'tcp', ...at, times: 3 }))));
      const answers = await ask({ do: 'tcp', ...at, times: 30 });
      assert.deepEqual(tally(answers), { a: 10, b: 10, c: 10 });
      assert.deepEqual([...new Set(answers.map(answer => answer?.split(' ')[1]))], ['10.1.0.50']);
      const flood = 'x'.repeat(50_000);
      await ask({ do: 'hold', ...at, as: 'flood' });
      const half = network.received('eth0');
      assert.equal((await ask({ do: 'echo', as: 'flood', text: flood }))[0]?.[0], 'x');
      // What was sent comes by; what is echoed, as much again, does not.
      await until('all of it to come by', () => network.received('eth0') - half > flood.length);
      await ask({ do: 'echo', as: 'flood', text: '.' });
      assert.ok(
        network.received('eth0') - half < 1.5 * flood.length,
        `${network.received('eth0') - half} bytes came by`,
      );
    });

    await t.test('a flow stays where it is while its server drains; new ones avoid it', async () => {
      const [held] = await ask({ do: 'hold', ...at, as: 'kept' });
      const name = held?.split(' ')[0] ?? '';
      const drained = tcp.servers[names.indexOf(name)];
      await appliance.setServers([drained?.id ?? 0], 'drain');
      assert.deepEqual(
        tally(await ask({ do: 'tcp', ...at, times: 10 })),
        Object.fromEntries(names.filter(n => n !== name).map(n => [n, 5])),
      );
      assert.deepEqual(await ask({ do: 'echo', as: 'kept', text: 'still' }), ['still']);
      await appliance.setServers([drained?.id ?? 0], 'enabled');
    });

    await t.test('source IP persistence, and a client of a dead server moves', async () => {
      await appliance.changeService(tcp.service.id, { persistence: 'source-ip', persistenceTimeout: 30 });
      const each = [];
      for (const from of ['10.1.0.50', '10.1.0.51', '10.1.0.52'])
        each.push(tally(await ask({ do: 'tcp', ...at, from, times: 5 })));
      assert.deepEqual(each.flatMap(counts => Object.keys(counts)).sort(), names);
      const [old = ''] = Object.keys(each[0] ?? {});
      await servers.get(old)?.stop();
      await until('the client to move', async () => {
        const counts = tally(await ask({ do: 'tcp', ...at, times: 4 }));
        return Object.keys(counts).length === 1 && !(old in counts) && !('nobody' in counts);
      });
      await start(old);
    });

    await t.test('UDP', async () => {
      await appliance.addService({ ...at, ...common, protocol: 'udp', checkPort: PORT });
      assert.deepEqual(tally(await ask({ do: 'udp', ...at, times: 30 })), { a: 10, b: 10, c: 10 });
    });

    await t.test('another port of a server is refused', async () => {
      await assert.rejects(
        appliance.addService({ ...common, address: '10.1.0.101', port: PORT + 5 }),
        (error: unknown) => error instanceof Refused && error.fault.code === 'NEEDS',
      );
    });

    await t.test('afterwards the machine routes as before', async () => {
      for (const vs of await appliance.call('listVirtualServices')) await appliance.deleteService(vs.id);
      await until('the rules to be gone', () => !/fwmark/.test(network.local('ip', 'rule')));
      assert.match(network.local('ip', 'rule'), /^0:\s+from all lookup local/m);
    });
  });
