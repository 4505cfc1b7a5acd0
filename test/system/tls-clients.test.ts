import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { connect } from 'node:tls';
import type { VirtualService } from '../../server/schema/virtual-service.ts';
import { Authority, type Pair } from '../certificates/authority.ts';
import { applied, Refused } from '../support/appliance.ts';
import { ask } from '../support/http-client.ts';
import { freePort } from '../support/ports.ts';
import { Setting } from '../support/setting.ts';
import { greet } from '../support/tls-client.ts';

/** What clients of a service meet: versions, ciphers, names, client certificates; by real handshakes. */

const maker = new Authority();
after(maker.remove);
const root = maker.issue('Clients Root', undefined, { authority: true });
const issuer = maker.issue('Clients Issuer', root, { authority: true });
const ecdsa = maker.issue('one.example', issuer, { names: 'DNS:one.example' });
const rsa = maker.issue('two.example', issuer, { names: 'DNS:two.example', keyKind: 'rsa2048' });

const setting = Setting.forThisFile(async it => {
  const store = async (name: string, { certificate, key }: Pair) =>
    applied(
      await it.appliance.call('importCertificate', { body: { name, pem: certificate + issuer.certificate, key } }),
    ).id;
  ids = [await store('ecdsa', ecdsa), await store('rsa', rsa)];
});
let ids: number[] = [];

async function service(properties: Partial<VirtualService>) {
  const port = await freePort();
  const servers = setting.servers().slice(0, 1);
  const made = await setting.appliance.addService({
    address: '127.0.0.1',
    port,
    ...{ tls: true, certificates: ids },
    ...properties,
    realServers: servers,
  });
  const change = (body: Partial<VirtualService>) => setting.appliance.changeService(made.service.id, body);
  return {
    port,
    id: made.service.id,
    servers: made.servers.map(({ id }) => id),
    change,
    remove: () => setting.appliance.deleteService(made.service.id),
  };
}

const seen = () => setting.a.seen.findLast(one => one.url === '/')?.headers ?? {};
const refuses = (port: number, options: Parameters<typeof greet>[1]) => assert.rejects(greet(port, options));
const OLD = { ciphers: 'ALL:@SECLEVEL=0', minVersion: 'TLSv1' } as const;

test('versions: nothing outside of the oldest and the newest is agreed on', async () => {
  const it = await service({});
  const only = (version: 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3') => ({
    ...OLD,
    minVersion: version,
    maxVersion: version,
  });
  const agreed = async () => {
    const versions = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] as const;
    const each = await Promise.all(
      versions.map(version =>
        greet(it.port, only(version)).then(
          ({ protocol }) => protocol,
          () => '',
        ),
      ),
    );
    return each.filter(Boolean);
  };
  assert.deepEqual(await agreed(), ['TLSv1.2', 'TLSv1.3']);
  await it.change({ tlsMaximum: 'TLSv1.2' });
  assert.deepEqual(await agreed(), ['TLSv1.2']);
  await it.change({ tlsMaximum: 'TLSv1.3', tlsMinimum: 'TLSv1.3', cipherSet: 'modern' });
  assert.deepEqual(await agreed(), ['TLSv1.3']);
  await it.change({ tlsMinimum: 'TLSv1.0', cipherSet: 'backward' });
  assert.deepEqual(await agreed(), ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3']);
  await assert.rejects(
    it.change({ cipherSet: 'default' }),
    (error: unknown) => error instanceof Refused && error.fault.at === '/tlsMinimum',
  );
  await it.remove();
});

test('cipher sets: what is agreed on is the first of the set that the client has', async () => {
  const it = await service({});
  const agreed = async (suite: object = {}) => (await greet(it.port, { maxVersion: 'TLSv1.2', ...suite })).cipher;
  const agreed13 = async () => (await greet(it.port, { minVersion: 'TLSv1.3' })).cipher;
  assert.equal(await agreed(), 'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256');
  assert.equal(await agreed13(), 'TLS_AES_128_GCM_SHA256');
  await it.change({ cipherSet: 'best-practices' });
  assert.equal(await agreed(), 'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384');
  assert.equal(await agreed13(), 'TLS_AES_256_GCM_SHA384');
  await it.change({ cipherSet: 'ecdsa' });
  await refuses(it.port, { maxVersion: 'TLSv1.2', servername: 'two.example', ciphers: 'ECDHE-RSA-AES128-GCM-SHA256' });
  const cbc = { ciphers: 'ECDHE-RSA-AES256-SHA', servername: 'two.example' };
  await refuses(it.port, { maxVersion: 'TLSv1.2', ...cbc });
  await it.change({ cipherSet: 'legacy' });
  assert.equal(await agreed(cbc), 'TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA');

  const { appliance } = setting;
  const body = { name: 'ours', ciphers: 'ECDHE-ECDSA-CHACHA20-POLY1305', suites: 'TLS_CHACHA20_POLY1305_SHA256' };
  const { id } = applied(await appliance.call('createCipherSet', { body }));
  await it.change({ cipherSet: 'custom', customCipherSet: id });
  assert.equal(await agreed(), 'TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256');
  assert.equal(await agreed13(), 'TLS_CHACHA20_POLY1305_SHA256');
  const refused = (change: object, at: string) =>
    assert.rejects(
      appliance.call('patchCipherSet', { at: { id }, body: change }),
      (error: unknown) => error instanceof Refused && error.fault.code === 'CIPHER_UNKNOWN' && error.fault.at === at,
    );
  await refused({ ciphers: 'ECDHE-RSA-AES128-GCM-SHA256:NO-SUCH-CIPHER' }, '/ciphers');
  await refused({ ciphers: 'ECDHE-RSA-NULL-SHA' }, '/ciphers');
  await refused({ suites: 'TLS_AES_512_GCM_SHA512' }, '/suites');
  await assert.rejects(
    appliance.call('deleteCipherSet', { at: { id } }),
    (error: unknown) => error instanceof Refused && error.fault.code === 'IN_USE',
  );
  await it.remove();
  await appliance.call('deleteCipherSet', { at: { id } });
});

