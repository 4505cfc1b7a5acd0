import ipaddr from 'ipaddr.js';
import type { ContentRule } from './content-rule.ts';

/**
 * What PCRE reads in another way than ECMAScript, so that one could not tell where a group ends. A pattern is put
 * between lines of ours: it must not be able to close a group it did not open.
 */
const AMBIGUOUS: readonly [RegExp, string][] = [
  [
    /^(?:[^\\]|\\.)*?\\(?![dDwWsSbnrtfx0])[A-Za-z]/,
    'may have only these letters behind a backslash: b d D f n r s S t w W x',
  ],
  [/\\x(?![0-9A-Fa-f]{2})/, 'must have two digits behind \\x'],
  // HAProxy captures nothing where it only compares.
  [/^(?:[^\\]|\\.)*?\\[1-9]/, 'must not refer back to a group'],
  [/\[\^?(?:[^\]\\]|\\.)+-\\[dDwWsS]/, 'must not have a range that ends in \\d, \\s or \\w: put the hyphen first'],
  [/\[\^?\]/, 'must not have an empty class “[]”'],
  [/[*+?}]\+[*+?{]|[*+?}]\?\+/, 'must not repeat what is possessive or lazy'],
  [/\(\?P?<(?![=!])/, 'must not name groups'],
  [/\[([:.=]).*\1\]/, 'must not have POSIX classes: use \\w, \\d or \\s'],
  [/\(\?#|\(\*/, 'must not have a comment or a verb'],
  [/\(\?[a-z]*x[a-z-]*[:)]/i, 'must not switch to extended syntax'],
  [/\(\?[&R|(+\d-]|\(\?P[>=]/, 'must not call groups or branch on them'],
  [/\(\?<[=!][^)]*[?(|]/, 'must not have a group, an option or alternatives within a lookbehind'],
  [/\(\?<?[=!][^)]*[*+{]/, 'must not repeat within a lookaround'],
];

/** What ECMAScript has not and a test by it may go without: possessive repeats and atomic groups. */
const PCRE_ONLY: readonly [RegExp, string][] = [
  [/([*+?}])\+/g, '$1'],
  [/\(\?>/g, '(?:'],
];

export interface Readable {
  /** Undefined when the pattern cannot be used. */
  source: string | undefined;
  /** Why not, as a clause. */
  reason: string;
  /** False: PCRE may see more or less than this expression. */
  exact: boolean;
}

/** A PCRE pattern as an ECMAScript one. Pure; what HAProxy's PCRE thinks of it in the end only HAProxy knows. */
export function readable(pattern: string): Readable {
  for (const [what, reason] of AMBIGUOUS) if (what.test(pattern)) return { source: undefined, reason, exact: false };
  // Nested repeats take time without end on long input; PCRE has a limit on it, and then nothing matches.
  if (/\((?:[^()\\]|\\.)*[*+](?:[^()\\]|\\.)*\)[*+]/.test(pattern))
    return {
      source: undefined,
      reason: 'must not repeat a group that itself repeats: it could run without end',
      exact: false,
    };
  const body = pattern.replace(/^\(\?i\)/, '');
  const source = PCRE_ONLY.reduce((text, [what, instead]) => text.replace(what, instead), body);
  try {
    new RegExp(source);
    return { source, reason: '', exact: source === body };
  } catch (error) {
    const why = (error as Error).message.replace(/^.*\/: /s, '');
    return {
      source: undefined,
      reason: `is no regular expression: ${why.charAt(0).toLowerCase()}${why.slice(1)}`,
      exact: false,
    };
  }
}

/** Number of capturing groups of a pattern that readable() could read. */
export const groupsOf = (source: string): number => (new RegExp(`(?:${source})|`).exec('')?.length ?? 1) - 1;

/** The match string as the source of a regular expression: beginnings and ends are escaped and anchored. PCRE and ECMAScript read escapes alike. */
export function regexOf(rule: Pick<ContentRule, 'matchType' | 'pattern'>): string {
  if (rule.matchType === 'regex') return rule.pattern;
  const plain = rule.pattern.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&');
  return rule.matchType === 'prefix' ? `^${plain}` : `${plain}$`;
}

/**
 * The expression that replaces only what matches: everything before is group 1, what the person's groups found
 * follows, everything behind is the last. HAProxy replaces whole values.
 */
export function replacing(rule: Pick<ContentRule, 'matchType' | 'pattern' | 'replacement' | 'ignoreCase'>) {
  const regex = regexOf(rule).replace(/^\(\?i\)/, '');
  const insensitive = rule.ignoreCase || regex !== regexOf(rule);
  const groups = groupsOf(readable(regex).source ?? '');
  const value = rule.replacement.replace(/\\([1-7])/g, (_, group: string) => `\\${Number(group) + 1}`);
  return {
    pattern: `${insensitive ? '(?i)' : ''}^(.*?)(?:${regex})(.*)$`,
    value: `\\1${value}\\${groups + 2}`,
    groups,
  };
}

/** The match string as networks; undefined when it is none. Single addresses are networks of one. */
export function networksOf(pattern: string): string[] | undefined {
  const words = pattern.trim().split(/\s+/);
  return words.every(isNetwork) ? words : undefined;
}

function isNetwork(text: string): boolean {
  const [address = '', bits, more] = text.split('/');
  if (more !== undefined || address.includes('%')) return false;
  const four = ipaddr.IPv4.isValidFourPartDecimal(address);
  if (!four && !ipaddr.IPv6.isValid(address)) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (four ? 32 : 128));
}

/** Is the address in the network, such as 10.0.0.0/8, or that address itself? The network must be one. */
export function inNetwork(address: string, network: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const own = ipaddr.process(address);
  const [base = '', bits] = network.split('/');
  const other = ipaddr.process(base);
  if (own.kind() !== other.kind()) return false;
  return own.match(other, bits === undefined ? (other.kind() === 'ipv4' ? 32 : 128) : Number(bits));
}
