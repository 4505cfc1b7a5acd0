import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import fc from 'fast-check';
import { insideOwnNetwork, runInside } from '../../scripts/namespaces.ts';
import { emptyNetwork, type NetworkSet, networkSet } from '../../server/compile/network/network-set.ts';
import { IpNetwork } from '../../server/dataplane/network/ip-network.ts';
import { emptyConfig } from '../../server/schema/config.ts';
import { fill } from '../../server/schema/derive.ts';
import { problemsOf } from '../../server/schema/rules.ts';
import type { Settings } from '../../server/schema/settings.ts';
import { patience } from '../support/wait.ts';

/** Whatever is set, one after another, and taken away in the end: the machine is as it was, in a real kernel. */

const FACTS = { managementPort: 8443, loopback: true };
const ip = (...words: string[]) => execFileSync('ip', words, { encoding: 'utf8' });

/** Some are the machine's own, see below; some lie in its networks. */
const ADDRESSES = [
  '10.1.0.1/24',
  '10.1.0.2/24',
  '10.1.0.3/24',
  '10.1.0.3/25',
  '10.2.0.1/24',
  '10.2.0.2/16',
  'fd01::1/64',
];
const GATEWAYS = ['', '10.1.0.254', '10.2.0.254', '10.1.0.250'];

const anySet: fc.Arbitrary<NetworkSet | undefined> = fc
  .record({
    first: fc.option(
      fc.record({ addresses: fc.subarray(ADDRESSES, { maxLength: 3 }), mtu: fc.constantFrom(0, 1400, 1500) }),
    ),
    second: fc.option(
      fc.record({ addresses: fc.subarray(ADDRESSES, { maxLength: 3 }), mtu: fc.constantFrom(0, 1300) }),
    ),
    gateway4: fc.constantFrom(...GATEWAYS),
    routes: fc.subarray(['10.50.0.0/16', '10.60.0.0/16', '10.70.0.0/16']),
  })
  .map(({ first, second, gateway4, routes }) => {
    const config = emptyConfig();
    const links = [first && { name: 'e0', ...first }, second && { name: 'e1', ...second }].filter(one => one !== null);
    config.interfaces = links.map((one, at) => fill('interface', { id: at + 1, ...one }));
    config.settings = [{ ...(config.settings[0] as Settings), gateway4 }];
    if (gateway4)
      config.routes = routes.map((destination, at) => fill('route', { id: at + 1, destination, gateway: gateway4 }));
    return problemsOf(config, FACTS).length === 0 ? networkSet(config, FACTS) : undefined;
  });

/** Everything but what the kernel counts and numbers. */
const machine = () =>
  [ip('-o', 'link'), ip('-o', 'address'), ip('route'), ip('-6', 'route')].join('').replace(/\d+: |valid_lft.*/g, '');

if (!insideOwnNetwork)
  test('nothing but our own is touched', { timeout: patience(120_000) }, t => runInside(t, import.meta.filename));
else
  test('nothing but our own is touched', async t => {
    const folder = mkdtempSync(join(tmpdir(), 'ballast-owned-'));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    for (const name of ['e0', 'e1']) {
      ip('link', 'add', 'name', name, 'type', 'veth', 'peer', 'name', `${name}-far`);
      for (const end of [name, `${name}-far`]) {
        execFileSync('sysctl', ['-qw', `net.ipv6.conf.${end}.accept_dad=0`, `net.ipv6.conf.${end}.addr_gen_mode=1`]);
        ip('link', 'set', 'dev', end, 'up');
      }
    }
    // What the system has set by itself.
    ip('address', 'add', '10.1.0.1/24', 'dev', 'e0');
    ip('address', 'add', '192.0.2.1/24', 'dev', 'e1');
    ip('route', 'add', '10.60.0.0/16', 'via', '192.0.2.9');
    ip('route', 'add', '10.70.0.0/16', 'via', '192.0.2.9', 'metric', '50');
    const before = machine();

    await fc.assert(
      fc.asyncProperty(fc.array(anySet, { minLength: 1, maxLength: 5 }), async sets => {
        const network = new IpNetwork(join(folder, 'owned.json'));
        let good = emptyNetwork();
        for (const wanted of sets) {
          if (!wanted) continue;
          try {
            await network.tryOut(good, wanted);
            good = wanted;
          } catch (error) {
            // A route that the system has for itself is not taken from it.
            assert.match(String(error), /one of its own that was not set here/);
            await network.putBack(good);
          }
          assert.equal(await network.differs(good), false, 'it stays as it is');
          for (const { name, addresses } of good.links)
            for (const address of addresses)
              assert.match(ip('-o', 'address', 'show', 'dev', name), new RegExp(address));
        }
        await network.putBack(emptyNetwork());
        assert.equal(machine(), before);
      }),
      { numRuns: 40 },
    );
  });
