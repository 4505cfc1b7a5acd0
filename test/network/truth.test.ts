import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { insideOwnNetwork, Network, runInside, type Talker } from '../../scripts/namespaces.ts';
import type { NewVirtualService } from '../../server/schema/endpoints.ts';
import { Appliance } from '../support/appliance.ts';
import { patience } from '../support/wait.ts';

/**
 * Who gets how much (T1, T2), and which address a server sees (T6, T7, T8 and the rows of one-arm), for each kind of
 * traffic, with one arm and with two, over IPv4 and IPv6, by what the servers themselves saw.
 */

const support = join(import.meta.dirname, '../support');
const PORT = 7_000;

/** Kinds of traffic: what the client does, the servers' port, and how the service carries it. */
const KINDS = {
  http: { wish: 'http', port: PORT + 1, service: { type: 'http' } },
  'TLS pass-through': { wish: 'tls', port: PORT + 2, service: { type: 'tcp', persistence: 'none' } },
  'SMTP-like, the server speaks first': { wish: 'tcp', port: PORT, service: { type: 'tcp' } },
  'DNS over UDP': {
    wish: 'dns',
    port: PORT + 3,
    service: { type: 'tcp', layer: 'l4', protocol: 'udp', checkType: 'icmp' },
  },
} as const satisfies Record<string, { wish: string; port: number; service: Partial<NewVirtualService> }>;
type Kind = keyof typeof KINDS;
const kinds = Object.keys(KINDS) as Kind[];

const tally = (answers: (string | null)[]) => {
  const counts: Record<string, number> = {};
  for (const answer of answers)
    counts[answer?.split(' ')[0] ?? 'nobody'] = (counts[answer?.split(' ')[0] ?? 'nobody'] ?? 0) + 1;
  return counts;
};
const seenBy = (answers: (string | null)[]) => [...new Set(answers.map(answer => answer?.split(' ')[1] ?? 'nobody'))];

/** A network, its balancer, and the places of client, service and servers in it. */
interface Ground {
  network: Network;
  appliance: Appliance;
  client: Talker;
  near: Talker;
  /** By family: the client's address, the balancer's towards the servers, a service's, and the servers'. */
  4: Places;
  6: Places;
}
interface Places {
  client: string;
  balancer: string;
  service: string;
  servers: string[];
  /** A server whose gateway is another. */
  astray: string;
}

async function ground(arms: 1 | 2): Promise<Ground> {
  const network = new Network(['far', 'inner']);
  const inner = { 4: '10.2.0.', 6: 'fd02::' };
  network.plug('eth0', 'inner', '10.2.0.1/24', 'fd02::1/64');
  if (arms === 2) {
    network.plug('eth1', 'far', '10.1.0.1/24', 'fd01::1/64');
    network.host('client', 'far', ['10.1.0.50/24', 'fd01::50/64'], ['10.1.0.1', 'fd01::1']);
  } else {
    // Behind a router, which is the way out of the balancer too.
    network.host('client', 'far', ['10.1.0.50/24', 'fd01::50/64'], ['10.1.0.254', 'fd01::fe']);
    network.host('router', 'far', ['10.1.0.254/24', 'fd01::fe/64']);
    network.join('router', 'inner', ['10.2.0.254/24', 'fd02::fe/64']);
    network.local('ip', 'route', 'add', 'default', 'via', '10.2.0.254');
    network.local('ip', '-6', 'route', 'add', 'default', 'via', 'fd02::fe');
  }
  network.host('near', 'inner', ['10.2.0.50/24', 'fd02::50/64'], ['10.2.0.1', 'fd02::1']);
  for (const [at, name] of ['a', 'b', 'c'].entries())
    network.host(name, 'inner', [`10.2.0.1${at + 1}/24`, `fd02::1${at + 1}/64`], ['10.2.0.1', 'fd02::1']);
  // With two arms nobody is there; with one it answers clients past the balancer.
  network.host('d', 'inner', ['10.2.0.14/24', 'fd02::14/64'], ['10.2.0.254', 'fd02::fe']);
  for (const name of ['a', 'b', 'c', 'd'])
    await network.node(name, join(support, 'named-server.ts'), name, String(PORT)).next();
  const [client, near] = ['client', 'near'].map(name => network.node(name, join(support, 'named-client.ts'))) as [
    Talker,
    Talker,
  ];
  const places = (family: 4 | 6): Places => ({
    client: family === 4 ? '10.1.0.50' : 'fd01::50',
    balancer: `${inner[family]}1`,
    // With one arm a service has an address of the servers' network.
    service: arms === 1 ? `${inner[family]}100` : family === 4 ? '10.1.0.100' : 'fd01::100',
    servers: ['11', '12', '13'].map(end => `${inner[family]}${end}`),
    astray: `${inner[family]}14`,
  });
  const appliance = await Appliance.start({ BALLAST_LOOPBACK: '0' });
  return { network, appliance, client, near, 4: places(4), 6: places(6) };
}

