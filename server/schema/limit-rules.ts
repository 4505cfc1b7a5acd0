import { readable } from './content-pattern.ts';
import { Fault } from './faults.ts';

/** A name, requests a second, what is looked at, and a regular expression; `!` before it turns it round. */
export const LIMIT_RULE_LINE =
  '^[A-Za-z0-9_.-]{1,32} [1-9][0-9]{0,6} (?:url|host|agent) !?[^\\u0000-\\u001f\\u007f!][^\\u0000-\\u001f\\u007f]*$';

export interface LimitRule {
  name: string;
  /** Requests a second of one client. */
  limit: number;
  source: 'url' | 'host' | 'agent';
  negate: boolean;
  pattern: string;
}

/** The rules of the lines, in their order; what is no rule is left out. */
export function limitRulesOf(lines: readonly string[]): LimitRule[] {
  return lines.flatMap(line => {
    const [, name = '', limit, source = '', not, pattern = ''] =
      /^(\S+) (\d+) (url|host|agent) (!?)(.+)$/.exec(line) ?? [];
    return name === ''
      ? []
      : [{ name, limit: Number(limit), source: source as LimitRule['source'], negate: not === '!', pattern }];
  });
}

/** What is wrong with the lines at `/limitRules`. */
export function limitRuleFaults(lines: readonly string[]): Fault[] {
  const invalid = (reason: string) => new Fault('INVALID', { label: 'Limits by Rule', reason }, '/limitRules');
  const rules = limitRulesOf(lines);
  const twice = rules.find((rule, at) => rules.findIndex(other => other.name === rule.name) < at);
  return [
    ...(twice ? [invalid(`has two rules of the name “${twice.name}”`)] : []),
    ...rules.flatMap(({ name, pattern }) => {
      const { source, reason } = readable(pattern);
      return source === undefined ? [invalid(`“${name}”: the expression ${reason}`)] : [];
    }),
  ];
}
