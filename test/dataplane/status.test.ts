import assert from 'node:assert/strict';
import test from 'node:test';
import { merged } from '../../server/api/merged-status.ts';
import type { Observation, ProxyStat } from '../../server/dataplane/observe.ts';
import { join, occurrencesBetween } from '../../server/dataplane/status.ts';
import { statusEvent } from '../../server/dataplane/status-event.ts';
import { TrafficMeters } from '../../server/dataplane/traffic.ts';
import { type Config, emptyConfig } from '../../server/schema/config.ts';
import { fill } from '../../server/schema/derive.ts';
import type { Status } from '../../server/schema/status.ts';

const none = { services: [], servers: [] };

function tree(change: object = {}, states: string[] = ['enabled', 'enabled']): Config {
  return {
    ...emptyConfig(),
    virtualServices: [fill('virtualService', { id: 1, address: '10.0.0.1', port: 80, ...change })],
    realServers: states.map((state, at) =>
      fill('realServer', { id: at + 1, virtualService: 1, address: `10.0.0.1${at + 1}`, port: 80, state }),
    ),
  };
}

const row = (name: string, status: string, more: Partial<ProxyStat> = {}): ProxyStat => ({
  proxy: 'vs1',
  name,
  status,
  current: 0,
  total: 0,
  requests: 0,
  in: 0,
  out: 0,
  lastChange: 0,
  checkStatus: 'L4OK',
  checkCode: 0,
  checkDuration: 1,
  checkFailures: 0,
  lastCheck: '',
  responseTime: null,
  failed: 0,
  ...more,
});

const seen = (...stats: ProxyStat[]): Observation => ({
  time: 1_000,
  stats: [row('FRONTEND', 'OPEN'), row('BACKEND', 'UP'), ...stats],
  info: { pid: 1, connections: 0, requests: 0, sslConnections: 0, current: 0 },
});

const refused = { checkStatus: 'L4CON', lastCheck: 'Connection refused' };

const cases: { name: string; config: Config; rows: ProxyStat[]; service: string; servers: string[] }[] = [
  { name: 'all up', config: tree(), rows: [row('rs1', 'UP'), row('rs2', 'UP')], service: 'up', servers: ['up', 'up'] },
  {
    name: 'one down',
    config: tree(),
    rows: [row('rs1', 'UP'), row('rs2', 'DOWN', refused)],
    service: 'degraded',
    servers: ['up', 'down'],
  },
  {
    name: 'going down',
    config: tree(),
    rows: [row('rs1', 'UP 1/2'), row('rs2', 'DOWN 1/2', refused)],
    service: 'degraded',
    servers: ['up', 'down'],
  },
  {
    name: 'all down',
    config: tree(),
    rows: [row('rs1', 'DOWN', refused), row('rs2', 'DOWN', refused)],
    service: 'down',
    servers: ['down', 'down'],
  },
  {
    name: 'all down with a redirect',
    config: tree({ unavailableAction: 'redirect', redirectUrl: 'https://a' }),
    rows: [row('rs1', 'DOWN', refused), row('rs2', 'DOWN', refused)],
    service: 'redirect',
    servers: ['down', 'down'],
  },
  {
    name: 'disabled service',
    config: tree({ enabled: false }),
    rows: [],
    service: 'disabled',
    servers: ['disabled', 'disabled'],
  },
  {
    name: 'unchecked',
    config: tree({ checkType: 'none' }),
    rows: [row('rs1', 'no check'), row('rs2', 'no check')],
    service: 'unchecked',
    servers: ['unchecked', 'unchecked'],
  },
  {
    name: 'a disabled one does not count',
    config: tree({}, ['enabled', 'disabled']),
    rows: [row('rs1', 'UP'), row('rs2', 'MAINT')],
    service: 'up',
    servers: ['up', 'disabled'],
  },
  {
    name: 'draining alone serves no new clients',
    config: tree({}, ['drain', 'disabled']),
    rows: [row('rs1', 'DRAIN'), row('rs2', 'MAINT')],
    service: 'down',
    servers: ['drain', 'disabled'],
  },
  { name: 'no servers', config: tree({}, []), rows: [], service: 'down', servers: [] },
];

for (const { name, config, rows, service, servers } of cases)
  test(`status: ${name}`, () => {
    const got = join(config, seen(...rows), none, new TrafficMeters(), 5_000);
    assert.equal(got.services[0]?.state, service);
    assert.deepEqual(
      got.servers.map(server => server.state),
      servers,
    );
  });

