import assert from 'node:assert/strict';
import test from 'node:test';
import type { RevisionDetail } from '../../server/schema/endpoints.ts';
import { type Change, folded, propertiesOf } from '../../web/src/pages/history/compare.ts';

const step = (...changes: Change[]): RevisionDetail => ({
  revision: 0,
  time: 0,
  who: '',
  words: [],
  outcome: 'applied',
  changes,
});
const change = (before?: Record<string, unknown>, after?: Record<string, unknown>): Change => ({
  kind: 'virtualService',
  id: 1,
  title: 'web',
  ...(before && { before }),
  ...(after && { after }),
});

test('several changes of one object fold into one, from the first before to the last after', () => {
  assert.deepEqual(folded([step(change({ port: 80 }, { port: 81 })), step(change({ port: 81 }, { port: 82 }))]), [
    change({ port: 80 }, { port: 82 }),
  ]);
});

test('what was changed and changed back is no difference', () => {
  assert.deepEqual(folded([step(change({ port: 80 }, { port: 81 })), step(change({ port: 81 }, { port: 80 }))]), []);
});

test('what was made and deleted again is no difference', () => {
  assert.deepEqual(folded([step(change(undefined, { port: 80 })), step(change({ port: 80 }, undefined))]), []);
});

test('differing properties come in the order of the schema, the number left out', () => {
  const wide = change({ id: 1, port: 80, name: 'a', tls: false }, { id: 1, tls: true, port: 81, name: 'b' });
  assert.deepEqual(propertiesOf(wide), ['name', 'port', 'tls']);
});
