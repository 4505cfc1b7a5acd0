import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Db, integrity, openReadOnly } from './db.ts';

const KEPT = 48;

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
