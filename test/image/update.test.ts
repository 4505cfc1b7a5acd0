import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { packUpdate } from '../../firmware/image/update-pack.ts';
import type { ApiClient } from '../../scripts/api-client.ts';
import { root } from '../../scripts/source-files.ts';
import { UPDATE_PART, type UpdateState } from '../../server/schema/update.ts';
import { ask } from '../support/http-client.ts';
import { until } from '../support/wait.ts';
import { WebServer } from '../support/web-server.ts';
import { builtImage, ENTER, figure, type Ground, ground, loggedIn, SERVICE, setUp } from './ground.ts';
import { VirtualMachine } from './virtual-machine.ts';

/** From one version to the next on a real disk: refusals, the way there, back by hand, back by itself, and a power cut. */

const folder = join(root, '.cache/image/test-update');
const next = join(root, '.cache/image/next');
const key = join(root, '.cache/image/development-key.pem');
const servers = [new WebServer('a')];
let net: Ground;
let vm: VirtualMachine;
let api: ApiClient;

before(async () => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  execFileSync(process.execPath, ['firmware/image/build.ts', '--only-update', '--version', '0.1.1', '--to', next], {
    cwd: root,
    stdio: 'ignore',
  });
  await Promise.all(servers.map(server => server.start()));
  net = await ground(servers);
});

after(async () => {
  api?.close();
  await vm?.cut();
  await Promise.all(servers.map(server => server.stop()));
});

const start = () => VirtualMachine.start({ folder: join(folder, 'vm'), image: builtImage(), network: net.network });
const served = () =>
  until('the service to answer', async () => (await ask({ port: net.service })).body === 'a', {
    limit: 400_000,
    every: 500,
  });

async function send(file: Buffer): Promise<void> {
  for (let offset = 0; offset < file.length; offset += UPDATE_PART)
    await api.call('sendUpdatePart', { query: { offset }, body: file.subarray(offset, offset + UPDATE_PART) });
}

async function install(file: Buffer): Promise<UpdateState> {
  await send(file);
  await api.call('installUpdate');
  return until(
    'the update to be installed or refused',
    async () => {
      const state = await api.call('getUpdate');
      return ['ready', 'failed'].includes(state.phase) && state;
    },
    { limit: 400_000, every: 1_000 },
  );
}

/** Restarts with the other version and returns when what runs was seen well. */
async function startOther(): Promise<UpdateState> {
  await api.call('startOtherVersion');
  api.close();
  await until(
    'the machine to go down',
    () =>
      ask({ port: net.service }).then(
        () => false,
        () => true,
      ),
    { limit: 60_000 },
  );
  await served();
  return settled();
}

async function settled(): Promise<UpdateState> {
  return until(
    'the version to be seen well, or left',
    async () => {
      api?.close();
      api = await loggedIn(net.console);
      const state = await api.call('getUpdate');
      return !state.trial && state;
    },
    { limit: 600_000, every: 2_000 },
  );
}

test('a machine with a service', async () => {
  vm = await start();
  await setUp(vm.screen, () => {});
  await vm.screen.shows(/Ballast is ready/, 180_000);
  await vm.screen.type(ENTER);
  api = await loggedIn(net.console);
  await api.call('createVirtualService', {
    body: { address: SERVICE, port: 80, realServers: [{ address: '10.0.2.101', port: 80 }] },
  });
  await served();
  const state = await api.call('getUpdate');
  assert.deepEqual(
    [state.unsupported, state.slot, state.version, state.other, state.trial],
    ['', 'a', '0.1.0', '', false],
  );
});

test('an unsigned, a truncated and an older file are refused', async () => {
  const file = readFileSync(join(next, 'ballast-0.1.1.update'));
  const unsigned = Buffer.from(file.subarray(0, UPDATE_PART));
  unsigned.write('0.1.9', unsigned.indexOf('0.1.1'));
  assert.match((await install(unsigned)).problem, /not signed/);
  assert.match((await install(file.subarray(0, UPDATE_PART))).problem, /not whole/);
  const small = join(folder, 'small');
  writeFileSync(small, randomBytes(100_000));
  packUpdate(small, '0.0.9', key, join(folder, 'older.update'));
  assert.match((await install(readFileSync(join(folder, 'older.update')))).problem, /only a newer one/);
  assert.equal((await api.call('getUpdate')).other, '');
});

test('the next version is installed while traffic goes on, and runs', async () => {
  const began = Date.now();
  const failures: string[] = [];
  let asked = 0;
  const traffic = setInterval(() => {
    asked++;
    ask({ port: net.service }).catch((error: Error) => failures.push(`${asked}: ${error.message}`));
  }, 250);
  const state = await install(readFileSync(join(next, 'ballast-0.1.1.update')));
  clearInterval(traffic);
  figure(folder, `update sent, checked and written: ${Math.round((Date.now() - began) / 1000)} s, ${asked} requests`);
  assert.equal(state.phase, 'ready', state.problem);
  assert.deepEqual(failures, []);
  const restarted = Date.now();
  const after = await startOther();
  figure(
    folder,
    `restart with the new version until it is seen well: ${Math.round((Date.now() - restarted) / 1000)} s`,
  );
  assert.deepEqual([after.slot, after.version, after.other, after.otherFailed], ['b', '0.1.1', '0.1.0', false]);
  await served();
});

test('the previous version by hand', async () => {
  const after = await startOther();
  assert.deepEqual([after.slot, after.version, after.other], ['a', '0.1.0', '0.1.1']);
});

test('a version that does not get well is left by itself, and what it did to the data too', async () => {
  const slot = join(folder, 'broken.slot');
  copyFileSync(join(next, 'ballast-0.1.1.slot'), slot);
  const broken = join(folder, 'main.ts');
  writeFileSync(
    broken,
    "import { writeFileSync } from 'node:fs';\nwriteFileSync('/data/ballast/store/config.db', 'of a form nobody knows');\nprocess.exit(1);\n",
  );
  const target = '/opt/ballast/server/api/main.ts';
  execFileSync('debugfs', ['-w', '-R', `rm ${target}`, slot], { stdio: 'ignore' });
  execFileSync('debugfs', ['-w', '-R', `write ${broken} ${target}`, slot], { stdio: 'ignore' });
  packUpdate(slot, '0.1.2', key, join(folder, 'broken.update'));
  const state = await install(readFileSync(join(folder, 'broken.update')));
  assert.equal(state.phase, 'ready', state.problem);
  const began = Date.now();
  const after = await startOther();
  figure(
    folder,
    `a broken version started, left, and the one before well: ${Math.round((Date.now() - began) / 1000)} s`,
  );
  assert.deepEqual([after.slot, after.version, after.other, after.otherFailed], ['a', '0.1.0', '0.1.2', true]);
  assert.equal((await api.call('listVirtualServices')).length, 1);
});

test('a power cut while the slot is written leaves what runs', async () => {
  await send(readFileSync(join(next, 'ballast-0.1.1.update')));
  await api.call('installUpdate');
  await until(
    'half of it to be written',
    async () => {
      const { phase, done, total } = await api.call('getUpdate');
      return phase === 'writing' && done > total / 3;
    },
    { limit: 200_000, every: 200 },
  );
  await vm.cut();
  await sleep(500);
  vm = await start();
  await served();
  const after = await settled();
  assert.deepEqual([after.slot, after.version, after.other, after.phase], ['a', '0.1.0', '', 'idle']);
});
