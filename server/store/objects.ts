import { type Config, emptyConfig, type Kind, kinds, type ObjectOf } from '../schema/config.ts';
import { fill, listOf } from '../schema/derive.ts';
import type { Db } from './db.ts';

/** The newest configuration and its revision, read in one transaction. Objects are in the order of their numbers. */
export function readConfig(db: Db): { revision: number; config: Config } {
  return db.transaction(() => {
    const rows = db.prepare('SELECT kind, body FROM object ORDER BY kind, id').all() as {
      kind: string;
      body: string;
    }[];
    const config: Config = { ...emptyConfig(), settings: [] };
    for (const row of rows)
      if (isKind(row.kind)) (listOf(config, row.kind) as ObjectOf[Kind][]).push(read(row.kind, row.body));
    if (config.settings.length === 0) config.settings = emptyConfig().settings;
    return { revision: headOf(db), config };
  })();
}

/** Number of the newest revision. */
export function headOf(db: Db): number {
  return (db.prepare('SELECT max(number) AS head FROM revision').get() as { head: number }).head;
}

/** A stored object; properties younger than it get their defaults. */
export function read(kind: Kind, body: string): ObjectOf[Kind] {
  return fill(kind, JSON.parse(body));
}

const isKind = (kind: string): kind is Kind => kind in kinds;
