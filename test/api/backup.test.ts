import assert from 'node:assert/strict';
import test from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import { backupForm, seal, unseal } from '../../server/api/sealed.ts';
import { makePem } from '../support/pem.ts';
import { type Bench, bench, PASSWORD } from './bench.ts';

const PASSPHRASE = 'twelve heavy stones';
const web = { address: '192.0.2.1', port: 80, name: 'web', realServers: [{ address: '198.51.100.1', port: 8080 }] };

/** The file, as the console would store it. */
async function made({ call }: Bench, passphrase = PASSPHRASE): Promise<Buffer> {
  const reply = await call('POST', '/api/backup', { passphrase });
  assert.equal(reply.statusCode, 200, reply.body);
  assert.match(String(reply.headers['content-disposition']), /filename="ballast-bench-\d{8}-\d{6}\.backup"/);
  return reply.rawPayload;
}

const restore = ({ call }: Bench, file: Buffer, more: object = {}, query = '') =>
  call('POST', `/api/backup/restore${query}`, {
    file: file.toString('base64'),
    passphrase: PASSPHRASE,
    parts: ['services', 'system', 'users'],
    ...more,
  });

async function filled(one: Bench): Promise<void> {
  const pem = await makePem('shop.example');
  await one.call('POST', '/api/certificates/import', { name: 'shop', pem: pem.chain, key: pem.key });
  const [certificate] = one.revisions.current().config.certificates;
  await one.call('POST', '/api/virtual-services', { ...web, port: 443, tls: true, certificates: [certificate?.id] });
  await one.call('POST', '/api/content-rules', { name: 'images', pattern: '^/images' });
  await one.call('PATCH', '/api/settings', { idleTimeout: 30, hostName: 'one' });
  await one.user('ann', 'operator');
}

test('a backup holds everything: another appliance becomes the same, users, passwords and keys included', async t => {
  const [one, other] = [await bench(t), await bench(t)];
  await filled(one);
  const key = one.key('ann', 'operator');
  const file = await made(one);
  for (const secret of ['BEGIN', 'PRIVATE', 'argon2', 'shop', 'ann'])
    assert.equal(file.includes(secret), false, `“${secret}” can be read in the file`);

  const summary = await other.call('POST', '/api/backup/read', {
    file: file.toString('base64'),
    passphrase: PASSPHRASE,
  });
  const { made: at, ...told } = summary.json();
  assert.ok(Math.abs(Date.now() - at) < 60_000);
  assert.deepEqual(told, {
    hostName: 'bench',
    version: '0.0.0',
    services: 1,
    servers: 1,
    certificates: 1,
    interfaces: 0,
    users: ['ann', 'bal'],
    keys: 2,
  });

  await other.user('eve', 'administrator');
  const reply = await restore(other, file);
  assert.equal(reply.statusCode, 200, reply.body);
  assert.deepEqual(other.revisions.current().config, one.revisions.current().config);
  assert.notEqual(other.revisions.current().config.certificates[0]?.key, '');
  assert.deepEqual(other.accounts.saved(), one.accounts.saved());
  assert.equal(other.revisions.head, 1, 'one revision');
  assert.match(
    other.revisions.list(9, 1)[0]?.words[0] ?? '',
    /^Restored services, network and system, users from the backup of bench of 20/,
  );
  const login = (user: string) =>
    other.app.inject({
      method: 'POST',
      url: '/api/session',
      payload: { user, password: PASSWORD },
      headers: { origin: 'https://localhost:80' },
    });
  assert.equal((await login('ann')).statusCode, 200, 'with the password of the backup');
  assert.equal((await login('eve')).statusCode, 401, 'who is not in the backup is gone');
  assert.equal((await other.app.inject({ url: '/api/session', headers: key })).json().user, 'ann', 'and so with keys');
});

test('the preview says what will change, the caller’s own lot first, and changes nothing', async t => {
  const [one, other] = [await bench(t), await bench(t)];
  await filled(one);
  const file = await made(one);
  await other.user('eve', 'administrator');
  await other.call('POST', '/api/interfaces', { name: 'ens1', addresses: ['192.0.2.5/24'] });
  const head = other.revisions.head;
  const before = other.accounts.saved();
  const reply = await other.call(
    'POST',
    '/api/backup/restore?dryRun=true',
    { file: file.toString('base64'), passphrase: PASSPHRASE, parts: ['services', 'system', 'users'] },
    other.key('eve', 'administrator'),
  );
  const { words } = reply.json() as { words: string[] };
  assert.match(
    words[0] ?? '',
    /^The network of this machine changes: 192\.0\.2\.5\/24 no longer belong.*undone after 60 s/,
  );
  assert.match(words[1] ?? '', /^You are “eve”, who may not log in.*Log in as bal/);
  for (const sentence of ['User “eve” is removed.', 'User “ann” (operator) is added.', 'API keys stop working: “test”'])
    assert.ok(
      words.some(word => word.startsWith(sentence)),
      `${sentence} in ${words.join(' | ')}`,
    );
  assert.equal(other.revisions.head, head);
  assert.equal(other.accounts.saved().users.length, before.users.length);
});

