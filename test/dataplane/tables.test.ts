import assert from 'node:assert/strict';
import test from 'node:test';
import type { ProxySet } from '../../server/compile/proxy.ts';
import { lastingTables, tablesInUse } from '../../server/dataplane/tables.ts';

/** Which tables a reload waits for: with entries now, and in the next set to be handed to. */

const section = (name: string, ...lines: string[]): ProxySet['sections'][number] => ({
  kind: 'backend',
  name,
  lines,
  servers: [],
});

test('only tables with peers outlive a worker', () => {
  const next = {
    files: {},
    sections: [
      section('vs1', 'stick-table type ipv6 size 200k expire 360s peers tables', 'stick on src'),
      section('vs2_clients', 'stick-table type ipv6 size 200k expire 1m store conn_cur'),
      section('vs3', 'balance roundrobin'),
    ],
  };
  assert.deepEqual([...lastingTables(next)], ['vs1']);
});

test('only tables with entries are in use', () => {
  const text = [
    '# table: vs1, type: ipv6, size:204800, used:0',
    '# table: vs12, type: string, size:204800, used:3',
    '# table: vs3r1, type: ipv6, size:204800, used:10',
    '',
  ].join('\n');
  assert.deepEqual(tablesInUse(text), ['vs12', 'vs3r1']);
});
