import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import test from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { Appliance, Refused } from '../support/appliance.ts';
import { ask, shares } from '../support/http-client.ts';
import { until } from '../support/wait.ts';
import { startServers } from '../support/web-server.ts';

/**
 * Service addresses on real interfaces. The file runs itself once more in a network namespace that ends with it;
 * only there does it touch interfaces.
 */

const inside = process.env.BALLAST_TEST_INSIDE === '1';

const ip = (...words: string[]) => execFileSync('ip', words, { encoding: 'utf8' });

/** Addresses of an interface, as `10.1.0.1/24`. */
const addressesOf = (link: string): string[] =>
  ip('-o', 'address', 'show', 'dev', link, 'scope', 'global')
    .split('\n')
    .flatMap(line => / inet6? (\S+)/.exec(line)?.[1] ?? []);

if (!inside)
  test('addresses of services, in a network namespace', { timeout: 120_000 }, async t => {
    const child = spawn(
      'unshare',
      ['--net', process.execPath, '--test-reporter=spec', '--test-force-exit', import.meta.filename],
      {
        env: { ...process.env, BALLAST_TEST_INSIDE: '1', NODE_TEST_CONTEXT: '' },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    t.after(() => child.kill('SIGKILL'));
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', chunk => {
        output += chunk;
      });
    const [code] = await once(child, 'exit');
    assert.equal(code, 0, output);
  });
else
  test('addresses come and go with their services, and only those that Ballast added', async t => {
    ip('link', 'set', 'dev', 'lo', 'up');
    for (const [link, four, six] of [
      ['front0', '10.81.0.2/24', 'fd81::2/64'],
      ['back0', '10.82.0.2/24', 'fd82::2/64'],
    ] as const) {
      ip('link', 'add', 'name', link, 'type', 'veth', 'peer', 'name', `${link}-far`);
      ip('link', 'set', 'dev', `${link}-far`, 'up');
      ip('address', 'add', four, 'dev', link);
      ip('-6', 'address', 'add', six, 'dev', link, 'nodad');
      ip('link', 'set', 'dev', link, 'up');
    }
    const own = { front: addressesOf('front0'), back: addressesOf('back0') };
    const servers = await startServers(['a', 'b', 'c'], { address: '10.82.0.2' });
    t.after(() => Promise.all(servers.map(server => server.stop())));
    const appliance = await Appliance.start({ BALLAST_LOOPBACK: '0' });
    t.after(() => appliance.stop());
    const realServers = servers.map(server => ({ address: '10.82.0.2', port: server.port }));
    const add = (address: string, port: number) => appliance.addService({ address, port, realServers });
    /** What an interface holds beyond its own; an address that is needed no more may stay for a moment. */
    const holds = async (link: string, before: string[], wanted: string[], why = '') => {
      await until(why, () => isDeepStrictEqual(added(link, before), wanted), { limit: 3_000 }).catch(() => {});
      assert.deepEqual(added(link, before), wanted, why);
    };
    const added = (link: string, before: string[]) =>
      addressesOf(link)
        .filter(address => !before.includes(address))
        .map(address => address.split('/')[0])
        .sort();

    const four = await add('10.81.0.100', 80);
    const fourToo = await add('10.81.0.100', 81);
    const six = await add('fd81::100', 80);
    const machine = await add('10.81.0.2', 80);
    await holds('front0', own.front, ['10.81.0.100', 'fd81::100']);
    await holds('back0', own.back, []);
    assert.deepEqual(await shares({ address: '10.81.0.100', port: 80 }, 30), { a: 10, b: 10, c: 10 });
    assert.deepEqual(await shares({ address: '10.81.0.100', port: 81 }, 3), { a: 1, b: 1, c: 1 });
    assert.deepEqual(await shares({ address: 'fd81::100', port: 80 }, 3), { a: 1, b: 1, c: 1 });
    assert.deepEqual(await shares({ address: '10.81.0.2', port: 80 }, 3), { a: 1, b: 1, c: 1 });

    const back = await add('10.82.0.100', 80);
    await holds('back0', own.back, ['10.82.0.100']);

    await appliance.deleteService(four.service.id);
    await holds('front0', own.front, ['10.81.0.100', 'fd81::100'], 'the other service still needs it');
    await appliance.deleteService(fourToo.service.id);
    await holds('front0', own.front, ['fd81::100']);
    await appliance.deleteService(machine.service.id);
    assert.deepEqual(
      addressesOf('front0')
        .filter(a => own.front.includes(a))
        .sort(),
      own.front.sort(),
      'its own address stays',
    );

    await assert.rejects(add('127.0.0.1', 80), (e: unknown) => e instanceof Refused && e.fault.code === 'BAD_ADDRESS');
    await appliance.call('enableVirtualService', { at: { id: six.service.id }, body: { enabled: false } });
    await holds('front0', own.front, []);
    await appliance.call('enableVirtualService', { at: { id: six.service.id }, body: { enabled: true } });
    await holds('front0', own.front, ['fd81::100']);
    assert.equal((await ask({ address: 'fd81::100', port: 80 })).status, 200);

    await appliance.changeService(back.service.id, { address: '10.81.0.101' });
    await holds('back0', own.back, []);
    await holds('front0', own.front, ['10.81.0.101', 'fd81::100']);

    assert.deepEqual(await appliance.stop(), []);
    await holds('front0', own.front, [], 'a stopped appliance holds no address');
  });
