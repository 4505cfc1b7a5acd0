import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { type Config, type Edit, emptyConfig, type Kind } from '../../server/schema/config.ts';
import { edited, editsBetween, fill, listOf } from '../../server/schema/derive.ts';
import { Fault } from '../../server/schema/faults.ts';
import { openReadOnly, openStore } from '../../server/store/db.ts';
import { readConfig } from '../../server/store/objects.ts';
import { Revisions } from '../../server/store/revisions.ts';
import { newStore, server, service } from './support.ts';

const NOW = 1_800_000_000_000;

test('a new store is the empty appliance at revision 0', t => {
  const { revisions } = newStore(t);
  assert.deepEqual(revisions.current(), { revision: 0, config: emptyConfig() });
  assert.equal(revisions.head, 0);
  assert.deepEqual(
    revisions
      .list(Number.MAX_SAFE_INTEGER, 10)
      .map(({ revision, who, words, outcome }) => ({ revision, who, words, outcome })),
    [{ revision: 0, who: 'ballast', words: ['Empty appliance'], outcome: 'applied' }],
  );
});

test('a commit stores every edit and tells both sides of each', t => {
  const { revisions } = newStore(t);
  const first = service(1);
  const second = server(1, 1);
  assert.equal(
    revisions.commit(
      0,
      [
        { op: 'create', kind: 'virtualService', value: first },
        { op: 'create', kind: 'realServer', value: second },
      ],
      'ann',
      ['Added it'],
      NOW,
    ),
    1,
  );
  const renamed = { ...first, name: 'web' };
  revisions.commit(
    1,
    [
      { op: 'replace', kind: 'virtualService', id: 1, value: renamed },
      { op: 'delete', kind: 'realServer', id: 1 },
    ],
    'bob',
    ['Renamed it', 'Deleted its server'],
    NOW + 1,
  );
  assert.deepEqual(revisions.current(), {
    revision: 2,
    config: { ...emptyConfig(), virtualServices: [renamed] },
  });
  assert.deepEqual(revisions.changes(1), [
    { kind: 'virtualService', id: 1, after: first },
    { kind: 'realServer', id: 1, after: second },
  ]);
  assert.deepEqual(revisions.changes(2), [
    { kind: 'virtualService', id: 1, before: first, after: renamed },
    { kind: 'realServer', id: 1, before: second },
  ]);
  revisions.setOutcome(2, 'refused');
  assert.deepEqual(revisions.list(3, 2), [
    { revision: 2, time: NOW + 1, who: 'bob', words: ['Renamed it', 'Deleted its server'], outcome: 'refused' },
    { revision: 1, time: NOW, who: 'ann', words: ['Added it'], outcome: 'unknown' },
  ]);
  assert.deepEqual(
    revisions.list(2, 1).map(r => r.revision),
    [1],
  );
});

test('a commit from an older revision is refused and stores nothing', t => {
  const { revisions } = newStore(t);
  revisions.commit(0, [{ op: 'create', kind: 'virtualService', value: service(1) }], 'ann', ['One'], NOW);
  const before = revisions.current();
  assert.throws(
    () => revisions.commit(0, [{ op: 'create', kind: 'virtualService', value: service(2) }], 'bob', ['Two'], NOW),
    (error: unknown) =>
      error instanceof Fault && error.code === 'REVISION_MOVED' && error.facts.base === 0 && error.facts.head === 1,
  );
  assert.deepEqual(revisions.current(), before);
  assert.equal(revisions.list(100, 100).length, 2);
});

test('an edit that cannot be stored takes the whole commit with it', t => {
  const { revisions } = newStore(t);
  const broken = { op: 'create', kind: 'realServer', value: { ...server(1, 1), id: undefined } } as unknown as Edit;
  assert.throws(() =>
    revisions.commit(0, [{ op: 'create', kind: 'virtualService', value: service(1) }, broken], 'ann', ['x'], NOW),
  );
  assert.deepEqual(revisions.current(), { revision: 0, config: emptyConfig() });
  assert.deepEqual(revisions.changes(1), []);
});

