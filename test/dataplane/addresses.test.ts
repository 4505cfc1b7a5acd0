import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { Addresses } from '../../server/dataplane/addresses.ts';
import { pathsOf } from '../../server/paths.ts';

/** Runs itself once more in a network namespace that ends with it; only there are interfaces touched. */

const ip = (...words: string[]) => execFileSync('ip', words, { encoding: 'utf8' });

/** Addresses of an interface beyond its own, sorted. */
const held = (link: string, own: string[]): string[] =>
  ip('-o', 'address', 'show', 'dev', link, 'scope', 'global')
    .split('\n')
    .flatMap(line => / inet6? (\S+)/.exec(line)?.[1] ?? [])
    .filter(address => !own.includes(address))
    .sort();

const own = ['10.81.0.2/24', 'fd81::2/64', '10.81.0.77/24'];

if (process.env.BALLAST_TEST_INSIDE !== '1')
  test('service addresses, in a network namespace', () => {
    const { status, stdout, stderr } = spawnSync('unshare', ['--net', process.execPath, import.meta.filename], {
      env: { ...process.env, BALLAST_TEST_INSIDE: '1', NODE_TEST_CONTEXT: '' },
      encoding: 'utf8',
      timeout: 30_000,
    });
    assert.equal(status, 0, stdout + stderr);
  });
else
  test('only what was added is removed, and what somebody took away comes back', async t => {
    const paths = pathsOf(mkdtempSync(join(tmpdir(), 'ballast-addresses-')));
    t.after(() => rmSync(paths.data, { recursive: true, force: true }));
    mkdirSync(paths.dataplane);
    for (const link of ['front', 'back']) {
      ip('link', 'add', 'name', link, 'type', 'veth', 'peer', 'name', `${link}-far`);
      ip('link', 'set', 'dev', link, 'up');
    }
    for (const address of own)
      ip('address', 'add', address, 'dev', 'front', ...(address.includes(':') ? ['nodad'] : []));
    ip('address', 'add', '10.82.0.2/24', 'dev', 'back');

    const addresses = new Addresses(paths);
    const wanted = ['10.81.0.100', '10.81.0.77', 'fd81::100', '127.0.0.9', '::1'];
    await addresses.add(wanted);
    assert.deepEqual(held('front', own), ['10.81.0.100/32', 'fd81::100/128']);
    assert.deepEqual(held('back', ['10.82.0.2/24']), []);
    assert.deepEqual(
      JSON.parse(readFileSync(join(paths.dataplane, 'addresses.json'), 'utf8')).map(
        (e: { address: string }) => e.address,
      ),
      ['10.81.0.100', 'fd81::100'],
    );

    await assert.rejects(addresses.add(['192.0.2.9']), /in the subnet of no interface/);
    ip('route', 'add', 'default', 'via', '10.82.0.1', 'dev', 'back');
    await addresses.add(['192.0.2.9']);
    assert.deepEqual(held('back', ['10.82.0.2/24']), ['192.0.2.9/32']);

    ip('address', 'del', '10.81.0.100/32', 'dev', 'front');
    await addresses.add(wanted);
    assert.deepEqual(held('front', own), ['10.81.0.100/32', 'fd81::100/128'], 'it is back');

    // The next process knows what the one before added; what was there before stays, wanted or not.
    await new Addresses(paths).removeAllBut(['fd81::100']);
    assert.deepEqual(held('front', []), [...own, 'fd81::100/128'].sort());
    assert.deepEqual(held('back', ['10.82.0.2/24']), []);
    await new Addresses(paths).removeAllBut([]);
    assert.deepEqual(held('front', []), own.toSorted());
  });
