import Type, { type Static } from 'typebox';
import type { Config } from './config.ts';
import { carriedRules, DEFAULT_MARK, ruleGroups } from './content-order.ts';
import { inNetwork, networksOf, readable, regexOf, replacing } from './content-pattern.ts';
import type { ContentRule } from './content-rule.ts';
import { persistenceWords } from './rule-test-persistence.ts';
import type { VirtualService } from './virtual-service.ts';

/** A request as a person pastes it. */
export const testedRequest = Type.Object(
  {
    method: Type.String({ title: 'Method', pattern: '^[A-Z]{1,20}$' }),
    url: Type.String({
      title: 'URL',
      description: 'Path and query, or a whole URL.',
      minLength: 1,
      maxLength: 4096,
      pattern: '^(?:/|https?://)[\\u0021-\\u007e]*$',
    }),
    headers: Type.Array(
      Type.Object(
        {
          name: Type.String({ minLength: 1, maxLength: 255, pattern: "^[A-Za-z0-9!#$%&'*+.^_`|~-]+$" }),
          value: Type.String({ maxLength: 8192, pattern: '^[^\\u0000-\\u001f\\u007f]*$' }),
        },
        { additionalProperties: false },
      ),
      { title: 'Headers', maxItems: 100 },
    ),
    client: Type.String({ title: 'Client Address', maxLength: 45, pattern: '^[0-9A-Fa-f:.]{2,45}$' }),
    body: Type.Optional(Type.String({ title: 'Body', maxLength: 16_384 })),
  },
  { additionalProperties: false, title: 'A request to test' },
);

export type TestedRequest = Static<typeof testedRequest>;

/** What one rule did, in the order in which they were tried. */
export interface RuleStep {
  rule: number;
  name: string;
  stage: 'selection' | 'request' | 'switching';
  /** `skipped`: a flag kept it out, or a rule before it had decided. `unknown`: only the engine can tell. */
  result: 'matched' | 'no match' | 'skipped' | 'unknown' | 'changed';
  /** Why, as a clause. */
  why: string;
}

export interface TestedPersistence {
  mode: string;
  /** The service or SubVS whose persistence it is. */
  service: number;
  /** Where the engine keeps what it remembers of a client who comes this way. */
  table: string;
  /** What the client is known by, as it stands in the request; empty when it lacks the mark. */
  key: string;
  /** The Real Server that is remembered; 0: none. */
  server: number;
  words: string;
}

export interface RuleTest {
  steps: RuleStep[];
  /** Rule that decided; 0: the default, or rules do not choose. */
  decidedBy: number;
  result: 'forwarded' | 'refused' | 'no rule' | 'unknown';
  /** A sentence. */
  words: string;
  /** Real Servers that may get the request. */
  servers: number[];
  /** SubVSs that may get the request; empty where there are none. */
  subs: number[];
  /** Path and query, and headers, as the server gets them, as far as rules change them. */
  url: string;
  headers: { name: string; value: string }[];
  persistence: TestedPersistence;
}

/** The table of the rule that decided. */
function tableOf(vs: VirtualService, decided: ContentRule | undefined, config: Config): string | undefined {
  if (!vs.contentSwitching) return undefined;
  const mark = decided ? `r${decided.id}` : DEFAULT_MARK;
  const servers = config.realServers.filter(rs => rs.virtualService === vs.id).toSorted((a, b) => a.id - b.id);
  return ruleGroups(vs, servers, config).find(group => group.marks.includes(mark))?.name;
}

export interface State {
  method: string;
  path: string;
  query: string;
  headers: { name: string; value: string }[];
  client: string;
  body: string;
  flags: Set<number>;
}

