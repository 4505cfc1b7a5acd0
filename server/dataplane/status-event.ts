import type { Status, StatusEvent } from '../schema/status.ts';

/** What to send to somebody who has `before`; without it, everything. */
export function statusEvent(before: Status | undefined, now: Status): StatusEvent {
  if (!before) return { ...now, full: true, goneServices: [], goneServers: [] };
  return {
    ...now,
    full: false,
    services: changed(before.services, now.services),
    servers: changed(before.servers, now.servers),
    goneServices: gone(before.services, now.services),
    goneServers: gone(before.servers, now.servers),
  };
}

function changed<T extends { id: number }>(before: readonly T[], now: readonly T[]): T[] {
  const old = new Map(before.map(object => [object.id, JSON.stringify(object)]));
  return now.filter(object => old.get(object.id) !== JSON.stringify(object));
}

function gone(before: readonly { id: number }[], now: readonly { id: number }[]): number[] {
  const left = new Set(now.map(object => object.id));
  return before.filter(object => !left.has(object.id)).map(object => object.id);
}
