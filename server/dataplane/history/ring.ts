import { Track } from './track.ts';

/** The last periods in memory, allocated once: each period has its place, and the one a whole turn before makes room. */
export class Ring {
  readonly step: number;
  readonly size: number;
  readonly #track: Track;
  readonly #periods: Float64Array;

  constructor(measures: number, size: number, step: number) {
    this.step = step;
    this.size = size;
    this.#track = new Track(measures, size);
    this.#periods = new Float64Array(size).fill(-1);
  }

  add(time: number, sample: readonly number[], seconds: number): void {
    const period = Math.floor(time / this.step);
    const at = period % this.size;
    if (this.#periods[at] !== period) {
      this.#track.empty(at);
      this.#periods[at] = period;
    }
    this.#track.add(at, sample, seconds);
  }

  /** Calls back with each period from `first` to `last` that has samples, in the order of time. */
  each(first: number, last: number, take: (period: number, at: number, track: Track) => void): void {
    for (let period = Math.max(first, last - this.size + 1); period <= last; period++) {
      const at = period % this.size;
      if (this.#periods[at] === period) take(period, at, this.#track);
    }
  }
}
