import { readFile, rename, writeFile } from 'node:fs/promises';
import type { TrafficMeters } from './traffic.ts';

const EVERY = 60_000;

/** What was counted so far, on disk for the next process. */
export class Totals {
  readonly #path: string;
  readonly #meters: TrafficMeters;
  readonly #trouble: (text: string) => void;
  #saves = 0;
  #savedAt = 0;

  /** `trouble` is told when they could not be saved. */
  constructor(path: string, meters: TrafficMeters, trouble: (text: string) => void) {
    this.#path = path;
    this.#meters = meters;
    this.#trouble = trouble;
  }

  async load(): Promise<void> {
    this.#meters.load(await readFile(this.#path, 'utf8').catch(() => ''));
  }

  /** Not on disk at once: after a loss of power the engine counts anew anyway. */
  async save(): Promise<void> {
    this.#savedAt = Date.now();
    const next = `${this.#path}.${++this.#saves}`;
    try {
      await writeFile(next, this.#meters.save(), { mode: 0o600 });
      await rename(next, this.#path);
    } catch (error) {
      this.#trouble(`Totals could not be saved: ${(error as Error).message}`);
    }
  }

  /** Once a minute. */
  async saveWhenDue(now: number): Promise<void> {
    if (now - this.#savedAt > EVERY) await this.save();
  }
}
