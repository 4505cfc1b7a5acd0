import { setImmediate as pause } from 'node:timers/promises';
import { CHUNK, type Chunk, Rings } from '../../store/rings.ts';
import { measuresOf } from './names.ts';
import { Track, widthOf } from './track.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** What is kept on disk: a day by 5 minutes, a week by half an hour, a month by 2 hours, a year by days. */
export const STEPS = [
  { step: 5 * MINUTE, size: 288 },
  { step: HOUR / 2, size: 336 },
  { step: 2 * HOUR, size: 372 },
  { step: 24 * HOUR, size: 366 },
] as const;

/** The newest chunk fills up while the whole range must still be there. */
const chunksOf = (size: number) => Math.ceil(size / CHUNK) + 1;
const WRITE_EVERY = MINUTE;
/** Objects written in one go: others wait meanwhile. */
const AT_ONCE = 500;
/** Above this many objects Real Servers keep no 5-minute steps: 11,000 objects then take about half. */
const MANY = 2_000;

interface Open {
  chunk: number;
  track: Track;
  dirty: boolean;
}

/** The long history of every object, in fixed-size rings on disk, with averages and peaks. */
export class Archive {
  readonly #rings: Rings;
  /** The chunks that still fill up, by object and step. */
  readonly #open = new Map<string, Open>();
  readonly #objects = new Set<string>();
  /** Full ones that are not on disk yet. */
  #full: Chunk[] = [];
  #writtenAt = 0;
  #writing: Promise<void> | undefined;

  constructor(path: string, now: number) {
    this.#rings = new Rings(path, new Map(STEPS.map(({ step, size }) => [step, chunksOf(size)])));
    for (const { step } of STEPS) {
      const chunk = Math.floor(now / step / CHUNK);
      for (const [key, data] of this.#rings.readAll(step, chunk)) {
        const measures = measuresOf(key).length;
        // Of another version, which measured other things.
        if (data.length !== CHUNK * widthOf(measures)) continue;
        this.#open.set(`${step} ${key}`, { chunk, track: new Track(measures, CHUNK, data), dirty: false });
      }
    }
    for (const key of this.#rings.keys()) this.#objects.add(key);
  }

  /** `seconds`: what the sample stands for. */
  add(key: string, time: number, sample: readonly number[], seconds = 1): void {
    this.#objects.add(key);
    for (const { step } of STEPS) {
      if (step === STEPS[0].step && this.#objects.size > MANY && key.startsWith('server:')) continue;
      const period = Math.floor(time / step);
      const chunk = Math.floor(period / CHUNK);
      const place = `${step} ${key}`;
      let open = this.#open.get(place);
      if (!open || open.chunk !== chunk) {
        if (open?.dirty) this.#full.push({ key, step, chunk: open.chunk, data: open.track.data });
        open = { chunk, track: new Track(sample.length, CHUNK), dirty: false };
        this.#open.set(place, open);
      }
      open.track.add(period % CHUNK, sample, seconds);
      open.dirty = true;
    }
  }

  /** Calls back with each period of a step that has samples, in the order of time. */
  each(
    key: string,
    step: number,
    first: number,
    last: number,
    take: (period: number, at: number, track: Track) => void,
  ) {
    const measures = measuresOf(key).length;
    const chunks = new Map<number, Track>();
    for (const { chunk, data } of this.#rings.read(key, step, Math.floor(first / CHUNK), Math.floor(last / CHUNK)))
      if (data.length === CHUNK * widthOf(measures)) chunks.set(chunk, new Track(measures, CHUNK, data));
    for (const full of this.#full)
      if (full.key === key && full.step === step) chunks.set(full.chunk, new Track(measures, CHUNK, full.data));
    const open = this.#open.get(`${step} ${key}`);
    if (open) chunks.set(open.chunk, open.track);
    for (const [chunk, track] of [...chunks].sort(([a], [b]) => a - b))
      for (let at = 0; at < CHUNK; at++) {
        const period = chunk * CHUNK + at;
        if (period >= first && period <= last && track.seconds(at) > 0) take(period, at, track);
      }
  }

  /** Writes what is new, once a minute. */
  async writeWhenDue(now: number): Promise<void> {
    if (now - this.#writtenAt < WRITE_EVERY) return;
    this.#writtenAt = now;
    await this.write();
  }

  /** Writes what is new. Rejects when the disk takes nothing more: then it is tried again with the next. */
  write(): Promise<void> {
    this.#writing ??= this.#writeAll().finally(() => {
      this.#writing = undefined;
    });
    return this.#writing;
  }

  async #writeAll(): Promise<void> {
    for (let part = this.#full.slice(0, AT_ONCE); part.length > 0; part = this.#full.slice(0, AT_ONCE)) {
      this.#rings.write(part);
      this.#full = this.#full.slice(part.length);
      await pause();
    }
    const dirty = [...this.#open].filter(([, open]) => open.dirty);
    for (let from = 0; from < dirty.length; from += AT_ONCE) {
      const part = dirty.slice(from, from + AT_ONCE);
      this.#rings.write(
        part.map(([place, { chunk, track }]) => {
          const [step = '', key = ''] = place.split(' ');
          return { key, step: Number(step), chunk, data: track.data };
        }),
      );
      for (const [, open] of part) open.dirty = false;
      await pause();
    }
  }

  /** Forgets all objects but these. */
  keep(keys: ReadonlySet<string>): void {
    const gone = [...this.#objects].filter(key => !keys.has(key));
    if (gone.length > 0) this.forget(gone);
  }

  forget(keys: readonly string[]): void {
    const those = new Set(keys);
    for (const key of those) {
      this.#objects.delete(key);
      for (const { step } of STEPS) this.#open.delete(`${step} ${key}`);
    }
    this.#full = this.#full.filter(({ key }) => !those.has(key));
    this.#rings.forget(keys);
  }

  /** Forgets everything that was measured. */
  clear(): void {
    this.forget([...this.#objects]);
  }

  close(): void {
    this.#rings.close();
  }
}
