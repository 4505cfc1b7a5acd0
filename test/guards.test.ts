import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { goldenCases } from '../scripts/golden-cases.ts';
import { filesIn, root } from '../scripts/source-files.ts';
import { type Kind, kinds } from '../server/schema/config.ts';
import { plainKinds } from '../server/schema/crud.ts';
import { listOf } from '../server/schema/derive.ts';
import { type Endpoint, endpoints } from '../server/schema/endpoints.ts';
import { faults } from '../server/schema/faults.ts';
import { type FieldMeta, metaOf } from '../server/schema/fields.ts';

/** What no type can hold in place: rules about the schema and the sources as a whole. */

const textOf = (path: string) => readFileSync(join(root, path), 'utf8');
const sources = (folders: string[]) => filesIn(folders, ['.ts', '.tsx']).map(path => ({ path, text: textOf(path) }));

const properties: { kind: Kind; name: string; at: string; meta: FieldMeta }[] = (Object.keys(kinds) as Kind[]).flatMap(
  kind =>
    Object.entries(kinds[kind].schema.properties as Record<string, object>).map(([name, schema]) => ({
      kind,
      name,
      at: `${kind}.${name}`,
      meta: metaOf(schema),
    })),
);

/** Those that appear more than once. */
const repeated = (values: string[]) => values.filter((value, at) => values.indexOf(value) !== at);

test('there is a schema to look at', () => {
  assert.ok(properties.length > 40);
});

for (const { at, meta } of properties)
  test(`${at} has a label, a group and a help that is a short sentence`, () => {
    assert.match(meta.label, /^[A-Z]/, 'a label begins with a capital');
    assert.doesNotMatch(meta.label, /[.:]$/, 'a label has no full stop');
    assert.ok(meta.label.length <= 40, 'a label fits beside its control');
    assert.ok(meta.group, 'a group');
    assert.match(meta.help, /^[A-Z0-9].*\.$/s, 'help is a sentence');
    assert.ok(meta.help.length <= 160, `help is ${meta.help.length} characters long`);
  });

for (const kind of Object.keys(kinds) as Kind[]) {
  const own = properties.filter(p => p.kind === kind);
  test(`${kind}: labels and wire names are unique`, () => {
    assert.deepEqual(repeated(own.map(p => p.meta.label)), []);
    assert.deepEqual(repeated(own.flatMap(p => p.meta.compat ?? [])), []);
  });
}

for (const { at, meta } of properties.filter(p => p.meta.kind === 'choice'))
  test(`${at}: values, labels and wire values of the choice are unique, its default is one of them`, () => {
    const options = meta.options ?? [];
    assert.ok(options.length > 0);
    assert.deepEqual(repeated(options.map(o => String(o.value))), []);
    assert.deepEqual(repeated(options.map(o => o.label)), []);
    assert.deepEqual(repeated(options.flatMap(o => o.compat ?? [])), []);
  });

for (const kind of Object.keys(kinds) as Kind[])
  for (const [name, schema] of Object.entries(kinds[kind].schema.properties as Record<string, Schema>))
    if (schema.default !== undefined)
      test(`${kind}.${name}: the default is a value the schema allows`, () => {
        const { default: value, enum: allowed, minimum, maximum, minLength, maxLength, pattern } = schema;
        if (allowed) assert.ok(allowed.includes(value as string | number));
        if (typeof value === 'number') assert.ok(value >= (minimum ?? value) && value <= (maximum ?? value));
        if (typeof value !== 'string') return;
        assert.ok(value.length >= (minLength ?? 0) && value.length <= (maxLength ?? Number.POSITIVE_INFINITY));
        if (pattern) assert.match(value, new RegExp(pattern, 'u'));
      });

/** Properties that leave no trace in an engine's files, with the reason. */
const untraced: Record<string, string> = {
  'virtualService.name': 'what people call it never reaches an engine',
  'virtualService.protocol': 'has one value so far',
};

test('every property with a default has another value in some golden', () => {
  const cases = goldenCases();
  const never = properties.filter(({ kind, name, at }) => {
    const { default: usual } = (kinds[kind].schema.properties as Record<string, Schema>)[name] ?? {};
    if (usual === undefined || kind === 'certificate' || at in untraced) return false;
    const configs = cases.flatMap(({ config, after }) => [config, ...(after ? [after] : [])]);
    const values = configs.flatMap(config =>
      listOf(config, kind).map(o => (o as unknown as Record<string, unknown>)[name]),
    );
    return values.every(value => JSON.stringify(value) === JSON.stringify(usual));
  });
  assert.deepEqual(
    never.map(p => p.at),
    [],
  );
});

