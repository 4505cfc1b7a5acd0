import assert from 'node:assert/strict';
import test from 'node:test';
import { fill } from '../../server/schema/derive.ts';
import type { ServerState, ServiceState } from '../../server/schema/status.ts';
import type { Live } from '../../web/src/api/live.ts';
import { sentenceOf, troublesOf, verdictOf } from '../../web/src/pages/home/condition.ts';

const services = [1, 2, 3].map(id =>
  fill('virtualService', { id, name: `s${id}`, address: `192.0.2.${id}`, port: 80 }),
);
const servers = [1, 2, 3].map(id => fill('realServer', { id, virtualService: id, address: `10.0.0.${id}`, port: 80 }));

function live(service: ServiceState[], server: ServerState[], running = true): Live {
  const statuses = <S>(states: S[]) =>
    new Map(states.map((state, i) => [i + 1, { id: i + 1, state, since: i, reason: 'r' }]));
  return { engine: { running }, services: statuses(service), servers: statuses(server) } as unknown as Live;
}

test('all is well only when everything is up', () => {
  const well = live(['up', 'up', 'disabled'], ['up', 'up', 'disabled']);
  assert.equal(sentenceOf(well), 'Everything is up: 3 services, 3 servers.');
  assert.equal(verdictOf(well), 'up');
  assert.deepEqual(troublesOf(well, services, servers), []);
});

test('what is wrong is counted by kind', () => {
  const ill = live(['down', 'degraded', 'up'], ['down', 'down', 'up']);
  assert.equal(sentenceOf(ill), '1 service down, 1 service degraded, 2 servers down.');
  assert.equal(verdictOf(ill), 'down');
});

test('an engine that does not run outweighs old good news', () => {
  const dead = live(['up', 'up', 'up'], ['up', 'up', 'up'], false);
  assert.equal(sentenceOf(dead), 'The engine is not running: no traffic passes.');
  assert.equal(verdictOf(dead), 'down');
});

test('troubles come newest first, each with its own servers that are down', () => {
  const troubles = troublesOf(live(['down', 'degraded', 'up'], ['down', 'down', 'up']), services, servers);
  assert.deepEqual(
    troubles.map(t => [t.id, t.state, t.servers.map(s => s.title)]),
    [
      [2, 'degraded', ['10.0.0.2:80']],
      [1, 'down', ['10.0.0.1:80']],
    ],
  );
});