test('without an observation everything waits', () => {
  const got = join(tree(), undefined, none, new TrafficMeters(), 5_000);
  assert.equal(got.services[0]?.state, 'pending');
  assert.deepEqual(
    got.servers.map(server => server.state),
    ['pending', 'pending'],
  );
});

test('without an engine everything is down, and counters stand still', () => {
  const meters = new TrafficMeters();
  const up = seen(row('rs1', 'UP', { total: 9, requests: 9 }), row('rs2', 'UP'));
  const before = join(tree(), up, none, meters, 1_000);
  const after = join(tree(), undefined, before, meters, 2_000, false);
  assert.deepEqual([after.services[0]?.state, after.services[0]?.reason], ['down', 'HAProxy does not run']);
  assert.deepEqual(
    after.servers.map(server => server.state),
    ['down', 'down'],
  );
  assert.equal(after.servers[0]?.totalRequests, 9);
  assert.deepEqual(occurrencesBetween(tree(), before, after), [], 'the engine itself is told of once');
  assert.deepEqual(occurrencesBetween(tree(), after, join(tree(), up, after, meters, 3_000)), []);
  const disabled = join(tree({ enabled: false }), undefined, none, meters, 1_000, false);
  assert.equal(disabled.services[0]?.state, 'disabled');
});

const reasons: [object, Partial<ProxyStat>, string][] = [
  [{}, refused, 'connection refused (check tcp port 80)'],
  [{}, { checkStatus: 'L4TOUT' }, 'no connection within 4 s (check tcp port 80)'],
  [
    { checkType: 'http', checkUrl: '/ok', checkPort: 81 },
    { checkStatus: 'L7STS', checkCode: 500 },
    'answered 500 (check http port 81 /ok)',
  ],
  [{ checkType: 'https' }, { checkStatus: 'L7TOUT' }, 'no answer within 4 s (check https port 80 /)'],
  [{ checkType: 'https' }, { checkStatus: 'L6RSP' }, 'TLS handshake failed (check https port 80 /)'],
];
for (const [change, stat, sentence] of reasons)
  test(`reason: ${sentence}`, () => {
    const got = join(tree(change, ['enabled']), seen(row('rs1', 'DOWN', stat)), none, new TrafficMeters(), 0);
    assert.equal(got.servers[0]?.reason, sentence);
    assert.equal(got.services[0]?.reason, `10.0.0.11 port 80 is down: ${sentence}`);
  });

test('“since” is the moment of the change, not of the look', () => {
  const meters = new TrafficMeters();
  const first = join(tree(), seen(row('rs1', 'UP'), row('rs2', 'UP')), none, meters, 1_000);
  const second = join(tree(), seen(row('rs1', 'UP'), row('rs2', 'DOWN', refused)), first, meters, 2_000);
  const third = join(tree(), seen(row('rs1', 'UP'), row('rs2', 'DOWN', refused)), second, meters, 3_000);
  assert.deepEqual(
    third.servers.map(server => server.since),
    [1_000, 2_000],
  );
  assert.deepEqual(
    occurrencesBetween(tree(), first, second).map(({ severity, text }) => `${severity}: ${text}`),
    ['bad: 10.0.0.12 port 80 of “10.0.0.1:80” is down: connection refused (check tcp port 80)'],
  );
  assert.equal(occurrencesBetween(tree(), second, third).length, 0);
  assert.equal(occurrencesBetween(tree(), third, first)[0]?.severity, 'good');
});

test('a listener that merges every delta has what a newcomer gets', () => {
  const status = (states: [string, string]): Status => ({
    time: 1,
    apply: { state: 'live', head: 1, applied: 1, since: 1 },
    engine: { running: true, version: '', startedAt: 0, reloads: 0 },
    system: {} as Status['system'],
    links: [],
    ...join(tree(), seen(row('rs1', states[0]), row('rs2', states[1])), none, new TrafficMeters(), 1),
  });
  const first = status(['UP', 'UP']);
  const second = status(['UP', 'DOWN']);
  const delta = statusEvent(first, second);
  assert.deepEqual(
    delta.servers.map(server => server.id),
    [2],
  );
  assert.deepEqual(merged(merged(undefined, statusEvent(undefined, first)), delta).servers, second.servers);
  const gone = statusEvent(second, { ...second, services: [], servers: [] });
  assert.deepEqual([gone.goneServices, gone.goneServers], [[1], [1, 2]]);
});
