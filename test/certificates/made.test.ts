import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import test, { after } from 'node:test';
import { answered } from '../../server/api/certificates/answer.ts';
import { readMaterial } from '../../server/api/certificates/material.ts';
import { selfSigned } from '../../server/api/certificates/self-signed.ts';
import { type SigningRequest, signingRequest } from '../../server/api/certificates/signing-request.ts';
import type { Certificate } from '../../server/schema/certificate.ts';
import type { Fault } from '../../server/schema/faults.ts';
import { Authority } from './authority.ts';

const authority = new Authority();
after(() => authority.remove());
const now = Date.now();
const DAY = 86_400_000;
const root = authority.issue('Test Root', undefined, { authority: true });
const issuer = authority.issue('Test Issuer', root, { authority: true });

const stored = (more: Partial<Certificate>): Certificate => ({
  id: 1,
  name: 'web',
  chain: '',
  key: '',
  request: '',
  requestKey: '',
  acmeAccount: 0,
  acmeNames: [],
  renewDays: 30,
  ...more,
});

const refused = async (work: Promise<unknown>) => {
  const { code, at, message } = (await work.then(
    () => assert.fail('was accepted'),
    error => error,
  )) as Fault;
  return { code, at, message };
};

for (const keyType of ['ec-p256', 'rsa-2048', 'rsa-4096'] as const) {
  test(`self-signed, ${keyType}: openssl verifies it, for a server, and it can be imported as it is`, async () => {
    const names = ['www.example.com', '10.0.0.1', '2001:DB8::1', '*.example.org', 'münchen.example'];
    const made = await selfSigned({ commonName: 'example.com', names, keyType, days: 30 }, now);
    const file = authority.file(made.chain);
    for (const host of ['example.com', 'www.example.com', 'a.example.org', 'xn--mnchen-3ya.example'])
      assert.match(
        authority
          .openssl(['verify', '-purpose', 'sslserver', '-verify_hostname', host, '-CAfile', file, file])
          .toString(),
        /: OK/,
      );
    for (const ip of ['10.0.0.1', '2001:db8::1'])
      assert.match(authority.openssl(['verify', '-verify_ip', ip, '-CAfile', file, file]).toString(), /: OK/);
    const { chain, key } = await readMaterial({ pem: made.chain, key: made.key }, now);
    assert.deepEqual({ chain, key }, made);
    const text = authority.openssl(['x509', '-noout', '-text'], made.chain).toString();
    assert.match(
      text,
      keyType === 'ec-p256' ? /ASN1 OID: prime256v1/ : new RegExp(`Public-Key: \\(${keyType.slice(4)} bit`),
    );
    assert.match(text, /CA:FALSE/);
    assert.match(text, /Signature Algorithm: (?:ecdsa-with-SHA256|sha256WithRSAEncryption)/);
  });

  test(`signing request, ${keyType}: openssl verifies it; its answer makes a whole certificate`, async () => {
    const made = await signingRequest({ commonName: 'example.com', names: ['10.0.0.1'], keyType });
    const text = authority.openssl(['req', '-noout', '-text', '-verify'], made.request).toString();
    assert.match(text, /DNS:example\.com, IP Address:10\.0\.0\.1/);
    assert.equal(
      authority.openssl(['pkey', '-pubout'], made.requestKey).toString(),
      authority.openssl(['req', '-noout', '-pubkey'], made.request).toString(),
    );
    const answer = authority.answer(made.request, issuer);
    const done = await answered(stored(made), root.certificate + issuer.certificate + answer, now);
    assert.deepEqual(done, stored({ chain: answer + issuer.certificate, key: made.requestKey }));
    assert.ok(new X509Certificate(done.chain).checkHost('example.com'));
  });
}

test('self-signed: valid from yesterday for as long as asked', async () => {
  const { chain } = await selfSigned({ commonName: 'a.example', days: 3650 }, now);
  const read = new X509Certificate(chain);
  const second = (time: number) => Math.floor(time / 1000) * 1000;
  assert.equal(Date.parse(read.validFrom), second(now - DAY));
  assert.equal(Date.parse(read.validTo), second(now + 3650 * DAY));
});

test('two certificates made alike have different keys and numbers', async () => {
  const [a, b] = await Promise.all([0, 1].map(() => selfSigned({ commonName: 'a.example' }, now)));
  assert.notEqual(a?.key, b?.key);
  assert.notEqual(new X509Certificate(a?.chain ?? '').serialNumber, new X509Certificate(b?.chain ?? '').serialNumber);
});

