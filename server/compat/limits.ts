import { patchSettings } from '../api/handlers/settings.ts';
import { validated } from '../api/validated.ts';
import { settingsOf } from '../schema/config.ts';
import { patchOf } from '../schema/derive.ts';
import { limitRulesOf } from '../schema/limit-rules.ts';
import type { Settings } from '../schema/settings.ts';
import { type Ask, type Command, callOf, treeOf } from './command.ts';
import { done, type Reply } from './reply.ts';
import { Refused } from './wire.ts';

const settingsPatch = patchOf('settings');

/** Commands for limits of single clients: the element of the list, and the place of the number in a line of ours. */
const FAMILIES = {
  clientcpslimit: ['ClientCpsLimit', 0],
  clientrpslimit: ['ClientRpsLimit', 1],
  clientmaxclimit: ['ClientMaxcLimit', 2],
  afeclientlimit: ['ClientLimit', 0],
} as const;

const parsed = (line: string) => {
  const [address = '', ...numbers] = line.split(' ');
  return { address, numbers: [0, 1, 2].map(at => Number(numbers[at] ?? 0)) };
};

async function store(ask: Ask, change: Partial<Settings>, parameter: string): Promise<Reply> {
  for (const property of Object.keys(change)) ask.params.given.set(property, parameter);
  await patchSettings(callOf(ask, 0, validated(settingsPatch, change)));
  return done;
}

function family(name: keyof typeof FAMILIES): Record<string, Command> {
  const [element, place] = FAMILIES[name];
  const entries = (ask: Ask) => settingsOf(treeOf(ask)).clientLimits.map(parsed);
  const change = (on: boolean) => async (ask: Ask) => {
    const address = ask.params.need('l7addr', 'Address');
    const limit = on ? Number(ask.params.need('l7limit')) : 0;
    if (!Number.isInteger(limit) || limit < 0 || limit > 1_000_000) throw new Refused(422, 'l7limit: Invalid value');
    const all = entries(ask);
    const there = all.find(each => each.address === address);
    if (!on && !there?.numbers[place]) throw new Refused(422, 'l7addr: no such limit');
    const numbers = (there?.numbers ?? [0, 0, 0]).with(place, limit);
    const others = all.filter(each => each.address !== address);
    const kept = numbers.some(number => number > 0) ? [...others, { address, numbers }] : others;
    return store(ask, { clientLimits: kept.map(each => `${each.address} ${each.numbers.join(' ')}`) }, 'l7addr');
  };
  return {
    [`${name}list`]: {
      role: 'read-only',
      about: 'Limits of single clients.',
      params: [],
      run: ask => ({
        data: {
          [element]: entries(ask)
            .filter(({ numbers }) => numbers[place])
            .map(({ address, numbers }) => ({ l7addr: address, l7limit: numbers[place] })),
        },
      }),
    },
    [`${name}add`]: {
      role: 'administrator',
      about: 'Limit a client.',
      params: ['l7addr', 'l7limit'],
      run: change(true),
    },
    [`${name}del`]: { role: 'administrator', about: 'Take a limit off.', params: ['l7addr'], run: change(false) },
  };
}

const SOURCES = ['url', 'host', 'agent'] as const;
const NOT = 64;

const rulesIn = (ask: Ask) => limitRulesOf(settingsOf(treeOf(ask)).limitRules);
type Rule = ReturnType<typeof rulesIn>[number];
const lineOf = ({ name, limit, source, negate, pattern }: Rule) =>
  `${name} ${limit} ${source} ${negate ? '!' : ''}${pattern}`;
const storeRules = (ask: Ask, rules: readonly Rule[]) => store(ask, { limitRules: rules.map(lineOf) }, 'pattern');

function ruleOf(ask: Ask, before?: Rule): Rule {
  const { params } = ask;
  const match = params.whole('match');
  const source = match === undefined ? before?.source : SOURCES[match & ~NOT];
  if (match !== undefined && source === undefined) throw new Refused(422, 'match: Invalid value');
  return {
    name: params.need('name'),
    limit: params.whole('limit') ?? before?.limit ?? Number(params.need('limit')),
    pattern: params.get('pattern') ?? before?.pattern ?? params.need('pattern'),
    source: source ?? 'url',
    negate: match === undefined ? (before?.negate ?? false) : (match & NOT) !== 0,
  };
}

const needRule = (ask: Ask): Rule => {
  const found = rulesIn(ask).find(rule => rule.name === ask.params.need('name'));
  if (!found) throw new Refused(422, 'Rule not found');
  return found;
};

export const limitCommands: Readonly<Record<string, Command>> = {
  ...family('clientcpslimit'),
  ...family('clientrpslimit'),
  ...family('clientmaxclimit'),
  ...family('afeclientlimit'),
  listlimitrules: {
    role: 'read-only',
    about: 'Limits by rule, in their order.',
    params: [],
    run: ask => ({
      data: {
        Limits: rulesIn(ask).map(rule => ({
          Name: rule.name,
          Pattern: rule.pattern,
          Limit: rule.limit,
          Match: SOURCES.indexOf(rule.source) + (rule.negate ? NOT : 0),
        })),
      },
    }),
  },
  addlimitrule: {
    role: 'administrator',
    about: 'Limit requests that fit a pattern.',
    params: ['name', 'pattern', 'limit', 'match?'],
    run: ask => {
      if (rulesIn(ask).some(rule => rule.name === ask.params.get('name')))
        throw new Refused(422, 'Rule already exists');
      return storeRules(ask, [...rulesIn(ask), ruleOf(ask)]);
    },
  },
  modlimitrule: {
    role: 'administrator',
    about: 'Change a limit by rule.',
    params: ['name', 'pattern?', 'limit?', 'match?'],
    run: ask => {
      const before = needRule(ask);
      return storeRules(
        ask,
        rulesIn(ask).map(rule => (rule.name === before.name ? ruleOf(ask, before) : rule)),
      );
    },
  },
  movelimitrule: {
    role: 'administrator',
    about: 'Put a limit by rule elsewhere in the order.',
    params: ['name', 'position'],
    run: ask => {
      const moved = needRule(ask);
      const place = Number(ask.params.need('position'));
      if (!Number.isInteger(place) || place < 1) throw new Refused(422, 'position: Invalid value');
      return storeRules(
        ask,
        rulesIn(ask)
          .filter(rule => rule.name !== moved.name)
          .toSpliced(place - 1, 0, moved),
      );
    },
  },
  dellimitrule: {
    role: 'administrator',
    about: 'Delete a limit by rule.',
    params: ['name'],
    run: ask => {
      const { name } = needRule(ask);
      return storeRules(
        ask,
        rulesIn(ask).filter(rule => rule.name !== name),
      );
    },
  },
};