test('a name is required only where it is said so', async () => {
  const it = await service({});
  const shown = async (servername?: string) =>
    (await greet(it.port, { ...(servername && { servername }), hostHeader: 'x' })).subject;
  assert.deepEqual(
    [await shown(), await shown('two.example'), await shown('three.example')],
    ['one.example', 'two.example', 'one.example'],
  );
  await it.change({ sniRequired: true });
  assert.deepEqual([await shown('one.example'), await shown('two.example')], ['one.example', 'two.example']);
  await refuses(it.port, {});
  await refuses(it.port, { servername: 'three.example' });
  await it.remove();
});

test('HTTP/2 is offered or not', async () => {
  const it = await service({});
  const agreed = () =>
    new Promise<string>((done, fail) => {
      const options = {
        host: '127.0.0.1',
        port: it.port,
        rejectUnauthorized: false,
        ALPNProtocols: ['h2', 'http/1.1'],
      };
      const socket = connect(options, () => {
        done(String(socket.alpnProtocol));
        socket.destroy();
      });
      socket.on('error', fail);
    });
  assert.equal(await agreed(), 'h2');
  await it.change({ http2: false });
  assert.equal(await agreed(), 'http/1.1');
  await it.remove();
});

test('client certificates: shown and good, stranger’s, revoked, none', async () => {
  const { appliance } = setting;
  const good = maker.issue('good client', issuer);
  const revoked = maker.issue('bad client', issuer);
  const stranger = maker.issue('good client', maker.issue('Clients Issuer', undefined, { authority: true }));
  const evil = maker.issue('evil\\nX-Injected: 1', issuer);
  const lists = [maker.revocations(root), maker.revocations(issuer, [revoked])];
  const body = { name: 'staff', chain: issuer.certificate + root.certificate };
  const { id } = applied(await appliance.call('createAuthority', { body }));
  const it = await service({ clientCertificates: 'required', clientAuthority: id, clientHeaders: 'facts' });
  const shows = ({ certificate, key }: Pair) => ({ cert: certificate + issuer.certificate, key });
  const status = async (pair?: Pair) =>
    greet(it.port, pair && shows(pair)).then(
      answer => answer.status,
      () => 'refused',
    );
  assert.deepEqual(
    [await status(good), await status(revoked), await status(stranger), await status()],
    [200, 200, 'refused', 'refused'],
  );
  await greet(it.port, { ...shows(good), more: ['X-SSL-Client-Subject: CN=admin', 'SSL_CLIENT_VERIFY: SUCCESS'] });
  const { 'x-ssl-client-not-after': until, 'x-ssl-client-serial': serial, ...told } = clientHeaders();
  assert.deepEqual(told, {
    'x-ssl-client-verify': 'SUCCESS',
    'x-ssl-client-subject': 'CN=good client',
    'x-ssl-client-issuer': 'CN=Clients Issuer',
  });
  assert.match(String(until), /^\d{12}Z$/);
  assert.match(String(serial), /^[0-9A-F]+$/);
  await greet(it.port, shows(evil));
  assert.equal(seen()['x-injected'], undefined);

  applied(await appliance.call('patchAuthority', { at: { id }, body: { revocations: lists.join('') } }));
  assert.deepEqual(
    [await status(good), await status(revoked), await status(stranger), await status()],
    [200, 'refused', 'refused', 'refused'],
  );
  await assert.rejects(
    appliance.call('patchAuthority', { at: { id }, body: { revocations: lists[1] ?? '' } }),
    (error: unknown) => error instanceof Refused && /“Clients Root” is missing/.test(error.message),
  );

  await it.change({ clientCertificates: 'optional', clientHeaders: 'der' });
  assert.deepEqual([await status(good), await status(revoked), await status()], [200, 'refused', 200]);
  assert.deepEqual(clientHeaders(), { 'x-ssl-client-verify': 'NONE' });
  await greet(it.port, { more: ['X-SSL-Client-Cert: mine', 'x_ssl_client_verify: SUCCESS', 'SSL-Client-Foo: bar'] });
  assert.deepEqual(clientHeaders(), { 'x-ssl-client-verify': 'NONE' });
  await greet(it.port, shows(good));
  const der = good.certificate.replaceAll(/-----.*-----|\n/g, '');
  assert.equal(seen()['x-ssl-client-cert'], der);
  await it.change({ clientHeaders: 'pem' });
  await greet(it.port, shows(good));
  assert.equal(seen()['x-ssl-client-cert'], `-----BEGIN CERTIFICATE----- ${der} -----END CERTIFICATE-----`);
  await it.remove();
});

