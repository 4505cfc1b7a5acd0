import assert from 'node:assert/strict';
import test from 'node:test';
import { ipPlan, type LiveNetwork, nothingOwned } from '../../server/compile/network/ip-plan.ts';
import { couldCutOff, emptyNetwork, type NetworkSet, networkSet } from '../../server/compile/network/network-set.ts';
import { goneDevices, networkdFiles, trialFiles } from '../../server/compile/network/networkd.ts';
import { type Config, emptyConfig } from '../../server/schema/config.ts';
import { fill } from '../../server/schema/derive.ts';
import type { NetworkInterface } from '../../server/schema/network/interface.ts';
import type { NetworkRoute } from '../../server/schema/network/route.ts';
import { problemsOf } from '../../server/schema/rules.ts';
import type { Settings } from '../../server/schema/settings.ts';
import { broadcastOf, heldOf, networkOf, overlap } from '../../server/schema/subnets.ts';

/** The machine's own network: its rules, and the steps that lead there. */

const FACTS = { managementPort: 8443, loopback: true };

interface Wish {
  interfaces?: (Partial<NetworkInterface> & { name: string })[];
  routes?: Partial<NetworkRoute>[];
  settings?: Partial<Settings>;
}

function configOf({ interfaces = [], routes = [], settings = {} }: Wish): Config {
  const config = emptyConfig();
  config.interfaces = interfaces.map((one, at) => fill('interface', { id: at + 1, ...one }));
  config.routes = routes.map((one, at) => fill('route', { id: at + 1, ...one }));
  config.settings = [{ ...config.settings[0], ...settings } as Settings];
  return config;
}

const setOf = (wish: Wish): NetworkSet => networkSet(configOf(wish), FACTS);
const problems = (wish: Wish) => problemsOf(configOf(wish), FACTS).map(({ fault }) => `${fault.at} ${fault.message}`);

const eth0 = { name: 'eth0', addresses: ['192.0.2.5/24', '2001:db8::5/64'] };
const eth1 = { name: 'eth1', addresses: ['198.51.100.5/24'] };

const refusals: [why: string, wish: Wish, told: RegExp][] = [
  ['an address without its prefix', { interfaces: [{ name: 'a', addresses: ['192.0.2.5'] }] }, /prefix/],
  ['a prefix that is too long', { interfaces: [{ name: 'a', addresses: ['192.0.2.5/33'] }] }, /prefix/],
  ['the address of the network', { interfaces: [{ name: 'a', addresses: ['192.0.2.0/24'] }] }, /network itself/],
  ['the broadcast address', { interfaces: [{ name: 'a', addresses: ['192.0.2.255/24'] }] }, /broadcast/],
  ['a loopback address', { interfaces: [{ name: 'a', addresses: ['127.0.0.1/8'] }] }, /loopback/],
  ['a multicast address', { interfaces: [{ name: 'a', addresses: ['ff02::1/64'] }] }, /one host/],
  ['the loopback interface', { interfaces: [{ name: 'lo' }] }, /cannot be lo/],
  ['a name twice', { interfaces: [{ name: 'a' }, { name: 'a' }] }, /already a interface named/],
  ['an address twice', { interfaces: [eth0, { name: 'b', addresses: ['192.0.2.5/25'] }] }, /address of eth0 already/],
  ['one network on two', { interfaces: [eth0, { name: 'b', addresses: ['192.0.2.200/28'] }] }, /overlaps/],
  ['a small MTU with IPv6', { interfaces: [{ ...eth0, mtu: 1279 }] }, /at least 1280/],
  ['a tiny MTU', { interfaces: [{ ...eth1, mtu: 500 }] }, /at least 512/],
  ['a VLAN without a number', { interfaces: [eth0, { name: 'v', type: 'vlan', parent: 1 }] }, /number, 1 to 4094/],
  ['a VLAN on nothing', { interfaces: [{ name: 'v', type: 'vlan', vlanId: 5 }] }, /interface that carries it/],
  [
    'a VLAN twice',
    {
      interfaces: [
        eth0,
        { name: 'v', type: 'vlan', parent: 1, vlanId: 5 },
        { name: 'w', type: 'vlan', parent: 1, vlanId: 5 },
      ],
    },
    /5 is on this interface already/,
  ],
  ['a VLAN number of a port', { interfaces: [{ ...eth0, vlanId: 4 }] }, /needs the type VLAN/],
  ['a bond of nothing', { interfaces: [{ name: 'b', type: 'bond' }] }, /at least one member/],
  [
    'a member with addresses',
    { interfaces: [{ name: 'b', type: 'bond', members: [2] }, eth0] },
    /give them to the bond/,
  ],
  [
    'a member of two bonds',
    {
      interfaces: [{ name: 'b', type: 'bond', members: [3] }, { name: 'c', type: 'bond', members: [3] }, { name: 'e' }],
    },
    /member of b already/,
  ],
  ['a gateway out of reach', { interfaces: [eth0], settings: { gateway4: '203.0.113.1' } }, /subnet of no interface/],
  ['a gateway with no interface', { settings: { gateway6: '2001:db8::1' } }, /subnet of no interface/],
  ['a gateway that is ourselves', { interfaces: [eth0], settings: { gateway4: '192.0.2.5' } }, /this appliance itself/],
  ['a gateway that is everybody', { interfaces: [eth0], settings: { gateway4: '192.0.2.255' } }, /broadcast/],
  ['a gateway of the other family', { interfaces: [eth0], settings: { gateway4: '999.0.2.1' } }, /not an IPv4 address/],
  [
    'a link-local gateway somewhere',
    { interfaces: [eth0], settings: { gateway6: 'fe80::1' } },
    /say on which interface/,
  ],
  [
    'a route to a host',
    { interfaces: [eth0], routes: [{ destination: '10.2.3.4/8', gateway: '192.0.2.1' }] },
    /its network is 10\.0\.0\.0\/8/,
  ],
  [
    'a route to everywhere',
    { interfaces: [eth0], routes: [{ destination: '0.0.0.0/0', gateway: '192.0.2.1' }] },
    /Default Gateway/,
  ],
  [
    'a route between families',
    { interfaces: [eth0], routes: [{ destination: '10.0.0.0/8', gateway: '2001:db8::1' }] },
    /another family/,
  ],
  [
    'a route to where we are',
    { interfaces: [eth0, eth1], routes: [{ destination: '198.51.100.0/24', gateway: '192.0.2.1' }] },
    /lies on eth1 itself/,
  ],
  ['a name server that is none', { settings: { dnsServers: ['192.0.2.300'] } }, /not an IPv4 or IPv6/],
  ['a host with a wrong address', { settings: { hosts: ['1.2.3 a'] } }, /not an IPv4 or IPv6/],
  ['a guard that lets nobody in', { interfaces: [eth0], settings: { managementFilter: true } }, /at least one allowed/],
  [
    'a guard on an interface without an address',
    { interfaces: [{ name: 'a' }], settings: { managementFilter: true, managementInterfaces: [1] } },
    /that has an address/,
  ],
];

