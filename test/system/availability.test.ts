import assert from 'node:assert/strict';
import test from 'node:test';
import type { Appliance } from '../support/appliance.ts';
import { ask, shares } from '../support/http-client.ts';
import { freePort } from '../support/ports.ts';
import { exchange } from '../support/raw-client.ts';
import { Setting } from '../support/setting.ts';
import { until } from '../support/wait.ts';

/** Servers that stop and come back, and what clients are told when none is left. */

const setting = Setting.forThisFile();
const address = '127.0.0.1';
const fast = { checkInterval: 1, checkTimeout: 1, checkRetries: 1 };

async function service(properties: object = {}, servers = setting.servers()) {
  const port = await freePort();
  const made = await setting.appliance.addService({ address, port, ...fast, ...properties, realServers: servers });
  return { ...made, port, place: { port } };
}

/** Disables every server and waits for nothing: the next request meets none. */
const disableAll = (it: { servers: { id: number }[] }) =>
  setting.appliance.setServers(
    it.servers.map(s => s.id),
    'disabled',
  );

const stateOf = async (appliance: Appliance, id: number) => (await appliance.serverStatus(id))?.state;

for (const [checkType, more] of [
  ['tcp', {}],
  ['http', { checkUrl: '/health', checkHost: 'check.example' }],
] as const)
  test(`a stopped server leaves within interval and retries and comes back (check ${checkType})`, async () => {
    const it = await service({ checkType, ...more });
    const id = it.servers.find(s => s.port === setting.b.port)?.id ?? 0;
    await until('b to be up', async () => (await stateOf(setting.appliance, id)) === 'up');
    assert.deepEqual(await shares(it.place, 30), { a: 10, b: 10, c: 10 });

    const stopped = Date.now();
    await setting.b.stop();
    await until('b to be seen down', async () => (await stateOf(setting.appliance, id)) === 'down', { every: 30 });
    const seconds = (Date.now() - stopped) / 1_000;
    // 1 s to the next check, 2 failures one second apart, 1 s until it is polled, 1 s for a busy machine.
    assert.ok(seconds < 5, `it took ${seconds} s`);
    const status = await setting.appliance.serverStatus(id);
    assert.match(status?.reason ?? '', /refused|connect/i);
    assert.equal((await setting.appliance.serviceStatus(it.service.id))?.state, 'degraded');
    assert.deepEqual(await shares(it.place, 20), { a: 10, c: 10 });

    await setting.b.start();
    await until('b to be up again', async () => (await stateOf(setting.appliance, id)) === 'up', { limit: 6_000 });
    assert.deepEqual(await shares(it.place, 30), { a: 10, b: 10, c: 10 });
    await setting.appliance.deleteService(it.service.id);
  });

test('HTTP check: the request is as configured, and codes decide', async () => {
  const it = await service(
    {
      checkType: 'http',
      checkMethod: 'GET',
      checkUrl: '/health?deep=1',
      checkHost: 'check.example',
      checkCodes: '418',
    },
    setting.servers().slice(0, 1),
  );
  const id = it.servers[0]?.id ?? 0;
  try {
    const check = await until('a check', () => setting.a.seen.findLast(s => s.url === '/health?deep=1'));
    assert.equal(check.method, 'GET');
    assert.equal(check.headers.host, 'check.example');
    await until('it to be up', async () => (await stateOf(setting.appliance, id)) === 'up');
    setting.a.status = 500;
    await until('500 to count as down', async () => (await stateOf(setting.appliance, id)) === 'down');
    setting.a.status = 418;
    await until('418 to count as up', async () => (await stateOf(setting.appliance, id)) === 'up');
    setting.a.status = 301;
    await until(
      '301 to count as down when codes are named',
      async () => (await stateOf(setting.appliance, id)) === 'down',
    );
    await setting.appliance.changeService(it.service.id, { checkCodes: '' });
    await until('301 to count as up by default', async () => (await stateOf(setting.appliance, id)) === 'up');
  } finally {
    setting.a.status = 200;
  }
  await setting.appliance.deleteService(it.service.id);
});

