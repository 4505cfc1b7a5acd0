import type { Config } from '../config.ts';
import { groupsOf, readable, regexOf } from '../content-pattern.ts';
import type { ContentRule } from '../content-rule.ts';
import { Fault } from '../faults.ts';
import type { Problem } from '../rules.ts';
import type { VirtualService } from '../virtual-service.ts';

/**
 * Headers that say where a message ends, whom it is for or how the connection goes on. A rule that touched one could
 * have the server read another request than was checked.
 */
const FRAMING = [
  'content-length',
  'transfer-encoding',
  'connection',
  'proxy-connection',
  'keep-alive',
  'te',
  'trailer',
  'upgrade',
  'http2-settings',
  'expect',
  'host',
];

/** Alternatives of a regular expression: names that no rule may add or delete. */
export const framingNames: string = FRAMING.join('|');

/** How many groups a match string may have: HAProxy knows nine, and two of them are ours. */
const MOST_GROUPS = 7;

/** Rules of content switching, SubVSs, and header and URL rules. */
export function contentProblems(config: Config): Problem[] {
  const rules = new Map(config.contentRules.map(rule => [rule.id, rule]));
  return [
    ...config.contentRules.flatMap(rule =>
      ruleFaults(rule).map(fault => ({ kind: 'contentRule' as const, id: rule.id, fault })),
    ),
    ...config.virtualServices.flatMap(vs =>
      serviceFaults(vs, config, rules).map(fault => ({ kind: 'virtualService' as const, id: vs.id, fault })),
    ),
    ...serverProblems(config, rules),
  ];
}

const needs = (label: string, what: string, at: string) => new Fault('NEEDS', { label, needs: what }, at);
const invalid = (label: string, reason: string, at: string) => new Fault('INVALID', { label, reason }, at);

function ruleFaults(rule: ContentRule): Fault[] {
  const faults: Fault[] = [];
  if (rule.name.toLowerCase() === 'default') faults.push(invalid('Rule Name', 'must not be “default”', '/name'));
  if (needsPattern(rule) && rule.pattern === '') faults.push(needs('This rule', 'a Match String', '/pattern'));
  if (rule.matchType === 'regex' && rule.pattern !== '') {
    const { source, reason } = readable(rule.pattern);
    if (source === undefined) faults.push(invalid('Match String', reason, '/pattern'));
  }
  if (rule.type === 'match' && rule.source === 'header' && rule.header === '')
    faults.push(needs('A rule that looks at a header', 'a Header Field', '/header'));
  if ((rule.type === 'add-header' || rule.type === 'replace-header') && rule.header === '')
    faults.push(needs('This rule', 'a Header Field', '/header'));
  const name = rule.header.toLowerCase();
  const changes = rule.type === 'add-header' || rule.type === 'delete-header' || rule.type === 'replace-header';
  if (changes && FRAMING.includes(name) && !(name === 'host' && rule.type === 'replace-header'))
    faults.push(
      invalid(
        'Header Field',
        `must not be ${rule.header}: it decides where a message ends or whom it is for`,
        '/header',
      ),
    );
  return [...faults, ...replacementFaults(rule)];
}

const needsPattern = ({ type, header }: ContentRule) =>
  type === 'match' || type === 'replace-header' || type === 'modify-url' || (type === 'delete-header' && header === '');

function replacementFaults(rule: ContentRule): Fault[] {
  const { type, replacement, header } = rule;
  if (type === 'add-header') return replacement === '' ? [needs('This rule', 'a Replacement', '/replacement')] : [];
  if (type !== 'replace-header' && type !== 'modify-url') return [];
  const bad = (reason: string) => [invalid('Replacement', reason, '/replacement')];
  // HAProxy would take \x0d for the character itself.
  if (/\\(?![1-7])/.test(replacement)) return bad('may have a backslash only before a digit from 1 to 7');
  if (type === 'modify-url' && !/^[\x21-\x7e]*$/.test(replacement))
    return bad('must be printable ASCII without blanks');
  if (type === 'modify-url' && replacement.includes('#')) return bad('must not have a “#”');
  if (header.toLowerCase() === 'host' && !/^(?:[A-Za-z0-9.:_-]|\\[1-7])+$/.test(replacement))
    return bad('must be a host name, with a port if wanted');
  const { source } = readable(regexOf(rule).replace(/^\(\?i\)/, ''));
  if (source === undefined) return [];
  const groups = groupsOf(source);
  if (groups > MOST_GROUPS) return [invalid('Match String', `may have ${MOST_GROUPS} groups at most`, '/pattern')];
  const highest = Math.max(0, ...[...replacement.matchAll(/\\([1-7])/g)].map(([, group]) => Number(group)));
  return highest > groups ? bad(`names group ${highest}, and the match string has ${groups}`) : [];
}

