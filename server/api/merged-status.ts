import type { StatusEvent } from '../schema/status.ts';

/** The full status after an event: what it names replaces, what it does not name stays. */
export function merged(before: StatusEvent | undefined, event: StatusEvent): StatusEvent {
  if (!before || event.full) return { ...event, full: true };
  return {
    ...event,
    full: true,
    services: mergeById(before.services, event.services, event.goneServices),
    servers: mergeById(before.servers, event.servers, event.goneServers),
    goneServices: [],
    goneServers: [],
  };
}

function mergeById<T extends { id: number }>(
  before: readonly T[],
  changed: readonly T[],
  gone: readonly number[],
): T[] {
  const all = new Map(before.map(object => [object.id, object]));
  for (const id of gone) all.delete(id);
  for (const object of changed) all.set(object.id, object);
  return [...all.values()];
}