const clientHeaders = () => Object.fromEntries(Object.entries(seen()).filter(([name]) => /ssl[-_]client/.test(name)));

test('servers are told what was agreed on, and never by the client', async () => {
  const it = await service({ passCipher: true });
  await greet(it.port, {
    servername: 'one.example',
    maxVersion: 'TLSv1.2',
    more: ['X-SSL-Cipher: NULL', 'X_SSL_SNI: x'],
  });
  const told = Object.fromEntries(Object.entries(seen()).filter(([name]) => /ssl/.test(name)));
  assert.deepEqual(told, {
    'x-ssl-protocol': 'TLSv1.2',
    'x-ssl-cipher': 'ECDHE-ECDSA-AES128-GCM-SHA256',
    'x-ssl-sni': 'one.example',
  });
  await it.change({ passCipher: false });
  await greet(it.port, { more: ['X-SSL-Cipher: NULL', 'X-SSL-SNI: x', 'X-SSL-Protocol: y'] });
  assert.deepEqual(
    Object.keys(seen()).filter(name => /ssl/.test(name)),
    [],
  );
  await it.remove();
});

test('Strict-Transport-Security and its companions stand in every answer over TLS, our own too', async () => {
  const it = await service({ securityHeaders: 'preload-guards' });
  const added = async (hostHeader = 'one.example') => {
    const { status, headers } = await greet(it.port, { hostHeader });
    const names = ['strict-transport-security', 'x-content-type-options', 'x-frame-options', 'referrer-policy'];
    return [status, ...names.map(name => headers[name])];
  };
  const all = [
    'max-age=63072000; includeSubDomains; preload',
    'nosniff',
    'SAMEORIGIN',
    'strict-origin-when-cross-origin',
  ];
  assert.deepEqual(await added(), [200, ...all]);
  await setting.appliance.setServers(it.servers, 'disabled');
  assert.deepEqual(await added(), [503, ...all]);
  await setting.appliance.setServers(it.servers, 'enabled');
  await it.change({ securityHeaders: 'host' });
  assert.deepEqual(await added(), [200, 'max-age=31536000', undefined, undefined, undefined]);
  await it.remove();
});

test('a certificate is assigned to many services, and taken from others, in one revision', async () => {
  const [one, two] = [await service({ certificates: ids.slice(0, 1) }), await service({})];
  const id = ids[1] ?? 0;
  const shown = async (port: number) => (await greet(port, { servername: 'two.example' })).subject;
  assert.deepEqual([await shown(one.port), await shown(two.port)], ['one.example', 'two.example']);
  const [before] = await setting.appliance.call('listRevisions');
  await setting.appliance.call('assignCertificate', { at: { id }, body: { add: [one.id], remove: [two.id] } });
  assert.deepEqual([await shown(one.port), await shown(two.port)], ['two.example', 'one.example']);
  const [after] = await setting.appliance.call('listRevisions');
  assert.equal(after?.revision, (before?.revision ?? 0) + 1);
  await assert.rejects(
    setting.appliance.call('assignCertificate', { at: { id: ids[0] ?? 0 }, body: { remove: [two.id] } }),
    (error: unknown) => error instanceof Refused && error.fault.at === '/certificates',
  );
  await one.remove();
  await two.remove();
});

test('a companion on port 80 sends clients to https', async () => {
  // Nobody else is at port 80 of this one.
  const address = '127.0.9.80';
  const it = await service({ address });
  const companion = applied(await setting.appliance.call('redirectToHttps', { at: { id: it.id } }));
  const answer = await ask({ port: 80, address }, { path: '/a?b=c', headers: { host: 'one.example' } });
  assert.deepEqual([answer.status, answer.headers.location], [302, `https://one.example:${it.port}/a?b=c`]);
  await assert.rejects(
    setting.appliance.call('redirectToHttps', { at: { id: it.id } }),
    (error: unknown) => error instanceof Refused && error.fault.code === 'ADDRESS_TAKEN',
  );
  await setting.appliance.deleteService(companion.id);
  await it.remove();
});
