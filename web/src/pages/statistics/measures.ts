import type { History } from '../../../../server/schema/status.ts';
import { bits, bytes, percent, rate, short } from '../../parts/format.ts';

export interface Measure {
  name: keyof Omit<History, 'time'>;
  title: string;
  unit: (value: number) => string;
}

const traffic: Measure[] = [
  { name: 'connections', title: 'Open connections', unit: short },
  { name: 'connectionRate', title: 'New connections', unit: rate },
  { name: 'requestRate', title: 'Requests', unit: rate },
  { name: 'outRate', title: 'Bytes out', unit: bits },
  { name: 'inRate', title: 'Bytes in', unit: bits },
];

const machine: Measure[] = [
  { name: 'cpu', title: 'CPU', unit: percent },
  { name: 'memoryUsed', title: 'Memory', unit: bytes },
  { name: 'networkOut', title: 'Network out', unit: bits },
  { name: 'networkIn', title: 'Network in', unit: bits },
  { name: 'tlsRate', title: 'TLS handshakes', unit: rate },
];

export const kindsOfObjects = [
  { value: 'service', label: 'Virtual Services' },
  { value: 'server', label: 'Real Servers' },
  { value: 'interface', label: 'Interfaces' },
  { value: 'system', label: 'System' },
] as const;

export type ObjectKind = (typeof kindsOfObjects)[number]['value'];

/** What is measured of objects of a kind, in the order of the graphs. */
export function measuresFor(kind: ObjectKind): readonly Measure[] {
  if (kind === 'system') return [...machine, ...traffic];
  return kind === 'interface' ? traffic.slice(3) : traffic;
}

/** How far back, in seconds as the segmented control wants them. */
export const ranges = [
  { value: '300', label: '5 min' },
  { value: '3600', label: '1 h' },
  { value: '21600', label: '6 h' },
  { value: '86400', label: '1 day' },
  { value: '604800', label: '1 week' },
  { value: '2678400', label: '1 month' },
  { value: '7948800', label: '1 quarter' },
  { value: '31622400', label: '1 year' },
];
