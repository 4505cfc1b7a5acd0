import type { Traffic } from '../../../../server/schema/status.ts';
import { bits, bytes, rate, short } from '../../parts/format.ts';

/** What the tables of Real Time can count. */
export interface Counted {
  label: string;
  /** Measures of the history whose sum is the rate per second, in the unit of `total`. */
  values: readonly ('connectionRate' | 'requestRate' | 'inRate' | 'outRate')[];
  total: (traffic: Traffic) => number;
  /** Prints a rate per second. */
  rate: (value: number) => string;
  /** Prints an amount. */
  amount: (value: number) => string;
}

const whole = (value: number) => short(Math.round(value));
const traffic = {
  values: ['inRate', 'outRate'],
  total: (t: Traffic) => t.totalIn + t.totalOut,
} as const;

export const COUNTED = {
  connections: {
    ...{ label: 'Connections', values: ['connectionRate'], total: t => t.totalConnections, rate, amount: whole },
  },
  requests: { label: 'Requests', values: ['requestRate'], total: t => t.totalRequests, rate, amount: whole },
  bits: { label: 'Bits', ...traffic, rate: bits, amount: value => bits(value).replace('/s', '') },
  bytes: { label: 'Bytes', ...traffic, rate: value => `${bytes(value)}/s`, amount: bytes },
} as const satisfies Record<string, Counted>;

export type CountedName = keyof typeof COUNTED;
