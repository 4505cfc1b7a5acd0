import { chmodSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Db, integrity, openReadOnly } from './db.ts';

const KEPT = 48;
const HOUR = 3_600_000;

/** Makes a copy unless the newest is younger than an hour: an API that is started often has copies too. */
export function copyWhenDue(db: Db, folder: string, time: number): void {
  const newest = existsSync(folder) && copiesIn(folder)[0];
  const age = newest ? time - statSync(join(folder, newest)).mtimeMs : HOUR;
  // A clock that was set back must not stop the copies.
  if (age >= HOUR || age < 0) makeCopy(db, folder, time);
}

/**
 * Writes a whole, verified copy of the database as `config-<time>.db` and removes all but the newest 48.
 * A copy gets its name only when it has been read back. Returns its path; throws when it cannot be made.
 */
export function makeCopy(db: Db, folder: string, time: number): string {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const name = `config-${new Date(time).toISOString().replaceAll(/[:.]/g, '-')}.db`;
  const path = join(folder, name);
  const unfinished = `${path}.unfinished`;
  if (existsSync(unfinished)) rmSync(unfinished);
  db.prepare('VACUUM INTO ?').run(unfinished);
  chmodSync(unfinished, 0o600);
  const copy = openReadOnly(unfinished);
  const verdict = integrity(copy);
  copy.close();
  if (verdict) throw new Error(`the copy is damaged: ${verdict}`);
  renameSync(unfinished, path);
  for (const old of copiesIn(folder).slice(KEPT)) rmSync(join(folder, old));
  return path;
}

/** Names of the copies, newest first. */
export function copiesIn(folder: string): string[] {
  return readdirSync(folder)
    .filter(file => /^config-.*\.db$/.test(file))
    .sort()
    .reverse();
}
