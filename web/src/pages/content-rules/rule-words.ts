import type { ContentRule } from '../../../../server/schema/content-rule.ts';
import type { Choice } from '../../form/controls.tsx';
import { valueWords } from '../../parts/value.ts';

/** What a rule does, in words: “URL begins with /owa”. */
export function ruleWords(rule: ContentRule): string {
  const how = { regex: 'matches', prefix: 'begins with', postfix: 'ends with' }[rule.matchType];
  switch (rule.type) {
    case 'match':
      return `${subjectOf(rule)} ${rule.negate ? 'not: ' : ''}${how} ${rule.pattern}`;
    case 'add-header':
      return `${rule.header}: ${rule.replacement}`;
    case 'delete-header':
      return rule.header || `all whose name ${how} ${rule.pattern}`;
    case 'replace-header':
      return `${rule.header}: ${rule.pattern} → ${rule.replacement || 'nothing'}`;
    case 'modify-url':
    case 'replace-body':
      return `${rule.pattern} → ${rule.replacement || 'nothing'}`;
  }
}

function subjectOf(rule: ContentRule): string {
  if (rule.source === 'header') return `header ${rule.header}`;
  if (rule.source === 'query') return rule.header ? `parameter ${rule.header}` : 'query';
  if (rule.source === 'url')
    return `${rule.includeHost ? 'host and ' : ''}URL${rule.includeQuery ? ' with query' : ''}`;
  return valueWords('contentRule', 'source', rule.source, () => undefined).toLowerCase();
}

/** What else a rule has on, a word each. */
export const optionWords = (rule: ContentRule): string[] => [
  ...(rule.ignoreCase ? ['ignores case'] : []),
  ...(rule.type === 'match' && rule.failOnMatch ? ['refuses'] : []),
  ...(rule.onlyIfFlag ? [`if flag ${rule.onlyIfFlag}`] : []),
  ...(rule.onlyIfNoFlag ? [`if not flag ${rule.onlyIfNoFlag}`] : []),
  ...(rule.type === 'match' && rule.setFlag ? [`sets flag ${rule.setFlag}`] : []),
];

/** Rules of some types as what a reference may name. */
export const ruleChoices = (rules: readonly ContentRule[], of: 'match' | 'change'): Choice[] =>
  rules
    .filter(rule => (rule.type === 'match') === (of === 'match'))
    .map(rule => ({
      id: rule.id,
      label: rule.name,
      note: ruleWords(rule).slice(0, 80),
      ...(rule.type === 'replace-body' && { blocked: 'HAProxy cannot change bodies safely' }),
    }));

/** What the properties of a service may name, by property. */
export function serviceRuleChoices(rules: readonly ContentRule[]): Record<string, Choice[]> {
  const [match, change] = [ruleChoices(rules, 'match'), ruleChoices(rules, 'change')];
  return { preRules: match, rulePrecedence: match, rules: match, requestRules: change, responseRules: change };
}
