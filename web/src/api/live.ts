import type { ServerStatus, ServiceStatus, Status, StatusEvent } from '../../../server/schema/status.ts';

/** The last observed status, indexed for lookup by id. */
export interface Live extends Omit<Status, 'services' | 'servers'> {
  services: ReadonlyMap<number, ServiceStatus>;
  servers: ReadonlyMap<number, ServerStatus>;
}

/** The status after an event: replaced when it is full, else merged object by object. Pure. */
export function merged(before: Live | undefined, event: StatusEvent): Live {
  const keep = event.full ? undefined : before;
  return {
    time: event.time,
    apply: event.apply,
    engine: event.engine,
    system: event.system,
    links: event.links,
    services: mapOf(keep?.services, event.services, event.goneServices),
    servers: mapOf(keep?.servers, event.servers, event.goneServers),
    ...(event.powerless && { powerless: event.powerless }),
    ...(event.unconfirmed && { unconfirmed: event.unconfirmed }),
  };
}

function mapOf<T extends { id: number }>(
  before: ReadonlyMap<number, T> | undefined,
  changed: readonly T[],
  gone: readonly number[],
): ReadonlyMap<number, T> {
  if (before && changed.length === 0 && gone.length === 0) return before;
  const map = new Map(before);
  for (const object of changed) map.set(object.id, object);
  for (const id of gone) map.delete(id);
  return map;
}
