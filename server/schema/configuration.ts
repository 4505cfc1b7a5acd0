import Type, { type Static } from 'typebox';
import { type Config, emptyConfig, type Kind, kinds, type ObjectOf } from './config.ts';
import { fill, wholeOf } from './derive.ts';

const closed = { additionalProperties: false } as const;
const lists = Object.fromEntries(
  (Object.keys(kinds) as Kind[]).map(kind => [
    kinds[kind].list,
    Type.Optional(Type.Array(wholeOf(kind), { maxItems: 100_000 })),
  ]),
);

/** A whole configuration as a file, keys included: what export writes and import reads. */
export const configurationFile = Type.Object(
  {
    format: Type.Literal('ballast-configuration'),
    version: Type.Literal(1),
    config: Type.Object(lists, closed),
  },
  { ...closed, title: 'Configuration' },
);
export type ConfigurationFile = Static<typeof configurationFile>;

export const exported = (config: Config) =>
  ({ format: 'ballast-configuration', version: 1, config }) as unknown as ConfigurationFile;

/** The tree of a file of the right shape. What it does not name is empty or has its default; objects in the order of their numbers. */
export function imported({ config: found }: ConfigurationFile): Config {
  const config = emptyConfig();
  for (const kind of Object.keys(kinds) as Kind[]) {
    const { list } = kinds[kind];
    const objects = (found as Record<string, { id: number }[] | undefined>)[list];
    if (objects === undefined) continue;
    const whole = objects.map(object => fill(kind, object)).sort((a, b) => a.id - b.id);
    Object.assign(config, { [list]: whole satisfies ObjectOf[Kind][] });
  }
  return config;
}
