import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import test, { after, before } from 'node:test';
import { type MaterialRequest, readMaterial } from '../../server/api/certificates/material.ts';
import { pemBlocks } from '../../server/api/certificates/pem.ts';
import { Fault, type FaultCode } from '../../server/schema/faults.ts';
import { Authority } from './authority.ts';

const maker = new Authority();
const PASS = 'open sesame: ü';
let root = '';
let middle = '';
let leaf = '';
let key = '';

before(() => {
  maker.hierarchy();
  [root, middle, leaf, key] = ['root.pem', 'middle.pem', 'leaf.pem', 'leaf.key'].map(maker.read) as [
    string,
    string,
    string,
    string,
  ];
});
after(maker.remove);

const read = (request: MaterialRequest, now = Date.now()) => readMaterial(request, now);

const subjectsOf = (chain: string) =>
  pemBlocks(chain).map(block => /CN=(.*)/.exec(new X509Certificate(block.text).subject)?.[1]);

async function refused(request: MaterialRequest, code: FaultCode, at: string, reason?: RegExp): Promise<void> {
  await assert.rejects(read(request), (error: unknown) => {
    assert.ok(error instanceof Fault, String(error));
    assert.deepEqual([error.code, error.at], [code, at], error.message);
    assert.match(error.message, /^[A-Z].*\.$/s);
    assert.doesNotMatch(error.message, /PRIVATE KEY-----|open sesame|\n/);
    if (reason) assert.match(error.message, reason);
    return true;
  });
}

test('whatever the order, the server’s own comes first, its issuers follow, the root is left out', async () => {
  const parts = [root, middle, leaf, key];
  const orders = parts.flatMap((a, i) =>
    parts.flatMap((b, j) =>
      parts.flatMap((c, k) => (i === j || i === k || j === k ? [] : [[a, b, c, parts[6 - i - j - k] as string]])),
    ),
  );
  assert.equal(orders.length, 24);
  for (const order of orders) {
    const made = await read({ pem: order.join('') });
    assert.deepEqual(subjectsOf(made.chain), ['a.example', 'Test Middle']);
    assert.match(made.key, /^-----BEGIN PRIVATE KEY-----\n[\s\S]+\n-----END PRIVATE KEY-----\n$/);
  }
});

test('the key may come beside the certificates; strangers and doubles are left out', async () => {
  maker.key('stranger');
  maker.certificate('stranger', '/CN=Stranger', {});
  const pem = [maker.read('stranger.pem'), middle, middle, leaf, leaf].join('some text between\n');
  assert.deepEqual(subjectsOf((await read({ pem, key })).chain), ['a.example', 'Test Middle']);
});

test('lines may end as on Windows, and words may stand around the blocks', async () => {
  const pem = `Bag Attributes\r\n    friendlyName: x\r\n${(leaf + key).replaceAll('\n', '\r\n')}\r\nthe end`;
  assert.deepEqual(subjectsOf((await read({ pem })).chain), ['a.example']);
});

test('a chain signed by a middle of the same name but another key is not put together', async () => {
  maker.key('impostor');
  maker.certificate('impostor', '/O=Test/CN=Test Middle', {
    issuer: 'root',
    extensions: ['basicConstraints=critical,CA:TRUE'],
  });
  assert.deepEqual(subjectsOf((await read({ pem: leaf + maker.read('impostor.pem'), key })).chain), ['a.example']);
  assert.deepEqual(subjectsOf((await read({ pem: leaf + maker.read('impostor.pem') + middle, key })).chain), [
    'a.example',
    'Test Middle',
  ]);
});

test('a self-signed certificate stays alone', async () => {
  maker.key('alone');
  maker.certificate('alone', '/CN=alone.example', {});
  assert.deepEqual(subjectsOf((await read({ pem: maker.read('alone.pem') + maker.read('alone.key') })).chain), [
    'alone.example',
  ]);
});

