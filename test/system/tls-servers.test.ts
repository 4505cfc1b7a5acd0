import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import { connect as connectH2 } from 'node:http2';
import test, { after } from 'node:test';
import { connect } from 'node:tls';
import type { VirtualService } from '../../server/schema/virtual-service.ts';
import { Authority, type Pair } from '../certificates/authority.ts';
import { applied } from '../support/appliance.ts';
import { ask } from '../support/http-client.ts';
import { freePort } from '../support/ports.ts';
import { Setting } from '../support/setting.ts';
import { greet } from '../support/tls-client.ts';
import { type Met, TlsServer } from '../support/tls-server.ts';
import { until } from '../support/wait.ts';

/** TLS with Real Servers: whom they are taken for, what they are asked, what they are shown; by real handshakes. */

const maker = new Authority();
const root = maker.issue('Inside Root', undefined, { authority: true });
const issuer = maker.issue('Inside Issuer', root, { authority: true });
const inside = maker.issue('inside.example', issuer, { names: 'DNS:inside.example,DNS:one.example' });
const stranger = maker.issue('inside.example', maker.issue('Other Root', undefined, { authority: true }), {
  names: 'DNS:inside.example',
});
const front = maker.issue('front.example', issuer, { names: 'DNS:front.example' });
const ours = maker.issue('ballast at work', issuer);
const chained = ({ certificate, key }: Pair) => ({ certificate, key, chain: issuer.certificate });

let good: TlsServer;
let bad: TlsServer;
let certificate = 0;
let shownToServers = 0;
let authority = 0;
const setting = Setting.forThisFile(async ({ appliance }) => {
  const asks = { requestCert: true, rejectUnauthorized: false, ca: [root.certificate, issuer.certificate] };
  good = await new TlsServer(chained(inside), asks).start();
  bad = await new TlsServer(stranger).start();
  const store = async (name: string, { certificate: pem, key }: Pair) =>
    applied(await appliance.call('importCertificate', { body: { name, pem, key } })).id;
  [certificate, shownToServers] = [await store('front', front), await store('ours', ours)];
  const body = { name: 'inside', chain: root.certificate };
  authority = applied(await appliance.call('createAuthority', { body })).id;
});
after(async () => {
  maker.remove();
  await Promise.all([good?.stop(), bad?.stop()]);
});

async function service(properties: Partial<VirtualService>, port: number) {
  const own = await freePort();
  const made = await setting.appliance.addService({
    ...{ address: '127.0.0.1', port: own, tls: true, certificates: [certificate], reencrypt: true, checkType: 'none' },
    ...properties,
    realServers: [{ address: '127.0.0.1', port }],
  });
  const change = (body: Partial<VirtualService>) => setting.appliance.changeService(made.service.id, body);
  const remove = () => setting.appliance.deleteService(made.service.id);
  return { port: own, id: made.service.id, server: made.servers[0]?.id ?? 0, change, remove };
}

/** What the server met; 503 and the like as a number. */
async function met(
  port: number,
  options: Parameters<typeof greet>[1] = {},
): Promise<Partial<Met> & { status: number }> {
  const { status, body } = await greet(port, options);
  return { status, ...(status === 200 && (JSON.parse(body) as Met)) };
}

test('a server’s certificate is verified by the authority named, and only then', async () => {
  const it = await service({}, good.port);
  const other = await service({}, bad.port);
  const both = async (change: Partial<VirtualService>) => {
    await it.change(change);
    await other.change(change);
    const options = { servername: 'front.example', hostHeader: 'inside.example' };
    return [(await met(it.port, options)).status, (await met(other.port, options)).status];
  };
  assert.deepEqual(await both({ serverAuthority: 0 }), [200, 200]);
  assert.deepEqual(await both({ serverAuthority: authority }), [200, 503]);
  // The name must be right as well: the Host of the request, or the fixed one.
  assert.equal((await met(it.port, { hostHeader: 'elsewhere.example' })).status, 503);
  assert.equal((await met(it.port, { hostHeader: 'one.example:8443' })).status, 200);
  assert.deepEqual(await both({ serverName: 'inside.example' }), [200, 503]);
  assert.equal((await met(it.port, { hostHeader: 'elsewhere.example' })).status, 200);
  assert.deepEqual(await both({ serverName: 'elsewhere.example' }), [503, 503]);
  assert.deepEqual(await both({ serverName: '', serverAuthority: 0 }), [200, 200]);
  await it.remove();
  await other.remove();
});

