import type { History, HistorySeries } from '../../schema/status.ts';
import { Archive, STEPS } from './archive.ts';
import { type Measure, measuresOf, type Sample } from './names.ts';
import { Ring } from './ring.ts';
import { Series } from './series.ts';
import type { Track } from './track.ts';

const SECOND = 1_000;
const FINE = { size: 300, step: SECOND };
const COARSE = { size: 2_160, step: 10 * SECOND };
/** Above this many objects, Real Servers keep only the last hour at 10 s: 1,000 services with 10 servers then take about 300 MB less. */
const MANY = 500;
/** Seconds: over less no rate is taken (traffic.ts), and after more nobody looked. */
const SHORTEST = 0.05;
const LONGEST = 15;

/**
 * Samples of every object with averages and peaks: 5 minutes by the second and 6 hours by 10 seconds in memory, then
 * up to a year on disk. Without a disk that can be written, only what is in memory.
 */
export class Histories {
  readonly #rings = new Map<string, Ring[]>();
  readonly #archive: Archive | undefined;
  /** When the newest samples were taken, and how many seconds each of them stands for. */
  #newest = 0;
  #seconds = 1;

  /** `trouble` is told why nothing is kept on disk. */
  constructor(path: string | undefined, now: number, trouble: (text: string) => void) {
    try {
      if (path) this.#archive = new Archive(path, now);
    } catch (error) {
      trouble(`The history of traffic cannot be kept: ${(error as Error).message}`);
    }
  }

  add(key: string, time: number, sample: Sample): void {
    const measures = measuresOf(key);
    let rings = this.#rings.get(key);
    if (!rings) {
      const small = key.startsWith('server:') && this.#rings.size > MANY;
      const sizes = small ? [{ size: 360, step: 10 * SECOND }] : [FINE, COARSE];
      rings = sizes.map(({ size, step }) => new Ring(measures.length, size, step));
      this.#rings.set(key, rings);
    }
    this.#move(time);
    const values = measures.map(name => sample[name] ?? 0);
    for (const ring of rings) ring.add(time, values, this.#seconds);
    this.#archive?.add(key, time, values, this.#seconds);
  }

  /** Samples are not taken at even times: a busy machine takes its time, and after a change it is looked at again at once. */
  #move(time: number): void {
    if (time === this.#newest) return;
    const seconds = (time - this.#newest) / SECOND;
    this.#seconds = seconds > 0 && seconds <= LONGEST ? Math.max(seconds, SHORTEST) : 1;
    this.#newest = time;
  }

  /** The averages that cover the last `seconds`, those periods only that were measured. An unknown object has none. */
  read(key: string, seconds: number, now: number): History {
    const measures = measuresOf(key);
    const time: number[] = [];
    const columns = new Map<Measure, number[]>(measures.map(name => [name, []]));
    this.#each(key, this.#stepFor(key, seconds), now - seconds * SECOND, now, (start, at, track) => {
      time.push(start);
      for (const [i, name] of measures.entries()) columns.get(name)?.push(rounded(track.average(at, i)));
    });
    return { time, ...Object.fromEntries(columns) } as unknown as History;
  }

  /**
   * Averages and peaks of several objects over the last `seconds` on one time line of at most `points` periods; null
   * where nothing was measured. `names`: only these measures.
   */
  series(
    keys: readonly string[],
    seconds: number,
    points: number,
    names: readonly string[],
    now: number,
  ): HistorySeries {
    // All of them at the step of the one with the least in memory; one that nobody knows says nothing.
    const known = keys.filter(key => this.#rings.has(key));
    const step = Math.max(...(known.length > 0 ? known : ['']).map(key => this.#stepFor(key, seconds)));
    const line = new Series(step, seconds, points, now);
    const objects = keys.map(of => {
      const measures = measuresOf(of);
      const wanted = measures
        .map((name, i) => ({ name, i }))
        .filter(({ name }) => names.length === 0 || names.includes(name));
      const slots = line.slots(wanted.length);
      this.#each(of, step, line.from, now, (start, at, track) =>
        slots.take(
          start,
          track.seconds(at),
          wanted.map(({ i }) => [track.average(at, i), track.highest(at, i)] as const),
        ),
      );
      return {
        of,
        measured: slots.measured,
        values: Object.fromEntries(wanted.map(({ name }, i) => [name, slots.of(i)])),
      };
    });
    return { step: line.step, time: line.time, objects };
  }

  keep(keys: ReadonlySet<string>): void {
    for (const key of this.#rings.keys()) if (!keys.has(key)) this.#rings.delete(key);
    this.#archive?.keep(keys);
  }

  /** Forgets everything that was measured. */
  clear(): void {
    this.#rings.clear();
    this.#archive?.clear();
  }

  /** Writes what is new to disk, when it is time. */
  writeWhenDue = async (now: number): Promise<void> => this.#archive?.writeWhenDue(now);

  /** Writes everything that is new to disk. */
  write = async (): Promise<void> => this.#archive?.write();

  /** Writes everything; the end of this process follows. */
  async close(): Promise<void> {
    await this.write();
    this.#archive?.close();
  }

  /** The finest step that reaches back so far. */
  #stepFor(key: string, seconds: number): number {
    const inMemory = this.#rings.get(key)?.find(ring => ring.size * ring.step >= seconds * SECOND);
    if (inMemory) return inMemory.step;
    if (seconds * SECOND <= COARSE.size * COARSE.step) return this.#archive ? STEPS[0].step : COARSE.step;
    return (STEPS.find(({ step, size }) => step * size >= seconds * SECOND) ?? STEPS.at(-1) ?? STEPS[0]).step;
  }

  /** Every measured period, in the order of time. What memory lost at a restart comes from the disk, more coarsely. */
  #each(key: string, step: number, from: number, to: number, take: Take): void {
    const ring = this.#rings.get(key)?.find(one => one.step === step);
    const oldest = ring ? this.#first(ring, from, to) : to;
    const archived = Math.max(step, STEPS[0].step);
    if (!ring || oldest - from > archived)
      this.#archive?.each(key, archived, Math.ceil(from / archived), Math.floor(to / archived), (period, at, track) => {
        if (!ring || (period + 1) * archived <= oldest) take(period * archived, at, track);
      });
    ring?.each(Math.ceil(from / step), Math.floor(to / step), (period, at, track) => take(period * step, at, track));
  }

  #first(ring: Ring, from: number, to: number): number {
    let first = to;
    ring.each(Math.ceil(from / ring.step), Math.floor(to / ring.step), period => {
      first = Math.min(first, period * ring.step);
    });
    return first;
  }
}

type Take = (start: number, at: number, track: Track) => void;

const rounded = (value: number) => Math.round(value * 10) / 10;
