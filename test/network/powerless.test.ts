import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { insideOwnNetwork, Network, runInside } from '../../scripts/namespaces.ts';
import type { NewVirtualService } from '../../server/schema/endpoints.ts';
import type { ToolRequest } from '../../server/schema/tools.ts';
import { Appliance, Refused } from '../support/appliance.ts';
import { patience, until } from '../support/wait.ts';

/**
 * Ballast without the privilege NET_ADMIN, as in a container that was given none: Layer 7 at addresses of the machine
 * works, all else is refused with its reason before anything changes, and the status says why.
 */

const support = join(import.meta.dirname, '../support');
const PORT = 7_000;
const WITHOUT = ['setpriv', '--bounding-set=-net_admin', '--inh-caps=-net_admin', '--'];

if (!insideOwnNetwork)
  test('without NET_ADMIN, in network namespaces', { timeout: patience(90_000) }, t =>
    runInside(t, import.meta.filename),
  );
else
  test('without NET_ADMIN', async t => {
    const network = new Network(['outer', 'inner']);
    t.after(() => network.close());
    network.plug('eth0', 'outer', '10.1.0.1/24');
    network.plug('eth1', 'inner', '10.2.0.1/24');
    network.host('client', 'outer', ['10.1.0.50/24'], ['10.1.0.1']);
    network.host('server', 'inner', ['10.2.0.11/24'], ['10.2.0.1']);
    await network.node('server', join(support, 'named-server.ts'), 'server', String(PORT)).next();
    const client = network.node('client', join(support, 'named-client.ts'));
    const appliance = await Appliance.start({ BALLAST_LOOPBACK: '0' }, WITHOUT);
    t.after(() => appliance.stop());
    let port = 80;
    const add = (more: Partial<NewVirtualService> = {}) => {
      const realServers = [{ address: '10.2.0.11', port: PORT + 1 }];
      return appliance.addService({ address: '10.1.0.1', port: ++port, realServers, ...more });
    };
    const refused = (more: Partial<NewVirtualService>, at: string) =>
      assert.rejects(
        add(more),
        (error: unknown) =>
          error instanceof Refused &&
          error.fault.code === 'NEEDS_PRIVILEGE' &&
          error.fault.at === at &&
          /NET_ADMIN/.test(error.fault.message),
        JSON.stringify(more),
      );

    await t.test('an HTTP service at an address of the machine serves', async () => {
      const { service } = await add();
      const [answer] = await client.ask<(string | null)[]>({ do: 'http', address: '10.1.0.1', port: service.port });
      assert.match(answer ?? '', /^server 10\.2\.0\.1 /);
    });

    await t.test('what needs it is refused with its reason, and nothing is changed', async () => {
      const { head } = await appliance.call('getHealth');
      await refused({ layer: 'l4', type: 'tcp' }, '/layer');
      await refused({ transparent: true }, '/transparent');
      await refused({ serverNat: true }, '/serverNat');
      await refused({ address: '10.1.0.99' }, '/address');
      await assert.rejects(appliance.call('patchSettings', { body: { serverNat: true } }), Refused);
      await assert.rejects(
        appliance.call('createInterface', { body: { name: 'eth1', addresses: ['10.2.0.9/24'] } }),
        Refused,
      );
      assert.equal((await appliance.call('getHealth')).head, head);
    });

    await t.test('the tools work: they need no more than NET_RAW', async () => {
      for (const body of [
        { tool: 'ping', host: '10.2.0.11', count: 1, size: 56 },
        { tool: 'traceroute', host: '10.2.0.11' },
        { tool: 'connect', host: '10.2.0.11', port: PORT },
        { tool: 'capture', link: 'eth1', packets: 200_000, seconds: 1 },
      ] satisfies ToolRequest[]) {
        const { id } = await appliance.call('runTool', { body });
        const now = () => appliance.call('getToolRun', { at: { id } });
        await until(`${body.tool} to end`, async () => (await now()).state !== 'running');
        const { state, lines } = await now();
        assert.equal(state, 'done', `${body.tool}: ${lines.join('\n')}`);
      }
      assert.ok((await appliance.call('listNeighbours')).some(one => one.address === '10.2.0.11'));
    });

    await t.test('the status says why', async () => {
      assert.match((await appliance.call('getStatus')).powerless ?? '', /without the privilege NET_ADMIN/);
    });
  });
