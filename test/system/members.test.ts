import assert from 'node:assert/strict';
import test from 'node:test';
import type { NewRealServer } from '../../server/schema/endpoints.ts';
import type { VirtualService } from '../../server/schema/virtual-service.ts';
import { applied, type Refused } from '../support/appliance.ts';
import { ask, shares } from '../support/http-client.ts';
import { freePort } from '../support/ports.ts';
import { Setting } from '../support/setting.ts';
import { until } from '../support/wait.ts';

/** When a service counts as down although servers are up: too few members, a critical one, SubVSs; and borrowed health. */

const setting = Setting.forThisFile();
const address = '127.0.0.1';
const fast = { checkInterval: 1, checkTimeout: 1, checkRetries: 1, enhancedChecks: true };

async function service(properties: Partial<VirtualService>, servers: NewRealServer[] = setting.servers()) {
  const port = await freePort();
  const made = await setting.appliance.addService({ address, port, ...fast, ...properties, realServers: servers });
  const id = made.service.id;
  return { ...made, id, place: { port }, remove: () => setting.appliance.deleteService(id) };
}

const stateOf = async (id: number) => (await setting.appliance.serviceStatus(id))?.state;
const reasonOf = async (id: number) => (await setting.appliance.serviceStatus(id))?.reason ?? '';
const serverState = async (id: number) => (await setting.appliance.serverStatus(id))?.state;
const answers = (port: number, status: number) =>
  until(`answers ${status}`, async () => (await ask({ port })).status === status);

test('with fewer servers than the minimum the service is down, and up again with enough', async () => {
  const it = await service({ minimumServers: 2, unavailableMessage: 'too few' });
  assert.deepEqual(await shares(it.place, 30), { a: 10, b: 10, c: 10 });
  await setting.a.stop();
  await until('one to be down', async () => (await stateOf(it.id)) === 'degraded');
  assert.deepEqual(await shares(it.place, 20), { b: 10, c: 10 }, 'two of two are enough');
  await setting.b.stop();
  await until('the service to be down', async () => (await stateOf(it.id)) === 'down');
  const refused = await ask(it.place);
  assert.equal(refused.status, 503);
  assert.match(String(refused.body), /too few/);
  assert.equal(await reasonOf(it.id), '1 of at least 2 servers is up');
  await setting.b.start();
  await answers(it.place.port, 200);
  await until('the service to be degraded', async () => (await stateOf(it.id)) === 'degraded');
  await setting.a.start();
  await until('the service to be up', async () => (await stateOf(it.id)) === 'up');
  await it.remove();
});

test('with too few servers the sorry server takes all, also whom a cookie sends elsewhere', async () => {
  const it = await service(
    { minimumServers: 2, persistence: 'active-cookie', sorryAddress: address, sorryPort: setting.c.port },
    setting.servers().slice(0, 2),
  );
  const first = await ask(it.place);
  const cookie = String(first.headers['set-cookie']).split(';')[0] ?? '';
  const other = first.body === 'a' ? setting.b.port : setting.a.port;
  await setting.appliance.setServers([it.servers.find(rs => rs.port === other)?.id ?? 0], 'disabled');
  assert.deepEqual(await shares(it.place, 10), { c: 10 });
  assert.deepEqual(await shares(it.place, 5, { headers: { cookie } }), { c: 5 });
  await it.remove();
});

test('without Enhanced Options a minimum says nothing', async () => {
  const it = await service({ minimumServers: 4, enhancedChecks: false });
  assert.deepEqual(await shares(it.place, 30), { a: 10, b: 10, c: 10 });
  await it.remove();
});

test('generic TCP: too few servers refuse the connection', async () => {
  const it = await service({ type: 'tcp', minimumServers: 3 });
  assert.deepEqual(await shares(it.place, 30), { a: 10, b: 10, c: 10 });
  await setting.appliance.setServers([it.servers[0]?.id ?? 0], 'disabled');
  await until('the connection to be refused', () =>
    ask(it.place).then(
      () => false,
      () => true,
    ),
  );
  await it.remove();
});

