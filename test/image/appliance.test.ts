import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import { root } from '../../scripts/source-files.ts';
import { ask } from '../support/http-client.ts';
import { until } from '../support/wait.ts';
import { WebServer } from '../support/web-server.ts';
import {
  ADDRESS,
  builtImage,
  ENTER,
  figure,
  type Ground,
  ground,
  LEFT,
  loggedIn,
  PASSWORD,
  RIGHT,
  SERVICE,
  setUp,
} from './ground.ts';
import { VirtualMachine } from './virtual-machine.ts';

/** The image from its first start to traffic, and again after a restart, as whoever imports it sees it. */

const folder = join(root, '.cache/image/test');
const shots = join(folder, 'shots');
const servers = [new WebServer('a'), new WebServer('b')];
let net: Ground;
let vm: VirtualMachine;

before(async () => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(shots, { recursive: true });
  await Promise.all(servers.map(server => server.start()));
  net = await ground(servers);
});

after(async () => {
  await vm?.cut();
  await Promise.all(servers.map(server => server.stop()));
});

const start = (firmware: 'bios' | 'uefi' | 'secure' = 'bios') =>
  VirtualMachine.start({ folder: join(folder, 'vm'), image: builtImage(), firmware, network: net.network });

/** Both servers answer through the service, half and half. */
async function served(): Promise<void> {
  await until('the service to answer', async () => (await ask({ port: net.service })).status === 200, {
    limit: 120_000,
    every: 500,
  });
  const names: string[] = [];
  for (let n = 0; n < 10; n++) names.push((await ask({ port: net.service })).body);
  assert.deepEqual(names.toSorted(), [...Array(5).fill('a'), ...Array(5).fill('b')]);
}

/** What differs from run to run. */
const settled = (page: string) => page.replace(/\d{4}-\d\d-\d\d \d\d:\d\d UTC/, '2026-01-01 00:00 UTC');

test('the first set-up over a serial line, at 80 by 25', async () => {
  const began = Date.now();
  vm = await start();
  const pages: string[] = [];
  await vm.screen.shows(/Begin \]/, 400_000);
  figure(folder, `first start until the first question: ${Math.round((Date.now() - began) / 1000)} s`);
  await vm.photograph(join(shots, 'welcome.png'));
  await setUp(vm.screen, page => pages.push(settled(page)));
  const ready = await vm.screen.shows(/Ballast is ready/, 180_000);
  await vm.photograph(join(shots, 'other-console.png'));
  assert.match(ready, new RegExp(`https://${ADDRESS}/\\s`));
  assert.match(ready, /(?:[0-9A-F]{2}:){16}/);
  const file = join(root, 'test/image/screens.txt');
  const text = `${pages.map(page => `${page}\n${'-'.repeat(80)}\n`).join('')}`;
  if (process.env.GOLDEN) writeFileSync(file, text);
  assert.equal(text, readFileSync(file, 'utf8'));
});

test('nothing but the console is open, and nobody can log in to the system', async () => {
  await vm.shellReady();
  const open = await vm.run("ss -Hlntu | awk '{print $1, $5}' | sort -u");
  assert.deepEqual(
    open.split('\n').filter(line => !/127\.0\.0\.1|\[::1\]|%eth\d:(?:68|546)$/.test(line)),
    ['tcp *:443'],
  );
  assert.match(await vm.run('passwd --status root'), /^root L/);
  assert.equal(await vm.run("awk -F: '$2 !~ /^[!*]/ {print $1}' /etc/shadow"), '');
  assert.equal(await vm.run('systemctl list-units --plain --no-legend "*getty*service"'), '');
  assert.equal(await vm.run('systemctl --failed --plain --no-legend'), '');
  assert.match(await vm.run('nft list table inet ballast-box'), /policy drop/);
  assert.match(await vm.run('touch /usr/x 2>&1'), /Read-only/);
});

