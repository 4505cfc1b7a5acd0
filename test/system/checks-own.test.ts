import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import test from 'node:test';
import type { VirtualService } from '../../server/schema/virtual-service.ts';
import { kill, type Refused } from '../support/appliance.ts';
import { CheckServer, NameServer } from '../support/check-server.ts';
import { ask } from '../support/http-client.ts';
import { freePort } from '../support/ports.ts';
import { Setting } from '../support/setting.ts';
import { until } from '../support/wait.ts';

/** Checks before they are stored, checks of our own and what outlives us, and which answers of HTTP are good. */

const setting = Setting.forThisFile();
const address = '127.0.0.1';
const tcp = { type: 'tcp' } as const;
const quick = { checkInterval: 1, checkTimeout: 1, checkRetries: 1 };
const serverState = async (id: number) => (await setting.appliance.serverStatus(id))?.state;

test('a check can be tried before it is stored: the engine itself says what would be', async t => {
  const mail = await new CheckServer('smtp').start();
  const web = await new CheckServer('http').start();
  const names = await new NameServer().start();
  t.after(() => [mail, web, names].map(server => server.stop()));
  const head = (await setting.appliance.call('getHealth')).head;
  const tried = (service: Partial<VirtualService>, ...ports: number[]) =>
    setting.appliance.call('tryChecks', { body: { service, servers: ports.map(port => ({ address, port })) } });
  const nobody = await freePort();
  const [well, refused] = await tried(
    { ...tcp, checkType: 'smtp', checkTimeout: 1, checkInterval: 9 },
    mail.port,
    nobody,
  );
  assert.deepEqual([well?.up, well?.port, well?.reason], [true, mail.port, '']);
  assert.equal(refused?.up, false);
  assert.match(refused?.reason ?? '', new RegExp(`refused.* \\(check smtp port ${nobody}\\)$`));
  const [wrong] = await tried(
    { checkType: 'http', checkTimeout: 1, checkInterval: 9, checkUrl: '/x', checkCodes: '404' },
    web.port,
  );
  assert.deepEqual(
    [wrong?.up, wrong?.code, wrong?.reason],
    [false, 401, `answered 401 (check http port ${web.port} /x)`],
  );
  const [dns] = await tried({ ...tcp, checkType: 'dns', checkPort: names.port }, 53);
  assert.equal(dns?.up, true);
  const [ping] = await tried({ checkType: 'icmp' }, 1);
  assert.equal(ping?.up, true);
  await assert.rejects(
    tried({ checkType: 'http', checkInterval: 4, checkTimeout: 2, checkRetries: 2 }, 1),
    (error: Refused) => error.fault.code === 'NEEDS' && error.fault.at === '/service/checkInterval',
  );
  await assert.rejects(
    tried({ checkType: 'http', checkMethod: 'GET', checkPattern: '(?<n>a)(?<n>b)' }, 1),
    (error: Refused) => error.fault.code === 'INVALID' && error.fault.at === '/service/checkPattern',
  );
  assert.equal((await setting.appliance.call('getHealth')).head, head, 'nothing was stored');
});

test('the last word of a check of our own outlives a reload and the death of the data plane', async () => {
  const names = await new NameServer().start();
  const port = await freePort();
  const made = await setting.appliance.addService({
    address,
    port,
    checkType: 'dns',
    checkPort: names.port,
    ...quick,
    realServers: [{ address, port: setting.a.port }],
  });
  const status = async () => (await ask({ port })).status;
  await until('it to serve', async () => (await status()) === 200);
  names.mood = 'silent';
  await until('it to serve nobody', async () => (await status()) === 503);
  const reloads = await setting.appliance.addService({ address, port: await freePort() });
  assert.equal(await status(), 503, 'still down behind a reload');
  const [before] = setting.appliance.processes('data plane');
  kill(before?.pid ?? 0);
  for (const end = Date.now() + 1_500; Date.now() < end; )
    assert.equal(await status(), 503, 'down without a data plane');
  await until('a new data plane', () => setting.appliance.processes('data plane').some(p => p.pid !== before?.pid));
  names.mood = 'well';
  await until('it to serve again', async () => (await status()) === 200, { limit: 20_000 });
  await until('it to be seen', async () => (await serverState(made.servers[0]?.id ?? 0)) === 'up');
  await setting.appliance.deleteService(made.service.id);
  await setting.appliance.deleteService(reloads.service.id);
  names.stop();
});

test('an own list of codes takes the place of the usual ones', async t => {
  const web = await new CheckServer('http').start();
  t.after(() => web.stop());
  const made = await setting.appliance.addService({
    address,
    port: await freePort(),
    ...quick,
    checkType: 'http',
    realServers: [{ address, port: web.port }],
  });
  const state = () => serverState(made.servers[0]?.id ?? 0);
  await until('401 to be well', async () => (await state()) === 'up');
  await setting.appliance.changeService(made.service.id, { checkCodes: '500 404' });
  await until('401 not to be well any more', async () => (await state()) === 'down');
  web.mood = 'bad';
  await until('500 to be well now', async () => (await state()) === 'up');
});

test('ICMP: a host that is silent is down, and up again when it answers', async t => {
  const space = `ballast-hc-${process.pid}`;
  const link = `bhc${process.pid % 100_000}`;
  const ip = (...args: string[]) => execFileSync('ip', args, { stdio: 'pipe' });
  const host = `10.213.${process.pid % 250}`;
  ip('netns', 'add', space);
  t.after(() => ip('netns', 'del', space));
  ip('link', 'add', link, 'type', 'veth', 'peer', 'name', 'inner', 'netns', space);
  ip('addr', 'add', `${host}.1/30`, 'dev', link);
  ip('link', 'set', 'dev', link, 'up');
  ip('-n', space, 'addr', 'add', `${host}.2/30`, 'dev', 'inner');
  ip('-n', space, 'link', 'set', 'dev', 'inner', 'up');
  const made = await setting.appliance.addService({
    address,
    port: await freePort(),
    checkType: 'icmp',
    ...quick,
    realServers: [
      { address: `${host}.2`, port: 80 },
      { address: '127.0.0.1', port: 80 },
    ],
  });
  const [far, near] = made.servers.map(rs => rs.id) as [number, number];
  await until('both to be up', async () => (await serverState(far)) === 'up' && (await serverState(near)) === 'up');
  const quiet = (value: 0 | 1) =>
    ip('netns', 'exec', space, 'sysctl', '-q', '-w', `net.ipv4.icmp_echo_ignore_all=${value}`);
  quiet(1);
  await until('the silent host to be down', async () => (await serverState(far)) === 'down', { limit: 8_000 });
  assert.match((await setting.appliance.serverStatus(far))?.reason ?? '', /^no answer within 1 s \(check icmp\)$/);
  assert.equal(await serverState(near), 'up');
  quiet(0);
  await until('it to be up again', async () => (await serverState(far)) === 'up');
  await setting.appliance.deleteService(made.service.id);
});
