import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';

export type Db = Database.Database;

const MIGRATIONS = join(import.meta.dirname, 'migrations');

/**
 * Opens the store for its only writer, makes it on the very first start, and brings it up to date. Throws when the
 * file is damaged, or gone although it was there before: an empty database never takes the place of a lost one.
 */
export function openStore(path: string): Db {
  const folder = dirname(path);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  // Left behind at the first start, so that a database that has vanished is noticed.
  const marker = join(folder, 'made-here');
  if (existsSync(marker) && !existsSync(path)) throw new Error('the file is gone');
  // SQLite would take an empty file for a new database.
  if (existsSync(marker) && statSync(path).size === 0) throw new Error('the file is empty');
  const db = new Database(path);
  try {
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = FULL');
    db.pragma('foreign_keys = ON');
    db.pragma('busy_timeout = 5000');
    const verdict = integrity(db);
    if (verdict) throw new Error(verdict);
    migrate(db, path);
    writeFileSync(marker, 'A database was made in this folder. Without this file a missing one would be made anew.\n', {
      mode: 0o600,
      flush: true,
    });
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Opens the store for reading only; throws when there is none. */
export function openReadOnly(path: string): Db {
  return new Database(path, { readonly: true, fileMustExist: true, timeout: 2_000 });
}

/** Undefined when every page is sound, else SQLite's first complaint. */
export function integrity(db: Db): string | undefined {
  const rows = db.pragma('integrity_check(1)') as { integrity_check: string }[];
  const first = rows[0]?.integrity_check;
  return first === 'ok' ? undefined : (first ?? 'no answer');
}

/** Forward only; each in a transaction of its own; a copy of the whole file is made before the first. */
function migrate(db: Db, path: string): void {
  const files = readdirSync(MIGRATIONS)
    .filter(name => /^\d{3}-.*\.sql$/.test(name))
    .sort();
  const now = db.pragma('user_version', { simple: true }) as number;
  const due = files.filter(name => Number.parseInt(name, 10) > now);
  if (due.length > 0 && now > 0) db.prepare('VACUUM INTO ?').run(`${path}.before-${due[0]}-${Date.now()}`);
  for (const name of due) {
    db.transaction(() => {
      db.exec(readFileSync(join(MIGRATIONS, name), 'utf8'));
      db.pragma(`user_version = ${Number.parseInt(name, 10)}`);
    })();
  }
}