for (const [why, wish, told] of refusals)
  test(`refused: ${why}`, () => {
    const found = problems(wish);
    assert.ok(
      found.some(text => told.test(text)),
      `found ${JSON.stringify(found)}`,
    );
  });

test('allowed: what people have', () => {
  const wish: Wish = {
    interfaces: [
      eth0,
      { ...eth1, mtu: 9000 },
      { name: 'point', addresses: ['203.0.113.1/31'] },
      { name: 'alone', addresses: ['203.0.113.9/32'] },
    ],
    routes: [{ destination: '10.0.0.0/8', gateway: '198.51.100.1' }],
    settings: { gateway4: '192.0.2.1', gateway6: 'fe80::1', gateway6Interface: 1, ntpServers: ['2001:db8::7', 'a.b'] },
  };
  assert.deepEqual(problems(wish), []);
});

test('networks are reckoned by bits', () => {
  const held = (text: string) => heldOf(text) ?? assert.fail(text);
  assert.deepEqual(networkOf(held('10.1.2.3/20')), { address: '10.1.0.0', prefix: 20 });
  assert.deepEqual(networkOf(held('2001:db8:1:2::3/47')), { address: '2001:db8::', prefix: 47 });
  assert.equal(broadcastOf(held('10.1.2.3/20')), '10.1.15.255');
  assert.equal(broadcastOf(held('10.1.2.3/31')), undefined);
  assert.ok(overlap(held('10.0.0.0/8'), held('10.9.0.0/16')));
  assert.ok(!overlap(held('10.8.0.0/16'), held('10.9.0.0/16')));
  assert.equal(heldOf('::ffff:1.2.3.4/96'), undefined);
  assert.deepEqual(heldOf('2001:DB8:0::5/64'), { address: '2001:db8::5', prefix: 64 });
});

const machine: LiveNetwork = {
  links: [
    { name: 'eth0', mtu: 1500, up: true, kind: '', master: '', addresses: ['192.0.2.5/24', '192.0.2.77/24'] },
    { name: 'eth1', mtu: 1500, up: true, kind: '', master: '', addresses: [] },
  ],
  routes: [{ family: 4, to: 'default', via: '192.0.2.1', link: 'eth0', metric: 0 }],
};

test('what is there already needs no step and is not ours', () => {
  const wanted = setOf({
    interfaces: [{ name: 'eth0', addresses: ['192.0.2.5/24'] }],
    settings: { gateway4: '192.0.2.1' },
  });
  assert.deepEqual(ipPlan(machine, wanted, nothingOwned()), { steps: [], owned: nothingOwned() });
});

