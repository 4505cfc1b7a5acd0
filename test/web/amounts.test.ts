import assert from 'node:assert/strict';
import test from 'node:test';
import { amountOver, levelOver } from '../../web/src/pages/statistics/amounts.ts';

/** What the tables of Real Time sum from rates by the minute. */

const line = { step: 60_000, time: [0, 60_000, 120_000], measured: [60, 60, 30] };

test('an amount takes of the oldest and the newest minute only the part that counts', () => {
  // Half of the newest minute is over.
  const values = { average: [10, 2, 4], highest: [10, 2, 4] };
  assert.equal(amountOver(line, values, 60, 150_000), 30 * 2 + 30 * 4);
  assert.equal(amountOver(line, values, 150, 150_000), 60 * 10 + 60 * 2 + 30 * 4);
  assert.equal(amountOver(line, values, 3_600, 150_000), 60 * 10 + 60 * 2 + 30 * 4, 'before it nothing was measured');
});

test('what was not measured is nothing in an amount and no part of an average', () => {
  const some = { ...line, measured: [60, 0, 6] };
  const values = { average: [10, null, 40], highest: [90, null, 80] };
  assert.equal(amountOver(some, values, 180, 180_000), 60 * 10 + 6 * 40);
  assert.deepEqual(levelOver(some, values, 180, 180_000), { average: 840 / 66, highest: 90 });
  assert.deepEqual(levelOver(some, values, 60, 180_000), { average: 40, highest: 80 });
  assert.equal(levelOver({ ...line, measured: [0, 0, 0] }, values, 180, 180_000), undefined);
});
