import { write } from '../api/call.ts';
import { plainHandlers } from '../api/handlers/plain.ts';
import { validated } from '../api/validated.ts';
import type { Config, Edit } from '../schema/config.ts';
import type { ContentRule } from '../schema/content-rule.ts';
import { createOf, fill } from '../schema/derive.ts';
import type { RealServer } from '../schema/real-server.ts';
import type { VirtualService } from '../schema/virtual-service.ts';
import { type Ask, type Command, callOf, treeOf } from './command.ts';
import { decoded, type Special } from './decode.ts';
import { type Data, done, type Reply } from './reply.ts';
import { memberOf, serviceOf } from './tree.ts';
import { own, Refused } from './wire.ts';

const newRule = createOf('contentRule');
const notFound = () => new Refused(422, 'Rule not found');
const TYPES: readonly ContentRule['type'][] = [
  'match',
  'add-header',
  'delete-header',
  'replace-header',
  'modify-url',
  'replace-body',
];
const GROUPS = [
  'MatchContentRule',
  'AddHeaderRule',
  'DeleteHeaderRule',
  'ReplaceHeaderRule',
  'ModifyURLRule',
  'ReplaceBodyRule',
];

/** What a matching rule looks at when `header` names no header. */
const PSEUDO: Record<string, ContentRule['source']> = { body: 'body', 'src-ip': 'source-ip', method: 'method' };

/** From 0 to 9; more is dropped silently, as on a LoadMaster. */
const numbered =
  (property: string): Special =>
  text => ({ [property]: /^[1-9]$/.test(text) ? Number(text) : 0 });

const specials: Readonly<Record<string, Special>> = {
  matchtype: text => ({ matchType: text === '' ? 'regex' : text.toLowerCase() }),
  caseindependent: text => ({ ignoreCase: ['y', '1', 'true', 'yes'].includes(text.toLowerCase()) }),
  onlyonflag: numbered('onlyIfFlag'),
  onlyonnoflag: numbered('onlyIfNoFlag'),
  setonmatch: numbered('setFlag'),
  header: text => ({ header: text }),
};

const named = (config: Config, name: string): ContentRule => {
  const rule = config.contentRules.find(each => each.name === name);
  if (!rule) throw notFound();
  return rule;
};

/** The whole rule: what the client leaves out is at its default, but for the type. */
function ruleFrom(ask: Ask, before: ContentRule | undefined): Omit<ContentRule, 'id'> {
  const { params } = ask;
  const name = params.need('name');
  if (!/^[A-Za-z0-9_.-]+$/.test(name)) throw new Refused(422, 'Cannot read rules');
  const type = params.get('type') ?? '';
  const { id: _, ...whole } = fill('contentRule', {
    ...decoded('contentRule', params, treeOf(ask), specials),
    ...(type === '' && { type: before?.type ?? 'match' }),
    id: 0,
  });
  const rule = whole.type === 'match' ? { ...whole, ...sourceOf(whole.header) } : whole;
  return validated(newRule, { ...rule, name: before?.name ?? name });
}

function sourceOf(header: string): Partial<ContentRule> {
  const pseudo = own(PSEUDO, header.toLowerCase());
  if (pseudo) return { source: pseudo, header: '' };
  return { source: header === '' ? 'url' : 'header' };
}

function view(rule: ContentRule): Data {
  const pseudo = Object.entries(PSEUDO).find(([, source]) => source === rule.source)?.[0];
  const flags = {
    OnlyOnFlag: rule.onlyIfFlag || undefined,
    OnlyOnNoFlag: rule.onlyIfNoFlag || undefined,
  };
  const { name: Name, header: Header, pattern: Pattern, replacement: Replacement } = rule;
  switch (rule.type) {
    case 'match':
      return {
        Name,
        Pattern,
        MatchType: rule.matchType === 'regex' ? 'Regex' : rule.matchType,
        AddHost: rule.includeHost,
        Negate: rule.negate,
        CaseIndependent: rule.ignoreCase,
        IncludeQuery: rule.includeQuery,
        Header: pseudo ?? (rule.source === 'host' ? 'Host' : Header),
        MustFail: rule.failOnMatch,
        SetFlagOnMatch: rule.setFlag || undefined,
        ...flags,
      };
    case 'add-header':
      return { Name, Header, HeaderValue: Replacement, ...flags };
    case 'delete-header':
      return { Name, Pattern: Pattern || Header, ...flags };
    case 'replace-header':
      return { Name, Header, Replacement, Pattern, ...flags };
    case 'modify-url':
      return { Name, Pattern, Replacement, ...flags };
    default:
      return { Name, Pattern, Replacement, CaseIndependent: rule.ignoreCase, ...flags };
  }
}