interface Schema {
  default?: unknown;
  enum?: (string | number)[];
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  pattern?: string;
}

test('every kind of field has a control', () => {
  const { text } = sources(['web/src/form']).find(s => /export const controls\b/.test(s.text)) ?? {};
  assert.ok(text, 'web/src/form exports `controls`');
  const table = text.slice(text.search(/export const controls\b/));
  // A secret has a control of its own page (certificates); a number given by Ballast has none.
  const drawn = [...new Set(properties.map(p => p.meta.kind))].filter(kind => kind !== 'id' && kind !== 'secret');
  assert.deepEqual(
    drawn.filter(kind => !new RegExp(`^\\s+${kind}\\b\\s*[:,(]`, 'm').test(table)),
    [],
  );
});

test('every fault of the table is raised somewhere, and every one raised is in the table', () => {
  const raised = new Set<string>();
  for (const { path, text } of sources(['server']))
    if (path !== 'server/schema/faults.ts')
      // Also where a code is handed on before it becomes a fault: `code: 'KEY_WEAK'`, `refuse('KEY_WEAK', …)`.
      for (const [, code = ''] of text.matchAll(/\b(?:new Fault|faultOf|refuse|sentence)\(\s*'([A-Z][A-Z_]+)'/g))
        raised.add(code);
  assert.deepEqual(
    Object.keys(faults).filter(code => !raised.has(code)),
    [],
    'in the table, never raised',
  );
  assert.deepEqual(
    [...raised].filter(code => !(code in faults)),
    [],
    'raised, not in the table',
  );
});

for (const [code, [status, sentence]] of Object.entries(faults))
  test(`${code}: a status and a whole sentence`, () => {
    assert.ok(status >= 202 && status < 600);
    assert.match(sentence, /^[A-Z{“].*\.$/s);
  });

for (const [name, endpoint] of Object.entries(endpoints) as [string, Endpoint][])
  test(`${name}: declares role, summary, tag and reply; a GET changes nothing`, () => {
    assert.ok(endpoint.role && endpoint.tag && endpoint.reply);
    assert.match(endpoint.summary, /^[A-Z].*[.?]$/);
    // Prometheus looks for its own path.
    assert.match(endpoint.path, /^\/(?:api\/[a-z0-9/:.-]+|metrics)$/i);
    if (endpoint.method === 'GET')
      assert.ok(!endpoint.writes && !endpoint.body, 'a GET has no body and writes nothing');
    if (endpoint.writes) assert.ok(endpoint.role !== 'anyone' && endpoint.role !== 'session', 'a write needs a role');
  });

test('no two calls have the same method and path', () => {
  const calls = (Object.values(endpoints) as Endpoint[]).map(e => `${e.method} ${e.path.replace(/:\w+/g, ':')}`);
  assert.deepEqual(repeated(calls), []);
});

test('every call has a handler, and every handler is a call', () => {
  const exported = sources(['server/api/handlers']).flatMap(({ text }) =>
    [...text.matchAll(/^export (?:async )?(?:const|function) (\w+)/gm)].map(([, name = '']) => name),
  );
  const plain = Object.values(plainKinds).flatMap(({ one, many }) => [
    `list${many}`,
    ...['get', 'create', 'patch', 'delete'].map(verb => `${verb}${one}`),
  ]);
  const handlers = exported.flatMap(name => (name === 'plainHandlers' ? plain : [name]));
  const calls = Object.keys(endpoints).filter(name => name !== 'streamEvents'); // the event relay's own
  assert.deepEqual(handlers.toSorted(), calls.toSorted());
});

/** Longer than 500 lines, with the reason. Whoever is short again must leave the list. */
const longOnes: Record<string, string> = {
  'server/schema/endpoints.ts': 'one table: the calls in one place are easier to compare than in five',
};

test('no source file is over 500 lines', () => {
  const long = sources(['server', 'web/src', 'scripts', 'bench'])
    .filter(({ text }) => text.split('\n').length > 501)
    .map(s => s.path);
  assert.deepEqual(long, Object.keys(longOnes));
});

test('no test is left out without a reason, and none runs alone', () => {
  const wrong = sources(['test']).flatMap(({ path, text }) => {
    if (path === 'test/guards.test.ts') return [];
    const found = [
      ...text.matchAll(
        /\b(?:test|it|describe|suite)\.(?:skip|todo|only)\b|\bskip: true\b|\bonly: true\b|\bt\.skip\(\)/g,
      ),
    ];
    return found.map(([what]) => `${path}: ${what}`);
  });
  assert.deepEqual(wrong, []);
});
