import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { connect as plain } from 'node:net';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { connect } from 'node:tls';
import { generate } from 'selfsigned';
import { folder } from '../store/support.ts';
import { freePort } from '../support/ports.ts';

/** The API's own process, as the supervisor starts it, with nobody at the data plane's door. */
const program = join(import.meta.dirname, '../../server/api/main.ts');
const PASSWORD = 'correct horse battery';

interface Started {
  port: number;
  /** All it has printed so far. */
  said: () => string;
  stop: () => Promise<void>;
}

async function started(t: TestContext, data: string, env: Record<string, string> = {}): Promise<Started> {
  const port = await freePort();
  const child: ChildProcess = spawn(process.execPath, [program], {
    env: { PATH: process.env.PATH, BALLAST_DATA: data, BALLAST_PORT: String(port), ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  const ended = once(child, 'exit');
  const stop = async () => {
    child.kill('SIGTERM');
    const [code] = await ended;
    assert.equal(code, 0, 'a stop is a good end');
  };
  t.after(() => child.kill('SIGKILL'));
  while (!text.includes('API ready')) {
    assert.equal(child.exitCode, null, `it ended: ${text}`);
    await Promise.race([ended, once(child.stdout as NonNullable<ChildProcess['stdout']>, 'data')]);
  }
  return { port, said: () => text, stop };
}

/** One request on a connection of its own. */
function ask(port: number, method: string, path: string, body?: object): Promise<{ status: number; json: Json }> {
  return new Promise((done, fail) => {
    const call = request(
      {
        host: '127.0.0.1',
        port,
        method,
        path,
        headers: body ? { 'content-type': 'application/json' } : {},
        // The certificate is the one under test, made a moment ago.
        agent: new Agent({ rejectUnauthorized: false }),
      },
      async reply => {
        let text = '';
        for await (const chunk of reply) text += chunk;
        done({ status: reply.statusCode ?? 0, json: JSON.parse(text) as Json });
      },
    );
    call.on('error', fail);
    call.end(body && JSON.stringify(body));
  });
}
type Json = Record<string, unknown>;

const login = (port: number, password: string) => ask(port, 'POST', '/api/session', { user: 'bal', password });

test('the first start shows a password once; nothing it writes is for others to read', { timeout: 60_000 }, async t => {
  const data = folder(t);
  const first = await started(t, data);
  const shown = /One-time password: (\S+)/.exec(first.said())?.[1] ?? '';
  assert.match(shown, /^(?:[a-z2-9]{5}-){3}[a-z2-9]{5}$/);
  const { status, json } = await login(first.port, shown);
  assert.deepEqual([status, json.user, json.mustChangePassword], [200, 'bal', true]);
  for (const name of ['store/config.db', 'store/config.db-wal', 'store/made-here', 'tls/console.key'])
    assert.equal(statSync(join(data, name)).mode & 0o077, 0, name);
  const copies = readdirSync(join(data, 'store/copies'));
  assert.equal(copies.length, 1, 'there is a copy from the first minute on');
  await first.stop();

  const second = await started(t, data, { BALLAST_ADMIN_PASSWORD: PASSWORD });
  assert.doesNotMatch(second.said(), /password/i);
  assert.equal((await login(second.port, shown)).status, 200, 'the password is not set again');
  assert.deepEqual(readdirSync(join(data, 'store/copies')), copies, 'the copy is young enough');
  await second.stop();
});

test('a password given at the first start is not shown and need not be changed', { timeout: 60_000 }, async t => {
  const data = folder(t);
  const api = await started(t, data, { BALLAST_ADMIN_PASSWORD: PASSWORD, BALLAST_ADDRESS: '127.0.0.1' });
  assert.doesNotMatch(api.said(), /password|correct horse/i);
  const { status, json } = await login(api.port, PASSWORD);
  assert.deepEqual([status, json.mustChangePassword], [200, false]);
  const health = await ask(api.port, 'GET', '/api/health');
  assert.deepEqual([health.status, health.json.store, health.json.dataPlane], [503, 'ok', 'away']);
  await api.stop();
});

test('the console’s certificate is for the names and addresses of the machine, and made anew when it has ended', {
  timeout: 60_000,
}, async t => {
  const data = folder(t);
  const of = () => new X509Certificate(readFileSync(join(data, 'tls/console.crt')));
  const first = await started(t, data, { BALLAST_ADMIN_PASSWORD: PASSWORD });
  const made = of();
  assert.ok(made.checkHost('localhost') && made.checkIP('127.0.0.1'));
  const days = (made.validToDate.getTime() - made.validFromDate.getTime()) / 86_400_000;
  assert.ok(days > 365 && days < 826, `${days} days`);
  assert.equal(made.ca, false);
  await first.stop();

  const second = await started(t, data);
  assert.equal(of().fingerprint256, made.fingerprint256, 'it stays as long as it is good');
  const socket = connect({ host: '127.0.0.1', port: second.port, rejectUnauthorized: false, maxVersion: 'TLSv1.1' });
  const [error] = await once(socket, 'error');
  assert.match(String(error), /protocol|version/i, 'old TLS is refused');
  await second.stop();

  const ended = await generate([{ name: 'commonName', value: 'ended.example' }], {
    keyType: 'ec',
    notBeforeDate: new Date('2001-01-01'),
    notAfterDate: new Date('2001-01-02'),
  });
  writeFileSync(join(data, 'tls/console.crt'), ended.cert);
  writeFileSync(join(data, 'tls/console.key'), ended.private);
  const third = await started(t, data);
  assert.ok(of().validToDate.getTime() > Date.now());
  await third.stop();
});

test('with a damaged database the API says so to everybody, and touches neither it nor its copies', {
  timeout: 60_000,
}, async t => {
  const data = folder(t);
  const path = join(data, 'store/config.db');
  await (await started(t, data, { BALLAST_ADMIN_PASSWORD: PASSWORD })).stop();
  const copies = readdirSync(join(data, 'store/copies'));
  const damages: [string, () => void][] = [
    ['overwritten', () => writeFileSync(path, Buffer.alloc(40_960, 0x5a))],
    ['emptied', () => writeFileSync(path, '')],
    ['gone', () => rmSync(path)],
  ];
  for (const [name, damage] of damages) {
    damage();
    const before = name === 'gone' ? undefined : readFileSync(path);
    const api = await started(t, data, { BALLAST_ADMIN_PASSWORD: 'quite another password' });
    assert.match(api.said(), /The configuration database is damaged/, name);
    for (const password of [PASSWORD, 'quite another password']) {
      const { status, json } = await login(api.port, password);
      assert.deepEqual([status, json.code], [503, 'STORE_DAMAGED'], name);
      assert.match(String(json.message), /^The configuration database is damaged: .*Traffic goes on/);
    }
    assert.equal((await ask(api.port, 'GET', '/api/virtual-services')).json.code, 'STORE_DAMAGED');
    const health = await ask(api.port, 'GET', '/api/health');
    assert.deepEqual([health.status, health.json.store], [503, 'damaged']);
    await api.stop();
    if (before) assert.ok(readFileSync(path).equals(before), name);
    else assert.ok(!readdirSync(join(data, 'store')).includes('config.db'), name);
    assert.deepEqual(readdirSync(join(data, 'store/copies')), copies);
  }
});

test('clients that are slow on purpose are cut off: without a handshake, and with headers that never end', {
  timeout: 90_000,
}, async t => {
  const api = await started(t, folder(t), { BALLAST_ADMIN_PASSWORD: PASSWORD });
  const at = { host: '127.0.0.1', port: api.port };
  const start = Date.now();
  const mute = plain(at);
  const drip = connect({ ...at, rejectUnauthorized: false }, () =>
    drip.write('GET /api/health HTTP/1.1\r\nHost: x\r\n'),
  );
  const more = setInterval(() => drip.write('X-Slow: 1\r\n'), 1_000);
  t.after(() => {
    clearInterval(more);
    mute.destroy();
    drip.destroy();
  });
  let answer = '';
  drip.on('data', chunk => {
    answer += chunk;
  });
  // A write that meets the cut is an error of its own.
  for (const socket of [mute, drip]) socket.on('error', () => {});
  await Promise.all([mute, drip].map(socket => new Promise(done => socket.on('close', done))));
  assert.match(answer, /^HTTP\/1\.1 408 /);
  assert.ok(Date.now() - start < 60_000, `after ${Date.now() - start} ms`);
  await api.stop();
});
