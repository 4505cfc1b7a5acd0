import assert from 'node:assert/strict';
import { Agent, request } from 'node:http';
import test from 'node:test';
import { address, met, servers, service, setting, stranger } from '../support/sticky.ts';
import { until } from '../support/wait.ts';

/** How long persistence entries live, through what, and the live view of them. */

test('a table outlives a reload right after a cold start', async () => {
  const it = await service({ persistence: 'source-ip' });
  const clients = ['127.0.8.1', '127.0.8.2', '127.0.8.3'].map(from => ({ from }));
  const first = await met(it.place.port, clients);
  assert.deepEqual(first.toSorted(), ['a', 'b', 'c']);
  await setting.appliance.changeService(it.service.id, { idleTimeout: 321 });
  assert.deepEqual(await met(it.place.port, clients.toReversed()), first.toReversed());
  await setting.appliance.changeService(it.service.id, { idleTimeout: 322 });
  assert.deepEqual(await met(it.place.port, clients.toReversed()), first.toReversed(), 'and a second one');
  await it.remove();
});

test('a reload into a set without the tables that hold entries waits for nobody', async () => {
  const it = await service({ persistence: 'source-ip' });
  await met(it.place.port, [{ from: '127.0.8.4' }]);
  // Every worker that got nothing from its predecessor would make the next reload wait for seconds.
  const began = performance.now();
  await setting.appliance.changeService(it.service.id, { persistence: 'none' });
  assert.ok(performance.now() - began < 4_000, `${Math.round(performance.now() - began)} ms`);
  await it.remove();
});

test('time-out: an entry ends so long after its last use, and use prolongs it', async () => {
  const it = await service({ persistence: 'source-ip', persistenceTimeout: 2 });
  const one = { from: stranger().from };
  const [first] = await met(it.place.port, [one]);
  for (const end = Date.now() + 3_000; Date.now() < end; ) {
    assert.deepEqual(await met(it.place.port, [one]), [first]);
    await new Promise(done => setTimeout(done, 500));
  }
  const { id } = it.service;
  await until('the entry to end', async () => {
    const table = await setting.appliance.call('listPersistence', { at: { id } });
    return table.total === 0;
  });
  assert.notDeepEqual(await met(it.place.port, [one, {}, {}]), [first, first, first]);
  await it.remove();
});

test('a server that goes down loses its entries at their next use, and does not get them back', async () => {
  const it = await service({
    persistence: 'header',
    persistenceHeader: 'X-Tenant',
    checkType: 'tcp',
    checkInterval: 1,
    checkTimeout: 1,
    checkRetries: 1,
  });
  const known = { tenant: 'moved' };
  const [first = ''] = await met(it.place.port, [known]);
  const gone = servers.find(server => server.name === first) as (typeof servers)[number];
  gone.server.closeAllConnections();
  await new Promise(done => gone.server.close(done));
  await until('it to be down', async () => (await setting.appliance.serverStatus(it.idOf(first)))?.state === 'down');
  const [second] = await met(it.place.port, [known]);
  assert.notEqual(second, first);
  await new Promise<void>(done => gone.server.listen(gone.port, address, done));
  await until('it to be up', async () => (await setting.appliance.serverStatus(it.idOf(first)))?.state === 'up');
  assert.deepEqual(await met(it.place.port, [known, known, known]), [second, second, second]);
  await it.remove();
});

/** Requests on one connection. */
async function together(port: number, tenants: string[], between?: () => Promise<unknown>) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const names: string[] = [];
  for (const [at, tenant] of tenants.entries()) {
    if (at > 0) await between?.();
    names.push(
      await new Promise<string>((done, fail) => {
        const sent = request({ port, host: address, agent, headers: tenant ? { 'x-tenant': tenant } : {} }, reply => {
          let text = '';
          reply.on('data', part => {
            text += part;
          });
          reply.on('end', () => done(text));
        });
        sent.on('error', fail);
        sent.end();
      }),
    );
  }
  agent.destroy();
  return names;
}

