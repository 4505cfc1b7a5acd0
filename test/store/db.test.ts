import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import test from 'node:test';
import Database from 'better-sqlite3';
import { copiesIn, copyWhenDue, makeCopy } from '../../server/store/copies.ts';
import { integrity, openReadOnly, openStore } from '../../server/store/db.ts';
import { readConfig } from '../../server/store/objects.ts';
import { Revisions } from '../../server/store/revisions.ts';
import { folder, newStore, service } from './support.ts';

const NOW = 1_800_000_000_000;

test('opening again finds what was stored and changes nothing', t => {
  const { path, db, revisions } = newStore(t);
  revisions.commit(0, [{ op: 'create', kind: 'virtualService', value: service(1) }], 'ann', ['x'], NOW);
  const before = revisions.current();
  db.close();
  const again = openStore(path);
  t.after(() => again.close());
  assert.deepEqual(new Revisions(again).current(), before);
  assert.equal(integrity(again), undefined);
});

test('a commit is on the disk before it is answered: full synchronisation, write-ahead log', t => {
  const { db } = newStore(t);
  assert.equal(db.pragma('synchronous', { simple: true }), 2);
  assert.equal(db.pragma('journal_mode', { simple: true }), 'wal');
  assert.equal(db.pragma('foreign_keys', { simple: true }), 1);
});

/** A closed store of some size, all of it in the one file. */
function filledStore(path: string): Buffer {
  const db = openStore(path);
  const revisions = new Revisions(db);
  for (let n = 1; n <= 60; n++)
    revisions.commit(n - 1, [{ op: 'create', kind: 'virtualService', value: service(n) }], 'ann', ['x'], NOW);
  db.close();
  return readFileSync(path);
}

const damages: [name: string, damage: (file: Buffer) => Buffer][] = [
  ['its first page overwritten', file => Buffer.concat([Buffer.alloc(4096, 0x5a), file.subarray(4096)])],
  ['a page in the middle overwritten', file => overwritten(file, Math.floor(file.length / 8192) * 4096, 4096)],
  ['one table’s root page overwritten', file => overwritten(file, 4096, 2048)],
  ['cut off in the middle', file => file.subarray(0, Math.floor(file.length / 2))],
  [
    'replaced by text',
    () => Buffer.from('not a database at all, but longer than a header of a hundred bytes'.repeat(9)),
  ],
];

function overwritten(file: Buffer, from: number, length: number): Buffer {
  const copy = Buffer.from(file);
  copy.fill(0x5a, from, from + length);
  return copy;
}

for (const [name, damage] of damages)
  test(`a database with ${name} is not opened, and left as it is`, t => {
    const path = join(folder(t), 'config.db');
    const damaged = damage(filledStore(path));
    writeFileSync(path, damaged);
    assert.throws(() => openStore(path), Error);
    assert.ok(readFileSync(path).equals(damaged), 'the file is byte for byte as it was');
    assert.throws(() => openStore(path), Error, 'the next start refuses it too');
  });

test('an empty file in the place of the database is damage, not a first start', t => {
  const path = join(folder(t), 'config.db');
  filledStore(path);
  writeFileSync(path, '');
  assert.throws(() => openStore(path), Error);
  assert.equal(statSync(path).size, 0);
});

test('a database that has vanished is not made anew', t => {
  const path = join(folder(t), 'config.db');
  filledStore(path);
  rmSync(path);
  assert.throws(() => openStore(path), /gone/);
  assert.equal(existsSync(path), false);
  assert.throws(() => openReadOnly(path));
  assert.equal(existsSync(path), false, 'a reader makes no file either');
});

test('a sound database with nothing in it does not take the place of the lost one', t => {
  const path = join(folder(t), 'config.db');
  filledStore(path);
  rmSync(path);
  const other = new Database(path);
  other.exec('CREATE TABLE foreign_to_us (x)');
  other.close();
  const before = readFileSync(path);
  assert.throws(() => openStore(path), /no configuration/);
  assert.ok(readFileSync(path).equals(before));
});

test('a database of a newer version is not touched', t => {
  const { path, db } = newStore(t);
  db.pragma('user_version = 900');
  db.close();
  const before = readFileSync(path);
  assert.throws(() => openStore(path), /newer Ballast/);
  assert.ok(readFileSync(path).equals(before));
});

