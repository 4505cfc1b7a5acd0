import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import type { AcmeCertificate } from '../../server/schema/acme-calls.ts';
import { AcmeServer } from '../support/acme-server.ts';
import { applied, kill, Refused } from '../support/appliance.ts';
import { ask } from '../support/http-client.ts';
import { freePort } from '../support/ports.ts';
import { Setting } from '../support/setting.ts';
import { greet } from '../support/tls-client.ts';
import { until } from '../support/wait.ts';

/** Certificates that are issued and renewed by themselves, against a real ACME authority on loopback. */

const address = '127.0.0.1';
const server = new AcmeServer();
let account = 0;
let plainPort = 0;
let tlsPort = 0;
let certificate = 0;

const setting = Setting.forThisFile(async ({ appliance, a }) => {
  await server.start();
  plainPort = await freePort();
  tlsPort = await freePort();
  server.servicePort = plainPort;
  server.binding = { kid: 'customer-7', hmac: Buffer.from('a secret of thirty-two bytes, so').toString('base64url') };
  const body = { address, port: plainPort, realServers: [{ address, port: a.port }] };
  await appliance.addService(body);
  const trust = applied(
    await appliance.call('createAuthority', { body: { name: 'ACME test', chain: server.root.certificate } }),
  );
  const made = await appliance.call('createAcmeAccount', {
    body: {
      name: 'test authority',
      directory: server.directory,
      email: 'me@a.example',
      trust: trust.id,
      challengePort: plainPort,
      keyId: server.binding.kid,
      hmac: server.binding.hmac,
    },
  });
  account = applied(made).id;
});
after(() => server.stop());

const stateOf = async (id: number) =>
  (await setting.appliance.call('listAcmeCertificates')).find(one => one.id === id) as AcmeCertificate;

/** The order has ended, well or not. */
const ended = (id: number) =>
  until(
    'the order to end',
    async () => {
      const state = await stateOf(id);
      return (state.state === 'issued' || state.state === 'failed') && state;
    },
    { limit: 25_000 },
  ) as unknown as Promise<AcmeCertificate>;

const shown = async () => (await ask({ port: tlsPort, tls: true })).fingerprint;
const renew = (id = certificate) => setting.appliance.call('renewAcmeCertificate', { at: { id } });

test('who has not agreed to the terms is told so, as a sentence with the address of the terms', async () => {
  const body = { name: 'by itself', account, names: ['a.example', 'www.a.example'] };
  certificate = applied(await setting.appliance.call('orderAcmeCertificate', { body })).id;
  const { state, error, nextTry, lastTry } = await ended(certificate);
  assert.equal(state, 'failed');
  assert.match(error, /^The authority registers only .*acme\.example\/terms.*\.$/);
  const wait = ((nextTry ?? 0) - (lastTry ?? 0)) / 3_600_000;
  assert.ok(wait >= 1 && wait < 1.1, `again after ${wait} hours`);
  assert.equal(server.accounts, 0);
});

test('a certificate is issued for a bound account, over a refused nonce, and served', async () => {
  applied(await setting.appliance.call('patchAcmeAccount', { at: { id: account }, body: { termsAgreed: true } }));
  server.badNonces = 1;
  await renew();
  const { state, error, notAfter } = await ended(certificate);
  assert.deepEqual([state, error], ['issued', '']);
  assert.ok((notAfter ?? 0) > Date.now() + 80 * 86_400_000);
  assert.deepEqual(
    server.proofs.map(({ name, status }) => [name, status]),
    [
      ['a.example', 200],
      ['www.a.example', 200],
    ],
  );
  assert.deepEqual(server.contacts, ['mailto:me@a.example']);
  await setting.appliance.addService({
    address,
    port: tlsPort,
    tls: true,
    certificates: [certificate],
    realServers: [{ address, port: setting.a.port }],
  });
  const greeting = await greet(tlsPort, { servername: 'www.a.example', ca: server.root.certificate });
  assert.equal(greeting.authorized, true);
  const [newest] = await setting.appliance
    .call('listRevisions', { query: { limit: 5 } })
    .then(all => all.filter(one => one.who === 'acme'));
  assert.match(newest?.words.join() ?? '', /by itself/);
  const stored = JSON.stringify(await setting.appliance.call('listAcmeAccounts'));
  assert.ok(!stored.includes('PRIVATE KEY') && !stored.includes('hmac'), 'no secret is shown');
});

