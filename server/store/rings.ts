import { existsSync, renameSync, rmSync } from 'node:fs';
import Database from 'better-sqlite3';

/** Periods that are kept together in one row: a year of days is read as 24 rows, and one more value rewrites little. */
export const CHUNK = 16;

/** So many periods of one object at one step, in the order of time; chunk n begins with period n × CHUNK. */
export interface Chunk {
  key: string;
  /** Milliseconds of a period. */
  step: number;
  chunk: number;
  data: Float32Array;
}

/**
 * Rings of numbers on disk: of each object and step so many chunks, the newest in the place of the oldest, so that the
 * file does not grow with time. What is lost at a loss of power is what was written in the last moments; a file that
 * cannot be read is put aside and a new one begun.
 */
export class Rings {
  readonly #path: string;
  readonly #sizes: ReadonlyMap<number, number>;
  #db: Database.Database;
  #ids = new Map<string, number>();

  /** `sizes`: how many chunks each step has. */
  constructor(path: string, sizes: ReadonlyMap<number, number>) {
    this.#path = path;
    this.#sizes = sizes;
    this.#db = this.#open();
  }

  /** All of them or none. Throws when the disk takes nothing more. */
  write(chunks: readonly Chunk[]): void {
    this.#guarded(() => {
      const put = this.#db.prepare(
        'INSERT OR REPLACE INTO ring (object, step, slot, chunk, data) VALUES (?, ?, ?, ?, ?)',
      );
      this.#db.transaction(() => {
        for (const { key, step, chunk, data } of chunks)
          put.run(this.#idOf(key), step, chunk % (this.#sizes.get(step) ?? 1), chunk, bytesOf(data));
      })();
    });
  }

  /** The chunks from `first` to `last`, in the order of time. */
  read(key: string, step: number, first: number, last: number): { chunk: number; data: Float32Array }[] {
    const id = this.#ids.get(key);
    if (id === undefined) return [];
    const rows = this.#guarded(() =>
      this.#db
        .prepare('SELECT chunk, data FROM ring WHERE object = ? AND step = ? AND chunk BETWEEN ? AND ?')
        .all(id, step, first, last),
    ) as { chunk: number; data: Buffer }[];
    return rows.map(({ chunk, data }) => ({ chunk, data: numbersOf(data) })).sort((a, b) => a.chunk - b.chunk);
  }

  /** Of every object its chunk of that number. */
  readAll(step: number, chunk: number): Map<string, Float32Array> {
    const rows = this.#guarded(() =>
      this.#db
        .prepare('SELECT key, data FROM ring JOIN object ON id = object WHERE step = ? AND chunk = ?')
        .all(step, chunk),
    ) as { key: string; data: Buffer }[];
    return new Map(rows.map(({ key, data }) => [key, numbersOf(data)]));
  }

  keys = (): string[] => [...this.#ids.keys()];

  /** Frees the places of these objects for others. */
  forget(keys: readonly string[]): void {
    this.#guarded(() =>
      this.#db.transaction(() => {
        for (const key of keys) {
          this.#db.prepare('DELETE FROM ring WHERE object = ?').run(this.#ids.get(key) ?? 0);
          this.#db.prepare('DELETE FROM object WHERE key = ?').run(key);
          this.#ids.delete(key);
        }
      })(),
    );
  }

  close(): void {
    this.#db.close();
  }

  #idOf(key: string): number {
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    const id = Number(this.#db.prepare('INSERT INTO object (key) VALUES (?)').run(key).lastInsertRowid);
    this.#ids.set(key, id);
    return id;
  }

  #open(): Database.Database {
    try {
      return this.#prepared();
    } catch {
      this.#putAside();
      return this.#prepared();
    }
  }

  #prepared(): Database.Database {
    const db = new Database(this.#path);
    try {
      db.pragma('journal_mode = WAL');
      // A loss of power may cost the last minute; a commit need not wait for the disk.
      db.pragma('synchronous = NORMAL');
      db.exec(`
        CREATE TABLE IF NOT EXISTS object (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE) STRICT;
        CREATE TABLE IF NOT EXISTS ring (
          object INTEGER NOT NULL, step INTEGER NOT NULL, slot INTEGER NOT NULL, chunk INTEGER NOT NULL,
          data BLOB NOT NULL, PRIMARY KEY (object, step, slot)
        ) STRICT, WITHOUT ROWID;
      `);
      const known = db.prepare('SELECT key, id FROM object').raw().all() as [string, number][];
      this.#ids = new Map(known);
      return db;
    } catch (error) {
      db.close();
      throw error;
    }
  }

  /** Damage that shows only later: the file is put aside, and what was asked is done with a new one. */
  #guarded<T>(act: () => T): T {
    try {
      return act();
    } catch (error) {
      if (!/^SQLITE_(?:CORRUPT|NOTADB)/.test(String((error as { code?: string }).code))) throw error;
      this.#db.close();
      this.#putAside();
      this.#db = this.#prepared();
      return act();
    }
  }

  #putAside(): void {
    for (const end of ['-wal', '-shm']) rmSync(`${this.#path}${end}`, { force: true });
    if (existsSync(this.#path)) renameSync(this.#path, `${this.#path}.damaged`);
  }
}

const bytesOf = (data: Float32Array) => Buffer.from(data.buffer, data.byteOffset, data.byteLength);

/** Copied: the bytes of SQLite need not begin where numbers may. */
const numbersOf = (bytes: Buffer) => new Float32Array(Uint8Array.from(bytes).buffer);
