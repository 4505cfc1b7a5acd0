import type { HistoryValues } from '../../schema/status.ts';

/** One time line of equal periods that ends now, and what is put into it. */
export class Series {
  /** Milliseconds of a period. */
  readonly step: number;
  /** The beginning of each period, milliseconds since 1970. */
  readonly time: number[];

  /** `measured`: the step of what is put in; the line's is a multiple of it, so that `points` are enough. */
  constructor(measured: number, seconds: number, points: number, now: number) {
    const periods = Math.ceil((seconds * 1_000) / measured);
    this.step = measured * Math.max(1, Math.ceil(periods / points));
    const count = Math.ceil((seconds * 1_000) / this.step);
    const last = Math.floor(now / this.step);
    this.time = Array.from({ length: count }, (_, i) => (last - count + 1 + i) * this.step);
  }

  get from(): number {
    return this.time[0] ?? 0;
  }

  slots(measures: number): Slots {
    return new Slots(this.from, this.step, this.time.length, measures);
  }
}

class Slots {
  readonly #from: number;
  readonly #step: number;
  readonly #seconds: Float64Array;
  readonly #sums: Float64Array[];
  readonly #tops: Float64Array[];

  constructor(from: number, step: number, length: number, measures: number) {
    this.#from = from;
    this.#step = step;
    this.#seconds = new Float64Array(length);
    this.#sums = Array.from({ length: measures }, () => new Float64Array(length));
    this.#tops = Array.from({ length: measures }, () => new Float64Array(length));
  }

  /** A period that begins at `start`, of which so many seconds were measured; of each measure the average and the highest. */
  take(start: number, seconds: number, values: readonly (readonly [number, number])[]): void {
    const at = Math.floor((start - this.#from) / this.#step);
    if (at < 0 || at >= this.#seconds.length) return;
    this.#seconds[at] = (this.#seconds[at] ?? 0) + seconds;
    for (const [i, [average, highest]] of values.entries()) {
      const sums = this.#sums[i] as Float64Array;
      const tops = this.#tops[i] as Float64Array;
      sums[at] = (sums[at] ?? 0) + average * seconds;
      tops[at] = Math.max(tops[at] ?? 0, highest);
    }
  }

  /** Seconds of each period. */
  get measured(): number[] {
    return Array.from(this.#seconds, seconds => Math.round(1_000 * seconds) / 1_000);
  }

  of(measure: number): HistoryValues {
    const each = (value: (at: number, seconds: number) => number) =>
      Array.from(this.#seconds, (seconds, at) => (seconds === 0 ? null : Math.round(10 * value(at, seconds)) / 10));
    return {
      average: each((at, seconds) => (this.#sums[measure]?.[at] ?? 0) / seconds),
      highest: each(at => this.#tops[measure]?.[at] ?? 0),
    };
  }
}
