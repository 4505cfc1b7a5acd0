import assert from 'node:assert/strict';
import test from 'node:test';
import { metricsText } from '../../server/api/metrics.ts';
import { emptyConfig } from '../../server/schema/config.ts';
import { fill } from '../../server/schema/derive.ts';
import type { Status } from '../../server/schema/status.ts';
import { bench } from './bench.ts';

/** `/metrics`, read by a parser as strict as the format (Prometheus text format 0.0.4). */

interface Found {
  type: string;
  samples: { labels: Record<string, string>; value: number }[];
}

function parse(text: string): Map<string, Found> {
  const found = new Map<string, Found>();
  let current = '';
  assert.ok(text.endsWith('\n'));
  for (const line of text.slice(0, -1).split('\n')) {
    const head = /^# (HELP|TYPE) ([a-z_]+) (.+)$/.exec(line);
    if (head) {
      const [, what, name = '', rest = ''] = head;
      if (what === 'HELP') assert.ok(!found.has(name), `${name} comes once`);
      if (what === 'TYPE') {
        assert.match(rest, /^(?:gauge|counter)$/);
        found.set(name, { type: rest, samples: [] });
      }
      current = name;
      continue;
    }
    const sample = /^([a-z_]+)(?:\{((?:[a-z_]+="(?:[^"\\\n]|\\["\\n])*",?)*)\})? (-?[0-9.e+]+)$/.exec(line);
    assert.ok(sample, line);
    const [, name = '', labels = '', value] = sample;
    assert.equal(name, current, 'samples stand below their family');
    const pairs = [...labels.matchAll(/([a-z_]+)="((?:[^"\\\n]|\\["\\n])*)"/g)].map(([, key = '', text = '']) => [
      key,
      text.replace(/\\(["\\n])/g, (_, char) => (char === 'n' ? '\n' : char)),
    ]);
    found.get(name)?.samples.push({ labels: Object.fromEntries(pairs), value: Number(value) });
  }
  return found;
}

const traffic = {
  ...{ connections: 1, connectionRate: 2, requestRate: 3, inRate: 4, outRate: 5 },
  ...{ totalConnections: 6, totalRequests: 7, totalIn: 8, totalOut: 9 },
};

test('services and servers with their names, whatever these hold', () => {
  const config = emptyConfig();
  config.virtualServices.push(fill('virtualService', { id: 1, address: '192.0.2.1', port: 80, name: 'a "b" \\ c' }));
  config.realServers.push(fill('realServer', { id: 2, virtualService: 1, address: '2001:db8::1', port: 81 }));
  const status = {
    engine: { running: true, version: '', startedAt: 0, reloads: 4 },
    apply: { state: 'live', head: 3, applied: 3, since: 0 },
    system: { ...traffic, cpu: 12.5, memoryUsed: 1e9, memoryTotal: 2e9, networkIn: 1, networkOut: 2, tlsRate: 3 },
    services: [
      { ...traffic, id: 1, state: 'degraded', since: 0, reason: '', serversUp: 0, serversTotal: 1, unavailable: 11 },
    ],
    servers: [
      { ...traffic, id: 2, virtualService: 1, state: 'down', since: 0, reason: '', responseTime: null, checkTime: 20 },
    ],
  } as unknown as Status;
  const found = parse(metricsText(status, config));
  const labels = { service: 'a "b" \\ c', service_id: '1' };
  const both = { ...labels, server: '[2001:db8::1]:81', server_id: '2' };
  const one = (name: string) => found.get(`ballast_${name}`)?.samples;
  assert.deepEqual(one('up'), [{ labels: {}, value: 1 }]);
  assert.deepEqual(one('service_up'), [{ labels, value: 1 }]);
  assert.deepEqual(one('service_unavailable_total'), [{ labels, value: 11 }]);
  assert.deepEqual(one('server_up'), [{ labels: both, value: 0 }]);
  assert.deepEqual(one('server_requests_total'), [{ labels: both, value: 7 }]);
  assert.deepEqual(one('server_check_seconds'), [{ labels: both, value: 0.02 }]);
  assert.equal(found.get('ballast_server_requests_total')?.type, 'counter');
  assert.deepEqual(one('cpu_percent'), [{ labels: {}, value: 12.5 }]);
});

test('a key of the least role reads it, nobody without one', async t => {
  const { app, key, user } = await bench(t);
  await user('eve', 'read-only');
  const asked = (headers: Record<string, string>) => app.inject({ method: 'GET', url: '/metrics', headers });
  const reply = await asked(key('eve', 'read-only'));
  assert.equal(reply.statusCode, 200, reply.body);
  assert.equal(reply.headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8');
  assert.ok(parse(reply.body).has('ballast_up'));
  assert.equal((await asked({})).statusCode, 401);
});
