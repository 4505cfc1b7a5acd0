import assert from 'node:assert/strict';
import { Agent, request } from 'node:https';
import test from 'node:test';
import type { Call } from '../api/bad-input-ground.ts';
import { tryBadInput } from '../api/bad-input-trial.ts';
import { Appliance } from '../support/appliance.ts';
import { freePort } from '../support/ports.ts';

test('a whole appliance refuses bad input, and its engine takes what is odd but allowed', async t => {
  const appliance = await Appliance.start();
  const agent = new Agent({ keepAlive: true, rejectUnauthorized: false });
  t.after(async () => {
    agent.destroy();
    assert.deepEqual(await appliance.stop(), []);
  });
  const { key } = await appliance.call('createKey', { body: { name: 'test', user: 'bal', role: 'administrator' } });
  const call: Call = (method, path, body, headers) =>
    new Promise((done, fail) => {
      const raw = typeof body === 'string' || Buffer.isBuffer(body);
      const payload = body === undefined ? undefined : raw ? body : JSON.stringify(body);
      const sent = request(appliance.url + path, {
        method,
        agent,
        timeout: 20_000,
        headers: {
          authorization: `Bearer ${key}`,
          ...(payload !== undefined && {
            'content-type': 'application/json',
            'content-length': Buffer.byteLength(payload),
          }),
          ...headers,
        },
      });
      sent.on('response', async response => {
        const chunks: Buffer[] = [];
        for await (const chunk of response) chunks.push(chunk as Buffer);
        done({ status: response.statusCode ?? 0, body: JSON.parse(Buffer.concat(chunks).toString()) });
      });
      sent.on('timeout', () => sent.destroy(new Error(`${method} ${path}: no answer for 20 s`)));
      sent.on('error', fail);
      sent.end(payload);
    });
  await tryBadInput(t, call, {
    address: '127.0.0.10',
    otherAddress: '127.0.0.11',
    serverAddress: '127.0.0.5',
    address6: '::1',
    address6Again: '0:00:000:0::0001',
    port: await freePort(),
    consolePort: appliance.port,
    loopback: true,
  });
  const { apply, engine } = await appliance.call('getStatus');
  assert.equal(apply.state, 'live');
  assert.equal(apply.applied, apply.head);
  assert.ok(engine.running);
});