test('units are closed in', async () => {
  const most: Record<string, number> = { 'ballast-api': 3, 'ballast-data-plane': 5, 'ballast-screen@tty1': 5 };
  for (const [unit, limit] of Object.entries(most)) {
    const [, score = ''] =
      /: ([\d.]+) /.exec(await vm.run(`systemd-analyze security --no-pager ${unit}.service | tail -n 1`)) ?? [];
    figure(folder, `systemd-analyze security ${unit}: ${score}`);
    assert.ok(Number(score) > 0 && Number(score) <= limit, `${unit}: ${score}`);
  }
});

test('a service with two servers, made over the network, serves', async () => {
  const api = await loggedIn(net.console);
  const realServers = [101, 102].map(n => ({ address: `10.0.2.${n}`, port: 80 }));
  const made = await api.call('createVirtualService', { body: { address: SERVICE, port: 80, realServers } });
  assert.ok('outcome' in made && made.outcome.state === 'applied', JSON.stringify(made));
  await served();
  api.close();
});

test('after a restart it serves without anybody doing anything', async () => {
  const began = Date.now();
  await vm.screen.type(LEFT, ENTER);
  await until(
    'it to go down',
    () =>
      ask({ port: net.service }).then(
        () => false,
        () => true,
      ),
    { limit: 60_000 },
  );
  await until('a request to be served', async () => (await ask({ port: net.service })).status === 200, {
    limit: 400_000,
    every: 500,
  });
  figure(folder, `restart until the first request is served: ${Math.round((Date.now() - began) / 1000)} s`);
  await served();
  const api = await loggedIn(net.console);
  figure(folder, `restart until somebody is logged in: ${Math.round((Date.now() - began) / 1000)} s`);
  assert.equal((await api.call('getNetworkState')).hostName, 'lb-1');
  api.close();
  await vm.shellReady();
  await vm.photograph(join(shots, 'after-restart.png'));
  figure(folder, `memory in use with one service: ${(await vm.run("free -m | awk '/^Mem/ {print $3}'")).trim()} MiB`);
  assert.equal(await vm.run('systemctl --failed --plain --no-legend'), '');
});

test('the menu over the serial line: status behind a log-in', async () => {
  const idle = await vm.screen.shows(/Enter: log in/, 120_000);
  assert.match(idle, new RegExp(`lb-1[\\s\\S]*https://${ADDRESS}/`));
  await vm.screen.shows(/Virtual Services {2}1: 1 up/, 60_000);
  await vm.photograph(join(shots, 'idle.png'));
  await vm.screen.type(ENTER);
  await vm.screen.shows(/User +\[bal/);
  await vm.screen.type(ENTER, ...PASSWORD, ENTER, RIGHT, RIGHT, ENTER);
  await vm.screen.shows(/1 {2}Status/, 60_000);
  await vm.screen.type('1');
  await vm.screen.shows(new RegExp(`${SERVICE}:80 +up +2/2`), 60_000);
  await vm.screen.type('\x1b');
  await vm.screen.shows(/1 {2}Status/, 60_000);
});

test('a factory reset leaves a machine as it was delivered', async () => {
  const began = Date.now();
  await vm.screen.type('a');
  await vm.screen.shows(/Everything goes/, 60_000);
  await vm.screen.type(...'RESET', ENTER, RIGHT, ENTER);
  await vm.screen.shows(/Begin \]/, 400_000);
  figure(folder, `factory reset until the first question: ${Math.round((Date.now() - began) / 1000)} s`);
  await vm.shellReady();
  assert.equal(
    await vm.run('ls /data/ballast/store/*.crt /data/factory-reset /etc/systemd/network/50-* 2>/dev/null'),
    '',
  );
  assert.equal(await vm.run('journalctl --list-boots --no-pager -o json | grep -o boot_id | wc -l'), '1');
  assert.equal(await vm.run('systemctl --failed --plain --no-legend'), '');
});