test('migrations are done all or none, after a copy', t => {
  const { path, db, revisions } = newStore(t);
  revisions.commit(0, [{ op: 'create', kind: 'virtualService', value: service(1) }], 'ann', ['x'], NOW);
  const before = revisions.current();
  db.close();
  const steps = folder(t);
  const step = (name: string, sql: string) => writeFileSync(join(steps, name), sql);
  const done = readdirSync(join(import.meta.dirname, '../../server/store/migrations'));
  for (const name of done) step(name, 'THIS ONE IS DONE');
  const numbered = (more: number) => String(done.length + more).padStart(3, '0');
  const [good, bad] = [`${numbered(1)}-more.sql`, `${numbered(2)}-broken.sql`];
  step(good, 'CREATE TABLE more (x INTEGER) STRICT;');
  step(bad, "UPDATE revision SET who = 'nobody'; THIS IS NOT SQL;");
  step('notes.txt', 'no step');
  assert.throws(() => openStore(path, steps), /syntax/);
  const tables = (from: string) => {
    const reader = openReadOnly(from);
    try {
      return reader.prepare("SELECT name FROM sqlite_schema WHERE name IN ('more', 'even')").pluck().all();
    } finally {
      reader.close();
    }
  };
  assert.deepEqual(tables(path), [], 'the good step before it is undone too');
  step(bad, 'CREATE TABLE even (x INTEGER) STRICT;');
  const migrated = openStore(path, steps);
  t.after(() => migrated.close());
  assert.deepEqual(tables(path).toSorted(), ['even', 'more']);
  assert.equal(migrated.pragma('user_version', { simple: true }), done.length + 2);
  assert.deepEqual(new Revisions(migrated).current(), before);
  const copies = readdirSync(dirname(path)).filter(name => name.includes(`.before-${good}-`));
  assert.ok(copies.length >= 1);
  for (const copy of copies) {
    assert.deepEqual(tables(join(dirname(path), copy)), []);
    const reader = openReadOnly(join(dirname(path), copy));
    assert.deepEqual(readConfig(reader), before);
    reader.close();
  }
});

test('a copy is a whole database of its own', t => {
  const { path, db, revisions } = newStore(t);
  revisions.commit(0, [{ op: 'create', kind: 'virtualService', value: service(1) }], 'ann', ['x'], NOW);
  const made = makeCopy(db, join(dirname(path), 'copies'), NOW);
  revisions.commit(1, [{ op: 'delete', kind: 'virtualService', id: 1 }], 'ann', ['x'], NOW);
  const copy = openReadOnly(made);
  t.after(() => copy.close());
  assert.equal(integrity(copy), undefined);
  assert.deepEqual(readConfig(copy), { revision: 1, config: { ...revisions.configAt(1) } });
});

test('the newest 48 copies are kept, and a copy left unfinished does not count', t => {
  const { path, db } = newStore(t);
  const copies = join(dirname(path), 'copies');
  const first = makeCopy(db, copies, NOW);
  const unfinished = `${join(copies, `config-${new Date(NOW + 3_600_000).toISOString().replaceAll(/[:.]/g, '-')}.db`)}.unfinished`;
  writeFileSync(unfinished, 'half');
  // Older ones need not be real to be counted.
  for (let n = 1; n <= 60; n++)
    writeFileSync(
      join(copies, `config-${new Date(NOW - n * 3_600_000).toISOString().replaceAll(/[:.]/g, '-')}.db`),
      '',
    );
  const second = makeCopy(db, copies, NOW + 3_600_000);
  const kept = copiesIn(copies);
  assert.equal(kept.length, 48);
  assert.equal(join(copies, kept[0] as string), second);
  assert.equal(join(copies, kept[1] as string), first);
  assert.equal(readdirSync(copies).length, 48, 'nothing else is left behind');
});

test('a copy is due when the newest is an hour old', t => {
  const { path, db } = newStore(t);
  const copies = join(dirname(path), 'copies');
  const now = Date.now();
  copyWhenDue(db, copies, now);
  copyWhenDue(db, copies, now + 3_590_000);
  assert.equal(copiesIn(copies).length, 1);
  copyWhenDue(db, copies, now + 3_700_000);
  assert.equal(copiesIn(copies).length, 2);
  assert.equal(statSync(join(copies, copiesIn(copies)[0] as string)).mode & 0o777, 0o600);
});

test('a copy that cannot be made is an error and leaves no copy', t => {
  const { path, db } = newStore(t);
  const place = join(dirname(path), 'copies');
  writeFileSync(place, 'a file where the folder should be');
  assert.throws(() => makeCopy(db, place, NOW));
  assert.equal(readFileSync(place, 'utf8'), 'a file where the folder should be');
});