test('nothing that is not ours is taken away', () => {
  const wanted = setOf({ interfaces: [{ name: 'eth1', addresses: ['198.51.100.5/24'] }] });
  const { steps, owned } = ipPlan(machine, wanted, nothingOwned());
  assert.deepEqual(steps, [['address', 'add', '198.51.100.5/24', 'dev', 'eth1']]);
  assert.deepEqual(owned.addresses, [{ link: 'eth1', address: '198.51.100.5/24' }]);
  const after: LiveNetwork = structuredClone(machine);
  after.links[1]?.addresses.push('198.51.100.5/24');
  assert.deepEqual(ipPlan(after, emptyNetwork(), owned), {
    steps: [['address', 'del', '198.51.100.5/24', 'dev', 'eth1']],
    owned: nothingOwned(),
  });
});

test('the MTU of before comes back', () => {
  const wanted = setOf({ interfaces: [{ name: 'eth1', mtu: 9000 }] });
  const { steps, owned } = ipPlan(machine, wanted, nothingOwned());
  assert.deepEqual(steps, [['link', 'set', 'dev', 'eth1', 'mtu', '9000']]);
  const after: LiveNetwork = structuredClone(machine);
  Object.assign(after.links[1] ?? {}, { mtu: 9000 });
  assert.deepEqual(ipPlan(after, wanted, owned).steps, [], 'and once set it stays');
  assert.deepEqual(ipPlan(after, emptyNetwork(), owned).steps, [['link', 'set', 'dev', 'eth1', 'mtu', '1500']]);
});

test('a bond of another mode is made anew, one that somebody else made is not touched', () => {
  const wanted = setOf({
    interfaces: [{ name: 'b', type: 'bond', members: [2], bondMode: '802.3ad' }, { name: 'eth1' }],
  });
  const bond = { name: 'b', mtu: 1500, up: true, kind: 'bond', master: '', mode: 'active-backup', addresses: [] };
  const live: LiveNetwork = { ...machine, links: [...machine.links, bond] };
  const firsts = (owned: string[]) =>
    ipPlan(live, wanted, { ...nothingOwned(), links: owned }).steps.map(step => step.slice(0, 2).join(' '));
  assert.deepEqual(firsts(['b']).slice(0, 2), ['link delete', 'link add']);
  assert.ok(!firsts([]).includes('link delete'));
});

test('what can cut somebody off: links, routes and the guard; not names, services or an interface aside', () => {
  const guarded = { managementFilter: true, managementInterfaces: [1] };
  const base: Wish = { interfaces: [eth0, eth1], settings: guarded };
  const cuts = (a: Wish, b: Wish) => couldCutOff(setOf(a), setOf(b));
  assert.ok(cuts({ interfaces: [eth0] }, { interfaces: [{ ...eth0, mtu: 1400 }] }));
  assert.ok(cuts({ interfaces: [eth0] }, { interfaces: [eth0], settings: { gateway4: '192.0.2.1' } }));
  assert.ok(cuts({ interfaces: [eth0, eth1] }, base), 'the guard is switched on');
  assert.ok(cuts({ interfaces: [eth0] }, { interfaces: [eth0, eth1] }), 'any interface may be that of management');
  assert.ok(!cuts(base, { ...base, interfaces: [eth0, { ...eth1, mtu: 1400 }] }), 'nobody manages over eth1');
  assert.ok(cuts(base, { ...base, settings: { ...guarded, blockList: ['192.0.2.9'] } }));
  assert.ok(!cuts(base, { ...base, settings: { ...guarded, dnsServers: ['192.0.2.53'] } }));
});

test('below a management VLAN its port counts as well', () => {
  const wish = (mtu: number): Wish => ({
    interfaces: [
      { name: 'eth0', mtu },
      { name: 'v', type: 'vlan', parent: 1, vlanId: 5, addresses: ['192.0.2.5/24'] },
    ],
    settings: { managementFilter: true, managementInterfaces: [2] },
  });
  assert.ok(couldCutOff(setOf(wish(1500)), setOf(wish(1400))));
});

test('what is tried lies where a restart does not find it, and hides what holds', () => {
  const good = setOf({ interfaces: [eth0, { name: 'v', type: 'vlan', parent: 1, vlanId: 5 }] });
  const wanted = setOf({ interfaces: [eth1] });
  const links = Object.keys(trialFiles(good, wanted)).filter(path => path.includes('systemd/network/'));
  assert.deepEqual(links.toSorted(), [
    'run/systemd/network/40-ballast-eth0.network',
    'run/systemd/network/40-ballast-eth1.network',
    'run/systemd/network/40-ballast-v.network',
  ]);
  assert.doesNotMatch(trialFiles(good, wanted)['run/systemd/network/40-ballast-eth0.network'] ?? '', /Address=/);
  assert.deepEqual(goneDevices(good, wanted), ['v']);
  assert.deepEqual(networkdFiles(emptyNetwork()), {});
});