/** Rules by the group of their type; a group without any is not there. */
const grouped = (rules: readonly ContentRule[]): Data =>
  Object.fromEntries(
    TYPES.map((type, at) => [GROUPS[at] as string, rules.filter(rule => rule.type === type).map(view)] as const).filter(
      ([, list]) => list.length > 0,
    ),
  );

function show({ params, ...ask }: Ask): Reply {
  const config = treeOf({ params, ...ask });
  const name = params.get('name');
  if (name) return { data: grouped([named(config, name)]) };
  const type = params.whole('type');
  return { data: grouped(config.contentRules.filter(rule => type === undefined || TYPES[type] === rule.type)) };
}

async function add(ask: Ask): Promise<Reply> {
  const rule = ruleFrom(ask, undefined);
  await plainHandlers.createContentRule(callOf(ask, 0, rule));
  return { data: grouped([named(treeOf(ask), rule.name)]) };
}

async function modify(ask: Ask): Promise<Reply> {
  const before = named(treeOf(ask), ask.params.need('name'));
  await plainHandlers.patchContentRule(callOf(ask, before.id, ruleFrom(ask, before)));
  return { data: grouped([named(treeOf(ask), before.name)]) };
}

type List = 'preRules' | 'requestRules' | 'responseRules';

/** Taken off wherever it is attached, then deleted. */
async function remove(ask: Ask): Promise<Reply> {
  const { id } = named(treeOf(ask), ask.params.need('name'));
  await write(
    callOf(ask, id, {}),
    config => [
      ...(['virtualService', 'realServer'] as const).flatMap(kind =>
        (kind === 'virtualService' ? config.virtualServices : config.realServers).flatMap((object): Edit[] => {
          const lists = (Object.entries(object) as [string, unknown][]).filter(
            (entry): entry is [string, number[]] =>
              /rules$|^rulePrecedence$/i.test(entry[0]) && Array.isArray(entry[1]) && entry[1].includes(id),
          );
          if (lists.length === 0) return [];
          const without = Object.fromEntries(lists.map(([name, ids]) => [name, ids.filter(each => each !== id)]));
          return [{ op: 'replace', kind, id: object.id, value: { ...object, ...without } as never }];
        }),
      ),
      { op: 'delete', kind: 'contentRule', id },
    ],
    () => undefined,
  );
  return done;
}

/** Attaching to, and taking off, one list of a service. */
function attach(list: List, types: readonly ContentRule['type'][], on: boolean) {
  return async (ask: Ask): Promise<Reply> => {
    const { id } = serviceOf(treeOf(ask), ask.params);
    const name = ask.params.need('rule');
    await write(
      callOf(ask, id, {}),
      config => {
        const vs = config.virtualServices.find(each => each.id === id);
        const rule = named(config, name);
        if (!vs) throw new Refused(422, 'Unknown VS');
        if (on && !types.includes(rule.type)) throw new Refused(422, 'Invalid rule type');
        const others = vs[list].filter(each => each !== rule.id);
        if (!on && others.length === vs[list].length) throw notFound();
        if (on && others.length < vs[list].length) return [];
        return [
          { op: 'replace', kind: 'virtualService', id, value: { ...vs, [list]: on ? [...others, rule.id] : others } },
        ];
      },
      () => undefined,
    );
    return done;
  };
}