/** The same rules as the engine runs, on one request. Pure. Persistence is what the request says of it. */
export function testRules(config: Config, vs: VirtualService, request: TestedRequest): RuleTest {
  const state = stateOf(request);
  const steps: RuleStep[] = [];
  const rules = (ids: readonly number[]) => ids.flatMap(id => config.contentRules.find(rule => rule.id === id) ?? []);
  const top = vs.parent === 0 ? vs : (config.virtualServices.find(other => other.id === vs.parent) ?? vs);
  const subs = config.virtualServices.filter(sub => sub.parent === top.id && sub.enabled);
  const servers = config.realServers.filter(rs => rs.virtualService === top.id);
  const end = (more: Pick<RuleTest, 'result' | 'words'> & Partial<RuleTest>): RuleTest => ({
    steps,
    decidedBy: 0,
    servers: [],
    subs: [],
    url: urlOf(state),
    headers: state.headers,
    persistence: persistenceWords(top, state),
    ...more,
  });

  let refusedBy: ContentRule | undefined;
  let unknown = false;
  for (const rule of rules(top.preRules)) {
    const step = tried(rule, state, 'selection');
    steps.push(step);
    unknown ||= step.result === 'unknown' && (rule.failOnMatch || rule.setFlag > 0);
    if (step.result !== 'matched') continue;
    if (rule.failOnMatch) refusedBy ??= rule;
    if (rule.setFlag > 0) state.flags.add(rule.setFlag);
  }
  const carriers: readonly { id: number; rules: number[]; defaultRule: boolean }[] = subs.length > 0 ? subs : servers;
  const before = top.contentSwitching || subs.length > 0;
  if (before) change(rules(top.requestRules), state, steps);
  let decided: ContentRule | undefined;
  if (top.contentSwitching)
    for (const rule of carriedRules(top, carriers, config)) {
      if (decided) {
        steps.push({ ...named(rule), stage: 'switching', result: 'skipped', why: `“${decided.name}” decided before` });
        continue;
      }
      const step = tried(rule, state, 'switching');
      steps.push(step);
      unknown ||= step.result === 'unknown';
      if (step.result !== 'matched') continue;
      decided = rule;
      if (rule.failOnMatch) refusedBy ??= rule;
      if (rule.setFlag > 0) state.flags.add(rule.setFlag);
    }
  if (unknown) return end({ result: 'unknown', words: 'Only the engine can tell: see the rules marked unknown.' });
  if (refusedBy)
    return end({
      result: 'refused',
      decidedBy: refusedBy.id,
      words: `Refused with 403: “${refusedBy.name}” fails on match.`,
    });
  const chosen = !top.contentSwitching
    ? carriers
    : carriers.filter(one => (decided ? one.rules.includes(decided.id) : one.defaultRule));
  if (top.contentSwitching && !decided && chosen.length === 0)
    return end({ result: 'no rule', words: 'Refused with 404: no rule matches and there is no default.' });
  if (!before) change(rules(top.requestRules), state, steps);
  const ids = chosen.map(one => one.id);
  const who = subs.length > 0 ? 'SubVS' : 'Real Server';
  const why = !top.contentSwitching
    ? 'Content Switching is off'
    : decided
      ? `“${decided.name}” decided`
      : 'no rule matched: the default';
  const only = subs.length > 0 && ids.length === 1 ? subs.find(sub => sub.id === ids[0]) : undefined;
  if (only) change(rules(only.requestRules), state, steps);
  return end({
    result: 'forwarded',
    decidedBy: decided?.id ?? 0,
    words: `Goes to ${ids.length === 1 ? `one ${who}` : `one of ${ids.length} ${who}s`}: ${why}.`,
    subs: subs.length > 0 ? ids : [],
    servers: subs.length > 0 ? config.realServers.filter(rs => ids.includes(rs.virtualService)).map(rs => rs.id) : ids,
    persistence: persistenceWords(only ?? top, state, subs.length > 0 ? undefined : tableOf(top, decided, config)),
  });
}