test('an HTTPS check verifies as traffic does', async () => {
  const check = { checkType: 'https', checkInterval: 1, checkTimeout: 1, checkRetries: 1 } as const;
  const named = { serverAuthority: authority, serverName: 'inside.example' };
  const it = await service({ ...check, ...named }, good.port);
  const other = await service({ ...check, ...named }, bad.port);
  const state = async (server: number) => (await setting.appliance.serverStatus(server))?.state;
  await until('the stranger to be down', async () => (await state(other.server)) === 'down');
  assert.equal(await state(it.server), 'up');
  assert.equal((await met(it.port)).status, 200);
  await it.remove();
  await other.remove();
});

test('which name a server is asked for', async () => {
  const it = await service({}, good.port);
  const options = { servername: 'front.example', hostHeader: 'one.example:444' };
  assert.equal((await met(it.port, options)).servername, 'one.example');
  await it.change({ passServerName: true });
  assert.equal((await met(it.port, options)).servername, 'front.example');
  await it.change({ passServerName: false, serverName: 'inside.example' });
  assert.equal((await met(it.port, options)).servername, 'inside.example');
  await it.remove();
});

test('a client certificate is shown to servers that ask; its use keeps it from being deleted', async () => {
  const it = await service({}, good.port);
  assert.deepEqual([(await met(it.port)).client, (await met(it.port)).authorized], ['', false]);
  await it.change({ serverCertificate: shownToServers });
  assert.deepEqual([(await met(it.port)).client, (await met(it.port)).authorized], ['ballast at work', true]);
  const { usedBy } = await setting.appliance.call('getCertificate', { at: { id: shownToServers } });
  assert.deepEqual(usedBy, [it.id]);
  await assert.rejects(setting.appliance.call('deleteCertificate', { at: { id: shownToServers } }), /is used by/);
  await it.remove();
});

test('HTTP/2 to servers, HTTP/2 from clients, and WebSockets beside it', async () => {
  const it = await service({}, good.port);
  assert.equal((await met(it.port)).version, '1.1');
  await it.change({ serverHttp2: true });
  assert.equal((await met(it.port)).version, '2.0');

  const session = connectH2(`https://127.0.0.1:${it.port}`, { rejectUnauthorized: false });
  const text = await new Promise<string>((done, fail) => {
    let body = '';
    const stream = session.request({ ':path': '/' });
    stream.on('data', chunk => {
      body += chunk;
    });
    stream.on('error', fail);
    session.on('error', fail);
    stream.on('end', () => done(body));
  }).finally(() => session.destroy());
  assert.equal((JSON.parse(text) as Met).version, '2.0');

  for (const serverHttp2 of [true, false]) {
    await it.change({ serverHttp2 });
    assert.match(await echoed(it.port), /^HTTP\/1\.1 101 [\s\S]*\r\n\r\nthere and back$/);
  }
  await it.remove();
});

/** Opens a WebSocket, sends something and waits for its echo. */
const echoed = (port: number) =>
  new Promise<string>((done, fail) => {
    let answer = '';
    const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false }, () =>
      socket.write(
        [
          ...['GET /chat HTTP/1.1', 'Host: one.example', 'Connection: Upgrade', 'Upgrade: websocket'],
          ...['Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', '', ''],
        ].join('\r\n'),
      ),
    );
    socket.setTimeout(8_000, () => socket.destroy(new Error(`only ${JSON.stringify(answer)} for 8 s`)));
    socket.on('data', chunk => {
      const opened = answer.includes('\r\n\r\n');
      answer += chunk.toString('latin1');
      if (!opened && answer.includes('\r\n\r\n')) socket.write('there and back');
      if (answer.endsWith('back')) {
        done(answer);
        socket.destroy();
      }
    });
    socket.on('error', fail);
  });

