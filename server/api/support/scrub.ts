const REMOVED = '[removed]';
/** Shorter ones would tear up ordinary words. */
const SHORTEST = 4;
/** Longer ones are lines of keys: nothing writes those in another way. */
const KEY_LINE = 60;

/** A secret in every way it may stand in a file: as it is, in JSON, quoted for HAProxy, in a URL, in hex and base64. */
function formsOf(secret: string): string[] {
  if (secret.length >= KEY_LINE) return [secret];
  const bytes = Buffer.from(secret);
  const quoted = secret.replaceAll("'", `'"'"'`);
  const hex = bytes.toString('hex');
  return [
    secret,
    JSON.stringify(secret).slice(1, -1),
    quoted,
    quoted.replaceAll('%', '%%'),
    encodeURIComponent(secret),
    hex,
    hex.toUpperCase(),
    ...[0, 1, 2].map(before => insideBase64(bytes, before)),
  ];
}

/** The letters that are the same in base64 whatever stands around, when so many bytes stand before (modulo 3). */
function insideBase64(bytes: Buffer, before: number): string {
  const text = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64');
  return text.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6));
}

/** Finds all of many texts in one walk: a key has dozens of lines, and there may be thousands of keys. */
class Finder {
  readonly #starts = new Uint8Array(1 << 20);
  readonly #byStart = new Map<string, string[]>();

  constructor(wanted: readonly string[]) {
    const all = new Set(wanted.filter(text => text.length >= SHORTEST));
    for (const text of [...all].sort((a, b) => b.length - a.length)) {
      const start = text.slice(0, SHORTEST);
      this.#starts[place(text, 0)] = 1;
      const same = this.#byStart.get(start);
      if (same) same.push(text);
      else this.#byStart.set(start, [text]);
    }
  }

  /** The text with each of them replaced by “[removed]”, the longest that fits first. */
  without(text: string): string {
    let clean = '';
    let from = 0;
    for (let at = 0; at + SHORTEST <= text.length; at++) {
      if (this.#starts[place(text, at)] === 0) continue;
      const found = this.#byStart.get(text.slice(at, at + SHORTEST))?.find(one => text.startsWith(one, at));
      if (found === undefined) continue;
      clean += `${text.slice(from, at)}${REMOVED}`;
      from = at + found.length;
      at = from - 1;
    }
    return clean + text.slice(from);
  }
}

/** A number below 2^20 for the four letters from there on. */
const place = (text: string, at: number): number =>
  Math.imul(
    (text.charCodeAt(at) << 24) ^
      (text.charCodeAt(at + 1) << 16) ^
      (text.charCodeAt(at + 2) << 8) ^
      text.charCodeAt(at + 3),
    0x9e3779b1,
  ) >>> 12;

/** What is secret whatever the configuration says: words behind which a secret stands, and keys. */
const SHAPES: readonly [RegExp, string][] = [
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, REMOVED],
  [/((?:one-time |insecure-)?password[ :=]+)[^\n"]+/gi, `$1${REMOVED}`],
  [
    /((?:authorization|proxy-authorization|cookie|x-api-key)\b[^\n]{0,40}?(?:basic|bearer)? +)[^\n"]+/gi,
    `$1${REMOVED}`,
  ],
];

/**
 * Makes what removes secrets from texts: each of them, each in its ways, is replaced by “[removed]”, and so is what looks
 * like one. One of less than four letters stays, or ordinary words would be torn up.
 */
export function scrubber(secrets: readonly string[]): (text: string) => string {
  const finder = new Finder(secrets.flatMap(formsOf));
  return text => SHAPES.reduce((clean, [shape, by]) => clean.replace(shape, by), finder.without(text));
}