function stateOf(request: TestedRequest): State {
  const whole = /^https?:\/\/([^/?#]*)(.*)$/.exec(request.url);
  const target = whole ? whole[2] || '/' : request.url;
  const [path = '/', ...query] = target.split('?');
  const host = whole && !request.headers.some(({ name }) => name.toLowerCase() === 'host');
  return {
    method: request.method,
    path: path.startsWith('/') ? path : `/${path}`,
    query: query.join('?'),
    headers: [...(host ? [{ name: 'Host', value: whole[1] ?? '' }] : []), ...request.headers],
    client: request.client,
    body: request.body ?? '',
    flags: new Set(),
  };
}

const urlOf = ({ path, query }: State) => (query === '' ? path : `${path}?${query}`);
const named = ({ id, name }: ContentRule) => ({ rule: id, name });
export const valuesOf = (state: State, header: string) =>
  state.headers.filter(({ name }) => name.toLowerCase() === header.toLowerCase()).map(({ value }) => value);
const hostOf = (state: State) => (valuesOf(state, 'host')[0] ?? '').replace(/:\d+$/, '');

function flagReason(rule: ContentRule, { flags }: State): string | undefined {
  if (rule.onlyIfFlag > 0 && !flags.has(rule.onlyIfFlag)) return `flag ${rule.onlyIfFlag} is not set`;
  if (rule.onlyIfNoFlag > 0 && flags.has(rule.onlyIfNoFlag)) return `flag ${rule.onlyIfNoFlag} is set`;
  return undefined;
}

function tried(rule: ContentRule, state: State, stage: RuleStep['stage']): RuleStep {
  const reason = flagReason(rule, state);
  if (reason) return { ...named(rule), stage, result: 'skipped', why: reason };
  const { what, values } = subjectOf(rule, state);
  const found = holds(rule, state, values);
  if (found === undefined)
    return { ...named(rule), stage, result: 'unknown', why: 'its expression can only be judged by the engine' };
  const seen = values.length === 0 ? `there is no ${what}` : `${what} is “${values.join('”, “').slice(0, 200)}”`;
  return {
    ...named(rule),
    stage,
    result: found === rule.negate ? 'no match' : 'matched',
    why: `${seen}${rule.negate ? ', negated' : ''}`,
  };
}

/** What a rule compares, and its name. */
function subjectOf(rule: ContentRule, state: State): { what: string; values: string[] } {
  switch (rule.source) {
    case 'url': {
      const url = rule.includeQuery ? urlOf(state) : state.path;
      return { what: 'the URL', values: [rule.includeHost ? hostOf(state) + url : url] };
    }
    case 'host':
      return { what: 'the host', values: valuesOf(state, 'host').length > 0 ? [hostOf(state)] : [] };
    case 'header':
      return { what: `header ${rule.header}`, values: valuesOf(state, rule.header) };
    case 'method':
      return { what: 'the method', values: [state.method] };
    case 'source-ip':
      return { what: 'the client', values: [state.client] };
    case 'query':
      if (rule.header === '') return { what: 'the query', values: state.query === '' ? [] : [state.query] };
      return { what: `parameter ${rule.header}`, values: parameter(state.query, rule.header) };
    case 'body':
      return { what: 'the body', values: state.body === '' ? [] : [state.body] };
  }
}

export function parameter(query: string, name: string): string[] {
  const found = query.split('&').find(part => part.split('=')[0] === name && part.includes('='));
  if (found === undefined) return [];
  const value = found.slice(name.length + 1).replaceAll('+', ' ');
  return [value.replace(/(?:%[0-9A-Fa-f]{2})+/g, text => unescaped(text))];
}

/** Percent escapes as text; what is no UTF-8 stays. */
function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Undefined: only PCRE can tell. */
function holds(rule: ContentRule, state: State, values: readonly string[]): boolean | undefined {
  const networks = rule.source === 'source-ip' ? networksOf(rule.pattern) : undefined;
  if (networks) return networks.some(network => inNetwork(state.client, network));
  const { source, exact } = readable(regexOf(rule));
  if (source === undefined) return undefined;
  const insensitive = rule.ignoreCase || rule.source === 'host' || rule.pattern.startsWith('(?i)');
  const found = values.some(value => new RegExp(source, insensitive ? 'i' : '').test(value));
  // Taken for an equal one, an expression may find more than the engine's: what it does not find, that does not either.
  return found && !exact && !/^\(\?i\)/.test(rule.pattern) ? undefined : found;
}

/** Header and URL rules of a request. */
function change(rules: readonly ContentRule[], state: State, steps: RuleStep[]): void {
  for (const rule of rules) {
    const reason = flagReason(rule, state);
    const step = (result: RuleStep['result'], why: string) =>
      steps.push({ ...named(rule), stage: 'request', result, why });
    if (reason) step('skipped', reason);
    else {
      const before = JSON.stringify([state.path, state.query, state.headers]);
      const why = changed(rule, state);
      step(before === JSON.stringify([state.path, state.query, state.headers]) ? 'no match' : 'changed', why);
    }
  }
}

function changed(rule: ContentRule, state: State): string {
  switch (rule.type) {
    case 'add-header':
      state.headers = [...state.headers, { name: rule.header, value: rule.replacement }];
      return `${rule.header} is added`;
    case 'delete-header': {
      const pattern = rule.header === '' ? new RegExp(readable(regexOf(rule)).source ?? '(?!)', 'i') : undefined;
      const goes = (name: string) => (pattern ? pattern.test(name) : name.toLowerCase() === rule.header.toLowerCase());
      const gone = state.headers.filter(({ name }) => goes(name));
      state.headers = state.headers.filter(({ name }) => !goes(name));
      return gone.length > 0 ? `${gone.map(({ name }) => name).join(', ')} deleted` : 'there is no such header';
    }
    case 'replace-header':
      state.headers = state.headers.map(header =>
        header.name.toLowerCase() === rule.header.toLowerCase()
          ? { name: header.name, value: replaced(rule, header.value) }
          : header,
      );
      return `${rule.header}: ${valuesOf(state, rule.header).join(', ') || 'not there'}`;
    case 'modify-url': {
      const url = replaced(rule, rule.includeQuery ? urlOf(state) : state.path);
      const [path = '/', ...query] = url.split('?');
      state.path = path;
      if (rule.includeQuery || query.length > 0) state.query = query.join('?');
      return `the URL is “${urlOf(state)}”`;
    }
    default:
      return '';
  }
}

function replaced(rule: ContentRule, value: string): string {
  const { pattern, value: format } = replacing(rule);
  const { source } = readable(pattern);
  const match = source === undefined ? null : new RegExp(source, pattern.startsWith('(?i)') ? 'i' : '').exec(value);
  return match ? format.replace(/\\(\d)/g, (_, group: string) => match[Number(group)] ?? '') : value;
}
