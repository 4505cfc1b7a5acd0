import { Fault } from '../schema/faults.ts';

interface Count {
  failures: number;
  last: number;
  until: number;
}

const MINUTE = 60_000;
/** Failures are forgotten this long after the last, or after the lock it brought. */
const FORGET = 15 * MINUTE;
const FIRST_LOCK = 30_000;
const LONGEST_LOCK = 15 * MINUTE;
const MOST_KEYS = 10_000;

/**
 * Counts failed log-ins by what they come from; one counter for console, Basic and API keys. Past the limit
 * the next tries are refused unseen, twice as long each time. Kept in memory: a restart forgives.
 */
export class LockOut {
  readonly #counts = new Map<string, Count>();
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Throws LOCKED_OUT while any of the keys is locked. */
  check(keys: readonly string[], now: number): void {
    const until = Math.max(...keys.map(key => this.#counts.get(key)?.until ?? 0));
    if (until > now) throw new Fault('LOCKED_OUT', { seconds: Math.ceil((until - now) / 1000) });
  }

  fail(keys: readonly string[], now: number): void {
    for (const key of keys) {
      const old = this.#counts.get(key);
      const failures = old && now - Math.max(old.last, old.until) < FORGET ? old.failures + 1 : 1;
      const over = failures - this.#limit;
      const until = over >= 0 ? now + Math.min(FIRST_LOCK * 2 ** over, LONGEST_LOCK) : 0;
      this.#counts.delete(key);
      this.#counts.set(key, { failures, last: now, until });
    }
    // The oldest go first: a flood of names must not fill the memory.
    for (const key of this.#counts.keys()) {
      if (this.#counts.size <= MOST_KEYS) break;
      this.#counts.delete(key);
    }
  }

  succeed(keys: readonly string[]): void {
    for (const key of keys) this.#counts.delete(key);
  }
}
