import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after, before, type TestContext } from 'node:test';
import { BackupKeeper } from '../../server/api/backup/keeper.ts';
import { lastDue, nextDue } from '../../server/api/backup/schedule.ts';
import { backupForm, unseal } from '../../server/api/sealed.ts';
import type { BackupState } from '../../server/schema/backup.ts';
import { emptyConfig, settingsOf } from '../../server/schema/config.ts';
import type { Settings } from '../../server/schema/settings.ts';
import { Authority } from '../certificates/authority.ts';
import { freePort } from '../support/ports.ts';
import { SftpServer } from '../support/sftp-server.ts';
import { type Bench, bench, FACTS } from './bench.ts';

/** Backups that are made by themselves: when, and onto a real sshd and a real HTTPS server. */

const PASSPHRASE = 'twelve heavy stones';
let sftp: SftpServer;
const authority = new Authority();
before(async () => {
  sftp = await SftpServer.start();
});
after(async () => {
  await sftp.stop();
  authority.remove();
});

const loopback = { facts: { ...FACTS, loopback: true } };
const run = async ({ call }: Bench) => {
  const reply = await call('POST', '/api/backup/run');
  assert.equal(reply.statusCode, 200, reply.body);
  return reply.json() as BackupState;
};
const set = async ({ call }: Bench, settings: Partial<Settings>) => {
  const reply = await call('PATCH', '/api/settings', settings);
  assert.equal(reply.statusCode, 200, reply.body);
};

/** An appliance whose key the server takes, and that has seen the server's. */
async function sftpBench(t: TestContext): Promise<Bench> {
  const one = await bench(t, loopback);
  assert.equal((await one.call('POST', '/api/backup/key')).statusCode, 200);
  const { publicKey } = (await one.call('GET', '/api/backup')).json() as BackupState;
  sftp.letIn(publicKey);
  const seen = await one.call('POST', '/api/backup/host-key', { host: '127.0.0.1', port: sftp.port });
  assert.deepEqual(seen.json().keys, [{ key: sftp.hostKey, fingerprint: sftp.fingerprint }]);
  await set(one, {
    backupEnabled: true,
    backupHost: '127.0.0.1',
    backupPort: sftp.port,
    backupUser: sftp.user,
    backupHostKey: sftp.hostKey,
    backupPassphrase: PASSPHRASE,
    backupKept: 2,
  });
  return one;
}

test('by SFTP: whole, encrypted, only so many kept, of its own files alone', { timeout: 60_000 }, async t => {
  const one = await sftpBench(t);
  const first = await run(one);
  assert.equal(first.error, '');
  const [name = ''] = first.sent;
  assert.match(name, /^ballast-bench-\d{8}-\d{6}\.backup$/);
  assert.deepEqual(sftp.files, [name], 'and nothing half done beside it');
  assert.equal(sftp.read(name).length, first.size);
  assert.ok((await unseal(backupForm, PASSPHRASE, sftp.read(name))).length > 100);
  assert.ok(
    one.log.some(text => text === `A backup was put on 127.0.0.1 as ${name}.`),
    one.log.join('\n'),
  );

  const names = [name];
  for (let n = 0; n < 2; n++) {
    // Names carry the second.
    await new Promise(done => setTimeout(done, 1_100));
    names.push((await run(one)).sent.at(-1) ?? '');
  }
  assert.equal(new Set(names).size, 3);
  assert.deepEqual(sftp.files, names.slice(1), 'the oldest is gone');
  assert.deepEqual(((await one.call('GET', '/api/backup')).json() as BackupState).sent, names.slice(1));
  const secrets = await one.call('GET', '/api/settings');
  assert.doesNotMatch(secrets.body + (await one.call('GET', '/api/backup')).body, /PRIVATE|twelve/);
});