for (const checkType of ['tcp', 'icmp'] as const)
  test(`a critical server: while it is down nobody is served (check ${checkType})`, async () => {
    const it = await service({ checkType }, setting.servers({ critical: true }));
    const [critical] = it.servers.filter(rs => rs.critical);
    assert.deepEqual(await shares(it.place, 30), { a: 10, b: 10, c: 10 });
    if (checkType === 'tcp') {
      await setting.a.stop();
      await until('the service to be down', async () => (await stateOf(it.id)) === 'down');
      assert.equal((await ask(it.place)).status, 503);
      assert.match(await reasonOf(it.id), /^the critical server 127\.0\.0\.1 port \d+ is down$/);
      await setting.a.start();
      await answers(it.place.port, 200);
    }
    await setting.appliance.setServers([critical?.id ?? 0], 'disabled');
    assert.deepEqual(await shares(it.place, 20), { b: 10, c: 10 }, 'who was taken out is not missed');
    await it.remove();
  });

test('a server that follows another has its health, and no check of its own', async () => {
  const lead = await service({ enhancedChecks: false }, [{ address, port: setting.a.port }]);
  const leader = lead.servers[0]?.id ?? 0;
  const it = await service({ checkType: 'http', checkUrl: '/follower', minimumServers: 1 }, [
    { address, port: setting.b.port, follow: leader, critical: true },
    { address, port: setting.c.port },
  ]);
  const [follower = 0, other = 0] = it.servers.map(rs => rs.id);
  assert.deepEqual(await shares(it.place, 20), { b: 10, c: 10 });
  await setting.a.stop();
  await until('the follower to be down', async () => (await serverState(follower)) === 'down');
  assert.match(
    (await setting.appliance.serverStatus(follower))?.reason ?? '',
    /^follows 127\.0\.0\.1:\d+, which is down$/,
  );
  assert.equal(await serverState(other), 'up');
  assert.equal((await ask(it.place)).status, 503, 'it is critical, too');
  await setting.a.start();
  await answers(it.place.port, 200);
  assert.equal((await setting.appliance.call('getServerChecks', { at: { id: follower } })).length, 0);
  await assert.rejects(
    setting.appliance.call('patchRealServer', { at: { id: leader }, body: { follow: follower } }),
    (error: Refused) => error.fault.code === 'NEEDS' && error.fault.at === '/follow',
  );
  await assert.rejects(
    setting.appliance.call('deleteRealServer', { at: { id: leader } }),
    (error: Refused) => error.fault.code === 'IN_USE',
  );
  await it.remove();
  await lead.remove();
});

test('SubVSs: the parent is down with a critical one, and with too few', async () => {
  const parent = await service({ minimumServers: 2 }, []);
  const sub = async (server: { port: number }, more: Partial<VirtualService> = {}) => {
    const port = await freePort();
    const body = { address, port, ...fast, ...more, parent: parent.id, realServers: [{ address, port: server.port }] };
    return applied(await setting.appliance.call('createVirtualService', { body })).id;
  };
  await sub(setting.a, { subCritical: true });
  await sub(setting.b);
  await sub(setting.c);
  await answers(parent.place.port, 200);
  await setting.b.stop();
  await answers(parent.place.port, 200);
  await setting.c.stop();
  await answers(parent.place.port, 503);
  await until('the parent to be down', async () => (await stateOf(parent.id)) === 'down');
  assert.equal(await reasonOf(parent.id), '1 of at least 2 SubVSs is up');
  await setting.b.start();
  await setting.c.start();
  await answers(parent.place.port, 200);
  await setting.a.stop();
  await until('nobody to be served', async () => {
    const all = await Promise.all(Array.from({ length: 10 }, () => ask(parent.place)));
    return all.every(answer => answer.status === 503);
  });
  await until('the parent to be down', async () => /^the critical SubVS /.test(await reasonOf(parent.id)));
  await setting.a.start();
});
