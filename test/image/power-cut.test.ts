import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { root } from '../../scripts/source-files.ts';
import { ask } from '../support/http-client.ts';
import { until } from '../support/wait.ts';
import { WebServer } from '../support/web-server.ts';
import { builtImage, ENTER, figure, type Ground, ground, loggedIn, SERVICE, setUp } from './ground.ts';
import { VirtualMachine } from './virtual-machine.ts';

/** The lights go out during the first set-up and while the configuration is written: nothing acknowledged is lost. */

const folder = join(root, '.cache/image/test-power-cut');
const servers = [new WebServer('a')];
/** Writes altogether, and after how many the lights go out. */
const WRITES = 50;
const ROUND = 10;
let net: Ground;
let vm: VirtualMachine;

before(async () => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  await Promise.all(servers.map(server => server.start()));
  net = await ground(servers);
});

after(async () => {
  await vm?.cut();
  await Promise.all(servers.map(server => server.stop()));
});

const start = () => VirtualMachine.start({ folder: join(folder, 'vm'), image: builtImage(), network: net.network });

test('a power cut between two questions: the set-up begins again', async () => {
  vm = await start();
  await vm.screen.shows(/Begin \]/, 400_000);
  await vm.screen.type(ENTER);
  await vm.screen.shows(/Eth0 - network/, 120_000);
  await vm.cut();
  vm = await start();
  await vm.screen.shows(/Begin \]/, 400_000);
});

test('a power cut while the answers are applied: the set-up again, or a machine that is set up', async () => {
  await setUp(vm.screen, () => {});
  await sleep(randomInt(3_000));
  await vm.cut();
  vm = await start();
  const screen = await vm.screen.shows(/Begin \]|Enter: log in/, 400_000);
  figure(folder, `after a cut while the answers were applied: ${/Begin/.test(screen) ? 'the set-up again' : 'set up'}`);
  if (!/Begin/.test(screen)) return;
  await setUp(vm.screen, () => {});
  await vm.screen.shows(/Ballast is ready/, 180_000);
  await vm.screen.type(ENTER);
});

test(`power cuts during ${WRITES} writes: what was acknowledged is there, the store is whole, it serves`, async () => {
  const kept = new Set<string>();
  let api = await loggedIn(net.console);
  await api.call('createVirtualService', {
    body: { address: SERVICE, port: 80, name: 'served', realServers: [{ address: '10.0.2.101', port: 80 }] },
  });
  kept.add('served');
  for (let done = 0; done < WRITES; done += ROUND) {
    const write = async () => {
      for (let n = done; n < done + ROUND; n++) {
        const name = `write ${n}`;
        await api.call('createVirtualService', {
          body: { address: SERVICE, port: 1_000 + n, name, realServers: [{ address: '10.0.2.101', port: 80 }] },
        });
        kept.add(name);
      }
    };
    const writing = write().catch(() => {});
    await Promise.race([writing, sleep(randomInt(200, 6_000))]);
    const acknowledged = kept.size;
    await vm.cut();
    await writing;
    api.close();
    vm = await start();
    await until('the service to answer', async () => (await ask({ port: net.service })).body === 'a', {
      limit: 400_000,
      every: 500,
    });
    api = await loggedIn(net.console);
    const names = new Set((await api.call('listVirtualServices')).map(service => service.name));
    for (const name of kept) assert.ok(names.has(name), `${name} was acknowledged and is lost`);
    assert.equal((await api.call('getHealth')).store, 'ok');
    figure(folder, `cut with ${acknowledged} services acknowledged: ${names.size} there`);
    // One that was not acknowledged may be there all the same: then it is told like the others.
    for (const name of names) kept.add(name);
  }
  api.close();
});
