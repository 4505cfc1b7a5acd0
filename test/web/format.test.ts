import assert from 'node:assert/strict';
import test from 'node:test';
import { bare, bits, bytes, count, duration, plural, rate, short } from '../../web/src/parts/format.ts';

test('numbers keep three significant digits', () => {
  assert.deepEqual([0, 7, 0.25, 41.23, 998, 999.6, 1200, 3_412_345, 9.96e11].map(short), [
    '0',
    '7',
    '0.3',
    '41.2',
    '998',
    '1.00 k',
    '1.20 k',
    '3.41 M',
    '996 G',
  ]);
});

test('rates, bytes and bits carry their unit', () => {
  assert.equal(rate(412), '412/s');
  assert.equal(bytes(512), '512 B');
  assert.equal(bytes(1_200_000), '1.20 MB');
  assert.equal(bits(1_000_000), '8.00 Mbit/s');
  assert.equal(bits(0), '0 bit/s');
});

test('the scale of a graph shows the value without its unit', () => {
  assert.deepEqual([bits(5_000_000), bits(0), bytes(4e9), bytes(2.5e9), rate(500), rate(0.5), '50 %'].map(bare), [
    '40 M',
    '0',
    '4 G',
    '2.5 G',
    '500',
    '0.5',
    '50 %',
  ]);
});

test('durations are words', () => {
  const minute = 60_000;
  assert.deepEqual(
    [-5, 900, 59_000, minute, 14.9 * minute, 65 * minute, 26 * 60 * minute, 49 * 60 * minute].map(duration),
    ['0 s', '0 s', '59 s', '1 min', '14 min', '1 h 05 min', '26 h 00 min', '2 days'],
  );
});

test('counts are grouped and agree with their noun', () => {
  assert.equal(count(12_345), '12\u202f345');
  assert.equal(plural(1, 'server'), '1 server');
  assert.equal(plural(0, 'server'), '0 servers');
});
