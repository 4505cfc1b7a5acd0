import { type Config, type Edit, type Kind, kinds, type ObjectOf } from '../schema/config.ts';
import { edited, listOf } from '../schema/derive.ts';
import type { RevisionSummary } from '../schema/endpoints.ts';
import { Fault } from '../schema/faults.ts';
import type { Db } from './db.ts';
import { headOf, read, readConfig } from './objects.ts';

export interface Change {
  kind: Kind;
  id: number;
  before?: ObjectOf[Kind];
  after?: ObjectOf[Kind];
}

interface ChangeRow {
  kind: Kind;
  id: number;
  before: string | null;
  after: string | null;
}

/** How much history is kept; what is older goes. Rows of changes are counted because one revision may have thousands. */
export interface Keep {
  revisions: number;
  changes: number;
}

const KEEP: Keep = { revisions: 5_000, changes: 50_000 };

/** The configuration's history. Every change goes through commit(); nothing else writes objects. */
export class Revisions {
  readonly #db: Db;
  #read: { revision: number; config: Config } | undefined;

  constructor(db: Db) {
    this.#db = db;
  }

  get head(): number {
    return headOf(this.#db);
  }

  /** The newest configuration. Everybody who asks between two revisions gets the same one: it is not to be changed. */
  current(): { revision: number; config: Config } {
    if (this.#read?.revision !== this.head) this.#read = frozen(readConfig(this.#db));
    return this.#read as { revision: number; config: Config };
  }

  /** Numbers for `count` new objects of a kind; given once, even if they are not used. */
  reserve(kind: Kind, count: number): number[] {
    const row = this.#db
      .prepare(
        `INSERT INTO counter (kind, last) VALUES (@kind, @count)
         ON CONFLICT (kind) DO UPDATE SET last = last + @count RETURNING last`,
      )
      .get({ kind, count }) as { last: number };
    return Array.from({ length: count }, (_, i) => row.last - count + 1 + i);
  }

  /**
   * Stores edits as one revision: all of it or nothing. Throws REVISION_MOVED unless `base` is still the newest.
   * Returns the new revision's number. `along` is done in the same transaction.
   */
  commit(
    base: number,
    edits: readonly Edit[],
    who: string,
    words: readonly string[],
    time: number,
    along?: () => void,
  ): number {
    const db = this.#db;
    const change = db.prepare(
      'INSERT INTO change (revision, position, kind, id, before, after) VALUES (?, ?, ?, ?, ?, ?)',
    );
    const get = db.prepare('SELECT body FROM object WHERE kind = ? AND id = ?').pluck();
    const put = db.prepare(
      'INSERT INTO object (kind, id, body) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET body = excluded.body',
    );
    const remove = db.prepare('DELETE FROM object WHERE kind = ? AND id = ?');
    // An import brings numbers of its own: none of them is given again.
    const count = db.prepare(
      'INSERT INTO counter (kind, last) VALUES (?, ?) ON CONFLICT DO UPDATE SET last = max(last, excluded.last)',
    );
    return db
      .transaction(() => {
        const head = headOf(db);
        if (head !== base) throw new Fault('REVISION_MOVED', { base, head });
        const revision = head + 1;
        db.prepare('INSERT INTO revision (number, time, who, words) VALUES (?, ?, ?, ?)').run(
          revision,
          time,
          who,
          JSON.stringify(words),
        );
        for (const [position, edit] of edits.entries()) {
          const id = edit.op === 'create' ? edit.value.id : edit.id;
          const before = (get.get(edit.kind, id) as string | undefined) ?? null;
          const after = edit.op === 'delete' ? null : JSON.stringify(edit.value);
          if (after === null) remove.run(edit.kind, id);
          else put.run(edit.kind, id, after);
          if (edit.op === 'create') count.run(edit.kind, id);
          change.run(revision, position, edit.kind, id, before, after);
        }
        along?.();
        return revision;
      })
      .immediate();
  }

  /** What became of a revision. One that is in effect has brought those before it, whose end nobody heard, into effect. */
  setOutcome(revision: number, outcome: 'applied' | 'refused'): void {
    this.#db.prepare('UPDATE revision SET outcome = ? WHERE number = ?').run(outcome, revision);
    if (outcome === 'applied')
      this.#db
        .prepare("UPDATE revision SET outcome = 'applied' WHERE number < ? AND outcome = 'unknown'")
        .run(revision);
  }

  /** Forgets the oldest history beyond what is kept; the configuration itself is not touched. */
  prune(keep: Keep = KEEP): void {
    const db = this.#db;
    db.transaction(() => {
      const byCount = this.head - keep.revisions + 1;
      // The revision of the first row beyond those kept goes whole, unless it is the newest.
      const beyond = db
        .prepare('SELECT revision FROM change ORDER BY revision DESC, position DESC LIMIT 1 OFFSET ?')
        .pluck()
        .get(keep.changes) as number | undefined;
      const first = Math.min(Math.max(byCount, (beyond ?? -1) + 1), this.head);
      db.prepare('DELETE FROM change WHERE revision < ?').run(first);
      db.prepare('DELETE FROM revision WHERE number < ?').run(first);
    }).immediate();
  }

  /** Newest first, below `before`. */
  list(before: number, limit: number): RevisionSummary[] {
    const rows = this.#db
      .prepare('SELECT number, time, who, words, outcome FROM revision WHERE number < ? ORDER BY number DESC LIMIT ?')
      .all(before, limit) as {
      number: number;
      time: number;
      who: string;
      words: string;
      outcome: RevisionSummary['outcome'];
    }[];
    return rows.map(({ number, words, ...rest }) => ({
      ...rest,
      revision: number,
      words: JSON.parse(words) as string[],
    }));
  }

  /** What one revision changed, in the order it was done. */
  changes(revision: number): Change[] {
    return this.#rows('revision = ? ORDER BY position', revision).map(changeOf);
  }

  /** Everything that was ever changed of these kinds, as far back as history goes. */
  changesOf(kinds: readonly Kind[]): Change[] {
    return this.#rows(`kind IN (${kinds.map(() => '?').join()})`, ...kinds).map(changeOf);
  }

  /** The tree as it was right after a revision: the journal is walked back from today. */
  configAt(revision: number): Config {
    return this.#db.transaction(() => {
      const undo = this.#rows('revision > ? ORDER BY revision DESC, position DESC', revision).map((row): Edit => {
        const { kind, id } = row;
        if (row.before === null) return { op: 'delete', kind, id };
        const value = read(kind, row.before);
        return row.after === null ? { op: 'create', kind, value } : { op: 'replace', kind, id, value };
      });
      return inOrder(edited(readConfig(this.#db).config, undo));
    })();
  }

  #rows(where: string, ...values: (string | number)[]): ChangeRow[] {
    return this.#db.prepare(`SELECT kind, id, before, after FROM change WHERE ${where}`).all(...values) as ChangeRow[];
  }
}

const changeOf = ({ kind, id, before, after }: ChangeRow): Change => ({
  kind,
  id,
  ...(before !== null && { before: read(kind, before) }),
  ...(after !== null && { after: read(kind, after) }),
});

/** Lists in the order of numbers, as they are read from the store: what was deleted comes back in its old place. */
function inOrder(config: Config): Config {
  const lists = (Object.keys(kinds) as Kind[]).map(kind => [
    kinds[kind].list,
    listOf(config, kind).toSorted((a, b) => a.id - b.id),
  ]);
  return Object.fromEntries(lists) as unknown as Config;
}

function frozen<T extends { config: Config }>(read: T): T {
  for (const list of Object.values(read.config) as object[][]) {
    for (const object of list) Object.freeze(object);
    Object.freeze(list);
  }
  return read;
}
