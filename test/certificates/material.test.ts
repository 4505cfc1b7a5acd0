import assert from 'node:assert/strict';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import test, { after } from 'node:test';
import { readMaterial } from '../../server/api/certificates/material.ts';
import type { Fault, FaultCode } from '../../server/schema/faults.ts';
import { Authority, endlessKey, garbled, half } from './authority.ts';

/** What goes wrong with files in practice; their common forms are in import-forms.test.ts. */

const authority = new Authority();
after(() => authority.remove());
const now = Date.now();
const DAY = 86_400_000;

const root = authority.issue('Test Root', undefined, { authority: true });
const upper = authority.issue('Test Upper', root, { authority: true });
const lower = authority.issue('Test Lower', upper, { authority: true });
const leaf = authority.issue('www.example.com', lower, { names: 'DNS:www.example.com' });
const rsaLeaf = authority.issue('rsa.example.com', lower, { keyKind: 'rsa2048' });
const right = leaf.certificate + lower.certificate + upper.certificate;

/** What the caller is told: code, place and sentence. */
async function refusal(request: Parameters<typeof readMaterial>[0], at = now) {
  const fault = await readMaterial(request, at).then(
    () => assert.fail('was accepted'),
    (error: Fault) => error,
  );
  return { code: fault.code as FaultCode, at: fault.at, message: fault.message };
}

const sameKey = (a: string, b: string) => assert.ok(createPrivateKey(a).equals(createPrivateKey(b)));

test('two intermediates are put in order, and openssl verifies the stored chain up to the root', async () => {
  const all = [root, upper, leaf, lower, upper].map(pair => pair.certificate);
  for (const order of [all, all.toReversed(), [...all.slice(3), ...all.slice(0, 3)]]) {
    const { chain } = await readMaterial({ pem: order.join(''), key: leaf.key }, now);
    assert.equal(chain, right);
    const file = authority.file(chain);
    const args = ['verify', '-CAfile', authority.file(root.certificate), '-untrusted', file, file];
    assert.match(authority.openssl(args).toString(), /: OK/);
  }
});

test('text as it comes out of mail, editors, YAML and cat', async () => {
  const texts = [
    `\uFEFFBag Attributes\n  friendlyName: x\n${right}\nsubject=CN = x\n${leaf.key}\n\n`,
    (right + leaf.key).replaceAll('\n', '\r\n'),
    (right + leaf.key).replaceAll('\n', '\r'),
    (right + leaf.key).replaceAll(/^/gm, '    '),
    (right + leaf.key).replaceAll('\n', '  \n'),
    // Files put together that did not end with a line feed.
    (right + leaf.key).replaceAll('-----\n-----', '----------'),
  ];
  for (const pem of texts) {
    const read = await readMaterial({ pem }, now);
    assert.equal(read.chain, right);
    sameKey(read.key, leaf.key);
  }
});

const legacy = ['-provider', 'legacy', '-provider', 'default'];
const locks: Record<string, (key: string, passphrase: string) => string> = {
  'PKCS#8, AES and PBKDF2': (key, pass) => authority.locked(key, pass),
  'PKCS#8 with scrypt': (key, pass) => authority.locked(key, pass, '-scrypt'),
  'PKCS#8 with 3DES': (key, pass) => authority.locked(key, pass, '-v1', 'PBE-SHA1-3DES'),
  'PKCS#8 with MD5 and DES': (key, pass) => authority.locked(key, pass, '-v1', 'PBE-MD5-DES', ...legacy),
  'traditional with AES': (key, pass) =>
    authority.openssl(['pkey', '-traditional', '-aes256', '-passout', `pass:${pass}`], key).toString(),
  'traditional with 3DES': (key, pass) =>
    authority.openssl(['pkey', '-traditional', '-des3', '-passout', `pass:${pass}`], key).toString(),
};
for (const [name, lock] of Object.entries(locks))
  for (const pair of [leaf, rsaLeaf])
    test(`encrypted key of ${pair === leaf ? 'EC' : 'RSA'}: ${name}`, async () => {
      const passphrase = 'ein Satz mit ü & "$HOME"';
      const key = lock(pair.key, passphrase);
      assert.match(key, /ENCRYPTED/);
      sameKey((await readMaterial({ pem: pair.certificate, key, passphrase }, now)).key, pair.key);
      sameKey((await readMaterial({ pem: key + pair.certificate, passphrase }, now)).key, pair.key);
      assert.deepEqual(await refusal({ pem: pair.certificate, key, passphrase: 'another' }), {
        code: 'KEY_UNREADABLE',
        at: '/passphrase',
        message: 'The private key could not be read: the pass phrase is wrong.',
      });
      // A key that is cut off is not a matter of its pass phrase.
      const lines = key.trim().split('\n');
      const short = [...lines.slice(0, -2), lines.at(-2)?.slice(0, 6), lines.at(-1)].join('\n');
      assert.deepEqual(await refusal({ pem: pair.certificate, key: short, passphrase }), {
        code: 'KEY_UNREADABLE',
        at: '/key',
        message: 'The private key could not be read: it is damaged.',
      });
    });

test('a key that asks for endless derivation is given up, and the process goes on meanwhile', async () => {
  let longest = 0;
  let last = performance.now();
  const clock = setInterval(() => {
    longest = Math.max(longest, performance.now() - last);
    last = performance.now();
  }, 20);
  const started = performance.now();
  const said = await refusal({ pem: leaf.certificate, key: endlessKey(), passphrase: 'x' });
  clearInterval(clock);
  assert.deepEqual(said, {
    code: 'KEY_UNREADABLE',
    at: '/key',
    message: 'The private key could not be read: it takes too long to decrypt.',
  });
  assert.ok(performance.now() - started < 30_000);
  assert.ok(longest < 2_000, `nothing else ran for ${longest} ms`);
});

