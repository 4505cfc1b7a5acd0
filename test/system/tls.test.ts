import assert from 'node:assert/strict';
import { connect as connectH2 } from 'node:http2';
import test from 'node:test';
import { applied, Refused } from '../support/appliance.ts';
import { ask, shares } from '../support/http-client.ts';
import { makePem, type Pem } from '../support/pem.ts';
import { freePort } from '../support/ports.ts';
import { Setting } from '../support/setting.ts';
import { startServers } from '../support/web-server.ts';

/** TLS at the service and behind it, and the headers by which servers learn of the client. */

const setting = Setting.forThisFile();
const address = '127.0.0.1';

let counter = 0;

async function imported(pem: Pem) {
  const body = { name: `certificate ${++counter}`, pem: pem.chain, key: pem.key };
  return applied(await setting.appliance.call('importCertificate', { body }));
}

async function service(properties: object, servers = setting.servers()) {
  const port = await freePort();
  const made = await setting.appliance.addService({ address, port, ...properties, realServers: servers });
  return { ...made, place: { port, tls: true } };
}

test('30 requests over TLS on new connections arrive 10/10/10', async () => {
  const certificate = await imported(await makePem('one.example'));
  const it = await service({ tls: true, certificates: [certificate.id] });
  assert.deepEqual(await shares(it.place, 30), { a: 10, b: 10, c: 10 });
  await setting.appliance.deleteService(it.service.id);
});

test('the certificate follows the name a client asks for, the first is for all others', async () => {
  const pems = [
    await makePem('one.example'),
    await makePem('two.example', 'www.two.example'),
    await makePem('*.three.example'),
  ];
  const certificates = [];
  for (const pem of pems) certificates.push((await imported(pem)).id);
  const it = await service({ tls: true, certificates });
  const shown = async (serverName?: string) => {
    const { fingerprint } = await ask({ ...it.place, ...(serverName && { serverName }) });
    return pems.findIndex(pem => pem.fingerprint === fingerprint);
  };
  assert.equal(await shown('one.example'), 0);
  assert.equal(await shown('two.example'), 1);
  assert.equal(await shown('www.two.example'), 1);
  assert.equal(await shown('any.three.example'), 2);
  assert.equal(await shown('unknown.example'), 0);
  assert.equal(await shown(), 0);

  await setting.appliance.changeService(it.service.id, { certificates: [certificates[1] ?? 0, certificates[0] ?? 0] });
  assert.equal(await shown('unknown.example'), 1);
  assert.equal(await shown('any.three.example'), 1);
  await setting.appliance.deleteService(it.service.id);
});

test('a replaced certificate is shown at once, without a reload, and outlives one', async () => {
  const pem = await makePem('one.example');
  const { id } = await imported(pem);
  const it = await service({ tls: true, certificates: [id] });
  assert.equal((await ask(it.place)).fingerprint, pem.fingerprint);
  const other = await makePem('one.example');
  const changed = await setting.appliance.call('replaceCertificate', {
    at: { id },
    body: { pem: other.chain, key: other.key },
  });
  assert.ok(
    changed.outcome.state === 'applied' && changed.outcome.effect === 'runtime',
    JSON.stringify(changed.outcome),
  );
  assert.equal((await ask(it.place)).fingerprint, other.fingerprint);
  await setting.appliance.changeService(it.service.id, { idleTimeout: 333 });
  assert.equal((await ask(it.place)).fingerprint, other.fingerprint);
  await assert.rejects(
    setting.appliance.call('deleteCertificate', { at: { id } }),
    (error: unknown) => error instanceof Refused && error.fault.code === 'CERTIFICATE_IN_USE',
  );
  await setting.appliance.deleteService(it.service.id);
  await setting.appliance.call('deleteCertificate', { at: { id } });
});

test('the oldest TLS version is kept to', async () => {
  const { id } = await imported(await makePem('one.example'));
  const it = await service({ tls: true, certificates: [id] });
  assert.equal((await ask(it.place, { maxTls: 'TLSv1.2' })).status, 200);
  await setting.appliance.changeService(it.service.id, { tlsMinimum: 'TLSv1.3' });
  await assert.rejects(ask(it.place, { maxTls: 'TLSv1.2' }));
  assert.equal((await ask(it.place)).status, 200);
  await setting.appliance.deleteService(it.service.id);
});

test('HTTP/2 works over TLS', async () => {
  const { id } = await imported(await makePem('one.example'));
  const it = await service({ tls: true, certificates: [id] });
  const session = connectH2(`https://127.0.0.1:${it.place.port}`, { rejectUnauthorized: false });
  const body = await new Promise<string>((done, fail) => {
    session.on('error', fail);
    const stream = session.request({ ':path': '/' });
    let text = '';
    stream.on('data', chunk => {
      text += chunk;
    });
    stream.on('error', fail);
    stream.on('end', () => done(text));
  }).finally(() => session.destroy());
  assert.match(body, /^[abc]$/);
  await setting.appliance.deleteService(it.service.id);
});

test('re-encrypt: servers that speak only TLS are spoken to over TLS, and checked so', async () => {
  const servers = await startServers(['s1', 's2', 's3'], { pem: await makePem('inside.example') });
  const { id } = await imported(await makePem('one.example'));
  try {
    for (const checkType of ['tcp', 'https'] as const) {
      const it = await service(
        {
          tls: true,
          certificates: [id],
          reencrypt: true,
          checkType,
          checkInterval: 1,
          checkTimeout: 1,
          checkRetries: 1,
          checkHost: 'inside.example',
        },
        servers.map(server => ({ address, port: server.port })),
      );
      await new Promise(done => setTimeout(done, 2_500));
      assert.deepEqual(await shares(it.place, 30), { s1: 10, s2: 10, s3: 10 }, checkType);
      await setting.appliance.deleteService(it.service.id);
    }
  } finally {
    await Promise.all(servers.map(server => server.stop()));
  }
});

test('TLS ends here for generic TCP too', async () => {
  const { id } = await imported(await makePem('one.example'));
  const it = await service({ type: 'tcp', tls: true, certificates: [id] });
  assert.deepEqual(await shares(it.place, 30), { a: 10, b: 10, c: 10 });
  await setting.appliance.deleteService(it.service.id);
});

test('the server learns the client’s address as configured, and only from Ballast', async () => {
  const it = await service({}, setting.servers().slice(0, 1));
  const place = { port: it.place.port };
  const got = async () => {
    await ask(place, {
      path: '/who',
      from: '127.0.5.5',
      headers: { 'x-forwarded-for': '6.6.6.6', 'x-clientside': '6.6.6.6' },
    });
    const headers = setting.a.seen.findLast(s => s.url === '/who')?.headers;
    return [headers?.['x-forwarded-for'], headers?.['x-clientside']];
  };
  assert.deepEqual(await got(), ['127.0.5.5', undefined]);

  await setting.appliance.changeService(it.service.id, { forwardedHeader: 'x-clientside' });
  const [forwarded, clientSide] = await got();
  assert.equal(forwarded, undefined);
  assert.match(String(clientSide), new RegExp(`^127\\.0\\.5\\.5:\\d+ -> 127\\.0\\.0\\.1:${place.port}$`));

  await setting.appliance.changeService(it.service.id, { forwardedHeader: 'none' });
  assert.deepEqual(await got(), [undefined, undefined]);
  await setting.appliance.deleteService(it.service.id);
});
