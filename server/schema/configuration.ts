import Type, { type Static } from 'typebox';
import { type Config, emptyConfig, type Kind, kinds, type ObjectOf } from './config.ts';
import { fill, listOf, view, wholeOf } from './derive.ts';
import { Fault } from './faults.ts';
import { metaOf } from './fields.ts';

const closed = { additionalProperties: false } as const;
const lists = Object.fromEntries(
  (Object.keys(kinds) as Kind[]).map(kind => [
    kinds[kind].list,
    Type.Optional(Type.Array(wholeOf(kind), { maxItems: 100_000 })),
  ]),
);

/** A whole configuration as a file: what export writes, without secrets, and import reads, with secrets or without. */
export const configurationFile = Type.Object(
  {
    format: Type.Literal('ballast-configuration'),
    version: Type.Literal(1),
    config: Type.Object(lists, closed),
  },
  { ...closed, title: 'Configuration' },
);
export type ConfigurationFile = Static<typeof configurationFile>;

/** Without secrets: whoever reads it cannot act in the appliance's name. An encrypted backup holds those too. */
export function exported(config: Config): ConfigurationFile {
  const lists = (Object.keys(kinds) as Kind[]).map(kind => [
    kinds[kind].list,
    listOf(config, kind).map(object => view(kind, object)),
  ]);
  return {
    format: 'ballast-configuration',
    version: 1,
    config: Object.fromEntries(lists),
  } as unknown as ConfigurationFile;
}

/**
 * A configuration with the secrets that its file left out: an object of the same number and name keeps its own, and a
 * certificate takes the key of the same certificate here, whatever its number. Throws KEY_NOT_IN_FILE where there is none.
 */
export function withSecretsOf(now: Config, wanted: Config): Config {
  const result = { ...wanted };
  for (const kind of Object.keys(kinds) as Kind[]) {
    const secrets = Object.entries(kinds[kind].schema.properties)
      .filter(([, schema]) => metaOf(schema).secret)
      .map(([name]) => name);
    if (secrets.length === 0) continue;
    const here = listOf(now, kind) as unknown as Record<string, unknown>[];
    const list = (listOf(wanted, kind) as unknown as Record<string, unknown>[]).map(object => {
      const same = here.filter(one =>
        kind === 'certificate'
          ? one.chain === object.chain && one.request === object.request
          : one.id === object.id && one.name === object.name,
      );
      const [own = {}] = same;
      return { ...object, ...Object.fromEntries(secrets.map(name => [name, object[name] || (own[name] ?? '')])) };
    });
    Object.assign(result, { [kinds[kind].list]: list });
  }
  for (const [at, { name, chain, key, request, requestKey }] of result.certificates.entries())
    if ((chain !== '' && key === '') || (request !== '' && requestKey === ''))
      throw new Fault('KEY_NOT_IN_FILE', { name }, `/config/certificates/${at}`);
  return result;
}

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
