/**
 * A run of periods of equal length: of each how many seconds were measured, then the average and the highest of
 * every measure. Numbers have seven digits, enough for a graph.
 */
export class Track {
  readonly measures: number;
  readonly #data: Float32Array;
  readonly #width: number;

  constructor(measures: number, periods: number, data: Float32Array = new Float32Array(periods * widthOf(measures))) {
    this.measures = measures;
    this.#width = widthOf(measures);
    this.#data = data;
  }

  get data(): Float32Array {
    return this.#data;
  }

  /** Takes one more sample, which is that of so many seconds, into a period. */
  add(at: number, sample: readonly number[], seconds = 1): void {
    const start = at * this.#width;
    const before = this.#data[start] ?? 0;
    for (const [i, value] of sample.entries()) {
      const average = start + 1 + i;
      const highest = average + this.measures;
      this.#data[average] = ((this.#data[average] ?? 0) * before + value * seconds) / (before + seconds);
      this.#data[highest] = before === 0 ? value : Math.max(this.#data[highest] ?? 0, value);
    }
    this.#data[start] = before + seconds;
  }

  empty(at: number): void {
    this.#data.fill(0, at * this.#width, (at + 1) * this.#width);
  }

  /** How many were measured; 0 when nothing was. */
  seconds = (at: number): number => this.#data[at * this.#width] ?? 0;
  average = (at: number, measure: number): number => this.#data[at * this.#width + 1 + measure] ?? 0;
  highest = (at: number, measure: number): number => this.#data[at * this.#width + 1 + this.measures + measure] ?? 0;
}

export const widthOf = (measures: number): number => 1 + 2 * measures;
