import assert from 'node:assert/strict';
import test from 'node:test';
import type { NewVirtualService } from '../../server/schema/endpoints.ts';
import { Refused } from '../support/appliance.ts';
import { ask, shares } from '../support/http-client.ts';
import { freePort } from '../support/ports.ts';
import { exchange } from '../support/raw-client.ts';
import { Setting } from '../support/setting.ts';
import { until } from '../support/wait.ts';
import { WebServer } from '../support/web-server.ts';

/** What stands behind the Real Servers, and beside the service’s own place: sorry server, pages, ports, headers. */

const setting = Setting.forThisFile();
const address = '127.0.0.1';
const quick = { checkInterval: 1, checkTimeout: 1, checkRetries: 1 } as const;

async function service(properties: Partial<NewVirtualService> = {}, realServers = setting.servers()) {
  const port = properties.port ?? (await freePort());
  const made = await setting.appliance.addService({ address, ...quick, ...properties, port, realServers });
  const { id } = made.service;
  return {
    ...{ id, port, servers: made.servers.map(server => server.id) },
    state: async () => (await setting.appliance.serviceStatus(id))?.state,
    remove: () => setting.appliance.deleteService(id),
  };
}

for (const type of ['http', 'tcp'] as const)
  test(`${type}: the sorry server gets everything while no Real Server is available, and nothing else`, async () => {
    const sorry = await new WebServer('sorry').start();
    const it = await service({ type, sorryAddress: address, sorryPort: sorry.port });
    assert.deepEqual(await shares(it, 9), { a: 3, b: 3, c: 3 });
    await setting.appliance.setServers(it.servers, 'disabled');
    assert.deepEqual(await shares(it, 3), { sorry: 3 });
    await until('the state to be told', async () => (await it.state()) === 'sorry');
    await setting.appliance.setServers(it.servers, 'enabled');
    assert.deepEqual(await shares(it, 9), { a: 3, b: 3, c: 3 });
    await it.remove();
    await sorry.stop();
  });

test('an own page of HTML with its code', async () => {
  const page = '<!doctype html>\n<title>Ärger</title>\n<p>Back \'soon\' & "sure", 100 %.</p>\n';
  const it = await service({ unavailablePage: page, unavailableCode: 503, unavailableMessage: 'not this' }, []);
  const answer = await ask(it);
  assert.equal(answer.status, 503);
  assert.equal(answer.headers['content-type'], 'text/html; charset=utf-8');
  assert.equal(Buffer.from(answer.body, 'latin1').toString(), page);
  await it.remove();
});

test('Close on Error: behind such an answer the connection is closed, and behind no other', async () => {
  const it = await service({ unavailableCode: 404 }, []);
  const served = await service();
  const one = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
  const statuses = async (port: number) => (await exchange({ port }, [one + one])).answer.match(/HTTP\/1\.1 \d+/g);
  assert.equal((await statuses(it.port))?.length, 2, 'kept open without it');
  await setting.appliance.call('patchSettings', { body: { closeOnError: true } });
  assert.deepEqual(await statuses(it.port), ['HTTP/1.1 404']);
  assert.deepEqual(await statuses(served.port), ['HTTP/1.1 200', 'HTTP/1.1 200']);
  await setting.appliance.call('patchSettings', { body: { closeOnError: false } });
  await served.remove();
  await it.remove();
});

test('extra ports: each keeps its distance on the way to the server', async () => {
  const [first, second] = [await new WebServer('first').start(), new WebServer('second')];
  second.port = first.port + 1;
  await second.start();
  const port = await freePort();
  const it = await service({ port, extraPorts: [String(port + 1)] }, [{ address, port: first.port }]);
  assert.deepEqual(await shares({ port }, 2), { first: 2 });
  assert.deepEqual(await shares({ port: port + 1 }, 2), { second: 2 });
  const taken = (error: unknown) => error instanceof Refused && error.fault.code === 'ADDRESS_TAKEN';
  await assert.rejects(service({ port: port + 1 }), taken, 'an extra port is a place of its own');
  await assert.rejects(service({ extraPorts: [String(port)] }), taken);
  await it.remove();
  await Promise.all([first.stop(), second.stop()]);
});

test('an alternate address is another way to the same service', async () => {
  const it = await service({ alternateAddress: '127.0.0.9' });
  assert.deepEqual(await shares({ port: it.port, address: '127.0.0.9' }, 9), { a: 3, b: 3, c: 3 });
  assert.deepEqual(await shares(it, 9), { a: 3, b: 3, c: 3 });
  await it.remove();
});

test('headers: one is added, one is copied, Via says who passed it on', async () => {
  const it = await service(
    {
      ...{ addedHeader: 'x-site', addedHeaderValue: '50% %[src] of "it"' },
      ...{ copiedHeader: 'user-agent', copiedHeaderTo: 'x-agent', forwardedHeader: 'x-forwarded-for-via' },
    },
    setting.servers().slice(0, 1),
  );
  await ask(it, { path: '/headers', headers: { 'user-agent': 'test', 'x-site': 'forged', 'x-agent': 'forged' } });
  const seen = setting.a.seen.findLast(request => request.url === '/headers')?.headers;
  assert.equal(seen?.['x-site'], '50% %[src] of "it"');
  assert.equal(seen?.['x-agent'], 'test');
  assert.equal(seen?.via, '1.1 ballast');
  assert.equal(seen?.['x-forwarded-for'], '127.0.0.1');
  await it.remove();
});

test('codes of servers are remapped, and what Ballast answers itself is not', async () => {
  const it = await service({ statusMap: ['502 410', '503 500'] });
  for (const server of [setting.a, setting.b, setting.c]) server.status = 502;
  assert.equal((await ask(it)).status, 410);
  for (const server of [setting.a, setting.b, setting.c]) server.status = 200;
  await setting.appliance.setServers(it.servers, 'disabled');
  assert.equal((await ask(it)).status, 503);
  await it.remove();
});

test('what would break the framing of answers or would not fit is refused, with its field', async () => {
  const wrong = (at: string) => (error: unknown) =>
    error instanceof Refused && error.fault.code === 'INVALID' && error.fault.at?.startsWith(at) === true;
  for (const line of ['304 200', '204 200', '200 205', '404 304'])
    await assert.rejects(service({ statusMap: [line] }), wrong('/statusMap'), line);
  // As many letters as a page may have bytes, and each has three: HAProxy would send nothing of it.
  await assert.rejects(service({ unavailablePage: '€'.repeat(12_000) }), wrong('/unavailablePage'));
  const page = '€'.repeat(4_000);
  const it = await service({ unavailablePage: page }, []);
  assert.equal(Buffer.from((await ask(it)).body, 'latin1').toString(), page, 'the largest page arrives');
  await it.remove();
});
