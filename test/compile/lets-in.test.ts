import assert from 'node:assert/strict';
import test from 'node:test';
import { emptyConfig } from '../../server/schema/config.ts';
import { fill } from '../../server/schema/derive.ts';
import { whyShutOut } from '../../server/schema/network/lets-in.ts';
import type { Settings } from '../../server/schema/settings.ts';

/** Whether somebody would shut themselves out, told before it happens. */

const interfaces = [
  fill('interface', { id: 1, name: 'eth0', addresses: ['192.0.2.5/24', '2001:db8::5/64'] }),
  fill('interface', { id: 2, name: 'eth1', addresses: ['198.51.100.5/24'] }),
];
const me = { from: '192.0.2.77', at: '192.0.2.5' };
const told = (settings: Partial<Settings>, caller = me) =>
  whyShutOut(
    { ...(emptyConfig().settings[0] as Settings), managementFilter: true, managementInterfaces: [1], ...settings },
    interfaces,
    caller,
  );

test('nobody is warned who would be let in', () => {
  assert.equal(told({}), undefined);
  assert.equal(told({ managementFilter: false, managementInterfaces: [2] }), undefined);
  assert.equal(told({ managementNetworks: ['192.0.2.64/26 us'] }), undefined);
  assert.equal(told({ managementNetworks: ['192.0.2.77'] }), undefined);
  assert.equal(told({ managementNetworks: ['2001:db8::/64'] }, { from: '2001:db8::9', at: '2001:db8::5' }), undefined);
  assert.equal(told({ managementInterfaces: [2] }, { from: '127.0.0.1', at: '127.0.0.1' }), undefined);
});

test('who would be shut out is told why', () => {
  assert.match(told({ managementInterfaces: [2] }) ?? '', /over eth0/);
  assert.match(told({ managementNetworks: ['192.0.2.0/26'] }) ?? '', /none of the allowed networks/);
  assert.match(told({ blockList: ['192.0.2.0/24 all of us'] }) ?? '', /Block List/);
  assert.match(told({ allowList: ['2001:db8::/32'] }) ?? '', /Allow List/);
  assert.match(told({}, { from: '203.0.113.1', at: '192.0.2.100' }) ?? '', /192\.0\.2\.100/);
});