/** Rules by which a service chooses among its Real Servers or SubVSs. With the first one it begins to. */
function attachToServer(on: boolean) {
  return async (ask: Ask): Promise<Reply> => {
    const config = treeOf(ask);
    const vs = serviceOf(config, ask.params);
    const member = memberOf(config, vs, ask.params);
    const name = ask.params.need('rule');
    const [kind, id] = member.server
      ? (['realServer', member.server.id] as const)
      : (['virtualService', member.sub.id] as const);
    await write(
      callOf(ask, id, {}),
      now => {
        const rule = named(now, name);
        if (on && rule.type !== 'match') throw new Refused(422, 'Invalid rule type');
        const list: readonly (RealServer | VirtualService)[] =
          kind === 'realServer' ? now.realServers : now.virtualServices;
        const object = list.find(each => each.id === id);
        const over = now.virtualServices.find(each => each.id === vs.id);
        if (!object || !over) throw new Refused(422, 'Unknown RS');
        const others = object.rules.filter(each => each !== rule.id);
        if (!on && others.length === object.rules.length) throw notFound();
        if (on && others.length < object.rules.length) return [];
        const rules = on ? [...others, rule.id] : others;
        const members = [
          ...now.realServers.filter(rs => rs.virtualService === vs.id && !(kind === 'realServer' && rs.id === id)),
          ...now.virtualServices.filter(sub => sub.parent === vs.id && !(kind === 'virtualService' && sub.id === id)),
        ];
        const contentSwitching = rules.length > 0 || members.some(each => each.rules.length > 0);
        return [
          { op: 'replace', kind, id, value: { ...object, rules } as never },
          ...(over.contentSwitching === contentSwitching
            ? []
            : [{ op: 'replace', kind: 'virtualService', id: over.id, value: { ...over, contentSwitching } } as Edit]),
        ];
      },
      () => undefined,
    );
    return done;
  };
}

const RULE = [
  'name',
  'type?',
  'pattern?',
  'matchtype?',
  'header?',
  'replacement?',
  'inchost?',
  'incquery?',
  'nocase?',
  'negate?',
  'mustfail?',
  'setonmatch?',
  'onlyonflag?',
  'onlyonnoflag?',
];
const ON_SERVICE = ['vs', 'port?', 'prot?', 'rule'];
const ON_SERVER = ['vs', 'port?', 'prot?', 'rs', 'rsport?', 'rule'];

const pair = (name: string, list: List, types: readonly ContentRule['type'][], what: string) => ({
  [`add${name}`]: {
    role: 'administrator',
    about: `Attach ${what}.`,
    params: ON_SERVICE,
    run: attach(list, types, true),
  } as Command,
  [`del${name}`]: {
    role: 'administrator',
    about: `Take off ${what}.`,
    params: ON_SERVICE,
    run: attach(list, types, false),
  } as Command,
});

export const ruleCommands: Readonly<Record<string, Command>> = {
  showrule: { role: 'read-only', about: 'Content rules by type.', params: ['name?', 'type?'], run: show },
  addrule: { role: 'administrator', about: 'Add a content rule.', params: RULE, run: add },
  modrule: { role: 'administrator', about: 'Change a rule; what is left out is reset.', params: RULE, run: modify },
  delrule: { role: 'administrator', about: 'Delete a rule and take it off everywhere.', params: ['name'], run: remove },
  addrsrule: {
    role: 'administrator',
    about: 'Attach a matching rule to a server.',
    params: ON_SERVER,
    run: attachToServer(true),
  },
  delrsrule: {
    role: 'administrator',
    about: 'Take a matching rule off a server.',
    params: ON_SERVER,
    run: attachToServer(false),
  },
  ...pair('prerule', 'preRules', ['match'], 'a rule that is tried before a server is chosen'),
  ...pair(
    'requestrule',
    'requestRules',
    ['add-header', 'delete-header', 'replace-header', 'modify-url'],
    'a rule that changes requests',
  ),
  ...pair(
    'responserule',
    'responseRules',
    ['add-header', 'delete-header', 'replace-header'],
    'a rule that changes answers',
  ),
  ...pair('responsebodyrule', 'responseRules', ['replace-body'], 'a rule that changes bodies of answers'),
};
