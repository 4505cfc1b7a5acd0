import { type Config, type Kind, kinds, type ObjectOf } from './config.ts';
import { listOf } from './derive.ts';
import { metaOf } from './fields.ts';

/** Every object that names this one in a property that refers to its kind. */
export function usersOf(config: Config, kind: Kind, id: number): { kind: Kind; object: ObjectOf[Kind] }[] {
  return (Object.keys(kinds) as Kind[]).flatMap(other => {
    const names = Object.entries(kinds[other].schema.properties as Record<string, object>)
      .filter(([, schema]) => metaOf(schema).refers === kind)
      .map(([name]) => name);
    return listOf(config, other)
      .filter(object =>
        names.some(name => {
          const value = (object as unknown as Record<string, unknown>)[name];
          return Array.isArray(value) ? value.includes(id) : value === id;
        }),
      )
      .map(object => ({ kind: other, object: object as ObjectOf[Kind] }));
  });
}
