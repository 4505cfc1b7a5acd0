import assert from 'node:assert/strict';
import test from 'node:test';
import { emptyConfig } from '../../server/schema/config.ts';
import { fill } from '../../server/schema/derive.ts';
import { problemsOf } from '../../server/schema/rules.ts';
import type { VirtualService } from '../../server/schema/virtual-service.ts';

/** What scheduling, persistence and draining need of each other. */

const facts = { managementPort: 8443, loopback: false };
const faults = (services: Partial<VirtualService>[], settings = {}) =>
  problemsOf(
    {
      ...emptyConfig(),
      virtualServices: services.map((vs, at) =>
        fill('virtualService', { id: at + 1, address: '10.0.0.1', port: 80 + at, ...vs }),
      ),
      settings: [{ ...(emptyConfig().settings[0] as object), ...settings } as never],
    },
    facts,
  ).map(({ kind, id, fault }) => `${kind} ${id} ${fault.code} ${fault.at}`);

const tcp = { type: 'tcp' } as const;
const leader = { persistence: 'source-ip' } as const;
const follow = { ...leader, followService: 1 } as const;
const cases: [string, Partial<VirtualService>[], string[]][] = [
  ['a mode of HTTP over TCP', [{ ...tcp, persistence: 'host-header' }], ['virtualService 1 NEEDS /persistence']],
  ['a mode of bytes over HTTP', [{ persistence: 'rdp-login' }], ['virtualService 1 NEEDS /persistence']],
  ['a cookie without its name', [{ persistence: 'server-cookie' }], ['virtualService 1 NEEDS /persistenceCookie']],
  ['a header without its name', [{ persistence: 'header' }], ['virtualService 1 NEEDS /persistenceHeader']],
  ['a query item without its name', [{ persistence: 'query-hash' }], ['virtualService 1 NEEDS /persistenceQuery']],
  ['URL hash over TCP', [{ ...tcp, scheduling: 'url-hash' }], ['virtualService 1 NEEDS /scheduling']],
  ['following', [leader, follow], []],
  ['following itself', [follow], ['virtualService 1 NEEDS /followService']],
  ['following nobody there', [{ ...leader, followService: 9 }], ['virtualService 1 UNKNOWN_REFERENCE /followService']],
  [
    'following a follower',
    [{ ...leader, followService: 2 }, { ...leader, followService: 3 }, leader],
    ['virtualService 1 NEEDS /followService'],
  ],
  [
    'following with another mode',
    [leader, { ...follow, persistence: 'host-header' }],
    ['virtualService 2 NEEDS /followService'],
  ],
  [
    'following with no table',
    [{ persistence: 'active-cookie' }, { persistence: 'active-cookie', followService: 1 }],
    ['virtualService 2 NEEDS /followService'],
  ],
  ['following another type', [leader, { ...follow, ...tcp }], ['virtualService 2 NEEDS /followService']],
  [
    'following under fixed weighting',
    [leader, { ...follow, scheduling: 'fixed-weighting' }],
    ['virtualService 2 NEEDS /followService'],
  ],
];
for (const [name, services, wanted] of cases)
  test(`${name}: ${wanted.join() || 'allowed'}`, () => assert.deepEqual(faults(services), wanted));

test('the drain time is 0 or a minute at least', () => {
  for (const drainTime of [0, 60, 86_400]) assert.deepEqual(faults([], { drainTime }), []);
  for (const drainTime of [1, 59]) assert.deepEqual(faults([], { drainTime }), ['settings 1 NEEDS /drainTime']);
});