test('every common form of a key is read and stored in one', async () => {
  for (const algorithm of ['RSA:2048', 'RSA:3072', 'EC:P-256', 'EC:P-384', 'EC:P-521']) {
    maker.key('form', algorithm);
    maker.certificate('form', '/CN=form.example', {});
    const pem = maker.read('form.pem');
    maker.openssl(['pkey', '-in', 'form.key', '-traditional', '-out', 'form.old']);
    assert.match(maker.read('form.old'), /BEGIN (?:RSA|EC) PRIVATE KEY/);
    const wanted = (await read({ pem, key: maker.read('form.key') })).key;
    assert.equal((await read({ pem, key: maker.read('form.old') })).key, wanted, algorithm);
  }
});

test('an EC key with its parameters before it is read', async () => {
  maker.openssl(['ecparam', '-name', 'prime256v1', '-genkey', '-out', 'parameters.key']);
  assert.match(maker.read('parameters.key'), /BEGIN EC PARAMETERS/);
  maker.certificate('parameters', '/CN=p.example', {});
  await read({ pem: maker.read('parameters.pem'), key: maker.read('parameters.key') });
});

test('an encrypted key needs its pass phrase, in both forms', async () => {
  maker.openssl(['pkcs8', '-topk8', '-in', 'leaf.key', '-passout', `pass:${PASS}`, '-out', 'modern.key']);
  maker.openssl(['pkey', '-in', 'leaf.key', '-traditional', '-aes256', '-passout', `pass:${PASS}`, '-out', 'old.key']);
  assert.match(maker.read('old.key'), /Proc-Type: 4,ENCRYPTED/);
  for (const name of ['modern.key', 'old.key']) {
    const encrypted = maker.read(name);
    const made = await read({ pem: leaf, key: encrypted, passphrase: PASS });
    assert.equal(made.key, (await read({ pem: leaf, key })).key);
    assert.doesNotMatch(made.key, /ENCRYPTED/);
    await refused(
      { pem: leaf, key: encrypted, passphrase: 'wrong' },
      'KEY_UNREADABLE',
      '/passphrase',
      /pass phrase is wrong/,
    );
    await refused({ pem: leaf, key: encrypted }, 'KEY_UNREADABLE', '/passphrase', /encrypted/);
    await refused({ pem: leaf, key: encrypted, passphrase: '' }, 'KEY_UNREADABLE', '/passphrase', /encrypted/);
  }
});

test('PFX files are read, modern and old ones, with their chain', async () => {
  const pack = (name: string, ...more: string[]) =>
    maker.openssl([
      'pkcs12',
      '-export',
      '-inkey',
      'leaf.key',
      '-in',
      'leaf.pem',
      '-certfile',
      'middle.pem',
      '-out',
      name,
      ...more,
    ]);
  pack('modern.pfx', '-passout', `pass:${PASS}`);
  pack('legacy.pfx', '-legacy', '-passout', 'pass:old');
  pack('empty.pfx', '-passout', 'pass:');
  for (const [name, passphrase] of [
    ['modern.pfx', PASS],
    ['legacy.pfx', 'old'],
    ['empty.pfx', ''],
  ] as const) {
    const pfx = maker.bytes(name).toString('base64');
    const made = await read({ pfx, passphrase });
    assert.deepEqual(subjectsOf(made.chain), ['a.example', 'Test Middle'], name);
    assert.equal(made.key, (await read({ pem: leaf, key })).key);
    await refused({ pfx, passphrase: 'wrong' }, 'KEY_UNREADABLE', '/passphrase', /pass phrase is wrong/);
  }
  const whole = maker.bytes('modern.pfx');
  const half = whole.subarray(0, whole.length / 2).toString('base64');
  await refused({ pfx: half, passphrase: PASS }, 'CERTIFICATE_UNREADABLE', '/pfx', /PFX/);
  await refused(
    { pfx: Buffer.from(leaf).toString('base64'), passphrase: PASS },
    'CERTIFICATE_UNREADABLE',
    '/pfx',
    /PFX/,
  );
  maker.openssl(['pkcs12', '-export', '-nokeys', '-in', 'leaf.pem', '-passout', 'pass:x', '-out', 'nokey.pfx']);
  await refused({ pfx: maker.bytes('nokey.pfx').toString('base64'), passphrase: 'x' }, 'KEY_MISSING', '/pfx');
});

