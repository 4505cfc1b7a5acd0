import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import test, { after } from 'node:test';
import { Authority, type Pair } from '../certificates/authority.ts';
import { applied } from '../support/appliance.ts';
import { ask, shares } from '../support/http-client.ts';
import { Setting } from '../support/setting.ts';
import { until } from '../support/wait.ts';

/**
 * The acceptance tests of the seed network (loadmaster-features.md 1.2), three servers behind one address at port 443.
 * T6 to T8 are about transparency and come with the network.
 */

const HOST = 'a.example';
const place = { address: '127.45.0.100', port: 443, tls: true, serverName: HOST };
const authority = new Authority();
const root = authority.issue('Truth Root', undefined, { authority: true });
const middle = authority.issue('Truth Middle', root, { authority: true });
const leaf: Pair = authority.issue(HOST, middle, { names: `DNS:${HOST}` });
const rootFile = authority.file(root.certificate);
after(() => authority.remove());

let service = 0;
let certificate = 0;

const setting = Setting.forThisFile(async ({ appliance }) => {
  const made = applied(
    await appliance.call('importCertificate', {
      body: { name: 'truth', pem: leaf.certificate + middle.certificate, key: leaf.key },
    }),
  );
  certificate = made.id;
  const { address, port } = place;
  const it = await appliance.addService({
    name: 'Truth',
    address,
    port,
    tls: true,
    certificates: [made.id],
    checkInterval: 2,
    checkTimeout: 1,
    checkRetries: 1,
    unavailableAction: 'redirect',
    redirectUrl: 'https://sorry.example%s',
    realServers: setting.servers(),
  });
  service = it.service.id;
  await state('up');
});

/** A busy machine may take longer over a reload than a client waits: in effect is what counts here. */
async function change(properties: object): Promise<void> {
  const { revision } = await setting.appliance.call('patchVirtualService', { at: { id: service }, body: properties });
  await until(
    'the change to be in effect',
    async () => (await setting.appliance.call('getStatus')).apply.applied >= revision,
    { limit: 30_000 },
  );
}
const state = (wanted: string) =>
  until(`the service to be ${wanted}`, async () => (await setting.appliance.serviceStatus(service))?.state === wanted);
const serverOf = async (name: string) => {
  const servers = await setting.appliance.call('listRealServers', { query: { virtualService: service } });
  return servers.find(each => each.port === setting[name as 'a' | 'b' | 'c'].port)?.id ?? 0;
};
const serverIs = async (name: string, wanted: string) => {
  const id = await serverOf(name);
  await until(`${name} to be ${wanted}`, async () => (await setting.appliance.serverStatus(id))?.state === wanted);
};

test('T1: round robin without persistence, 30 new connections: 10/10/10', async () => {
  assert.deepEqual(await shares(place, 30), { a: 10, b: 10, c: 10 });
});

test('T2: source IP persistence of six minutes: 30/0/0', async () => {
  await change({ persistence: 'source-ip', persistenceTimeout: 360 });
  const counts = await shares(place, 30);
  assert.deepEqual(Object.values(counts), [30]);
});

test('T3: active cookie: a jar that is kept stays on its server, a new jar goes to the next', async () => {
  await change({ persistence: 'active-cookie' });
  const jars = [];
  for (let i = 0; i < 3; i++) {
    const { body, cookies } = await ask(place);
    jars.push({ body, cookie: cookies[0]?.split(';')[0] ?? '' });
  }
  assert.deepEqual(jars.map(jar => jar.body).sort(), ['a', 'b', 'c'], 'each new jar goes to the next');
  for (const { body, cookie } of jars)
    assert.deepEqual(await shares(place, 10, { headers: { cookie } }), { [body]: 10 });
  await change({ persistence: 'none' });
});

test('T4: one server stops: requests go on, the service is up, the server is down', async () => {
  await setting.b.stop();
  await serverIs('b', 'down');
  assert.deepEqual(await shares(place, 20), { a: 10, c: 10 });
  const status = await setting.appliance.serviceStatus(service);
  // “Up” of a LoadMaster; one server less has a word of its own here.
  assert.equal(status?.state, 'degraded');
  assert.equal(status?.serversUp, 2);
  await setting.b.start();
  await state('up');
});

test('T5: all servers stop: 302 to the URL, path kept', async () => {
  await Promise.all([setting.a.stop(), setting.b.stop(), setting.c.stop()]);
  await state('redirect');
  const { status, headers } = await ask(place, { path: '/owa/?x=1' });
  assert.equal(status, 302);
  assert.equal(headers.location, 'https://sorry.example/owa/?x=1');
  await Promise.all([setting.a.start(), setting.b.start(), setting.c.start()]);
  await state('up');
});

test('T9: a server with a live session and an entry is disabled: both go on, new clients avoid it', async () => {
  await change({ persistence: 'source-ip', persistenceTimeout: 360 });
  const from = '127.0.9.1';
  const { body: name } = await ask(place, { from });
  const server = setting[name as 'a' | 'b' | 'c'];
  const live = ask(place, { from, path: '/hold' });
  await until('the session to be open', () => server.held === 1);
  await setting.appliance.setServers([await serverOf(name)], 'disabled');

  assert.deepEqual(await shares(place, 5, { from }), { [name]: 5 }, 'its client keeps it for the drain time');
  for (let i = 2; i < 12; i++) {
    const { body } = await ask(place, { from: `127.0.9.${i}` });
    assert.notEqual(body, name, `new client ${i}`);
  }
  server.release();
  assert.equal((await live).body, name, 'the session went on to its end');

  await setting.appliance.setServers([await serverOf(name)], 'enabled');
  await state('up');
  await change({ persistence: 'none' });
});

test('T10: an intermediate is missing: s_client says so, and so does the API before any client', async () => {
  const verified = () => {
    const args = ['s_client', '-connect', `${place.address}:443`, '-servername', HOST, '-CAfile', rootFile];
    const { stdout } = spawnSync('openssl', [...args, '-verify_hostname', HOST], {
      input: '',
      encoding: 'utf8',
      timeout: 10_000,
    });
    return /Verify return code: (\d+)/.exec(stdout)?.[1];
  };
  const problem = async () =>
    (await setting.appliance.call('getCertificate', { at: { id: certificate } })).chainProblem;
  const replace = (pem: string) =>
    setting.appliance.call('replaceCertificate', { at: { id: certificate }, body: { pem, key: leaf.key } });

  assert.equal(verified(), '0', 'with the whole chain');
  assert.equal(await problem(), '');
  applied(await replace(leaf.certificate));
  assert.match(await problem(), /Truth Middle.*missing/);
  const code = await until('the new chain to be shown', () => (verified() === '0' ? false : verified()));
  assert.ok(code === '20' || code === '21', `verify return code ${code}`);
  applied(await replace(leaf.certificate + middle.certificate));
  await until('the chain to be whole again', () => verified() === '0');
  assert.equal(await problem(), '');
});
