/** Highest weight the engine knows. */
const TOP = 256;

/** A server, its weight as configured on the engine's scale, and what was learned of it; undefined when nothing was. */
export interface Weighed {
  server: string;
  base: number;
  value: number | undefined;
}

/**
 * Weights by load, 0 idle to 100 full: the more a server is loaded, the less of its weight it keeps. One whose load is
 * not known keeps all of it. While every load is below `least`, and when all are equal, the weights alone count.
 */
export function byLoad(servers: readonly Weighed[], least: number): Map<string, number> {
  const idle = servers.every(({ value }) => value !== undefined && value < least);
  const equal = servers.every(({ value }) => value === servers[0]?.value);
  return new Map(
    servers.map(({ server, base, value = 0 }) => [
      server,
      idle || equal ? base : Math.max(1, Math.round((base * (101 - value)) / 101)),
    ]),
  );
}

/**
 * Weights by the duration of checks, milliseconds: half as quick, half the weight. Where none is known yet the average
 * of the others is assumed.
 */
export function byResponse(servers: readonly Weighed[]): Map<string, number> {
  const known = servers.flatMap(({ value }) => (value === undefined ? [] : [Math.max(1, value)]));
  if (known.length === 0) return new Map(servers.map(({ server, base }) => [server, base]));
  const best = Math.min(...known);
  const average = known.reduce((sum, value) => sum + value, 0) / known.length;
  return new Map(
    servers.map(({ server, value = average }) => [server, Math.max(1, Math.round((TOP * best) / Math.max(1, value)))]),
  );
}