test('renewed on demand: another certificate at once, without a reload, with the same account', async () => {
  const before = await shown();
  const { reloads } = (await setting.appliance.call('getStatus')).engine;
  await renew();
  assert.equal((await ended(certificate)).state, 'issued');
  assert.notEqual(await shown(), before);
  assert.equal((await setting.appliance.call('getStatus')).engine.reloads, reloads);
  assert.equal(server.accounts, 1);
});

test('a token that is not active gets the service’s own answer; an active one only from GET, and not afterwards', async () => {
  const path = '/.well-known/acme-challenge/';
  assert.equal((await ask({ port: plainPort }, { path: `${path}${'x'.repeat(43)}` })).body, 'a');
  const seen: string[] = [];
  let active = '';
  server.beforeProof = async (_, token) => {
    active = token;
    seen.push((await ask({ port: plainPort }, { path: `${path}${token}`, method: 'POST' })).body);
    seen.push((await ask({ port: plainPort }, { path: `${path}${token}/` })).body);
    seen.push((await ask({ port: plainPort }, { path: `${path}${token.slice(0, -1)}` })).body);
  };
  await renew();
  assert.equal((await ended(certificate)).state, 'issued');
  server.beforeProof = async () => {};
  assert.deepEqual(seen, Array(6).fill('a'));
  assert.equal((await ask({ port: plainPort }, { path: `${path}${active}` })).body, 'a');
});

test('a proof that fails leaves the old certificate and says why', async () => {
  const before = await shown();
  server.servicePort = setting.b.port;
  await renew();
  const { state, error } = await ended(certificate);
  server.servicePort = plainPort;
  assert.equal(state, 'failed');
  assert.match(error, /a\.example could not be proved: .*answered 200 with another text\.$/);
  assert.equal(await shown(), before);
  const told = await setting.appliance.call('listOccurrences');
  assert.ok(told.some(one => one.severity === 'bad' && /“by itself” was not issued by ACME/.test(one.text)));
});

test('a reload in the middle of an order does not disturb it', async () => {
  const services = await setting.appliance.call('listVirtualServices');
  const plain = services.find(vs => vs.port === plainPort)?.id ?? 0;
  const { reloads } = (await setting.appliance.call('getStatus')).engine;
  let timeout = 300;
  server.beforeProof = async () => {
    await setting.appliance.changeService(plain, { idleTimeout: ++timeout });
  };
  await renew();
  const { state, error } = await ended(certificate);
  server.beforeProof = async () => {};
  assert.deepEqual([state, error], ['issued', '']);
  assert.ok((await setting.appliance.call('getStatus')).engine.reloads >= reloads + 2);
});

test('an API that dies in the middle of an order begins it again', async () => {
  const before = await shown();
  const { orders } = server;
  let killed = false;
  server.beforeProof = async () => {
    if (killed) return;
    killed = true;
    for (const { pid } of setting.appliance.processes('api')) kill(pid);
  };
  await renew();
  await until('another certificate', async () => (await shown()) !== before, { limit: 30_000 });
  server.beforeProof = async () => {};
  assert.ok(server.orders >= orders + 2);
});

test('what is missing is said before the order starts', async () => {
  const { orders } = server;
  const made = await setting.appliance.call('createAcmeAccount', {
    body: { name: 'elsewhere', directory: server.directory, challengePort: await freePort() },
  });
  await assert.rejects(
    setting.appliance.call('orderAcmeCertificate', {
      body: { name: 'never', account: applied(made).id, names: ['b.example'] },
    }),
    (error: unknown) => error instanceof Refused && /HTTP service without SSL on port/.test(error.message),
  );
  assert.equal(server.orders, orders);
});