test('by SFTP: another host key, a key that is not let in and a folder that is not there each say so, as events', {
  timeout: 60_000,
}, async t => {
  const one = await sftpBench(t);
  const files = sftp.files;
  const fails = async (words: RegExp) => {
    const { error, lastTry } = await run(one);
    assert.match(error, words);
    assert.ok(lastTry);
    assert.equal(one.log.at(-1), `The backup failed: ${error}`);
    assert.deepEqual(sftp.files, files);
  };
  await set(one, { backupPath: 'not/there' });
  await fails(/let “\w+” in but took no file in “not\/there”: .*\.$/);
  await set(one, { backupPath: '' });
  await one.call('POST', '/api/backup/key');
  await fails(/did not let “\w+” in with the key of this appliance/);
  const kept = sftp.hostKey;
  sftp.newHostKey();
  await sftp.restart();
  assert.notEqual(sftp.hostKey, kept);
  await fails(/shows another key than the one that is kept here: nothing was sent/);
  await set(one, { backupPort: await freePort() });
  await fails(/Connection refused/);
});

test('by HTTPS: PUT with user and password to one whose certificate is trusted; what it refuses is said', {
  timeout: 60_000,
}, async t => {
  const root = authority.issue('Backup Root', undefined, { authority: true });
  const { certificate: cert, key } = authority.issue('localhost', root, { names: 'DNS:localhost' });
  const files = new Map<string, Buffer>();
  let answer = 201;
  const server = createServer({ cert, key }, (request, reply) => {
    const chunks: Buffer[] = [];
    request.on('data', chunk => chunks.push(chunk));
    request.on('end', () => {
      const good = request.headers.authorization === `Basic ${Buffer.from('keeper:s3cret').toString('base64')}`;
      if (good && answer === 201 && request.method === 'PUT') files.set(request.url ?? '', Buffer.concat(chunks));
      if (good && request.method === 'DELETE') files.delete(request.url ?? '');
      reply.writeHead(good ? answer : 401, { location: 'https://elsewhere.example/' }).end();
    });
  });
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done));
  t.after(() => server.close());
  const one = await bench(t, loopback);
  const made = await one.call('POST', '/api/authorities', { name: 'inside', chain: root.certificate });
  assert.equal(made.statusCode, 200, made.body);
  await set(one, {
    backupMethod: 'https',
    backupHost: 'localhost',
    backupPort: (server.address() as AddressInfo).port,
    backupUser: 'keeper',
    backupPassword: 'wrong',
    backupPath: '/keep/here/',
    backupPassphrase: PASSPHRASE,
    backupKept: 1,
  });
  assert.match((await run(one)).error, /certificate of localhost is not trusted/);
  await set(one, { backupTrust: 1 });
  assert.match((await run(one)).error, /status 401, which means that it wants another user or password/);
  await set(one, { backupPassword: 's3cret' });
  answer = 302;
  assert.match((await run(one)).error, /status 302/);
  assert.equal(files.size, 0);
  answer = 201;
  const first = await run(one);
  assert.equal(first.error, '');
  assert.deepEqual([...files.keys()], [`/keep/here/${first.sent[0]}`]);
  assert.ok((await unseal(backupForm, PASSPHRASE, [...files.values()][0] ?? Buffer.alloc(0))).length > 100);
  await new Promise(done => setTimeout(done, 1_100));
  const second = await run(one);
  assert.deepEqual([...files.keys()], [`/keep/here/${second.sent[0]}`], 'one is kept');
});

test('never to this machine, and never without what it takes', async t => {
  const one = await bench(t);
  assert.equal((await one.call('POST', '/api/backup/run')).json().code, 'NO_BACKUP_TARGET');
  for (const [settings, at] of [
    [{ backupHost: '127.0.0.1' }, '/backupHost'],
    [{ backupHost: '169.254.1.1' }, '/backupHost'],
    [{ backupHost: '-oProxyCommand=x' }, '/backupHost'],
    [{ backupPath: 'a"b' }, '/backupPath'],
    [{ backupPath: 'a\nrm b' }, '/backupPath'],
    [{ backupUser: '-x' }, '/backupUser'],
    [{ backupHostKey: 'ssh-ed25519 AAAA\n* ssh-rsa' }, '/backupHostKey'],
    [{ backupPassphrase: 'short' }, '/backupPassphrase'],
    [{ backupEnabled: true }, '/backupHost'],
    [{ backupEnabled: true, backupHost: 'b.example', backupPassphrase: PASSPHRASE }, '/backupUser'],
  ] as const)
    assert.deepEqual([settings, (await one.call('PATCH', '/api/settings', settings)).json().at], [settings, at]);
  await set(one, { backupMethod: 'https', backupHost: 'localhost', backupPassphrase: PASSPHRASE });
  assert.match((await run(one)).error, /this machine or its link/);
  const seen = await one.call('POST', '/api/backup/host-key', { host: 'localhost', port: 22 });
  assert.match(seen.json().message, /No key was seen\. localhost is at .* this machine/);
});