test('numbers are given once: not again after a delete, a failed commit or a new start', t => {
  const { path, db, revisions } = newStore(t);
  assert.deepEqual(revisions.reserve('virtualService', 1), [1]);
  assert.deepEqual(revisions.reserve('virtualService', 3), [2, 3, 4]);
  assert.deepEqual(revisions.reserve('realServer', 2), [1, 2], 'each kind counts for itself');
  revisions.commit(0, [{ op: 'create', kind: 'virtualService', value: service(4) }], 'ann', ['x'], NOW);
  revisions.commit(1, [{ op: 'delete', kind: 'virtualService', id: 4 }], 'ann', ['x'], NOW);
  db.close();
  const again = openStore(path);
  t.after(() => again.close());
  assert.deepEqual(new Revisions(again).reserve('virtualService', 1), [5]);
});

test('an object older than a property gets its default; what it has is kept', t => {
  const { db, revisions } = newStore(t);
  const { checkRetries, idleTimeout: _, ...older } = service(1, { checkRetries: 7 });
  db.prepare('INSERT INTO object (kind, id, body) VALUES (?, ?, ?)').run(
    'virtualService',
    1,
    JSON.stringify({ ...older, checkRetries }),
  );
  const [read] = revisions.current().config.virtualServices;
  assert.equal(read?.checkRetries, 7);
  assert.equal(read?.idleTimeout, 0);
});

test('a reader in another connection sees whole revisions while the writer writes', t => {
  const { path, revisions } = newStore(t);
  const reader = openReadOnly(path);
  t.after(() => reader.close());
  for (let n = 1; n <= 20; n++) {
    revisions.commit(
      n - 1,
      [
        { op: 'create', kind: 'virtualService', value: service(n) },
        { op: 'create', kind: 'realServer', value: server(n, n) },
      ],
      'ann',
      ['x'],
      NOW,
    );
    const seen = readConfig(reader);
    assert.equal(seen.revision, n);
    assert.equal(seen.config.virtualServices.length, n);
    assert.equal(seen.config.realServers.length, n);
  }
  assert.throws(() => reader.prepare('DELETE FROM object').run(), /readonly/);
});

test('a reader inside its transaction keeps its revision while a newer one is committed', t => {
  const { path, revisions } = newStore(t);
  const reader = openReadOnly(path);
  t.after(() => reader.close());
  reader.transaction(() => {
    const before = readConfig(reader);
    revisions.commit(0, [{ op: 'create', kind: 'virtualService', value: service(1) }], 'ann', ['x'], NOW);
    assert.deepEqual(readConfig(reader), before);
  })();
  assert.equal(readConfig(reader).revision, 1);
});

/** What a step of a random history does; numbers pick from what is there. */
interface Step {
  op: 'create' | 'replace' | 'delete';
  kind: Kind;
  pick: number;
  text: string;
}

const step: fc.Arbitrary<Step> = fc.record({
  op: fc.constantFrom('create', 'create', 'replace', 'delete'),
  kind: fc.constantFrom('virtualService', 'realServer', 'certificate'),
  pick: fc.nat(1000),
  text: fc.string({ unit: 'grapheme', maxLength: 12 }),
});

/** The edit a step means for a tree; undefined when there is nothing to change. */
function editOf({ op, kind, pick, text }: Step, config: Config, revisions: Revisions): Edit | undefined {
  if (op === 'create') {
    const [id = 0] = revisions.reserve(kind, 1);
    if (kind === 'certificate') return { op, kind, value: fill('certificate', { id, name: text, key: text }) };
    return { op, kind, value: kind === 'virtualService' ? service(id, { name: text }) : server(id, pick) };
  }
  const list = listOf(config, kind);
  const target = list[pick % Math.max(1, list.length)];
  if (!target) return undefined;
  if (op === 'delete') return { op, kind, id: target.id };
  return {
    op,
    kind,
    id: target.id,
    value: { ...target, ...(kind === 'realServer' ? { weight: pick } : { name: text }) },
  };
}

