import assert from 'node:assert/strict';
import test from 'node:test';
import type { Call } from './bad-input-ground.ts';
import { tryBadInput } from './bad-input-trial.ts';
import { bench, FACTS } from './bench.ts';

test('bad input is refused with a code, a sentence and the field, and nothing changes', async t => {
  const { call: inject, log, revisions, dataPlane } = await bench(t);
  const call: Call = async (method, path, body, headers) => {
    const raw = typeof body === 'string' || Buffer.isBuffer(body);
    const reply = await inject(method, path, body, { ...(raw && { 'content-type': 'application/json' }), ...headers });
    return { status: reply.statusCode, body: reply.json() };
  };
  await tryBadInput(t, call, {
    address: '192.0.2.10',
    otherAddress: '192.0.2.11',
    serverAddress: '198.51.100.5',
    address6: '2001:db8::a',
    address6Again: '2001:0DB8:0:0::000a',
    port: 443,
    consolePort: FACTS.managementPort,
    loopback: FACTS.loopback,
  });
  assert.deepEqual(
    dataPlane.applies,
    Array.from({ length: revisions.head }, (_, i) => i + 1),
    'only what was prepared',
  );
  assert.deepEqual(log, [], 'nothing went wrong inside');
});
