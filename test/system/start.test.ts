import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { Appliance, kill } from '../support/appliance.ts';
import { freePort } from '../support/ports.ts';
import { processesOf } from '../support/processes.ts';
import { until } from '../support/wait.ts';

/** What the supervisor refuses, who runs as whom, and a clone that its user may not enter. */

const root = join(import.meta.dirname, '../..');

/** A supervisor to its end: exit code and all it said. */
async function toItsEnd(environment: Record<string, string>) {
  const child = spawn(process.execPath, [join(root, 'scripts/supervise.ts')], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = listen(child);
  const [code] = await once(child, 'close');
  return { code, said: said() };
}

function listen(child: ChildProcess): () => string {
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', chunk => {
      said += chunk;
    });
  return () => said;
}

const folder = (t: { after: (f: () => void) => void }) => {
  const made = mkdtempSync(join(tmpdir(), 'ballast-start-'));
  t.after(() => rmSync(made, { recursive: true, force: true }));
  return made;
};

test('a second start on the same data folder says so and ends; the first goes on', async t => {
  const appliance = await Appliance.start();
  t.after(() => appliance.stop());
  const { code, said } = await toItsEnd({ BALLAST_DATA: appliance.dataDir, BALLAST_PORT: String(await freePort()) });
  assert.equal(code, 1);
  assert.match(said, /^Ballast already runs on the data folder .*\.\n$/);
  assert.equal((await appliance.call('getHealth')).state, 'ok');
});

test('the API runs as ballast without any privilege and writes only its own part of the data folder', async t => {
  const appliance = await Appliance.start();
  t.after(() => appliance.stop());
  const [api] = appliance.processes('api');
  const status = readFileSync(`/proc/${api?.pid}/status`, 'utf8');
  assert.doesNotMatch(status, /^Uid:\t0\b/m);
  assert.match(status, /^Groups:\s*$/m);
  for (const set of ['CapPrm', 'CapEff', 'CapInh', 'CapBnd', 'CapAmb'])
    assert.match(status, new RegExp(`^${set}:\\t0{16}$`, 'm'));
  assert.match(status, /^NoNewPrivs:\t1$/m);
  const uid = Number(/^Uid:\t(\d+)/m.exec(status)?.[1]);
  const part = (name: string) => statSync(join(appliance.dataDir, name));
  for (const name of ['store', 'tls']) assert.deepEqual([part(name).uid, part(name).mode & 0o777], [uid, 0o700]);
  assert.deepEqual([part('dataplane').uid, part('dataplane').mode & 0o777], [0, 0o700]);
  assert.deepEqual([part('run').uid, part('run').mode & 0o022], [0, 0]);
});

test('kill -9 of the supervisor takes API and data plane along, traffic’s HAProxy stays, the next start adopts it', async t => {
  const appliance = await Appliance.start();
  t.after(() => appliance.stop());
  const master = appliance.processes('haproxy master')[0]?.pid;
  for (const { pid } of appliance.processes('supervisor')) kill(pid);
  await until('API and data plane to be gone', () => appliance.processes().every(p => p.role.startsWith('haproxy')));
  assert.equal(appliance.processes('haproxy master')[0]?.pid, master);
  await appliance.launch();
  assert.equal(appliance.processes('haproxy master')[0]?.pid, master);
  assert.deepEqual(await appliance.stop(), []);
});

test('a port that is taken, a bad setting: one sentence and exit code 1', async t => {
  const data = folder(t);
  const taken = createServer();
  const port = await freePort();
  await new Promise<void>(done => taken.listen(port, '::', done));
  t.after(() => taken.close());
  const cases: [Record<string, string>, RegExp][] = [
    [{ BALLAST_PORT: String(port) }, /^Port \d+ is used by another program\. .*\.\n$/],
    [{ BALLAST_PORT: '0' }, /^BALLAST_PORT must be a port .*\.\n$/],
    [{ BALLAST_PORT: 'https' }, /^BALLAST_PORT must be a port .*\.\n$/],
    [{ BALLAST_ADDRESS: 'localhost' }, /^BALLAST_ADDRESS must be .*\.\n$/],
    [{ BALLAST_ADDRESS: '192.0.2.254' }, /^BALLAST_ADDRESS .* is not an address of this machine\.\n$/],
  ];
  for (const [environment, sentence] of cases) {
    const settings = { BALLAST_DATA: data, BALLAST_PORT: String(await freePort()) };
    const { code, said } = await toItsEnd({ ...settings, ...environment });
    assert.deepEqual([code, sentence.test(said)], [1, true], said);
  }
});

test('a clone and data in a folder closed to others: the API sees both there and nothing else of it', async t => {
  const closed = folder(t); // mode 0700
  const clone = join(closed, 'clone');
  const data = join(closed, 'data');
  for (const path of [clone, data, join(closed, 'private')]) mkdirSync(path);
  const port = await freePort();
  // A mount namespace of the test's own, in which this clone appears below the closed folder as well.
  const script = 'mount --bind "$1" "$2" && exec "$2/node_modules/.bin/node" "$2/scripts/supervise.ts"';
  const child = spawn(
    'unshare',
    ['--mount', '--propagation', 'private', '--', 'sh', '-ec', script, 'sh', root, clone],
    {
      env: { ...process.env, BALLAST_DATA: data, BALLAST_PORT: String(port), BALLAST_ADDRESS: '127.0.0.1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const said = listen(child);
  t.after(() => {
    for (const { pid } of processesOf(data)) kill(pid);
  });
  await until('the appliance to run', () => /Ballast is running/.test(said()), { limit: 30_000 }).catch(error => {
    throw new Error(`${error.message}\n${said()}`);
  });
  assert.match(said(), /One-time password: \S+/);
  const api = processesOf(data).find(p => p.role === 'api');
  const inside = `/proc/${api?.pid}/root${closed}`;
  assert.deepEqual(readdirSync(inside).toSorted(), ['clone', 'data']);
  assert.equal(readdirSync(join(inside, 'data/store')).includes('config.db'), true);
  child.kill('SIGTERM');
  const [code] = await once(child, 'exit');
  assert.equal(code, 0);
  assert.deepEqual(processesOf(data), []);
});
