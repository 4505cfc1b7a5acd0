import { regexOf, replacing } from '../../schema/content-pattern.ts';
import type { ContentRule } from '../../schema/content-rule.ts';
import { framingNames } from '../../schema/problems/content.ts';
import { formatted, quoted, word } from '../word.ts';
import { flagConditions } from './content-match.ts';

/** A URL in an answer stands in these. */
const URL_HEADERS = ['location', 'content-location'];

/** Header and URL rules, each as the lines that carry it out. */
export function headerRuleLines(direction: 'request' | 'response', rules: readonly ContentRule[]): string[] {
  return rules.flatMap(rule => {
    const flags = flagConditions(rule);
    const end = flags.length > 0 ? ` if ${flags.join(' ')}` : '';
    return actionsOf(direction, rule).map(action => `http-${direction} ${action}${end}`);
  });
}

function actionsOf(direction: 'request' | 'response', rule: ContentRule): string[] {
  const replace = (name: string) => {
    const { pattern, value } = replacing(rule);
    return `replace-header ${word(name)} ${quoted(pattern)} ${quoted(formatted(value))}`;
  };
  switch (rule.type) {
    case 'add-header':
      return [`add-header ${word(rule.header)} ${quoted(formatted(rule.replacement))}`];
    case 'delete-header':
      if (rule.header !== '') return [`del-header ${word(rule.header)}`];
      // Names have no case. What frames a message stays, whatever the expression.
      return [
        `del-header ${quoted(`(?i)^(?!(?:${framingNames})$).*?(?:${regexOf(rule).replace(/^\(\?i\)/, '')})`)} -m reg`,
      ];
    case 'replace-header':
      return [replace(rule.header)];
    case 'modify-url':
      return direction === 'request' ? modifyUrl(rule) : URL_HEADERS.map(replace);
    // Matching rules are no header rules, and bodies are refused by the rules of the schema.
    case 'match':
    case 'replace-body':
      return [];
  }
}

/** A path that no more began with a slash would be a target of another kind, which servers may read as they like. */
function modifyUrl(rule: ContentRule): string[] {
  const { pattern, value } = replacing(rule);
  const action = rule.includeQuery ? 'replace-pathq' : 'replace-path';
  return [`${action} ${quoted(pattern)} ${quoted(formatted(value))}`];
}

/** Behind rules that modify the URL: refuses what is no path any more. */
export function urlGuard(rules: readonly ContentRule[]): string[] {
  return rules.some(rule => rule.type === 'modify-url')
    ? ['http-request deny deny_status 400 if { pathq -m found } !{ pathq -m beg / }']
    : [];
}
