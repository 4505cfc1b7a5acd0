import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { secretsOf } from '../../server/api/support/secrets.ts';
import { openStore } from '../../server/store/db.ts';
import { Revisions } from '../../server/store/revisions.ts';
import { freePort } from '../support/ports.ts';
import { Setting } from '../support/setting.ts';

/** What is handed to whoever helps: everything of use, and no secret, wherever one may have got to. */

const setting = Setting.forThisFile();
const folder = mkdtempSync(join(tmpdir(), 'ballast-bundle-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const bytes = (key: string) =>
  new Promise<Buffer>((done, fail) => {
    const sent = get(
      `${setting.appliance.url}/api/support-bundle`,
      { rejectUnauthorized: false, headers: { authorization: `Bearer ${key}` } },
      async reply => {
        const parts: Buffer[] = [];
        for await (const part of reply) parts.push(part as Buffer);
        done(Buffer.concat(parts));
      },
    );
    sent.on('error', fail);
  });

test('it unpacks, tells what runs, and holds none of the secrets that are stored', async () => {
  const { appliance } = setting;
  const { key } = await appliance.call('createKey', { body: { name: 'test', user: 'bal', role: 'administrator' } });
  const pem = ['key', 'crt'].map(name => join(folder, `${name}.pem`)) as [string, string];
  execFileSync(
    'openssl',
    ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=b.example', '-keyout', pem[0], '-out', pem[1]],
    { stdio: 'ignore' },
  );
  const [secretKey, chain] = pem.map(path => readFileSync(path, 'utf8')) as [string, string];
  await appliance.call('importCertificate', { body: { name: 'b', pem: `${chain}${secretKey}` } });
  await appliance.call('patchSettings', {
    body: {
      backupMethod: 'https',
      backupHost: '127.0.0.1',
      backupUser: 'carrier',
      backupPassword: 'Sesame-open-7',
      backupPassphrase: 'a pass phrase nobody sees',
    },
  });
  const port = await freePort();
  await appliance.addService({
    ...{ address: '127.0.0.1', port, name: 'to be seen', realServers: setting.servers() },
    // A credential that no field is made for: it stands in the configuration of the engine, too.
    ...{ addedHeader: 'Authorization', addedHeaderValue: "Basic it's-hidden-here" },
  });
  const db = openStore(join(appliance.dataDir, 'store/config.db'));
  const secrets = secretsOf(new Revisions(db).current().config);
  db.close();
  assert.ok(secrets.length > 20 && secrets.includes('Sesame-open-7'), `${secrets.length} secrets`);

  writeFileSync(join(folder, 'bundle.tar.gz'), await bytes(key));
  const listed = execFileSync('tar', ['-C', folder, '-xzvf', join(folder, 'bundle.tar.gz')], { encoding: 'utf8' });
  for (const name of ['configuration.json', 'status.json', 'events.json', 'history.json', 'engines/haproxy.cfg'])
    assert.match(listed, new RegExp(`^ballast-support/${name}$`, 'm'));
  const root = join(folder, 'ballast-support');
  const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile());
  for (const { parentPath, name } of files) {
    const text = readFileSync(join(parentPath, name), 'utf8');
    for (const secret of secrets) assert.ok(!text.includes(secret), `${name} holds “${secret}”`);
    assert.doesNotMatch(text, /PRIVATE KEY|hidden-here/, name);
    assert.ok(!text.includes(key), `${name} holds the key it was fetched with`);
  }
  assert.match(readFileSync(join(root, 'configuration.json'), 'utf8'), /to be seen/);
  assert.match(readFileSync(join(root, 'engines/haproxy.cfg'), 'utf8'), new RegExp(`:${port}`));
  assert.match(readFileSync(join(root, 'network/addresses.txt'), 'utf8'), /127\.0\.0\.1/);
});

test('only an administrator gets it', async () => {
  const { key } = await setting.appliance.call('createKey', { body: { name: 'less', user: 'bal', role: 'operator' } });
  assert.match(String(await bytes(key)), /NOT_ALLOWED/);
});