const HOUR = 3_600_000;
const when = (wish: Partial<Settings>) => ({
  ...settingsOf(emptyConfig()),
  timeZone: 'Europe/Berlin',
  backupHour: 2,
  backupMinute: 30,
  ...wish,
});
const utc = (text: string) => Date.parse(`${text}Z`);

test('due by the clock of the appliance, through both changes of the clock', () => {
  const daily = when({});
  assert.equal(nextDue(daily, utc('2026-01-10T01:29:59')), utc('2026-01-10T01:30:00'), 'winter');
  assert.equal(nextDue(daily, utc('2026-01-10T01:30:00')), utc('2026-01-11T01:30:00'));
  assert.equal(lastDue(daily, utc('2026-01-10T01:30:00')), utc('2026-01-10T01:30:00'));
  assert.equal(nextDue(daily, utc('2026-07-10T01:00:00')), utc('2026-07-11T00:30:00'), 'summer');
  assert.equal(nextDue(when({ backupDay: 'monday' }), utc('2026-11-23T12:00:00')), utc('2026-11-30T01:30:00'));
  assert.equal(lastDue(when({ backupDay: 'sunday' }), utc('2026-11-23T12:00:00')), utc('2026-11-22T01:30:00'));
  assert.equal(nextDue(when({ backupDay: 'monthly' }), utc('2026-11-23T12:00:00')), utc('2026-12-01T01:30:00'));
  assert.equal(lastDue(when({ backupDay: 'monthly' }), utc('2026-12-31T12:00:00')), utc('2026-12-01T01:30:00'));
  // 2:30 is not there on 29 March and is there twice on 25 October: once each, an hour off at most.
  for (const day of ['2026-03-29', '2026-10-25']) {
    const due = nextDue(daily, utc(`${day}T00:00:00`) - 2 * HOUR);
    assert.ok(Math.abs(due - utc(`${day}T01:00:00`)) <= HOUR, new Date(due).toISOString());
    const after = nextDue(daily, due);
    assert.ok(after - due >= 22 * HOUR && after - due <= 26 * HOUR, new Date(after).toISOString());
  }
  assert.equal(nextDue(when({ timeZone: 'No/Where' }), utc('2026-01-10T01:00:00')), utc('2026-01-10T02:30:00'));
});

test('made when due and not before, tried again every hour until it works, not made up for after a change of plans', async t => {
  t.mock.timers.enable({ apis: ['setInterval', 'Date'], now: utc('2026-01-10T00:00:00') });
  const place = mkdtempSync(join(tmpdir(), 'ballast-backup-keeper-'));
  const settings = { ...when({}), backupEnabled: true, backupHost: '127.0.0.1', backupPassphrase: PASSPHRASE };
  const said: string[] = [];
  const make = () =>
    new BackupKeeper({
      config: () => ({ ...emptyConfig(), settings: [settings] }),
      file: async () => Buffer.from('x'),
      dataPlane: { tell: async () => {} } as never,
      // So that every one fails at once: it would stay on this machine.
      loopback: false,
      hostName: 'here',
      path: join(place, 'backups.json'),
      say: text => said.push(text),
    });
  let keeper = make();
  t.after(() => {
    keeper.stop();
    rmSync(place, { recursive: true, force: true });
  });
  keeper.start();
  const tries = async (minutes: number) => {
    for (let n = 0; n < minutes; n++) {
      t.mock.timers.tick(60_000);
      if (keeper.state(settings).running) await keeper.now();
    }
    return said.splice(0).length;
  };
  assert.equal(await tries(89), 0, 'half past two in Berlin is 1:30 UTC');
  assert.equal(await tries(2), 1);
  assert.match(keeper.state(settings).error, /this machine or its link/);
  assert.equal(await tries(55), 0);
  assert.equal(await tries(10), 1, 'again after an hour');
  keeper.stop();
  keeper = make();
  keeper.start();
  assert.equal(await tries(30), 0, 'a restart does not forget that it was tried');
  settings.backupHour = 1;
  assert.equal(await tries(120), 0, 'what was due before the change is not made up for');
});