test('parts are restored without the rest', async t => {
  const [one, other] = [await bench(t), await bench(t)];
  await filled(one);
  const file = await made(one);
  await other.call('PATCH', '/api/settings', { hostName: 'other' });
  await other.user('eve', 'operator');
  assert.equal((await restore(other, file, { parts: ['services'] })).statusCode, 200);
  const { config } = other.revisions.current();
  assert.deepEqual([config.virtualServices.length, config.settings[0]?.hostName], [1, 'other']);
  assert.ok(other.accounts.find('eve') && !other.accounts.find('ann'));
  await other.call('DELETE', `/api/virtual-services/${config.virtualServices[0]?.id}`);
  assert.equal((await restore(other, file, { parts: ['users', 'system'] })).statusCode, 200);
  const after = other.revisions.current().config;
  assert.deepEqual([after.virtualServices.length, after.settings[0]?.hostName], [0, 'one']);
  assert.ok(other.accounts.find('ann') && !other.accounts.find('eve'));
});

test('whoever restores stays logged in, to confirm what else changes; others do not', async t => {
  const one = await bench(t);
  await one.user('eve', 'administrator');
  const file = await made(one);
  one.accounts.update('eve', { role: 'operator' });
  one.accounts.update('bal', { passwordHash: 'x' });
  const [bal, eve] = [one.session('bal'), one.session('eve')];
  assert.equal((await one.app.inject({ url: '/api/session', headers: eve })).statusCode, 200);
  const reply = await one.app.inject({
    method: 'POST',
    url: '/api/backup/restore',
    payload: { file: file.toString('base64'), passphrase: PASSPHRASE, parts: ['users'] },
    headers: bal,
  });
  assert.equal(reply.statusCode, 200, reply.body);
  assert.equal((await one.app.inject({ url: '/api/session', headers: bal })).statusCode, 200);
  assert.equal((await one.app.inject({ url: '/api/session', headers: eve })).statusCode, 401);
});

test('what the engine refuses after all changes nothing, users neither', async t => {
  const [one, other] = [await bench(t), await bench(t)];
  await filled(one);
  const file = await made(one);
  await other.user('eve', 'operator');
  const before = other.revisions.current().config;
  other.dataPlane.refuseApply.set(1, { code: 'APPLY_FAILED', message: 'It could not be.' });
  const reply = await restore(other, file);
  assert.equal(reply.statusCode, 500, reply.body);
  assert.deepEqual(other.revisions.current().config, before);
  assert.ok(other.accounts.find('eve') && !other.accounts.find('ann'));

  other.dataPlane.refuseCheck = { code: 'ENGINE_REFUSED', message: 'No.' };
  assert.equal((await restore(other, file)).statusCode, 422);
  assert.ok(other.accounts.find('eve'));
});

test('a backup without an administrator, of a newer Ballast or with what is not known is refused', async t => {
  const one = await bench(t);
  const file = await made(one);
  // Made by hand, with the pass phrase: the API itself never lets the last one go.
  const content = JSON.parse(gunzipSync(await unseal(backupForm, PASSPHRASE, file)).toString());
  for (const user of content.accounts.users) user.enabled = false;
  const other = await bench(t);
  const reply = await restore(other, await seal(backupForm, PASSPHRASE, gzipSync(JSON.stringify(content))));
  assert.deepEqual([reply.statusCode, reply.json().at], [400, '/parts']);
  assert.match(reply.json().message, /has no administrator who may log in/);
  const later = await seal(backupForm, PASSPHRASE, gzipSync(JSON.stringify({ ...content, version: '0.1.0', odd: 1 })));
  assert.match(
    (await restore(other, later)).json().message,
    /made by Ballast 0\.1\.0, which is newer than the 0\.0\.0/,
  );
  const odd = await seal(backupForm, PASSPHRASE, gzipSync(JSON.stringify({ ...content, odd: 1 })));
  assert.deepEqual(
    [(await restore(other, odd)).json().code, (await restore(other, odd)).json().at],
    ['INVALID', '/odd'],
  );
});

