import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { type Answers, Control } from '../../server/dataplane/control.ts';
import type { ControlEvent } from '../../server/schema/control.ts';
import type { Status } from '../../server/schema/status.ts';
import { until } from '../support/wait.ts';

/** The door alone, with answers made up. */
async function door(t: TestContext): Promise<{ path: string; control: Control }> {
  const folder = mkdtempSync(join(tmpdir(), 'ballast-control-'));
  const path = join(folder, 'control.sock');
  const answers: Answers = {
    check: async () => ({ accepted: true }),
    apply: async () => {
      throw new Error('broken');
    },
    status: () => ({ time: 7 }) as Status,
    series: () => ({ step: 1, time: [], objects: [] }),
    resetStatistics: () => {},
    update: async () => ({ fault: { code: 'UPDATE_REFUSED', message: '' } }),
    runTool: async () => ({}),
    toolRun: () => ({}),
    stopTool: () => ({}),
    capture: async () => undefined,
    connections: async () => ({ total: 0, connections: [] }),
    dropConnection: async () => ({ dropped: false }),
    neighbours: async () => [],
    history: of => ({
      time: [of.length],
      connections: [],
      connectionRate: [],
      requestRate: [],
      inRate: [],
      outRate: [],
    }),
    checks: () => [],
    persistence: async () => ({ owner: 1, total: 0, found: 0, entries: [] }),
    forget: async () => ({ found: false }),
    tryChecks: async () => ({ results: [] }),
    challenge: async () => ({ served: true }),
    tell: () => {},
    path: async () => ({ address: { good: true, sentence: '' }, servers: [] }),
    network: () => Promise.reject(new Error('not here')),
    confirmNetwork: () => Promise.reject(new Error('not here')),
    diagnosis: async () => ({}),
    power: async () => ({}),
    undoNetwork: () => Promise.reject(new Error('not here')),
    occurrences: () => [],
    syslog: () => [],
    first: () => event('first'),
  };
  const control = new Control(answers);
  await control.listen(path, undefined);
  t.after(() => {
    control.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return { path, control };
}

const event = (text: string): ControlEvent => ({
  type: 'occurrence',
  occurrence: { number: 1, time: 0, severity: 'info', text },
});

const call = (socketPath: string, method: string, path: string, body?: string) =>
  new Promise<{ status: number; text: string }>((done, fail) => {
    const sent = request({ socketPath, method, path }, reply => {
      let text = '';
      reply.on('data', chunk => {
        text += chunk;
      });
      reply.on('end', () => done({ status: reply.statusCode ?? 0, text }));
    });
    sent.on('error', fail);
    sent.end(body);
  });

test('the door answers what it knows, to root and one group only', async t => {
  const { path } = await door(t);
  assert.equal(statSync(path).mode & 0o777, 0o660);
  assert.deepEqual(await call(path, 'GET', '/status'), { status: 200, text: '{"time":7}' });
  assert.deepEqual(await call(path, 'POST', '/check', '{"config":{}}'), { status: 200, text: '{"accepted":true}' });
  assert.equal((await call(path, 'GET', '/history?of=system')).status, 200);
  assert.equal((await call(path, 'POST', '/check', 'not JSON')).status, 500);
  assert.deepEqual(await call(path, 'POST', '/apply', '{"revision":1}'), { status: 500, text: '{"error":"broken"}' });
  assert.equal((await call(path, 'GET', '/else')).status, 404);
});

test('events arrive in order, the first one at once', async t => {
  const { path, control } = await door(t);
  let text = '';
  const sent = request({ socketPath: path, path: '/events' }, reply => {
    reply.on('error', () => {});
    reply.on('data', chunk => {
      text += chunk;
    });
  });
  sent.on('error', () => {});
  sent.end();
  t.after(() => sent.destroy());
  await until('the first event', () => text.includes('first'), { every: 5 });
  control.send(event('second'));
  control.send(event('third'));
  await until('all events', () => text.split('\n').length === 4, { every: 5 });
  assert.deepEqual(
    text
      .trim()
      .split('\n')
      .map(line => JSON.parse(line).occurrence.text),
    ['first', 'second', 'third'],
  );
});

test('who does not read is cut off, and the others get everything', async t => {
  const { path, control } = await door(t);
  const slow = connect(path);
  slow.on('error', () => {});
  slow.pause();
  slow.write('GET /events HTTP/1.1\r\nHost: x\r\n\r\n');
  let got = 0;
  const reader = request({ socketPath: path, path: '/events' }, reply => {
    reply.on('error', () => {});
    reply.on('data', (chunk: Buffer) => {
      got += chunk.length;
    });
  });
  reader.on('error', () => {});
  reader.end();
  t.after(() => reader.destroy());
  await until('both to listen', () => control.listening === 2, { every: 5 });
  const large = event('x'.repeat(1024 * 1024));
  for (let n = 1; n <= 20; n++) {
    control.send(large);
    await until('the reader to keep up', () => got > n * 1024 * 1024, { every: 5 });
  }
  assert.equal(control.listening, 1);
  slow.destroy();
});