function serviceFaults(vs: VirtualService, config: Config, rules: ReadonlyMap<number, ContentRule>): Fault[] {
  const faults: Fault[] = [];
  const uses = (name: 'preRules' | 'rulePrecedence' | 'requestRules' | 'responseRules' | 'rules', label: string) => {
    if (vs[name].length === 0) return;
    if (vs.type !== 'http') faults.push(needs(label, 'the service type HTTP/HTTPS', `/${name}`));
    const changing = name === 'requestRules' || name === 'responseRules';
    for (const rule of vs[name].flatMap(id => rules.get(id) ?? [])) {
      if (rule.type === 'replace-body')
        faults.push(
          invalid(`“${rule.name}”`, 'cannot be used: HAProxy cannot change the body of an answer safely', `/${name}`),
        );
      else if ((rule.type === 'match') === changing)
        faults.push(
          invalid(
            label,
            `cannot use “${rule.name}”: only ${changing ? 'header and URL' : 'matching'} rules`,
            `/${name}`,
          ),
        );
    }
  };
  uses('preRules', 'HTTP Selection Rules');
  uses('rulePrecedence', 'Rules Precedence');
  uses('requestRules', 'Request Rules');
  uses('responseRules', 'Response Rules');
  uses('rules', 'Rules of This SubVS');
  if (vs.contentSwitching && vs.type !== 'http')
    faults.push(needs('Content Switching', 'the service type HTTP/HTTPS', '/contentSwitching'));
  return [...faults, ...(vs.parent === 0 ? topFaults(vs) : subFaults(vs, config))];
}

function topFaults(vs: VirtualService): Fault[] {
  const only = (label: string, at: string) => needs(label, 'a SubVS: a service of its own carries no rules', at);
  return [
    ...(vs.rules.length > 0 ? [only('Rules of This SubVS', '/rules')] : []),
    ...(vs.defaultRule ? [only('Default SubVS', '/defaultRule')] : []),
  ];
}

function subFaults(vs: VirtualService, config: Config): Fault[] {
  const faults: Fault[] = [];
  const parent = config.virtualServices.find(other => other.id === vs.parent);
  if (parent && (parent.id === vs.id || parent.parent !== 0))
    faults.push(needs('A SubVS', 'a parent that is a service of its own, not a SubVS', '/parent'));
  else if (parent && parent.type !== 'http')
    faults.push(needs('A SubVS', 'a parent of the service type HTTP/HTTPS', '/parent'));
  if (vs.type !== 'http') faults.push(needs('A SubVS', 'the service type HTTP/HTTPS', '/type'));
  const own = 'a service of its own: of a SubVS the parent does it';
  if (vs.contentSwitching) faults.push(needs('Content Switching', own, '/contentSwitching'));
  if (vs.preRules.length > 0) faults.push(needs('HTTP Selection Rules', own, '/preRules'));
  if (vs.rulePrecedence.length > 0) faults.push(needs('Rules Precedence', own, '/rulePrecedence'));
  if (vs.tls) faults.push(needs('SSL Acceleration', own, '/tls'));
  return faults;
}

function serverProblems(config: Config, rules: ReadonlyMap<number, ContentRule>): Problem[] {
  const services = new Map(config.virtualServices.map(vs => [vs.id, vs]));
  const parents = new Set(config.virtualServices.map(vs => vs.parent));
  return config.realServers.flatMap(rs => {
    const faults: Fault[] = [];
    if (parents.has(rs.virtualService))
      faults.push(
        needs('A service with SubVSs', 'no Real Servers of its own: its SubVSs hold them', '/virtualService'),
      );
    const vs = services.get(rs.virtualService);
    const carries = rs.rules.length > 0 || rs.defaultRule;
    if (carries && vs && vs.type !== 'http')
      faults.push(
        needs('Content Rules', 'the service type HTTP/HTTPS', rs.rules.length > 0 ? '/rules' : '/defaultRule'),
      );
    for (const rule of rs.rules.flatMap(id => rules.get(id) ?? []))
      if (rule.type !== 'match')
        faults.push(invalid('Content Rules', `cannot use “${rule.name}”: only matching rules`, '/rules'));
    return faults.map(fault => ({ kind: 'realServer' as const, id: rs.id, fault }));
  });
}
