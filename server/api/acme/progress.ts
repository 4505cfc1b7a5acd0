import { readFileSync, renameSync, writeFileSync } from 'node:fs';

/** What became of the last order of one certificate. Times are ms UTC. */
export interface Progress {
  running: boolean;
  step: string;
  error: string;
  failures: number;
  lastTry: number | null;
  nextTry: number | null;
}

const NONE: Progress = { running: false, step: '', error: '', failures: 0, lastTry: null, nextTry: null };

/** Beside the configuration and not in it: trying again is no change that anybody made. Survives restarts. */
export class ProgressFile {
  readonly #path: string;
  readonly #all: Map<number, Progress>;

  constructor(path: string) {
    this.#path = path;
    this.#all = read(path);
  }

  of = (id: number): Progress => this.#all.get(id) ?? NONE;

  set(id: number, change: Partial<Progress>): void {
    this.#all.set(id, { ...this.of(id), ...change });
    this.#save();
  }

  /** Forgets all but these. */
  keep(ids: ReadonlySet<number>): void {
    const gone = [...this.#all.keys()].filter(id => !ids.has(id));
    for (const id of gone) this.#all.delete(id);
    if (gone.length > 0) this.#save();
  }

  /** A loss costs only what is known of failures, so it must not end an order. */
  #save(): void {
    try {
      writeFileSync(`${this.#path}.next`, JSON.stringify([...this.#all]), { mode: 0o600 });
      renameSync(`${this.#path}.next`, this.#path);
    } catch {}
  }
}

function read(path: string): Map<number, Progress> {
  try {
    const all = JSON.parse(readFileSync(path, 'utf8')) as [number, Progress][];
    return new Map(all.map(([id, progress]) => [id, { ...NONE, ...progress }]));
  } catch {
    return new Map();
  }
}
