import type { Traffic } from '../schema/status.ts';

/** Counters as an engine shows them: since its worker started. */
export interface Counters {
  connections: number;
  totalConnections: number;
  totalRequests: number;
  totalIn: number;
  totalOut: number;
}

interface Meter {
  time: number;
  /** As shown last. */
  last: Counters;
  /** What earlier workers had counted. */
  base: Counters;
}

const ZERO: Counters = { connections: 0, totalConnections: 0, totalRequests: 0, totalIn: 0, totalOut: 0 };

/** Turns counters that start anew with each worker into totals that never run backwards, and into rates. */
export class TrafficMeters {
  #meters = new Map<string, Meter>();
  #worker = 0;

  /** Whose counters are read from now on: those of another worker start anew. */
  worker(pid: number): void {
    if (this.#worker !== 0 && this.#worker !== pid)
      for (const meter of this.#meters.values()) {
        meter.base = plus(meter.base, meter.last);
        meter.last = ZERO;
      }
    this.#worker = pid;
  }

  read(key: string, time: number, shown: Counters): Traffic {
    const meter = this.#meters.get(key);
    // The first sight of an object has no rate: its total may be an hour old.
    if (!meter) {
      this.#meters.set(key, { time, last: shown, base: ZERO });
      return { ...shown, connectionRate: 0, requestRate: 0, inRate: 0, outRate: 0 };
    }
    const restarted =
      shown.totalConnections < meter.last.totalConnections ||
      shown.totalRequests < meter.last.totalRequests ||
      shown.totalIn < meter.last.totalIn;
    const base = restarted ? plus(meter.base, meter.last) : meter.base;
    const seconds = Math.max((time - meter.time) / 1000, 0.05);
    const per = (name: keyof Counters) => {
      const more = restarted ? shown[name] : shown[name] - meter.last[name];
      return Math.round((10 * Math.max(0, more)) / seconds) / 10;
    };
    this.#meters.set(key, { time, last: shown, base });
    return {
      ...plus(base, shown),
      connections: shown.connections,
      connectionRate: per('totalConnections'),
      requestRate: per('totalRequests'),
      inRate: per('totalIn'),
      outRate: per('totalOut'),
    };
  }

  /** A single counter that must not run backwards either. */
  total(key: string, time: number, shown: number): number {
    return this.read(key, time, { ...ZERO, totalConnections: shown }).totalConnections;
  }

  /** All that the next process must know for totals to go on. */
  save = (): string => JSON.stringify({ worker: this.#worker, meters: [...this.#meters] });

  /** What save() gave; anything else counts as nothing. */
  load(text: string): void {
    try {
      const saved = JSON.parse(text) as { worker: number; meters: [string, Meter][] };
      this.#meters = new Map(saved.meters);
      this.#worker = saved.worker;
    } catch {
      // The totals start anew.
    }
  }

  /** Totals begin at 0 now. */
  reset(): void {
    for (const meter of this.#meters.values()) meter.base = minus(meter.last);
  }

  /** Forgets objects that are no more. */
  keep(keys: ReadonlySet<string>): void {
    for (const key of this.#meters.keys()) if (!keys.has(key)) this.#meters.delete(key);
  }
}

/** Nothing moves, and what was counted stays counted. */
export function still(last: Traffic | undefined): Traffic {
  if (!last) return NO_TRAFFIC;
  const { totalConnections, totalRequests, totalIn, totalOut } = last;
  return { ...NO_TRAFFIC, totalConnections, totalRequests, totalIn, totalOut };
}

export const NO_TRAFFIC: Traffic = { ...ZERO, connectionRate: 0, requestRate: 0, inRate: 0, outRate: 0 };

function plus(a: Counters, b: Counters): Counters {
  return {
    connections: b.connections,
    totalConnections: a.totalConnections + b.totalConnections,
    totalRequests: a.totalRequests + b.totalRequests,
    totalIn: a.totalIn + b.totalIn,
    totalOut: a.totalOut + b.totalOut,
  };
}

const minus = ({ totalConnections, totalRequests, totalIn, totalOut }: Counters): Counters => ({
  ...{ connections: 0, totalConnections: -totalConnections, totalRequests: -totalRequests },
  ...{ totalIn: -totalIn, totalOut: -totalOut },
});