/** Each part of the subject as openssl reads it, undone of nothing but its line. */
const subjectOf = (request: string) =>
  Object.fromEntries(
    authority
      .openssl(['req', '-noout', '-subject', '-nameopt', 'sep_multiline,utf8,sname'], request)
      .toString()
      .split('\n')
      .map(line => /^ {4}(\w+)=(.*)$/.exec(line)?.slice(1) ?? [])
      .filter(pair => pair.length === 2),
  );

const subjects: SigningRequest[] = [
  {
    commonName: 'example.com',
    country: 'DE',
    state: 'Baden-Württemberg',
    city: '東京',
    company: 'Ä & Söhne, Inc. + "Co" = <x>;',
    organization: '#0500',
    email: 'post@example.com',
  },
  { commonName: '#0500' },
  { commonName: '#zz' },
  { commonName: '/CN=other/O=x' },
  { commonName: 'a,CN=other+O=x' },
  { commonName: '😀'.repeat(32) },
  { commonName: 'x'.repeat(64), company: "'; DROP TABLE --" },
];
for (const subject of subjects)
  test(`subject as it was typed: ${JSON.stringify(subject)}`, async () => {
    const { request } = await signingRequest(subject);
    const { commonName: CN, country: C, state: ST, city: L, company: O, organization: OU, email } = subject;
    const wanted = { C, ST, L, O, OU, CN, emailAddress: email };
    assert.deepEqual(
      subjectOf(request),
      Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== undefined)),
    );
  });

test('the common name is among the names once if it is a host, else not', async () => {
  const names = async (commonName: string, more?: string[]) =>
    new X509Certificate((await selfSigned({ commonName, ...(more && { names: more }) }, now)).chain).subjectAltName;
  assert.equal(await names('WWW.Example.com', ['www.example.com', 'b.example']), 'DNS:www.example.com, DNS:b.example');
  assert.equal(await names('2001:db8::1', ['2001:DB8:0::1']), 'IP Address:2001:DB8:0:0:0:0:0:1');
  assert.equal(await names('*.example.com'), 'DNS:*.example.com');
  assert.equal(await names('My Own Server'), undefined);
  assert.equal(await names('My Own Server', ['a.example']), 'DNS:a.example');
  assert.equal(await names('bücher.example'), 'DNS:xn--bcher-kva.example');
});

const hosts = [
  '*',
  '*.',
  '*.*.example.com',
  'a.*.example.com',
  'w*.example.com',
  '*.10.0.0.1',
  'a b',
  'a/b',
  'a?b',
  'a#b',
  'a%41',
  'a@b',
  'a:80',
  '[::1]',
  '::1%eth0',
  'a..b',
  '.a',
  'a.',
  '-a.example',
  'a_b.example',
  '0x7f.1',
  '010.0.0.1',
  '１２７.0.0.1',
  '256.1.1.1',
  '1.2.3',
  `${'x'.repeat(64)}.example`,
  `${'x.'.repeat(126)}xx`,
];
for (const name of hosts)
  test(`no name that a client could ask for: ${name.slice(0, 40)}`, async () => {
    const { code, at } = await refused(signingRequest({ commonName: 'a.example', names: ['b.example', name] }));
    assert.deepEqual({ code, at }, { code: 'BAD_ADDRESS', at: '/names/1' });
  });

test('an answer: to another request, expired, unreadable, to nothing', async () => {
  const ours = stored(await signingRequest({ commonName: 'a.example' }));
  const other = await signingRequest({ commonName: 'a.example' });
  const fits = authority.answer(ours.request, issuer);
  const cases: [Certificate, string, number, string, string | undefined][] = [
    [ours, authority.answer(other.request, issuer), now, 'ANSWER_MISMATCH', '/pem'],
    [ours, issuer.certificate, now, 'ANSWER_MISMATCH', '/pem'],
    [ours, ours.request, now, 'CERTIFICATE_UNREADABLE', '/pem'],
    [ours, fits.slice(0, 300), now, 'CERTIFICATE_UNREADABLE', '/pem'],
    [ours, fits, now + 91 * DAY, 'CERTIFICATE_EXPIRED', '/pem'],
    [stored({ chain: fits, key: ours.requestKey }), fits, now, 'NO_REQUEST', undefined],
  ];
  for (const [certificate, pem, time, code, at] of cases) {
    const said = await refused(answered(certificate, pem, time));
    assert.deepEqual({ code: said.code, at: said.at }, { code, at });
  }
  assert.match((await refused(answered(ours, ours.request, now))).message, /this is a signing request, not its answer/);
});
