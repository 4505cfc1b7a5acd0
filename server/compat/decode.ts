import type { Config, Kind, ObjectOf } from '../schema/config.ts';
import { kinds } from '../schema/config.ts';
import { type FieldMeta, metaOf } from '../schema/fields.ts';
import { words } from './command.ts';
import { flagOf, type Params, Refused, wholeOf } from './wire.ts';

const UNCLEARABLE: readonly string[] = ['number', 'seconds', 'port', 'ref', 'choice', 'flag', 'address'];

export type Special = (text: string, config: Config) => Record<string, unknown>;

/**
 * What the parameters say of an object's properties, by the wire names of the schema. `specials` read what is more
 * than one value of one property; they win over the schema. What nobody knows is passed over, as a LoadMaster does.
 */
export function decoded<K extends Kind>(
  kind: K,
  params: Params,
  config: Config,
  specials: Readonly<Record<string, Special>> = {},
): Partial<ObjectOf[K]> {
  const result: Record<string, unknown> = {};
  const special = new Map(Object.entries(specials).map(([name, read]) => [name.toLowerCase(), { name, read }]));
  for (const [property, schema] of Object.entries(kinds[kind].schema.properties as Record<string, object>)) {
    const meta = metaOf(schema);
    const text = meta.compat === undefined ? undefined : params.get(meta.compat);
    if (meta.compat === undefined || text === undefined || special.has(meta.compat.toLowerCase())) continue;
    // Clients that send an object back whole send empty numbers for what was never set.
    if (text === '' && UNCLEARABLE.includes(meta.kind)) continue;
    params.given.set(property, meta.compat);
    result[property] = readValue(text, meta, meta.compat);
  }
  for (const [lower, { name, read }] of special) {
    const text = params.get(lower);
    if (text === undefined) continue;
    const values = read(text, config);
    for (const property of Object.keys(values)) params.given.set(property, name);
    Object.assign(result, values);
  }
  return result as Partial<ObjectOf[K]>;
}

/** One value from its text; throws naming the parameter. What is within limits the schema says afterwards. */
export function readValue(text: string, meta: FieldMeta, name: string): unknown {
  switch (meta.kind) {
    case 'flag':
      return flagOf(text, name);
    case 'choice': {
      const wanted = text.toLowerCase();
      const yes = ['1', 'true', 'yes'].includes(wanted) ? 'y' : ['0', 'false', 'no'].includes(wanted) ? 'n' : wanted;
      const found =
        meta.options?.find(option => (option.compat ?? String(option.value)).toLowerCase() === wanted) ??
        meta.options?.find(option => option.compat?.toLowerCase() === yes);
      if (!found) throw new Refused(422, `${name}: Invalid value`);
      return found.value;
    }
    case 'number':
    case 'seconds':
    case 'port':
    case 'ref':
      return wholeOf(text, name);
    case 'lines':
      return words(text);
    default:
      return text;
  }
}

/** The value of a property as it stands on the wire in version 2. */
export function encoded(value: unknown, meta: FieldMeta): string | number | boolean {
  const option = meta.options?.find(each => each.value === value);
  if (option?.compat !== undefined) return option.compat;
  return Array.isArray(value) ? value.join(' ') : (value as string | number | boolean);
}
