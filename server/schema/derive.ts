import Type, { type TObject, type TProperties } from 'typebox';
import { type Config, type Edit, type Kind, kinds, type ObjectOf } from './config.ts';
import { metaOf } from './fields.ts';

type Properties = Record<string, object>;

const propertiesOf = (kind: Kind): Properties => kinds[kind].schema.properties as Properties;

const strict = (properties: TProperties, required: string[], title: string): TObject =>
  ({
    ...Type.Object(properties, { additionalProperties: false, title }),
    required,
  }) as unknown as TObject;

/** Shape of a create request: no id; what has a default may be left out. `without` drops what the path already says, `extra` may be given too. */
export function createOf(kind: Kind, without: readonly string[] = [], extra: TProperties = {}): TObject {
  const kept = Object.entries(propertiesOf(kind)).filter(([name]) => name !== 'id' && !without.includes(name));
  const required = kept.filter(([, schema]) => !('default' in schema)).map(([name]) => name);
  return strict({ ...(Object.fromEntries(kept) as TProperties), ...extra }, required, `New ${kinds[kind].label}`);
}

/** Shape of a stored object, secrets and number included; what has a default may be left out. */
export function wholeOf(kind: Kind): TObject {
  const properties = propertiesOf(kind);
  const required = Object.entries(properties).filter(([, schema]) => !('default' in schema));
  return strict(
    properties as TProperties,
    required.map(([name]) => name),
    kinds[kind].label,
  );
}

/** Shape of a patch: any property but the id, none required, no defaults: what is not named stays as it is. */
export function patchOf(kind: Kind, without: readonly string[] = []): TObject {
  const kept = Object.entries(propertiesOf(kind))
    .filter(([name]) => name !== 'id' && !without.includes(name))
    .map(([name, schema]) => {
      const { default: _, ...rest } = schema as { default?: unknown };
      return [name, rest];
    });
  return {
    ...strict(Object.fromEntries(kept) as TProperties, [], `Change of a ${kinds[kind].label}`),
    minProperties: 1,
  } as TObject;
}

/** Shape of a reply: everything but the secrets. */
export function viewOf(kind: Kind): TObject {
  const kept = Object.entries(propertiesOf(kind)).filter(([, schema]) => !metaOf(schema).secret);
  return strict(
    Object.fromEntries(kept) as TProperties,
    kept.map(([name]) => name),
    kinds[kind].label,
  );
}

/** The object without its secrets. */
export function view<K extends Kind>(kind: K, value: ObjectOf[K]): Partial<ObjectOf[K]> {
  const properties = propertiesOf(kind);
  return Object.fromEntries(
    Object.entries(value).filter(([name]) => !metaOf(properties[name] ?? {}).secret),
  ) as Partial<ObjectOf[K]>;
}

/** Fills what a create request or an older stored object left out with the defaults of the schema. */
export function fill<K extends Kind>(kind: K, partial: object): ObjectOf[K] {
  const filled: Record<string, unknown> = {};
  for (const [name, value] of defaultsOf(kind))
    filled[name] = typeof value === 'object' && !(name in partial) ? structuredClone(value) : value;
  return Object.assign(filled, partial) as unknown as ObjectOf[K];
}

const defaults = new Map<Kind, (readonly [string, unknown])[]>();

/** Worked out once: a configuration of 10,000 servers is filled at every reading. */
function defaultsOf(kind: Kind): (readonly [string, unknown])[] {
  const known = defaults.get(kind);
  if (known) return known;
  const found = Object.entries(propertiesOf(kind))
    .filter(([, schema]) => 'default' in schema)
    .map(([name, schema]) => [name, (schema as { default: unknown }).default] as const);
  defaults.set(kind, found);
  return found;
}

/** The objects of one kind. */
export function listOf<K extends Kind>(config: Config, kind: K): ObjectOf[K][] {
  return config[kinds[kind].list] as unknown as ObjectOf[K][];
}

/** The tree after the edits; the input is not touched. An edit of an object that is not there is our bug and throws. */
export function edited(config: Config, edits: readonly Edit[]): Config {
  const next: Config = { ...config };
  const set = (kind: Kind, list: ObjectOf[Kind][]) => Object.assign(next, { [kinds[kind].list]: list });
  for (const edit of edits) {
    const list = listOf(next, edit.kind) as ObjectOf[Kind][];
    if (edit.op === 'create') {
      set(edit.kind, [...list, edit.value]);
      continue;
    }
    const at = list.findIndex(object => object.id === edit.id);
    if (at < 0) throw new Error(`${edit.op} of ${edit.kind} ${edit.id}, which is not there`);
    set(edit.kind, edit.op === 'delete' ? list.toSpliced(at, 1) : list.with(at, edit.value));
  }
  return next;
}

/** The edits that lead from one tree to another: deletes, then replaces, then creates, so that names and addresses free up first. */
export function editsBetween(from: Config, to: Config): Edit[] {
  const edits: Edit[] = [];
  const creates: Edit[] = [];
  for (const kind of Object.keys(kinds) as Kind[]) {
    const before = new Map(listOf(from, kind).map(object => [object.id, object as ObjectOf[Kind]]));
    const after = new Map(listOf(to, kind).map(object => [object.id, object as ObjectOf[Kind]]));
    for (const id of before.keys()) if (!after.has(id)) edits.push({ op: 'delete', kind, id });
    for (const [id, value] of after) {
      const old = before.get(id);
      if (!old) creates.push({ op: 'create', kind, value });
      else if (JSON.stringify(old) !== JSON.stringify(value)) edits.push({ op: 'replace', kind, id, value });
    }
  }
  return [...edits.filter(e => e.op === 'delete'), ...edits.filter(e => e.op === 'replace'), ...creates];
}