const forms: Record<string, string[]> = {
  'modern (AES-256, SHA-256)': [],
  'of Windows Server 2008 (3DES)': ['-legacy', '-descert'],
  'of old (RC2-40, 3DES)': ['-legacy', '-certpbe', 'PBE-SHA1-RC2-40', '-keypbe', 'PBE-SHA1-3DES', '-macalg', 'sha1'],
};
for (const [name, how] of Object.entries(forms))
  for (const pair of [leaf, rsaLeaf])
    test(`PFX ${name} with ${pair === leaf ? 'EC' : 'RSA'}`, async () => {
      const others = [lower, upper, root].map(one => one.certificate);
      const pfx = authority.pfx(pair, others, 'geheïm 1', ...how);
      const read = await readMaterial({ pfx, passphrase: 'geheïm 1' }, now);
      assert.equal(read.chain, pair.certificate + lower.certificate + upper.certificate);
      sameKey(read.key, pair.key);
      for (const [passphrase, reason] of [
        ['wrong', 'the pass phrase is wrong'],
        ['', 'it is encrypted: give its pass phrase'],
      ] as const)
        assert.deepEqual(await refusal({ pfx, passphrase }), {
          code: 'KEY_UNREADABLE',
          at: '/passphrase',
          message: `The private key could not be read: ${reason}.`,
        });
    });

test('of two certificates for one key the one that ends last is taken, of two such issuers too', async () => {
  const renewedLower = authority.issue('Test Lower', upper, { authority: true, key: lower.key, days: 300 }).certificate;
  const renewed = authority.issue('www.example.com', lower, { key: leaf.key, days: 200 }).certificate;
  const both = [leaf.certificate, renewed, lower.certificate, renewedLower];
  for (const pem of [both.join(''), both.toReversed().join('')])
    assert.equal((await readMaterial({ pem, key: leaf.key }, now)).chain, renewed + renewedLower);
});

const cut = half(leaf.certificate);
const der = new X509Certificate(leaf.certificate).raw;
const noBegin = 'there is no line “-----BEGIN CERTIFICATE-----”';
const cutOff = 'the text ends in the middle of one';
const noPfx = 'this is not a PFX file, or it is damaged';
const pkcs7 = authority.openssl(['crl2pkcs7', '-nocrl', '-certfile', authority.file(right)]).toString();
const unreadable: [string, Parameters<typeof readMaterial>[0], string, string][] = [
  ['base64 alone', { pem: der.toString('base64') }, '/pem', noBegin],
  ['a chain cut off', { pem: leaf.certificate + half(lower.certificate), key: leaf.key }, '/pem', cutOff],
  ['one that runs into the next', { pem: `${cut}\n${lower.certificate}`, key: leaf.key }, '/pem', cutOff],
  ['garbled', { pem: garbled(leaf.certificate), key: leaf.key }, '/pem', 'one of them is damaged'],
  ['PKCS#7', { pem: pkcs7, key: leaf.key }, '/pem', 'this is PKCS#7; ask its issuer for PEM'],
  ['PFX that is text', { pfx: Buffer.from('not a PFX').toString('base64') }, '/pfx', noPfx],
  ['PFX that is a certificate', { pfx: der.toString('base64') }, '/pfx', noPfx],
];
for (const [name, request, at, reason] of unreadable)
  test(`no certificate: ${name}`, async () => {
    const message = `No certificate could be read: ${reason}.`;
    assert.deepEqual(await refusal(request), { code: 'CERTIFICATE_UNREADABLE', at, message });
  });

test('what the engine would not load is refused: SHA-1 on a certificate or its issuer, but not on what signed itself', async () => {
  const old = authority.issue('old.example.com', lower, { digest: 'sha1' });
  const oldIssuer = authority.issue('Old Issuer', root, { authority: true, digest: 'sha1' });
  const below = authority.issue('below.example.com', oldIssuer);
  for (const [pem, key, name] of [
    [old.certificate, old.key, 'old.example.com'],
    [below.certificate + oldIssuer.certificate, below.key, 'Old Issuer'],
  ] as const) {
    const { code, at, message } = await refusal({ pem, key });
    assert.deepEqual({ code, at }, { code: 'CERTIFICATE_WEAK', at: '/pem' });
    assert.ok(message.startsWith(`“${name}” is signed with `), message);
  }
  const own = authority.issue('own.example.com', undefined, { digest: 'sha1' });
  assert.equal((await readMaterial({ pem: own.certificate, key: own.key }, now)).chain, own.certificate);
});

test('an issuer’s namesake with another key is not taken for it', async () => {
  const plain = { authority: true, anonymous: true };
  const issuer = authority.issue('Plain Issuer', root, plain);
  const namesake = authority.issue('Plain Issuer', root, { ...plain, days: 400 }).certificate;
  const own = authority.issue('plain.example.com', issuer, { anonymous: true });
  const pem = own.certificate + namesake + issuer.certificate;
  assert.equal((await readMaterial({ pem, key: own.key }, now)).chain, own.certificate + issuer.certificate);
});

test('a certificate that has not begun is taken', async () => {
  assert.equal((await readMaterial({ pem: right, key: leaf.key }, now - 30 * DAY)).chain, right);
});
