import { closeSync, openSync, readFileSync, renameSync, writeFileSync, writeSync } from 'node:fs';
import type { Occurrence } from '../schema/status.ts';

/** The file holds at most twice as many lines. */
const KEPT = 2_000;

/** The last events, in memory and as lines of JSON in a file that outlives the process. A disk that is full costs only the file. */
export class EventLog {
  readonly #file: string;
  readonly #trouble: (text: string) => void;
  #events: Occurrence[];
  #lines: number;
  #number: number;
  #open: number | undefined;
  #told = false;

  constructor(file: string, trouble: (text: string) => void) {
    this.#file = file;
    this.#trouble = trouble;
    this.#events = read(file).slice(-KEPT);
    this.#number = this.#events.at(-1)?.number ?? 0;
    // Begun anew with whole lines: what a power cut left half written would spoil the next.
    this.#lines = Number.POSITIVE_INFINITY;
  }

  /** Gives the event its number, which is never used again, and keeps it. */
  add(event: Omit<Occurrence, 'number'>): Occurrence {
    this.#number += 1;
    const whole: Occurrence = { ...event, number: this.#number };
    this.#events.push(whole);
    if (this.#events.length > KEPT) this.#events.shift();
    try {
      if (this.#lines >= 2 * KEPT) this.#rewrite();
      else {
        this.#open ??= openSync(this.#file, 'a', 0o600);
        writeSync(this.#open, `${JSON.stringify(whole)}\n`);
        this.#lines += 1;
      }
    } catch (error) {
      if (!this.#told) this.#trouble(`The file of events cannot be written: ${(error as Error).message}`);
      this.#told = true;
    }
    return whole;
  }

  /** Newest first, at most `most`; with `since` only those whose number is higher. */
  list(most: number, since = 0): Occurrence[] {
    const found = since > 0 ? this.#events.filter(event => event.number > since) : this.#events;
    return found.slice(-most).toReversed();
  }

  close(): void {
    if (this.#open !== undefined) closeSync(this.#open);
    this.#open = undefined;
  }

  #rewrite(): void {
    this.close();
    const next = `${this.#file}.next`;
    writeFileSync(next, this.#events.map(event => `${JSON.stringify(event)}\n`).join(''), { mode: 0o600 });
    renameSync(next, this.#file);
    this.#lines = this.#events.length;
    this.#told = false;
  }
}

function read(file: string): Occurrence[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return [];
  }
  return text.split('\n').flatMap(line => {
    try {
      const event = JSON.parse(line) as Occurrence;
      return Number.isInteger(event.number) && typeof event.text === 'string' ? [event] : [];
    } catch {
      // Half a line, from a power cut.
      return [];
    }
  });
}
