import assert from 'node:assert/strict';
import test from 'node:test';
import { historyCsv } from '../../server/api/history-csv.ts';
import { bench } from './bench.ts';

/** The calls of Statistics: who may make them, what they take, and the table for other programs. */

const time = Date.parse('2026-11-23T14:00:00Z');

test('CSV quotes what must be quoted, says times in UTC, and hands no formula to a spreadsheet', () => {
  const text = historyCsv(
    {
      step: 60_000,
      time: [time, time + 60_000],
      objects: [
        { of: 'service:1', measured: [60, 0], values: { requestRate: { average: [1.5, null], highest: [9, null] } } },
        { of: 'system', measured: [60, 60], values: { cpu: { average: [20, 30], highest: [40, 50] } } },
      ],
    },
    of => (of === 'system' ? '=HYPERLINK("x")' : 'Shop, “old”\n"new"'),
  );
  assert.equal(
    text,
    [
      'time,object,name,requestRate,requestRate highest,cpu,cpu highest',
      '2026-11-23T14:00:00.000Z,service:1,"Shop, “old”\n""new""",1.5,9,,',
      '2026-11-23T14:01:00.000Z,service:1,"Shop, “old”\n""new""",,,,',
      `2026-11-23T14:00:00.000Z,system,"'=HYPERLINK(""x"")",,,20,40`,
      `2026-11-23T14:01:00.000Z,system,"'=HYPERLINK(""x"")",,,30,50`,
      '',
    ].join('\r\n'),
  );
});

test('only an administrator resets', async t => {
  const { app, call, session, user } = await bench(t);
  await user('ann', 'operator');
  const refused = await app.inject({ method: 'POST', url: '/api/statistics/reset', headers: session('ann') });
  assert.deepEqual([refused.statusCode, refused.json().code], [403, 'NOT_ALLOWED']);
  assert.equal((await app.inject({ url: '/api/history/csv?of=system&seconds=300' })).statusCode, 401);
  // Allowed; behind it is a data plane that knows of no statistics.
  assert.equal((await call('POST', '/api/statistics/reset')).json().code, 'DATA_PLANE_AWAY');
});

test('a query that makes no sense is refused', async t => {
  const { call } = await bench(t);
  for (const query of [
    'of=system',
    'seconds=300',
    'of=system&seconds=59',
    'of=system&seconds=99999999',
    'of=system&seconds=300&points=1',
    'of=system&seconds=300&points=2001',
    'of=system,&seconds=300',
    'of=service:0&seconds=300',
    'of=interface:../etc&seconds=300',
    'of=system&seconds=300&values=secrets',
    'of=system&seconds=300&from=1',
  ])
    for (const path of ['series', 'csv']) {
      const reply = await call('GET', `/api/history/${path}?${query}`);
      assert.deepEqual([reply.statusCode, reply.json().code], [400, 'INVALID'], query);
    }
});
