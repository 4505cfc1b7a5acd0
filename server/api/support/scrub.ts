import { type Config, type Kind, kinds } from '../../schema/config.ts';
import { listOf } from '../../schema/derive.ts';
import { metaOf } from '../../schema/fields.ts';

const REMOVED = '[removed]';
/** Shorter ones would tear up ordinary words. */
const SHORTEST = 4;

/** What the schema calls secret of everything that is stored, also as it may stand in a file of the engine. */
export function secretsOf(config: Config): string[] {
  const found = new Set<string>();
  for (const kind of Object.keys(kinds) as Kind[]) {
    const names = Object.entries(kinds[kind].schema.properties)
      .filter(([, schema]) => metaOf(schema).secret)
      .map(([name]) => name);
    for (const object of listOf(config, kind) as unknown as Record<string, unknown>[])
      for (const value of names.flatMap(name => object[name]))
        if (typeof value === 'string')
          // Of a key in PEM each line is one.
          for (const line of value.split('\n').filter(line => line.length >= SHORTEST && !line.startsWith('-----'))) {
            found.add(line);
            found.add(Buffer.from(line).toString('hex'));
            found.add(Buffer.from(line).toString('base64').replace(/=+$/, ''));
          }
  }
  return [...found].filter(secret => secret.length >= SHORTEST).sort((a, b) => b.length - a.length);
}

/** What is secret whatever the configuration says: words behind which a secret stands, and keys. */
const SHAPES: readonly [RegExp, string][] = [
  [/((?:one-time |insecure-)?password[ :=]+).+/gi, `$1${REMOVED}`],
  [/((?:authorization|proxy-authorization|cookie|x-api-key)\b[^\n]{0,40}?(?:basic|bearer)? +).+/gi, `$1${REMOVED}`],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, REMOVED],
];

/** A text without any of the secrets, each replaced by “[removed]”. */
export function scrub(text: string, secrets: readonly string[]): string {
  let clean = text;
  for (const secret of secrets) if (clean.includes(secret)) clean = clean.replaceAll(secret, REMOVED);
  for (const [shape, by] of SHAPES) clean = clean.replace(shape, by);
  return clean;
}