test('without checks every server counts as up', async () => {
  const it = await service({ checkType: 'none' }, [{ address, port: await freePort() }]);
  const state = await until('a state', async () => {
    const seen = await stateOf(setting.appliance, it.servers[0]?.id ?? 0);
    return seen !== 'pending' && seen;
  });
  assert.equal(state, 'unchecked');
  await setting.appliance.deleteService(it.service.id);
});

test('all servers down: the error answers with its code and message', async () => {
  const message = 'Back at 6 o’clock: 100% "sure" \\ {really} #1\nSecond line';
  const it = await service({ unavailableMessage: message });
  await disableAll(it);
  const answer = await ask(it.place);
  assert.equal(answer.status, 503);
  assert.equal(Buffer.from(answer.body, 'latin1').toString().trim(), message);
  for (const unavailableCode of [404, 500, 502, 403, 200] as const) {
    await setting.appliance.changeService(it.service.id, { unavailableCode });
    const other = await ask(it.place);
    assert.equal(other.status, unavailableCode);
    assert.equal(Buffer.from(other.body, 'latin1').toString().trim(), message);
  }
  await setting.appliance.setServers(
    it.servers.map(s => s.id),
    'enabled',
  );
  assert.equal((await ask(it.place)).status, 200);
  await setting.appliance.deleteService(it.service.id);
});

test('a server’s own 503 stays the server’s', async () => {
  const it = await service({ checkType: 'tcp', unavailableMessage: 'none left', unavailableCode: 404 });
  for (const server of [setting.a, setting.b, setting.c]) server.status = 503;
  try {
    const answer = await ask(it.place);
    assert.equal(answer.status, 503);
    assert.match(answer.body, /^[abc]$/);
  } finally {
    for (const server of [setting.a, setting.b, setting.c]) server.status = 200;
  }
  await setting.appliance.deleteService(it.service.id);
});

test('all servers down: the redirect goes where it should, with host and path', async () => {
  const it = await service({
    unavailableAction: 'redirect',
    redirectUrl: 'https://sorry.example/from/%h%s',
    redirectCode: 307,
  });
  await disableAll(it);
  const answer = await ask({ ...it.place, serverName: 'www.example' }, { path: '/a/b?c=d&e=%20' });
  assert.equal(answer.status, 307);
  assert.equal(answer.headers.location, 'https://sorry.example/from/www.example/a/b?c=d&e=%20');
  await until(
    'the service to be shown as redirecting',
    async () => (await setting.appliance.serviceStatus(it.service.id))?.state === 'redirect',
  );
  await setting.appliance.deleteService(it.service.id);
});

test('a service without servers gives its answer too', async () => {
  const it = await service({ unavailableMessage: 'nobody here' }, []);
  const answer = await ask(it.place);
  assert.equal(answer.status, 503);
  assert.equal(answer.body.trim(), 'nobody here');
  await setting.appliance.deleteService(it.service.id);
});

test('all servers of a generic TCP service down: the client is disconnected', async () => {
  const it = await service({ type: 'tcp' });
  await disableAll(it);
  const { answer, closed } = await exchange(it.place, ['hello\r\n'], { quiet: 3_000 });
  assert.deepEqual({ answer, closed }, { answer: '', closed: true });
  await setting.appliance.deleteService(it.service.id);
});

test('all servers stopped: health checks alone lead to the answer, and back', async () => {
  const it = await service({ unavailableMessage: 'all gone' });
  const servers = [setting.a, setting.b, setting.c];
  await Promise.all(servers.map(server => server.stop()));
  try {
    await until(
      'the service to be down',
      async () => (await setting.appliance.serviceStatus(it.service.id))?.state === 'down',
    );
    assert.equal((await ask(it.place)).body.trim(), 'all gone');
    const occurrences = await setting.appliance.call('listOccurrences');
    assert.ok(occurrences.some(o => o.virtualService === it.service.id && o.severity !== 'good'));
  } finally {
    await Promise.all(servers.map(server => server.start()));
  }
  await until(
    'the service to be up',
    async () => (await setting.appliance.serviceStatus(it.service.id))?.state === 'up',
  );
  assert.deepEqual(await shares(it.place, 30), { a: 10, b: 10, c: 10 });
  await setting.appliance.deleteService(it.service.id);
});
