import assert from 'node:assert/strict';
import test from 'node:test';
import type { ServerStatus, ServiceStatus, StatusEvent, SystemStatus } from '../../server/schema/status.ts';
import { merged } from '../../web/src/api/live.ts';

const service = (id: number, state: ServiceStatus['state']) => ({ id, state }) as ServiceStatus;
const server = (id: number) => ({ id, virtualService: 1, state: 'up' }) as ServerStatus;
const event = (over: Partial<StatusEvent>): StatusEvent => ({
  time: 1,
  full: false,
  goneServices: [],
  goneServers: [],
  apply: { state: 'live', head: 1, applied: 1, since: 0 },
  engine: { running: true, version: '', startedAt: 0, reloads: 0 },
  system: {} as SystemStatus,
  services: [],
  servers: [],
  links: [],
  ...over,
});
const first = merged(
  undefined,
  event({ full: true, services: [service(1, 'up'), service(2, 'up')], servers: [server(1)] }),
);

test('a delta replaces what changed and keeps the rest', () => {
  const next = merged(first, event({ time: 2, services: [service(2, 'down')] }));
  assert.equal(next.time, 2);
  assert.equal(next.services.get(2)?.state, 'down');
  assert.equal(next.services.get(1), first.services.get(1));
  assert.equal(next.servers, first.servers, 'nothing changed: the same map, so that nothing is drawn again');
  assert.equal(first.services.get(2)?.state, 'up', 'the status before is not touched');
});

test('what is gone is dropped', () => {
  const next = merged(first, event({ goneServices: [1], goneServers: [1] }));
  assert.deepEqual([...next.services.keys()], [2]);
  assert.equal(next.servers.size, 0);
});

test('a full status forgets everything before it', () => {
  const next = merged(first, event({ full: true, services: [service(7, 'up')] }));
  assert.deepEqual([...next.services.keys()], [7]);
  assert.equal(next.servers.size, 0);
});
