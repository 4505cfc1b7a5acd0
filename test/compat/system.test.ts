import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Appliance } from '../support/appliance.ts';
import { freePort } from '../support/ports.ts';
import { elementOf, LoadMasterClient } from './client.ts';

/** Certificates, access lists, users, keys, copies and counters, as clients of a LoadMaster ask for them. */

let appliance: Appliance;
let client: LoadMasterClient;
const vs = '127.0.0.1';
const folder = mkdtempSync(join(tmpdir(), 'compat-'));

before(async () => {
  appliance = await Appliance.start();
  client = new LoadMasterClient(appliance);
});
after(async () => {
  await appliance.stop();
  rmSync(folder, { recursive: true, force: true });
});

function pem(name: string, algorithm: readonly string[]): string {
  const file = (end: string) => join(folder, `${name}.${end}`);
  execFileSync(
    'openssl',
    [
      'req',
      '-x509',
      ...algorithm,
      '-nodes',
      '-keyout',
      file('key'),
      '-out',
      file('pem'),
      '-days',
      '30',
      '-subj',
      `/CN=${name}`,
      '-addext',
      `subjectAltName=DNS:${name}`,
    ],
    { stdio: 'ignore' },
  );
  return execFileSync('cat', [file('pem'), file('key')]).toString();
}