test('a wrong pass phrase, and a file that was cut, altered anywhere, foreign or newer are refused, each with its sentence', async t => {
  const one = await bench(t);
  const file = await made(one);
  const flipped = (at: number) => {
    const copy = Buffer.from(file);
    copy[at] = (copy[at] ?? 0) ^ 1;
    return copy;
  };
  const head = file.indexOf('\n') + 1;
  const cases: [string, Buffer, string, RegExp][] = [
    ['another pass phrase', file, 'PASSPHRASE_WRONG', /not the one/],
    ['nothing behind the first line', file.subarray(0, head), 'BACKUP_DAMAGED', /altered or is not whole/],
    ['half of it', file.subarray(0, file.length >> 1), 'BACKUP_DAMAGED', /altered or is not whole/],
    ['all but the last byte', file.subarray(0, -1), 'BACKUP_DAMAGED', /altered or is not whole/],
    ['a byte more', Buffer.concat([file, Buffer.from('x')]), 'BACKUP_DAMAGED', /altered or is not whole/],
    ['another IV', flipped(head + 33), 'BACKUP_DAMAGED', /altered or is not whole/],
    ['another tag', flipped(head + 45), 'BACKUP_DAMAGED', /altered or is not whole/],
    ['a bit in the middle', flipped(file.length >> 1), 'BACKUP_DAMAGED', /altered or is not whole/],
    ['another salt', flipped(head), 'PASSPHRASE_WRONG', /not the one/],
    ['the first bit', flipped(0), 'BACKUP_FOREIGN', /no backup made by Ballast/],
    ['a picture', Buffer.from('\x89PNG\r\n\x1a\n'.repeat(40)), 'BACKUP_FOREIGN', /no backup made by Ballast/],
    [
      'a backup of certificates',
      Buffer.concat([Buffer.from('ballast-certificates-1\n'), file.subarray(head)]),
      'BACKUP_FOREIGN',
      /no backup made/,
    ],
    [
      'a later form',
      Buffer.concat([Buffer.from('ballast-backup-2\n'), file.subarray(head)]),
      'BACKUP_NEWER',
      /in form 2, which is newer than form 1\. Update the software first\./,
    ],
  ];
  for (const [what, spoilt, code, sentence] of cases) {
    const passphrase = what === 'another pass phrase' ? 'twelve light stones' : PASSPHRASE;
    const reply = await restore(one, spoilt, { passphrase });
    assert.deepEqual([what, reply.json().code], [what, code], reply.body);
    assert.match(reply.json().message, sentence, what);
    assert.equal(reply.statusCode, 422);
  }
  assert.equal(one.revisions.head, 0);
});

test('who is no administrator neither makes nor opens a backup', async t => {
  const one = await bench(t);
  await one.user('ann', 'operator');
  const ann = one.key('ann', 'operator');
  const file = (await made(one)).toString('base64');
  for (const [path, body] of [
    ['/api/backup', { passphrase: PASSPHRASE }],
    ['/api/backup/read', { file, passphrase: PASSPHRASE }],
    ['/api/backup/restore', { file, passphrase: PASSPHRASE, parts: ['users'] }],
  ] as const)
    assert.equal((await one.call('POST', path, body, ann)).statusCode, 403, path);
  const weak = await one.call('POST', '/api/backup', { passphrase: 'short' });
  assert.deepEqual([weak.statusCode, weak.json().at], [400, '/passphrase']);
});

test('the plain export holds no private key; back in, keys that are here stay, and none is made up', async t => {
  const [one, other] = [await bench(t), await bench(t)];
  await filled(one);
  await one.call('POST', '/api/certificates/request', { name: 'waiting', commonName: 'new.example' });
  const before = one.revisions.current().config;
  const reply = await one.call('GET', '/api/configuration');
  assert.doesNotMatch(reply.body, /PRIVATE KEY|"key"|requestKey|"hmac"/);
  assert.match(reply.body, /BEGIN CERTIFICATE/);
  const file = reply.json();

  const [shop] = file.config.virtualServices;
  await one.call('DELETE', `/api/virtual-services/${shop.id}`);
  assert.equal((await one.call('POST', '/api/configuration', file)).statusCode, 200);
  assert.deepEqual(one.revisions.current().config, before, 'with its keys');

  const refused = await other.call('POST', '/api/configuration', file);
  assert.deepEqual([refused.json().code, refused.json().at], ['KEY_NOT_IN_FILE', '/config/certificates/0']);
  assert.match(refused.json().message, /no private key for “shop”/);
  assert.equal(other.revisions.head, 0);

  // The same certificate under another number: its key is found all the same.
  await other.call('POST', '/api/certificates/self-signed', { name: 'first', commonName: 'first.example' });
  const { chain: pem, key } = before.certificates[0] ?? {};
  await other.call('POST', '/api/certificates/import', { name: 'mine', pem, key });
  file.config.certificates.pop();
  const taken = await other.call('POST', '/api/configuration', file);
  assert.equal(taken.statusCode, 200, taken.body);
  assert.equal(other.revisions.current().config.certificates[0]?.key, key);
});
