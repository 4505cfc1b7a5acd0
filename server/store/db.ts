import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';

export type Db = Database.Database;

const MIGRATIONS = join(import.meta.dirname, 'migrations');

/**
 * Opens the store for its only writer, makes it on the very first start, and brings it up to date. Throws when the
 * file is damaged, or gone or emptied although it was there before: an empty database never takes the place of a
 * lost one. `migrations` is the folder of the steps; tests have their own.
 */
export function openStore(path: string, migrations = MIGRATIONS): Db {
  const folder = dirname(path);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  // Left behind at the first start, so that a database that has vanished is noticed.
  const marker = join(folder, 'made-here');
  if (existsSync(marker) && !existsSync(path)) throw new Error('the file is gone');
  // SQLite would take an empty file for a new database.
  if (existsSync(marker) && statSync(path).size === 0) throw new Error('the file is empty');
  const db = new Database(path);
  try {
    // Before anything is written.
    if (existsSync(marker) && version(db) === 0) throw new Error('there is no configuration in it');
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = FULL');
    db.pragma('foreign_keys = ON');
    db.pragma('busy_timeout = 5000');
    const verdict = integrity(db);
    if (verdict) throw new Error(verdict);
    migrate(db, path, migrations);
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

const version = (db: Db) => db.pragma('user_version', { simple: true }) as number;

/** Forward only, all that are due in one transaction; a copy of the whole file is made before. */
function migrate(db: Db, path: string, folder: string): void {
  const steps = readdirSync(folder)
    .filter(name => /^\d{3}-.*\.sql$/.test(name))
    .sort()
    .map(name => ({ name, number: Number.parseInt(name, 10) }));
  const now = version(db);
  const newest = steps.at(-1)?.number ?? 0;
  if (now > newest) throw new Error(`it was written by a newer Ballast (version ${now}, this one knows ${newest})`);
  const due = steps.filter(step => step.number > now);
  if (due.length === 0) return;
  if (now > 0) db.prepare('VACUUM INTO ?').run(`${path}.before-${due[0]?.name}-${Date.now()}`);
  db.transaction(() => {
    for (const { name } of due) db.exec(readFileSync(join(folder, name), 'utf8'));
    db.pragma(`user_version = ${newest}`);
  })();
}
