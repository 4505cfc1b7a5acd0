import fc from 'fast-check';
import { type Config, emptyConfig, type Facts, type Kind, kinds, type ObjectOf } from '../../server/schema/config.ts';
import { fill, listOf } from '../../server/schema/derive.ts';
import { metaOf } from '../../server/schema/fields.ts';
import { problemsOf } from '../../server/schema/rules.ts';

/** PEM that an engine can read: what no generator could make up. */
export interface Material {
  /** Certificates with their keys. */
  pairs: readonly { certificate: string; key: string }[];
  /** Certificates of issuers. */
  authority: string;
}

type Entry = Record<string, unknown> & {
  type?: string;
  enum?: unknown[];
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  maxItems?: number;
  pattern?: string;
  default?: unknown;
  items?: Entry;
};

const ADDRESSES = ['192.0.2.1', '192.0.2.2', '198.51.100.7', '203.0.113.9', '2001:db8::1', '2001:db8:0:1::2'];

/** How many objects of each kind at most. */
const MOST: Partial<Record<Kind, number>> = { virtualService: 5, realServer: 8, certificate: 2, contentRule: 5 };

/**
 * Any configuration that the rules allow: every property of every kind takes every value its schema allows; what the
 * rules then forbid goes back to its default, and an object for which there is none goes.
 */
export function anyConfig(facts: Facts, material: Material): fc.Arbitrary<Config> {
  const wanted = Object.fromEntries(
    (Object.keys(kinds) as Kind[]).map(kind => [
      kind,
      fc.array(anyObject(kind, material), {
        minLength: kind === 'settings' ? 1 : 0,
        maxLength: kind === 'settings' ? 1 : (MOST[kind] ?? 2),
        size: 'max',
      }),
    ]),
  ) as Record<Kind, fc.Arbitrary<object[]>>;
  return fc.record(wanted).map(objects => {
    const config = emptyConfig();
    for (const kind of Object.keys(kinds) as Kind[])
      Object.assign(config, {
        [kinds[kind].list]: objects[kind].map((object, at) => fill(kind, { ...object, id: at + 1 })),
      });
    return repaired(config, facts);
  });
}

function anyObject(kind: Kind, material: Material): fc.Arbitrary<object> {
  const properties = Object.entries(kinds[kind].schema.properties as unknown as Record<string, Entry>);
  const record = fc.record(
    Object.fromEntries(
      properties.filter(([name]) => name !== 'id').map(([name, entry]) => [name, anyValue(name, entry)]),
    ),
    // Left out: the default. Half of all, so that much stays together that the rules allow only together.
    {
      requiredKeys: properties.filter(([name, entry]) => name !== 'id' && !('default' in entry)).map(([name]) => name),
    },
  );
  if (kind === 'certificate')
    return fc.tuple(record, fc.constantFrom(...material.pairs)).map(([object, { certificate: chain, key }]) => ({
      ...object,
      chain,
      key,
      request: '',
      requestKey: '',
    }));
  // The engine refuses a list in which it knows no name.
  if (kind === 'cipherSet')
    return record.map(object => ({
      ...object,
      ciphers: 'ECDHE-RSA-AES128-GCM-SHA256',
      suites: 'TLS_AES_128_GCM_SHA256',
    }));
  if (kind === 'authority') return record.map(object => ({ ...object, chain: material.authority, revocations: '' }));
  return record;
}

function anyValue(name: string, entry: Entry): fc.Arbitrary<unknown> {
  const meta = metaOf(entry);
  if (meta.refers && entry.type === 'array') return fc.uniqueArray(fc.integer({ min: 1, max: 5 }), { maxLength: 3 });
  if (meta.refers) return fc.integer({ min: 'default' in entry ? 0 : 1, max: 4 });
  if (meta.kind === 'address') return fc.constantFrom(...ADDRESSES);
  if (meta.kind === 'secret') return fc.constant('');
  if (name === 'port') return fc.constantFrom(25, 80, 443, 8080, 3389, 65_535);
  if (entry.enum) return fc.constantFrom(...entry.enum);
  if (entry.type === 'boolean') return fc.boolean();
  if (entry.type === 'integer') return anyWhole(entry.minimum ?? 0, entry.maximum ?? 1_000_000);
  if (entry.type === 'array')
    return fc.uniqueArray(anyText(entry.items ?? {}), { maxLength: Math.min(4, entry.maxItems ?? 4) });
  return anyText(entry);
}

/** Limits oftener than what lies between. */
const anyWhole = (min: number, max: number) =>
  fc.oneof(fc.constantFrom(min, max), fc.integer({ min, max: Math.min(max, min + 100) }), fc.integer({ min, max }));

function anyText({ pattern, minLength = 0, maxLength = 64 }: Entry): fc.Arbitrary<string> {
  const longest = Math.min(maxLength, 40);
  const fits = (text: string) => text.length >= minLength && text.length <= maxLength;
  // Looking ahead is beyond the generator: what it forbids is left to the filter.
  const shape = pattern?.replace(/\(\?!(?:\\.|[^()])*\)/g, '');
  const matching = shape ? fc.stringMatching(new RegExp(shape, 'u')) : fc.string({ maxLength: longest });
  return matching
    .map(text => text.slice(0, maxLength))
    .filter(text => fits(text) && (!pattern || new RegExp(pattern, 'u').test(text)));
}

/** Until no rule is broken: the property at fault takes its default; if that is no help its object goes. */
function repaired(config: Config, facts: Facts): Config {
  const tried = new Set<string>();
  for (let round = 0; round < 2_000; round++) {
    const problem = problemsOf(config, facts)[0];
    if (!problem) return config;
    const { kind, id, fault } = problem;
    const name = (fault.at ?? '').split('/')[1] ?? '';
    const list = listOf(config, kind) as ObjectOf[Kind][];
    const at = list.findIndex(object => object.id === id);
    const entry = (kinds[kind].schema.properties as unknown as Record<string, Entry>)[name];
    const mark = `${kind} ${id} ${name}`;
    if (entry && 'default' in entry && !tried.has(mark)) {
      tried.add(mark);
      list[at] = { ...(list[at] as ObjectOf[Kind]), [name]: structuredClone(entry.default) } as ObjectOf[Kind];
    } else if (kind === 'settings') {
      Object.assign(config, { settings: emptyConfig().settings });
    } else {
      list.splice(at, 1);
    }
  }
  throw new Error(`the rules cannot be satisfied: ${JSON.stringify(problemsOf(config, facts)[0])}`);
}