test('acme.sh: its own commands list, upload, replace a certificate in use, and are told of a bad key', async () => {
  const { apikeys } = (await client.v2('addapikey')) as never as { apikeys: string[] };
  const token = apikeys[0] as string;
  const hook = (body: object, filter: string) => {
    const file = join(folder, 'body.json');
    writeFileSync(file, JSON.stringify({ apikey: token, ...body }));
    // As the hook does it: curl with the default type, jq over the answer.
    const answer = execFileSync('curl', ['-sk', '-d', `@${file}`, `${appliance.url}/accessv2`]);
    return execFileSync('jq', ['-r', filter], { input: answer }).toString().trim();
  };
  const names = () => hook({ cmd: 'listcert' }, '.cert[] | .name').split('\n');
  const upload = (data: string, replace: number, filter = '.status') =>
    hook({ cmd: 'addcert', cert: 'shop.example', replace, data: Buffer.from(data).toString('base64') }, filter);
  assert.deepEqual(names(), ['']);
  const first = pem('shop.example', ['-newkey', 'rsa:2048']);
  assert.equal(upload(first, 0), 'ok');
  assert.deepEqual(names(), ['shop.example']);
  assert.equal(upload(first, 0), 'fail');
  const service = await client.v2('addvs', {
    vs,
    port: await freePort(),
    prot: 'tcp',
    VStype: 'http',
    SSLAcceleration: 1,
    CertFile: 'shop.example',
  });
  assert.equal(service.CertFile, 'shop.example');
  assert.equal(service.TlsType, '7');
  const second = pem('shop.example', ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256']);
  assert.equal(upload(second, 1), 'ok');
  const read = await client.v2('readcert', { cert: 'shop.example' });
  assert.equal(
    new X509Certificate(read.certificate as string).fingerprint256,
    new X509Certificate(second).fingerprint256,
  );
  assert.equal(((await client.v2('listcert')).cert as { type: string }[])[0]?.type, 'ECC');
  const bad = first.split('-----BEGIN PRIVATE')[0] + second.slice(second.indexOf('-----BEGIN PRIVATE'));
  assert.match(upload(bad, 1, '.message'), /another private key/);
  assert.equal((await client.v2('delcert', { cert: 'shop.example' })).message, 'Certfile still associated with a VS');
  await client.v2('delvs', { vs: service.Index });
  assert.equal((await client.v2('delcert', { cert: 'shop.example' })).code, 200);
  assert.equal((await client.v2('readcert', { cert: 'shop.example' })).message, 'Unknown certificate');
});

test('a file as the raw body of version 1; the key is never told', async () => {
  const text = pem('raw.example', ['-newkey', 'rsa:2048']);
  assert.equal((await client.v1('addcert', { cert: 'raw.example', replace: 0 }, text)).status, 200);
  const read = await client.v1('readcert', { cert: 'raw.example' });
  assert.ok(!read.text.includes('PRIVATE'));
  assert.match(read.text, /<Data>-----BEGIN CERTIFICATE-----/);
  assert.equal(elementOf((await client.v1('listcert')).text, 'type'), 'RSA');
  await client.v1('delcert', { cert: 'raw.example' });
});

test('TLS without a certificate brings one of its own', async () => {
  const made = await client.v2('addvs', {
    vs,
    port: await freePort(),
    prot: 'tcp',
    VStype: 'http',
    SSLAcceleration: true,
  });
  assert.match(String(made.CertFile), /^[0-9a-f-]{32}$/);
  assert.equal((await client.v2('modvs', { vs: made.Index, TlsType: '9' })).message, 'TlsType: Invalid value');
  assert.equal((await client.v2('modvs', { vs: made.Index, TlsType: '15' })).TlsType, '15');
  await client.v2('delvs', { vs: made.Index });
});

test('cipher sets', async () => {
  assert.equal(
    (await client.v2('modifycipherset', { name: 'own', value: 'NO-SUCH-CIPHER' })).message,
    'Invalid Cipher list',
  );
  assert.equal((await client.v2('modifycipherset', { name: 'own', value: 'ECDHE-RSA-AES128-GCM-SHA256' })).code, 200);
  assert.equal((await client.v2('getcipherset', { name: 'own' })).cipherset, 'ECDHE-RSA-AES128-GCM-SHA256');
  assert.equal((await client.v2('delcipherset', { name: 'own' })).code, 200);
  assert.equal((await client.v2('delcipherset', { name: 'own' })).message, 'Unknown cipher set');
});

test('access lists: global and of a service, old words and new, the number in vsip', async () => {
  assert.deepEqual(await client.v2('aclcontrol', { list: 'block', addr: '' }), {
    code: 200,
    list: 'block',
    IP: [],
    status: 'ok',
  });
  assert.equal((await client.v2('aclcontrol', { add: 'block', addr: '192.0.2.7/32', comment: 'a <b>' })).code, 200);
  assert.deepEqual((await client.v2('aclcontrol', { list: 'black' })).IP, [{ addr: '192.0.2.7/32', comment: 'a <b>' }]);
  assert.match((await client.v1('aclcontrol', { list: 'white' })).text, /<Data><Whitelist><\/Whitelist>\s*<\/Data>/);
  assert.equal(elementOf((await client.v1('aclcontrol/isenabled')).text, 'aclstatus'), 'yes');
  assert.match((await client.v2('aclcontrol', { add: 'block', addr: 'nonsense' })).message ?? '', /^Invalid address/);
  assert.equal((await client.v2('aclcontrol', { del: 'block', addr: '192.0.2.7/32' })).code, 200);
  const { Index } = await client.v2('addvs', { vs, port: await freePort(), prot: 'tcp' });
  assert.equal((await client.v2('aclcontrol', { addvs: 'allow', vsip: Index, addr: '192.0.2.0/24' })).code, 200);
  assert.deepEqual((await client.v2('aclcontrol', { listvs: 'allow', vs: Index })).IP, [
    { addr: '192.0.2.0/24', comment: '' },
  ]);
  await client.v2('delvs', { vs: Index });
});

test('users, permissions and keys', async () => {
  assert.equal((await client.v1('useraddlocal', { user: 'anna', password: 'a long password' })).status, 200);
  assert.equal(
    elementOf((await client.v1('useraddlocal', { user: 'anna', password: 'a long password' })).text, 'Error'),
    'User already exists.',
  );
  assert.equal((await client.v2('usersetperms', { user: 'anna', perms: 'real' })).code, 200);
  const anna = await client.v2('usershow', { user: 'anna' });
  assert.deepEqual([anna.Name, anna.Perms], ['anna', 'real']);
  assert.equal((await client.v2('userdellocal', { user: 'bal' })).code, 422);
  assert.equal((await client.v2('userdellocal', { user: 'anna' })).code, 200);
  const { apikeys } = (await client.v2('addapikey')) as never as { apikeys: [string] };
  assert.equal((await client.send(`/access/listvs?&apikey=${apikeys[0]}`)).status, 200);
  assert.equal((await client.send(`/accessv2?cmd=stats&apikey=${apikeys[0]}`)).status, 200);
  assert.equal((await client.v2('delapikey', { key: apikeys[0] })).code, 200);
  assert.equal((await client.send(`/access/listvs?apikey=${apikeys[0]}`)).status, 401);
});

test('a copy really brings back what was, and keys outlive it', async () => {
  const { apikeys } = (await client.v2('addapikey')) as never as { apikeys: [string] };
  const { data } = await client.v2('backup');
  const { Index } = await client.v2('addvs', { vs, port: await freePort(), prot: 'tcp' });
  await client.v2('addrule', { name: 'later', pattern: 'x' });
  assert.equal((await client.v2('restore', { type: '15', data })).code, 200);
  assert.equal((await client.v2('showvs', { vs: Index })).message, 'Unknown VS');
  assert.equal((await client.v2('showrule')).MatchContentRule, undefined);
  assert.equal((await client.send(`/accessv2?cmd=listvs&apikey=${apikeys[0]}`)).status, 200);
  const file = await client.v1('backup');
  assert.equal(file.type, 'application/octet-stream');
  assert.equal((await client.v1('restore', { type: 2 }, file.body)).status, 200);
  assert.equal((await client.v2('restore', { type: '15', data: 'bm9uc2Vuc2U=' })).code, 422);
});

test('counters: every number an integer where clients read one', async () => {
  const { Index } = await client.v2('addvs', { vs, port: await freePort(), prot: 'tcp' });
  await client.v2('addrs', { vs: Index, rs: vs, rsport: 8080 });
  const xml = (await client.v1('stats')).text;
  for (const block of xml.match(/<(?:Vs|Rs|VStotals)>.*?<\/(?:Vs|Rs|VStotals)>/gs) ?? assert.fail('no counters'))
    for (const [, name, value] of block.matchAll(/<(\w+)>([^<]*)<\/\1>/g))
      if (!['VSAddress', 'VSProt', 'Status', 'Addr'].includes(name as string))
        assert.match(value as string, /^\d+$/, name);
  const { Network, Timestamp } = (await client.v2('stats')) as never as {
    Network: { Interface: object[] };
    Timestamp: object;
  };
  assert.ok(Array.isArray(Network.Interface));
  assert.ok(Timestamp);
  await client.v2('delvs', { vs: Index });
});