test('servers that speak only TLS 1.0 are reached when that is allowed', async () => {
  const old = await new TlsServer(chained(inside), {
    ...{ minVersion: 'TLSv1', maxVersion: 'TLSv1', ciphers: 'ALL:@SECLEVEL=0' },
  }).start();
  try {
    const it = await service({}, old.port);
    assert.equal((await met(it.port)).status, 503);
    await it.change({ serverTlsMinimum: 'TLSv1.0' });
    assert.equal((await met(it.port)).protocol, 'TLSv1');
    await it.remove();
  } finally {
    await old.stop();
  }
});

test('reversed: plain text from clients, TLS to servers; for any TCP too', async () => {
  for (const type of ['http', 'tcp'] as const) {
    const it = await service(
      { type, tls: false, certificates: [], reencrypt: false, reverse: true, checkType: 'tcp' },
      good.port,
    );
    const answer = await ask({ port: it.port }, { headers: { host: 'one.example' } });
    const seen = JSON.parse(answer.body) as Met;
    assert.deepEqual([seen.protocol, seen.servername], ['TLSv1.3', type === 'http' ? 'one.example' : '']);
    await it.remove();
  }
});

test('pass-through: the handshake is the server’s own', async () => {
  const it = await service(
    { type: 'tcp', tls: false, certificates: [], reencrypt: false, checkType: 'tcp' },
    good.port,
  );
  const answer = await greet(it.port, { servername: 'inside.example', ca: [root.certificate] });
  assert.deepEqual([answer.subject, answer.authorized], ['inside.example', true]);
  await it.remove();
});

test('a certificate without its intermediate is completed from the authorities', async () => {
  const { appliance } = setting;
  const first = await appliance.call('getCertificate', { at: { id: certificate } });
  assert.match(first.chainProblem, /^The intermediate “Inside Issuer” is missing/);
  const it = await service({}, good.port);
  const trusts = async () => (await greet(it.port, { servername: 'front.example', ca: [root.certificate] })).authorized;
  assert.equal(await trusts(), false);
  const body = { name: 'intermediates', chain: issuer.certificate };
  const { id } = applied(await appliance.call('createAuthority', { body }));
  assert.equal(await trusts(), true);
  assert.equal((await appliance.call('getCertificate', { at: { id: certificate } })).chainProblem, '');
  await it.remove();
  await appliance.call('deleteAuthority', { at: { id } });
});

test('redirects of servers back to the same host get the scheme clients use', async t => {
  let location = '';
  const server: Server = createServer((_request, response) => response.writeHead(302, { location }).end());
  const port = await freePort();
  await new Promise<void>(done => server.listen(port, '127.0.0.1', done));
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const it = await service({ reencrypt: false, rewriteLocation: 'https' }, port);
  const rewritten = async (from: string, hostHeader = 'one.example') => {
    location = from;
    return (await greet(it.port, { hostHeader })).headers.location;
  };
  for (const [from, to] of [
    ['http://one.example/a?b=http://x', 'https://one.example/a?b=http://x'],
    ['http://one.example:80/a,b', 'https://one.example/a,b'],
    ['HTTP://ONE.example', 'https://ONE.example'],
    ['http://one.example?x', 'https://one.example?x'],
    ['http://one.example:8080/', 'https://one.example:8080/'],
    ['http://two.example/', 'http://two.example/'],
    ['http://one.example.evil/', 'http://one.example.evil/'],
    ['https://one.example/', 'https://one.example/'],
    ['/only/a/path', '/only/a/path'],
  ] as const)
    assert.equal(await rewritten(from), to, from);
  assert.equal(await rewritten('http://one.example:8443/', 'one.example:8443'), 'https://one.example:8443/');
  await it.change({ rewriteLocation: 'none' });
  assert.equal(await rewritten('http://one.example/'), 'http://one.example/');
  await it.remove();
});
