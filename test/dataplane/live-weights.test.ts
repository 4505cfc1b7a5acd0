import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { Drains, withDrains } from '../../server/dataplane/drains.ts';
import { byLoad, byResponse } from '../../server/dataplane/live-weights.ts';
import { parseLoad } from '../../server/dataplane/loads.ts';
import { parseTable } from '../../server/dataplane/tables.ts';
import { type Config, emptyConfig } from '../../server/schema/config.ts';
import { fill } from '../../server/schema/derive.ts';
import type { RealServer } from '../../server/schema/real-server.ts';

/** What the data plane makes of loads, durations, table text and the time a server was disabled. */

const weighed = (...values: (number | undefined)[]) =>
  values.map((value, at) => ({ server: 'abc'[at] as string, base: 256, value }));
const weights = (map: Map<string, number>) => [...map.values()];

test('byLoad: free capacity is the share; small, equal and unknown loads leave the weights', () => {
  assert.deepEqual(weights(byLoad(weighed(0, 50, 100), 5)), [256, 129, 3]);
  assert.deepEqual(weights(byLoad(weighed(4, 1, 0), 5)), [256, 256, 256]);
  assert.deepEqual(weights(byLoad(weighed(4, 5, 0), 5)), [246, 243, 256]);
  assert.deepEqual(weights(byLoad(weighed(90, 90, 90), 5)), [256, 256, 256]);
  assert.deepEqual(weights(byLoad(weighed(undefined, 50, 50), 5)), [256, 129, 129]);
  assert.deepEqual(weights(byLoad([{ server: 'x', base: 1, value: 100 }, ...weighed(0)], 5))[0], 1, 'never 0');
});

test('byResponse: half as quick, half the weight; not known yet is average', () => {
  assert.deepEqual(weights(byResponse(weighed(10, 20, 40))), [256, 128, 64]);
  assert.deepEqual(weights(byResponse(weighed(0, 1, undefined))), [256, 256, 256]);
  assert.deepEqual(weights(byResponse(weighed(10, 30, undefined))), [256, 85, 128]);
  assert.deepEqual(weights(byResponse(weighed(undefined, undefined))), [256, 256]);
  assert.deepEqual(weights(byResponse(weighed(1, 60_000))), [256, 1]);
});

test('parseLoad: a number from 0 to 102 alone in the first line', () => {
  assert.deepEqual(['0', ' 42 \r\nmore', '100\n', '101', '102'].map(parseLoad), [0, 42, 100, 101, 102]);
  for (const text of ['', '103', '999', '-1', '4.5', 'load 4', '\n5', '5 6', '0x1'])
    assert.equal(parseLoad(text), undefined, text);
});

test('parseTable: what HAProxy 2.6 and 3.0 print; entries without a server are left out', () => {
  const text = [
    '# table: vs1, type: string, size:204800, used:4',
    '0x7f01: key=127.0.0.1 use=0 exp=598591 server_id=3 server_key=rs34',
    '0x7f02: key=a\\ b\\=c use=2 exp=1500 shard=0 server_id=9 server_key=-',
    '0x7f03: key=::1 use=1 exp=10 server_id=0',
    '0x7f04: key=::ffff:10.0.0.9 use=0 exp=9000 server_id=9 server_key=rs1',
    '',
  ].join('\n');
  assert.deepEqual(parseTable(text, 'vs1'), [
    { table: 'vs1', key: '127.0.0.1', realServer: 34, expires: 599, uses: 0 },
    { table: 'vs1', key: 'a\\ b\\=c', realServer: 0, expires: 2, uses: 2 },
    { table: 'vs1', key: '10.0.0.9', realServer: 1, expires: 9, uses: 0 },
  ]);
});

const config = (states: RealServer['state'][], persistence: 'none' | 'source-ip' = 'source-ip'): Config => ({
  ...emptyConfig(),
  virtualServices: [fill('virtualService', { id: 1, address: '10.0.0.1', port: 80, persistence })],
  realServers: states.map((state, at) =>
    fill('realServer', { id: at + 1, virtualService: 1, address: `10.0.1.${at + 1}`, port: 80, state }),
  ),
});
const statesOf = ({ realServers }: Config) => realServers.map(rs => rs.state);

test('a drain begins when a server is disabled, ends in its time or when it is enabled, and is kept on disk', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'ballast-drains-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'drains.json');
  const drains = new Drains(file);
  const off = config(['disabled', 'enabled']);
  assert.deepEqual(drains.planned(config([]), off, 0), [], 'a server that never served has nobody to drain');
  assert.deepEqual(drains.planned(off, off, 0), [], 'nor has one that was disabled before');
  const begun = drains.planned(config(['enabled', 'enabled']), off, 1_000);
  assert.deepEqual(begun, [{ realServer: 1, until: 301_000, drop: false }]);
  await drains.set(begun);

  const again = new Drains(file);
  assert.deepEqual(again.planned(off, off, 200_000), begun, 'another change does not begin it anew');
  assert.deepEqual(statesOf(withDrains(off, again.now, 300_999)), ['drain', 'enabled']);
  assert.deepEqual(statesOf(withDrains(off, again.now, 301_000)), ['disabled', 'enabled']);
  assert.deepEqual(again.due(300_999), []);
  assert.deepEqual(again.due(301_000), begun);
  assert.deepEqual(again.planned(off, config(['enabled', 'enabled']), 2_000), []);
  assert.deepEqual(statesOf(withDrains(config(['disabled', 'enabled'], 'none'), again.now, 0)), [
    'disabled',
    'enabled',
  ]);

  writeFileSync(file, '{"broken');
  assert.deepEqual(new Drains(file).now, []);
});
