import { networksOf } from '../../schema/content-pattern.ts';
import type { ContentRule } from '../../schema/content-rule.ts';
import { quoted, word } from '../word.ts';

/** The host without its port, and the path; with the query. Set by placeLines(). */
const PLACE = 'txn.place';
const PLACE_QUERY = 'txn.placequery';

/** What a rule sets and asks: its flags, and what it compares. Words of an `if`. */
export function conditionOf(rule: ContentRule): string {
  return [...flagConditions(rule), ...(rule.type === 'match' ? [comparison(rule)] : [])].join(' ');
}

/** Words of an `if`: has an earlier rule set, or not set, the flag this one asks for? */
export function flagConditions({ onlyIfFlag, onlyIfNoFlag }: ContentRule): string[] {
  return [
    ...(onlyIfFlag > 0 ? [`{ var(txn.flag${word(onlyIfFlag)}) -m found }`] : []),
    ...(onlyIfNoFlag > 0 ? [`!{ var(txn.flag${word(onlyIfNoFlag)}) -m found }`] : []),
  ];
}

/** Lines that put together what some of these rules compare. */
export function placeLines(rules: readonly ContentRule[]): string[] {
  const urls = rules.filter(rule => rule.type === 'match' && rule.source === 'url' && rule.includeHost);
  const line = (name: string, path: string) =>
    `http-request set-var-fmt(${name}) '%[req.fhdr(host),host_only]%[${path}]'`;
  return [
    ...(urls.some(rule => !rule.includeQuery) ? [line(PLACE, 'path')] : []),
    ...(urls.some(rule => rule.includeQuery) ? [line(PLACE_QUERY, 'pathq')] : []),
  ];
}

const METHODS = { regex: 'reg', prefix: 'beg', postfix: 'end' } as const;

function comparison(rule: ContentRule): string {
  const not = rule.negate ? '!' : '';
  const networks = rule.source === 'source-ip' ? networksOf(rule.pattern) : undefined;
  if (networks) return `${not}{ src -- ${networks.map(word).join(' ')} }`;
  // Names of hosts have no case.
  const insensitive = rule.ignoreCase || rule.source === 'host' ? '-i ' : '';
  // However it is quoted, a brace alone would end the condition.
  if (rule.pattern === '}') {
    const brace = { regex: '\\}', prefix: '^\\}', postfix: '\\}$' }[rule.matchType];
    return `${not}{ ${fetchOf(rule)} -m reg -- ${quoted(brace)} }`;
  }
  return `${not}{ ${fetchOf(rule)} -m ${METHODS[rule.matchType]} ${insensitive}-- ${quoted(rule.pattern)} }`;
}

function fetchOf(rule: ContentRule): string {
  switch (rule.source) {
    case 'url':
      if (rule.includeHost) return `var(${rule.includeQuery ? PLACE_QUERY : PLACE})`;
      return rule.includeQuery ? 'pathq' : 'path';
    case 'host':
      return 'req.hdr(host),host_only';
    case 'header':
      return `req.fhdr(${word(rule.header)})`;
    case 'method':
      return 'method';
    case 'source-ip':
      return 'src';
    case 'query':
      return rule.header === '' ? 'query' : `url_param(${word(rule.header)}),url_dec(1)`;
    case 'body':
      return 'req.body';
  }
}
