import type { Traffic } from '../../../server/schema/status.ts';
import type { Live } from './live.ts';

/** The last minute or so of every object, kept here so that a table of a thousand sparklines costs no request. */
const LENGTH = 60;
const NONE: readonly number[] = [];
const rings = new Map<string, number[]>();
let sampledAt = 0;

/** Request rate where there are requests, else connection rate, per second. */
const rateOf = (traffic: Traffic) => traffic.requestRate || traffic.connectionRate;

/** Adds one sample of every object. */
export function remember(live: Live): void {
  if (live.time <= sampledAt) return;
  sampledAt = live.time;
  for (const service of live.services.values()) push(`service:${service.id}`, rateOf(service));
  for (const server of live.servers.values()) push(`server:${server.id}`, rateOf(server));
}

/** Rates per second of one object, oldest first, at most a minute back. */
export function recentOf(kind: 'service' | 'server', id: number): readonly number[] {
  return rings.get(`${kind}:${id}`) ?? NONE;
}

function push(key: string, value: number): void {
  const ring = rings.get(key);
  if (!ring) rings.set(key, [value]);
  else if (ring.push(value) > LENGTH) ring.shift();
}
