import { amountOver } from './amounts.ts';
import { COUNTED, type Counted, type CountedName } from './counted.ts';
import { type Measured, type MeasuredObject, useSeries } from './queries.ts';

/** An hour by the minute: what the columns of the last times are summed from. */
const HOUR = { seconds: 3_600, points: 60 };
const FEW = 400;

/** What was counted in the last hour of these objects. */
export function useHour(of: readonly string[], counted: CountedName) {
  return useSeries({
    ...{ of, ...HOUR, values: COUNTED[counted].values.join(',') },
    every: of.length > FEW ? 60_000 : 10_000,
  });
}

/** Amounts by object and seconds, for a whole table. */
export class Amounts {
  readonly #now: number;
  readonly #counted: Counted;
  readonly #objects: ReadonlyMap<string, MeasuredObject>;

  constructor(measured: Measured | undefined, counted: CountedName) {
    this.#now = measured?.now ?? 0;
    this.#counted = COUNTED[counted];
    this.#objects = new Map(measured?.objects.map(one => [one.of, one]));
  }

  /** Undefined before anything was heard. */
  of(key: string, seconds: number): number | undefined {
    const one = this.#objects.get(key);
    return (
      one &&
      this.#counted.values.reduce((sum, name) => {
        const values = one.values[name];
        return values ? sum + amountOver(one, values, seconds, this.#now) : sum;
      }, 0)
    );
  }
}