if (!insideOwnNetwork)
  for (const arms of ['1', '2'])
    test(
      `truth tables with ${arms === '1' ? 'one arm' : 'two arms'}, in network namespaces`,
      { timeout: patience(240_000) },
      t => runInside(t, import.meta.filename, ['env', `BALLAST_TEST_ARMS=${arms}`]),
    );
else {
  const arms = process.env.BALLAST_TEST_ARMS === '1' ? 1 : 2;
  test(`truth tables, arms: ${arms}`, async t => {
    const it = await ground(arms);
    t.after(() => it.network.close());
    t.after(() => it.appliance.stop());
    let port = 100;
    const add = async (kind: Kind, family: 4 | 6, more: Partial<NewVirtualService>, servers = it[family].servers) => {
      const { service, port: serverPort, wish } = KINDS[kind];
      const address = it[family].service;
      await it.appliance.addService({
        ...{ address, port: ++port, checkInterval: 1, checkTimeout: 1, checkRetries: 1 },
        ...service,
        ...more,
        realServers: servers.map(server => ({ address: server, port: serverPort })),
      });
      return { do: wish, address, port };
    };
    /** Layer 4 without source NAT is transparent; with one arm clients beside the servers need it. */
    const isPackets = (kind: Kind) => kind === 'DNS over UDP';

    for (const kind of kinds)
      for (const family of [4, 6] as const) {
        await t.test(`T1, T2: ${kind}, IPv${family}: 10/10/10, and all to one with persistence`, async () => {
          const even = await it.client.ask<(string | null)[]>({ ...(await add(kind, family, {})), times: 30 });
          assert.deepEqual(tally(even), { a: 10, b: 10, c: 10 });
          const sticky = await add(kind, family, { persistence: 'source-ip' });
          const one = tally(await it.client.ask({ ...sticky, times: 30 }));
          assert.deepEqual(Object.values(one), [30], JSON.stringify(one));
          assert.ok(!('nobody' in one));
        });

        await t.test(`T7 and the rows of transparency: ${kind}, IPv${family}`, async () => {
          const { client, balancer, service, servers } = it[family];
          const seen = async (more: Partial<NewVirtualService>) =>
            seenBy(await it.client.ask({ ...(await add(kind, family, more, servers.slice(0, 1))), times: 3 }));
          if (isPackets(kind)) {
            assert.deepEqual(await seen({}), [client], 'Layer 4 is always transparent');
            assert.deepEqual(await seen({ sourceNat: true }), [balancer]);
            return;
          }
          assert.deepEqual(await seen({ transparent: false, subnetOriginating: false }), [service]);
          assert.deepEqual(await seen({ transparent: false, subnetOriginating: true }), [balancer]);
          assert.deepEqual(await seen({ transparent: true, subnetOriginating: false }), [client]);
          assert.deepEqual(await seen({ transparent: true, subnetOriginating: true }), [client]);
        });

        await t.test(`T6: ${kind}, IPv${family}: a client beside the server is served, from our address`, async () => {
          const { balancer, servers } = it[family];
          const more = isPackets(kind) ? { sourceNat: true } : { transparent: true };
          const answers = await it.near.ask<(string | null)[]>(await add(kind, family, more, servers.slice(0, 1)));
          assert.deepEqual(seenBy(answers), [balancer]);
        });

        await t.test(
          `T8: ${kind}, IPv${family}: a server with another gateway is reached only without transparency`,
          async () => {
            const { astray } = it[family];
            const open = isPackets(kind) ? {} : { transparent: true };
            const closed = isPackets(kind) ? { sourceNat: true } : {};
            const through = async (more: Partial<NewVirtualService>) =>
              Object.keys(tally(await it.client.ask(await add(kind, family, more, [astray]))));
            assert.deepEqual(await through({ ...open, checkType: 'none' }), ['nobody']);
            assert.deepEqual(await through(closed), ['d']);
          },
        );
      }
  });
}
