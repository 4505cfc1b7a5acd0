const TRAFFIC = ['connections', 'connectionRate', 'requestRate', 'inRate', 'outRate'] as const;
const MACHINE = ['cpu', 'memoryUsed', 'networkIn', 'networkOut', 'tlsRate'] as const;

/** What is measured of something. */
export type Measure = (typeof TRAFFIC)[number] | (typeof MACHINE)[number];
export type Sample = { readonly [K in Measure]?: number };

/** What is measured of an object: `system`, `interface:NAME`, `service:ID` or `server:ID`. */
export function measuresOf(key: string): readonly Measure[] {
  if (key === 'system') return [...TRAFFIC, ...MACHINE];
  return key.startsWith('interface:') ? ['inRate', 'outRate'] : TRAFFIC;
}
