import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { Network, type Talker } from '../../scripts/namespaces.ts';
import type { NetworkInterface } from '../../server/schema/network/interface.ts';
import type { Unconfirmed } from '../../server/schema/network/state.ts';
import { Appliance, applied } from './appliance.ts';
import { until } from './wait.ts';

/** What a machine at the console was answered. */
export interface Said {
  status?: number;
  body?: { code?: string; message?: string; revision?: number };
  failed?: string;
}

/**
 * An appliance with eth0 in the office, where its administrator and a guest are, and eth1 beside a stranger, in the
 * network namespace of the test. `seconds` is the time to confirm.
 */
export async function boxSetting(t: TestContext, seconds: number) {
  const network = new Network(['office', 'other']);
  t.after(() => network.close());
  network.plug('eth0', 'office', '10.9.0.1/24', 'fd09::1/64');
  network.plug('eth1', 'other');
  network.host('admin', 'office', ['10.9.0.50/24', '10.9.7.50/24', 'fd09::50/64'], ['10.9.0.1']);
  network.host('guest', 'office', ['10.9.0.60/24', 'fd09::60/64']);
  network.host('stranger', 'other', ['10.8.0.60/24', 'fd08::60/64']);
  const appliance = await Appliance.start({ BALLAST_ADDRESS: '::', BALLAST_LOOPBACK: '0' });
  t.after(() => appliance.stop());
  const { key } = await appliance.call('createKey', { body: { name: 'test', user: 'bal', role: 'administrator' } });
  const clients = Object.fromEntries(
    ['admin', 'guest', 'stranger'].map(name => [
      name,
      network.node(name, join(import.meta.dirname, 'console-worker.ts')),
    ]),
  ) as Record<'admin' | 'guest' | 'stranger', Talker>;
  let connections = 0;
  const ask = (
    who: keyof typeof clients,
    host: string,
    path = '/api/session',
    method = 'GET',
    connection = `new ${++connections}`,
  ): Promise<Said> => clients[who].ask<Said>({ connection, host, port: appliance.port, method, path, key });
  const confirm = (host: string, connection?: string) => ask('admin', host, '/api/network/confirm', 'POST', connection);

  const waits = async (): Promise<Unconfirmed | undefined> => (await appliance.call('getStatus')).unconfirmed;
  const addresses = (link: string) =>
    [...network.local('ip', '-o', 'address', 'show', 'dev', link, 'scope', 'global').matchAll(/inet6? (\S+)/g)].map(
      ([, address]) => address,
    );
  const make = async (body: Partial<NetworkInterface> & { name: string }) =>
    applied(await appliance.call('createInterface', { body }));
  const patch = (id: number, body: Partial<NetworkInterface>) => appliance.call('patchInterface', { at: { id }, body });
  const keep = async (host = '10.9.0.1') => {
    assert.equal((await confirm(host)).status, 200);
    assert.equal(await waits(), undefined);
  };
  /** Until both the data plane has undone and the API has taken the revision back. */
  const undone = (revision: number) =>
    until('the change to be undone', async () => {
      const { apply, unconfirmed } = await appliance.call('getStatus');
      return !unconfirmed && apply.state === 'live' && apply.applied > revision;
    });
  await appliance.call('patchSettings', { body: { confirmTime: seconds } });
  return { network, appliance, clients, ask, confirm, waits, addresses, make, patch, keep, undone };
}