test('configAt() walks back to every tree there ever was, and the way there can be committed', t => {
  const { revisions } = newStore(t);
  const trees = [emptyConfig()];
  fc.assert(
    fc.property(
      fc.array(fc.array(step, { minLength: 1, maxLength: 6 }), { maxLength: 8 }),
      fc.nat(1000),
      (commits, back) => {
        for (const steps of commits) {
          const base = revisions.current();
          let config = base.config;
          const edits: Edit[] = [];
          for (const one of steps) {
            const edit = editOf(one, config, revisions);
            if (!edit) continue;
            edits.push(edit);
            config = edited(config, [edit]);
          }
          trees.push(config);
          assert.equal(revisions.commit(base.revision, edits, 'ann', ['x'], NOW), trees.length - 1);
        }
        assert.deepEqual(revisions.current().config, trees.at(-1));
        const to = back % trees.length;
        assert.deepEqual(revisions.configAt(to), trees[to]);
        const edits = editsBetween(revisions.current().config, revisions.configAt(to));
        revisions.commit(revisions.head, edits, 'ann', ['back'], NOW);
        trees.push(trees[to] as Config);
        assert.deepEqual(revisions.current().config, trees[to]);
      },
    ),
    { numRuns: 15 },
  );
  for (const [at, tree] of trees.entries()) assert.deepEqual(revisions.configAt(at), tree, `revision ${at}`);
});

test('a revision in effect settles those before it whose end nobody heard', t => {
  const { revisions } = newStore(t);
  for (let n = 1; n <= 3; n++)
    revisions.commit(n - 1, [{ op: 'create', kind: 'virtualService', value: service(n) }], 'ann', ['x'], NOW);
  const outcomes = () => revisions.list(4, 3).map(({ outcome }) => outcome);
  revisions.setOutcome(1, 'refused');
  revisions.setOutcome(3, 'refused');
  assert.deepEqual(outcomes(), ['refused', 'unknown', 'refused']);
  revisions.setOutcome(3, 'applied');
  assert.deepEqual(outcomes(), ['applied', 'applied', 'refused']);
});

/** A store with revisions 1 to 20; each adds a service with two servers and so has three changes. */
function longHistory(t: Parameters<typeof newStore>[0]) {
  const { revisions } = newStore(t);
  const trees = [emptyConfig()];
  for (let n = 1; n <= 20; n++) {
    revisions.commit(
      n - 1,
      [
        { op: 'create', kind: 'virtualService', value: service(n) },
        { op: 'create', kind: 'realServer', value: server(2 * n - 1, n) },
        { op: 'create', kind: 'realServer', value: server(2 * n, n, { port: 1 }) },
      ],
      'ann',
      [`step ${n}`],
      NOW,
    );
    trees.push(revisions.current().config);
  }
  const kept = () =>
    revisions
      .list(1000, 1000)
      .map(({ revision }) => revision)
      .toReversed();
  return { revisions, trees, kept };
}

const from = (first: number) => Array.from({ length: 21 - first }, (_, i) => first + i);

test('old history goes, by the count of revisions or of changes; what is kept is whole', t => {
  const { revisions, trees, kept } = longHistory(t);
  revisions.prune();
  assert.deepEqual(kept(), from(0), 'a short history is kept whole');
  revisions.prune({ revisions: 15, changes: 1000 });
  assert.deepEqual(kept(), from(6));
  revisions.prune({ revisions: 1000, changes: 31 });
  assert.deepEqual(kept(), from(11), 'ten whole revisions of three changes, not the eleventh in part');
  for (const n of from(11)) {
    assert.deepEqual(revisions.configAt(n), trees[n], `revision ${n}`);
    assert.equal(revisions.changes(n).length, 3);
  }
  assert.deepEqual(revisions.changes(10), []);
  revisions.prune({ revisions: 1, changes: 1 });
  assert.deepEqual(kept(), [20], 'the newest stays, however large it is');
  assert.deepEqual(revisions.current(), { revision: 20, config: trees[20] });
  assert.equal(
    revisions.commit(20, [{ op: 'delete', kind: 'virtualService', id: 1 }], 'ann', ['x'], NOW),
    21,
    'numbers go on',
  );
});
