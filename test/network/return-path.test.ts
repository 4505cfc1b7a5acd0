import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { insideOwnNetwork, Network, runInside } from '../../scripts/namespaces.ts';
import type { PathQuestion } from '../../server/schema/return-path.ts';
import { Appliance } from '../support/appliance.ts';
import { patience } from '../support/wait.ts';

/** What the return-path check finds in networks that are right, and in each that is wrong in one way. */

const support = join(import.meta.dirname, '../support');
const PORT = 7_000;

if (!insideOwnNetwork)
  test('the return path, in network namespaces', { timeout: patience(120_000) }, t =>
    runInside(t, import.meta.filename),
  );
else
  test('the return path', async t => {
    const network = new Network(['outer', 'inner']);
    t.after(() => network.close());
    network.plug('eth0', 'outer', '10.1.0.1/24', 'fd01::1/64');
    network.plug('eth1', 'inner', '10.2.0.1/24', 'fd02::1/64');
    network.host('server', 'inner', ['10.2.0.11/24', 'fd02::11/64'], ['10.2.0.1', 'fd02::1']);
    network.host('astray', 'inner', ['10.2.0.12/24'], ['10.2.0.99']);
    network.host('squatter', 'outer', ['10.1.0.200/24', 'fd01::200/64']);
    for (const host of ['server', 'astray'])
      await network.node(host, join(support, 'named-server.ts'), host, String(PORT)).next();
    const appliance = await Appliance.start({ BALLAST_LOOPBACK: '0' });
    t.after(() => appliance.stop());
    const usual: PathQuestion = {
      ...{ address: '10.1.0.100', port: 80, protocol: 'tcp', layer: 'l7', forwarding: 'nat' },
      ...{ transparent: false, subnetOriginating: true, sourceNat: false },
      servers: [{ address: '10.2.0.11', port: PORT }],
    };
    const check = (more: Partial<PathQuestion> = {}) => appliance.call('checkPath', { body: { ...usual, ...more } });
    const astray = { servers: [{ address: '10.2.0.12', port: PORT }] };

    for (const [what, more, good, sentence, returns] of [
      ['all is well', {}, true, /sees 10\.2\.0\.1, so its answers come back/, 'unneeded'],
      ['the address as source', { subnetOriginating: false }, true, /sees 10\.1\.0\.100/, 'unneeded'],
      ['transparent', { transparent: true }, true, /sees the client and answers through this machine/, 'yes'],
      ['Layer 4', { layer: 'l4' }, true, /answers through this machine/, 'yes'],
      ['another gateway, not transparent', astray, true, /sees 10\.2\.0\.1/, 'unneeded'],
      [
        'another gateway',
        { ...astray, transparent: true },
        false,
        /default gateway to 10\.2\.0\.1, or switch L7 Transparency off/,
        'no',
      ],
      ['another gateway at Layer 4', { ...astray, layer: 'l4' }, false, /or switch Source NAT on/, 'no'],
      [
        'another gateway at Layer 4 with source NAT',
        { ...astray, layer: 'l4', sourceNat: true },
        true,
        /sees 10\.2\.0\.1/,
        'unneeded',
      ],
      ['a closed port', { servers: [{ address: '10.2.0.11', port: 9 }] }, false, /connection refused/, 'unneeded'],
      ['nobody', { servers: [{ address: '10.2.0.77', port: 80 }] }, false, /host unreachable|no answer/, 'unneeded'],
      ['no route', { servers: [{ address: '10.99.0.1', port: 80 }] }, false, /no route to 10\.99\.0\.1/, 'unneeded'],
      [
        'direct return',
        { layer: 'l4', forwarding: 'route' },
        true,
        /must hold 10\.1\.0\.100 on its loopback/,
        'unneeded',
      ],
      [
        'IPv6',
        { address: 'fd01::100', transparent: true, servers: [{ address: 'fd02::11', port: PORT }] },
        true,
        /answers through this machine/,
        'yes',
      ],
    ] as [string, Partial<PathQuestion>, boolean, RegExp, string][])
      await t.test(what, async () => {
        const { servers } = await check(more);
        assert.equal(servers.length, 1);
        assert.match(servers[0]?.sentence ?? '', sentence);
        assert.deepEqual([servers[0]?.good, servers[0]?.returns], [good, returns]);
      });

    await t.test('the addresses each hop sees', async () => {
      const hops = async (more: Partial<PathQuestion>) =>
        (await check(more)).servers[0]?.hops.map(hop => `${hop.from} ${hop.source} > ${hop.target}`);
      assert.deepEqual(await hops({}), [
        'client client > 10.1.0.100',
        'balancer 10.2.0.1 > 10.2.0.11',
        'server 10.2.0.11 > 10.2.0.1',
        'balancer 10.1.0.100 > client',
      ]);
      assert.deepEqual(await hops({ layer: 'l4', forwarding: 'route' }), [
        'client client > 10.1.0.100',
        'balancer client > 10.1.0.100',
        'server 10.1.0.100 > client',
      ]);
    });

    for (const [address, good, sentence] of [
      ['10.1.0.100', true, /free in the network of eth0/],
      ['10.1.0.200', false, /already used by another machine \([0-9a-f:]{17}\)/],
      ['fd01::200', false, /already used by another machine \([0-9a-f:]{17}\)/],
      ['fd01::100', true, /free in the network of eth0/],
      ['10.1.0.1', true, /of this machine/],
      ['10.77.0.1', false, /network of no interface/],
    ] as const)
      await t.test(`the address ${address}`, async () => {
        const { address: found } = await check({ address, servers: [] });
        assert.match(found.sentence, sentence);
        assert.equal(found.good, good);
      });

    await t.test('nothing is left of it', () => {
      assert.doesNotMatch(network.local('ip', 'address'), /198\.51\.100|2001:db8/);
    });
  });
