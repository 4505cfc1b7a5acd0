import { type Kind, kinds } from '../../../server/schema/config.ts';
import { type FieldMeta, metaOf } from '../../../server/schema/fields.ts';

/** What a reference is called; undefined when the object is not there any more. */
export type NameOf = (kind: NonNullable<FieldMeta['refers']>, id: number) => string | undefined;

/** What people call a property: the label of its schema entry, else its own name. */
export function labelOf(kind: Kind, property: string): string {
  return metaFor(kind, property)?.label ?? property;
}

/** A value as people read it, by the schema: option labels, on and off, names of references, units. */
export function valueWords(kind: Kind, property: string, value: unknown, nameOf: NameOf): string {
  const meta = metaFor(kind, property);
  if (value === undefined || value === null || value === '') return 'empty';
  const named = (id: unknown) =>
    (meta?.refers && nameOf(meta.refers, Number(id))) ?? `${meta?.refers ? 'number ' : ''}${String(id)}`;
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.map(named).join(', ');
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  if (meta?.refers) return named(value);
  const option = meta?.options?.find(each => each.value === value);
  if (option) return option.label;
  return meta?.unit === 'seconds' ? `${String(value)} s` : String(value);
}

/** Label and description of a field that is no property of a configured object, such as a user's name. */
export function wordsOf(schema: object): { label: string; description: string } {
  const { title = '', description = '' } = schema as { title?: string; description?: string };
  return { label: title, description };
}

function metaFor(kind: Kind, property: string): FieldMeta | undefined {
  const schema = (kinds[kind].schema.properties as Record<string, object>)[property];
  return schema && metaOf(schema);
}
