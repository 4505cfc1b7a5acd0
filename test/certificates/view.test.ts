import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import test, { after } from 'node:test';
import { selfSigned } from '../../server/api/certificates/self-signed.ts';
import { signingRequest } from '../../server/api/certificates/signing-request.ts';
import { certificateView } from '../../server/api/certificates/view.ts';
import type { Certificate } from '../../server/schema/certificate.ts';
import { type Config, emptyConfig } from '../../server/schema/config.ts';
import { fill } from '../../server/schema/derive.ts';
import { certificateView as shape } from '../../server/schema/endpoints.ts';
import { Authority } from './authority.ts';

const authority = new Authority();
after(() => authority.remove());
const now = Date.now();
const DAY = 86_400_000;
const root = authority.issue('Test Root', undefined, { authority: true });
const issuer = authority.issue('Test Issuer', root, { authority: true, days: 60 });
const names = 'DNS:www.example.com,DNS:*.example.org,IP:10.0.0.1,IP:2001:db8::1,email:a@example.com';
const leaf = authority.issue('www.example.com', issuer, { names });

const view = (more: Partial<Certificate>, config: Config = emptyConfig(), at = Date.now()) =>
  certificateView(fill('certificate', { id: 5, name: 'web', ...more }), config, at);
const problem = (chain: string, at = Date.now()) => view({ chain, key: 'k' }, emptyConfig(), at).chainProblem;
const day = (pem: string, of: 'validFrom' | 'validTo') =>
  new Date(new X509Certificate(pem)[of]).toISOString().slice(0, 10);

test('what is shown of a certificate, and nothing of its key', () => {
  const chain = leaf.certificate + issuer.certificate;
  const read = new X509Certificate(leaf.certificate);
  const services = [3, 4, 9].map(id =>
    fill('virtualService', { id, address: '10.0.0.1', port: id, certificates: id === 4 ? [] : [1, 5] }),
  );
  const shown = view({ chain, key: leaf.key, requestKey: leaf.key }, { ...emptyConfig(), virtualServices: services });
  assert.deepEqual(shown, {
    id: 5,
    name: 'web',
    chain,
    request: '',
    subject: 'www.example.com',
    names: ['www.example.com', '*.example.org', '10.0.0.1', '2001:db8::1'],
    issuer: 'Test Issuer',
    selfSigned: false,
    notBefore: Date.parse(read.validFrom),
    notAfter: Date.parse(read.validTo),
    keyType: 'EC P-256',
    fingerprint: read.fingerprint256,
    chainProblem: '',
    issuerFrom: '',
    usedBy: [3, 9],
  });
  assert.deepEqual(Object.keys(shown).sort(), Object.keys(shape.properties).sort());
});

test('a bare request shows who it is for', async () => {
  for (const [keyType, said] of [
    ['ec-p256', 'EC P-256'],
    ['rsa-2048', 'RSA 2048'],
  ] as const) {
    const made = await signingRequest({ commonName: 'Große Kiste', names: ['a.example', '10.0.0.1'], keyType });
    const shown = view(made);
    assert.deepEqual(
      { ...shown, request: '' },
      {
        id: 5,
        name: 'web',
        chain: '',
        request: '',
        subject: 'Große Kiste',
        names: ['a.example', '10.0.0.1'],
        issuer: '',
        selfSigned: false,
        notBefore: null,
        notAfter: null,
        keyType: said,
        fingerprint: '',
        chainProblem: '',
        issuerFrom: '',
        usedBy: [],
      },
    );
    assert.equal(shown.request, made.request);
  }
});

test('what clients will miss, the worst first', async () => {
  const chain = leaf.certificate + issuer.certificate;
  const old = authority.issue('old.example.com', issuer, { digest: 'sha1' }).certificate + issuer.certificate;
  const own = await selfSigned({ commonName: 'own.example' }, now);
  const begins = day(leaf.certificate, 'validFrom');
  const ends = day(leaf.certificate, 'validTo');
  assert.equal(problem(chain), '');
  assert.equal(problem(chain, now - 2 * DAY), `It is not valid before ${begins}: clients refuse it until then.`);
  assert.equal(problem(chain, now + 91 * DAY), `It ended on ${ends}: clients refuse it.`);
  assert.equal(
    problem(chain, now + 61 * DAY),
    `The intermediate “Test Issuer” ended on ${day(issuer.certificate, 'validTo')}: clients refuse the chain.`,
  );
  assert.equal(
    problem(leaf.certificate),
    'The intermediate “Test Issuer” is missing: clients that do not know it will refuse.',
  );
  assert.equal(problem(own.chain), 'It is self-signed: clients warn unless they were told to trust it.');
  assert.match(problem(old), /^“old\.example\.com” is signed with \S*SHA1, which can be forged: clients refuse it\.$/);
  const direct = authority.issue('direct.example.com', root, { days: 20 }).certificate;
  assert.equal(problem(direct), `It ends soon, on ${day(direct, 'validTo')}.`);
});

test('self-signed is said of what signed itself only', async () => {
  assert.equal(view({ chain: (await selfSigned({ commonName: 'a.example' }, now)).chain }).selfSigned, true);
  // The same name as its issuer's, but another key.
  const namesake = authority.issue('Test Issuer', issuer).certificate;
  assert.equal(view({ chain: namesake + issuer.certificate }).selfSigned, false);
});

test('a certificate without a common name goes by its first host', async () => {
  const chain = authority.issue('', issuer, { names: 'DNS:only.example' }).certificate + issuer.certificate;
  assert.equal(view({ chain }).subject, 'only.example');
});