test('Always Check Persist: no, yes and accepting changes are told apart on one connection', async () => {
  const patch = (alwaysCheckPersistence: 'no' | 'yes' | 'accept') =>
    setting.appliance.call('patchSettings', { body: { alwaysCheckPersistence } });
  const it = await service({ persistence: 'header', persistenceHeader: 'X-Tenant' });
  const { port } = it.place;
  const keys = async () => (await setting.appliance.call('listPersistence', { at: { id: it.service.id } })).total;
  const [p1, p2, p3] = await met(port, [{ tenant: 'p1' }, { tenant: 'p2' }, { tenant: 'p3' }]);
  assert.equal(new Set([p1, p2, p3]).size, 3);

  assert.deepEqual(await together(port, ['p1', 'p2', 'p3']), [p1, p2, p3], 'accept: each is looked up');
  await together(port, ['p1', 'new1', 'new2']);
  assert.equal(await keys(), 5, 'accept: new marks are kept');

  await patch('yes');
  assert.deepEqual(await together(port, ['p1', 'p2', 'p3']), [p1, p2, p3], 'yes: each is looked up');
  await together(port, ['p1', 'new3', 'new4']);
  assert.equal(await keys(), 5, 'yes: new marks behind the first are not kept');

  await patch('no');
  assert.deepEqual(await together(port, ['p2', 'p1', 'p3', '']), [p2, p2, p2, p2], 'no: the first decides');
  await together(port, ['new5', 'new6']);
  assert.equal(await keys(), 6, 'no: only the first mark is kept');
  await patch('accept');
  await it.remove();
});

test('refresh: with it an entry stays as long as its connection is open, without it does not', async () => {
  for (const refreshPersistence of [true, false]) {
    const it = await service({ type: 'tcp', persistence: 'source-ip', persistenceTimeout: 1, refreshPersistence });
    const agent = new Agent({ keepAlive: true });
    await new Promise<void>((done, fail) => {
      const sent = request({ port: it.place.port, host: address, agent }, reply => reply.resume().on('end', done));
      sent.on('error', fail);
      sent.end();
    });
    const total = async () => (await setting.appliance.call('listPersistence', { at: { id: it.service.id } })).total;
    if (refreshPersistence) {
      await new Promise(done => setTimeout(done, 2_500));
      assert.equal(await total(), 1, 'kept while the connection is open');
      agent.destroy();
    }
    await until('the entry to end', async () => (await total()) === 0);
    agent.destroy();
    await it.remove();
  }
});

test('the table: listed, searched, one entry deleted, all deleted', async () => {
  const it = await service({ persistence: 'header', persistenceHeader: 'X-Tenant' });
  const at = { id: it.service.id };
  const list = (query = {}) => setting.appliance.call('listPersistence', { at, query });
  const clients = ['t1', 't2', 't3', 't4'].map(tenant => ({ tenant }));
  const names = await met(it.place.port, clients);
  const all = await list();
  assert.deepEqual([all.total, all.found, all.entries.length, all.owner], [4, 4, 4, it.service.id]);
  assert.ok(all.entries.every(({ expires }) => expires > 300 && expires <= 360));
  assert.equal((await list({ limit: 2 })).entries.length, 2);
  const { found, entries } = await list({ search: 't2' });
  assert.equal(found, 1, 'by the value that the key is the digest of');
  const entry = entries[0];
  assert.equal(entry?.realServer, it.idOf(names[1] ?? ''));
  assert.equal((await list({ search: entry?.key.slice(3, 20) ?? '' })).found, 1, 'by a part of the key');
  const forget = (body: object) => setting.appliance.call('forgetPersistence', { at, body });
  const one = { entry: { table: entry?.table, key: entry?.key } };
  assert.deepEqual(await forget(one), { found: true });
  assert.deepEqual(await forget(one), { found: false });
  assert.equal((await list()).total, 3);
  await forget({});
  assert.equal((await list()).total, 0);
  await it.remove();
});