test('what does not fit or cannot be read is said at the field it came in', async () => {
  maker.openssl(['x509', '-in', 'leaf.pem', '-outform', 'DER', '-out', 'leaf.der']);
  const der = maker.bytes('leaf.der').toString('latin1');
  await refused({}, 'NEEDS', '/pem');
  await refused({ pem: leaf, key, pfx: 'AAAA' }, 'NEEDS', '/pem');
  await refused({ pem: leaf }, 'KEY_MISSING', '/key');
  await refused({ pem: key }, 'CERTIFICATE_UNREADABLE', '/pem');
  await refused({ pem: 'garbage', key }, 'CERTIFICATE_UNREADABLE', '/pem', /BEGIN CERTIFICATE/);
  await refused({ pem: der, key }, 'CERTIFICATE_UNREADABLE', '/pem', /BEGIN CERTIFICATE/);
  await refused({ pem: leaf.slice(0, 300), key }, 'CERTIFICATE_UNREADABLE', '/pem', /ends in the middle/);
  await refused({ pem: maker.read('leaf.csr'), key }, 'CERTIFICATE_UNREADABLE', '/pem', /request/);
  const lines = leaf.split('\n');
  await refused({ pem: lines.toSpliced(3, 2).join('\n'), key }, 'CERTIFICATE_UNREADABLE', '/pem', /damaged/);
  await refused({ pem: leaf, key: maker.read('middle.key') }, 'KEY_MISMATCH', '/key');
  await refused({ pem: leaf + maker.read('middle.key') }, 'KEY_MISMATCH', '/pem');
  await refused({ pem: leaf, key: 'garbage' }, 'KEY_UNREADABLE', '/key');
  await refused({ pem: leaf, key: key.split('\n').toSpliced(1, 1).join('\n') }, 'KEY_UNREADABLE', '/key', /damaged/);
  maker.openssl(['pkey', '-in', 'leaf.key', '-pubout', '-out', 'leaf.pub']);
  await refused({ pem: leaf, key: maker.read('leaf.pub') }, 'KEY_UNREADABLE', '/key');
});

test('weak, slow and unknown kinds of keys are refused', async () => {
  for (const [name, algorithm, reason] of [
    ['rsa1024', 'RSA:1024', /1024/],
    ['ed', 'ED25519', /ed25519/],
    ['curve', 'EC:secp256k1', /secp256k1/],
  ] as const) {
    maker.key(name, algorithm);
    maker.certificate(name, '/CN=weak.example', {});
    await refused({ pem: maker.read(`${name}.pem`), key: maker.read(`${name}.key`) }, 'KEY_WEAK', '/key', reason);
    await refused({ pem: maker.read(`${name}.pem`) + maker.read(`${name}.key`) }, 'KEY_WEAK', '/pem', reason);
  }
});

test('a certificate that has ended is refused, one that ends tomorrow is not', async () => {
  const end = Date.parse(new X509Certificate(leaf).validTo);
  await read({ pem: leaf, key }, end - 86_400_000);
  await assert.rejects(read({ pem: leaf, key }, end), (error: unknown) => {
    assert.ok(error instanceof Fault);
    assert.deepEqual([error.code, error.at], ['CERTIFICATE_EXPIRED', '/pem']);
    assert.match(error.message, new RegExp(new Date(end).toISOString().slice(0, 10)));
    return true;
  });
});

test('huge and hostile texts are answered quickly', async () => {
  const started = performance.now();
  await refused({ pem: leaf.repeat(30), key }, 'CERTIFICATE_UNREADABLE', '/pem', /more than 20/);
  await refused({ pem: '-----BEGIN CERTIFICATE-----\n'.repeat(4600), key }, 'CERTIFICATE_UNREADABLE', '/pem');
  await refused({ pem: `-----BEGIN CERTIFICATE-----\n${'A'.repeat(130_000)}`, key }, 'CERTIFICATE_UNREADABLE', '/pem');
  await refused({ pem: leaf, key: '-----BEGIN PRIVATE KEY-----\n'.repeat(580) }, 'KEY_UNREADABLE', '/key');
  assert.ok(performance.now() - started < 5000);
});
