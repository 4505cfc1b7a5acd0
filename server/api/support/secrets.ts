import { type Config, type Kind, kinds, type ObjectOf } from '../../schema/config.ts';
import { listOf } from '../../schema/derive.ts';
import { metaOf } from '../../schema/fields.ts';
import type { Revisions } from '../../store/revisions.ts';

type Plain = Record<string, unknown>;

/** Headers whose values let somebody in. */
const CREDENTIALS = /^(?:proxy-)?authorization$|^(?:set-)?cookie$|^x-(?:api|auth)-|token|secret|password/i;

const secretNames = Object.fromEntries(
  (Object.keys(kinds) as Kind[]).map(kind => [
    kind,
    Object.entries(kinds[kind].schema.properties)
      .filter(([, schema]) => metaOf(schema).secret)
      .map(([name]) => name),
  ]),
) as Record<Kind, string[]>;

/**
 * What of one stored object is secret: what the schema calls so, and the values of headers that let somebody in. Of a key
 * in PEM each line is one.
 */
function secretsIn(kind: Kind, object: ObjectOf[Kind]): string[] {
  const { addedHeader, addedHeaderValue, checkHeaders, header, replacement, ...rest } = object as unknown as Plain;
  const values = [
    ...secretNames[kind].map(name => (rest as Plain)[name]),
    ...(CREDENTIALS.test(String(addedHeader ?? '')) ? [addedHeaderValue] : []),
    ...(CREDENTIALS.test(String(header ?? '')) ? [replacement] : []),
    ...(Array.isArray(checkHeaders) ? checkHeaders : []).flatMap(line => {
      const [, name = '', value = ''] = /^([^:]*):\s*(.*)$/.exec(String(line)) ?? [];
      return CREDENTIALS.test(name) ? [value] : [];
    }),
  ];
  return values
    .flatMap(value => (typeof value === 'string' ? value.split('\n') : []))
    .filter(line => line !== '' && !line.startsWith('-----'));
}

/** Every secret of a configuration. */
export const secretsOf = (config: Config): string[] => [
  ...new Set(
    (Object.keys(kinds) as Kind[]).flatMap(kind => listOf(config, kind).flatMap(object => secretsIn(kind, object))),
  ),
];

/** Every secret there is, and every one that there was as far back as history goes: logs remember those, too. */
export function secretsEver(revisions: Revisions): string[] {
  const found = new Set(secretsOf(revisions.current().config));
  const kept = (Object.keys(kinds) as Kind[]).filter(kind => secretNames[kind].length > 0);
  for (const { kind, before, after } of revisions.changesOf([...kept, 'virtualService', 'contentRule']))
    for (const object of [before, after]) if (object) for (const secret of secretsIn(kind, object)) found.add(secret);
  return [...found];
}
