import type { Config } from '../../schema/config.ts';
import { carriedRules, DEFAULT_MARK as DEFAULT, type RuleGroup, ruleGroups } from '../../schema/content-order.ts';
import type { ContentRule } from '../../schema/content-rule.ts';
import { setsCookie, usesSource } from '../../schema/persistence.ts';
import type { VirtualService } from '../../schema/virtual-service.ts';
import type { World } from '../lines.ts';
import type { Section } from '../proxy.ts';
import { word } from '../word.ts';
import { conditionOf } from './content-match.ts';

export const rulesOf = (config: Config, ids: readonly number[]): ContentRule[] =>
  ids.flatMap(id => config.contentRules.find(rule => rule.id === id) ?? []);

/** Selection rules: they set flags and refuse. */
export const preRuleLines = (rules: readonly ContentRule[]): string[] =>
  rules.flatMap(rule => {
    const condition = conditionOf(rule);
    return [
      ...(rule.failOnMatch ? [`http-request set-var(txn.fail) bool(true) if ${condition}`] : []),
      ...(rule.setFlag > 0 ? [`http-request set-var(txn.flag${word(rule.setFlag)}) bool(true) if ${condition}`] : []),
    ];
  });

/** The rule that decides, as a variable: the first that matches in the order of precedence, or the default. */
export function decisionLines(vs: VirtualService, world: World): string[] {
  if (!vs.contentSwitching) return [];
  const carriers = carriersOf(world);
  const rules = carriedRules(vs, carriers, world.config);
  return [
    ...rules.flatMap(rule => {
      const decided = `{ var(txn.rule) -m str r${word(rule.id)} }`;
      return [
        `http-request set-var(txn.rule) str(r${word(rule.id)}) if !{ var(txn.rule) -m found } ${conditionOf(rule)}`,
        ...(rule.failOnMatch ? [`http-request set-var(txn.fail) bool(true) if ${decided}`] : []),
        ...(rule.setFlag > 0 ? [`http-request set-var(txn.flag${word(rule.setFlag)}) bool(true) if ${decided}`] : []),
      ];
    }),
    ...(carriers.some(carrier => carrier.defaultRule)
      ? [`http-request set-var(txn.rule) str(${DEFAULT}) if !{ var(txn.rule) -m found }`]
      : []),
  ];
}

/** Is a backend chosen for each request? Then what changes requests must stand before that. */
const chooses = (vs: VirtualService, world: World) => vs.contentSwitching || world.subs.length > 0;

/** Must the request rules stand in the frontend? Then the safety rules run one by one, without their short way out. */
export const rewritesFirst = (vs: VirtualService, world: World): boolean =>
  vs.requestRules.length > 0 && chooses(vs, world);

/** Those among which rules choose. */
export const carriersOf = (world: World) => (world.subs.length > 0 ? world.subs : world.servers);

/** May a request of this service be refused by a rule? */
export const mayRefuse = (vs: VirtualService, world: World): boolean =>
  vs.contentSwitching || rulesOf(world.config, vs.preRules).some(rule => rule.failOnMatch);

/** `use_backend` lines of the rules. */
export function routeLines(vs: VirtualService, world: World): string[] {
  const refuse = `vs${word(vs.id)}no`;
  return [
    ...(mayRefuse(vs, world) ? [`use_backend ${refuse} if { var(txn.fail) -m found }`] : []),
    ...(vs.contentSwitching ? [`use_backend ${refuse} if !{ var(txn.rule) -m found }`] : []),
    ...(vs.contentSwitching && world.subs.length === 0
      ? groupsOf(vs, world).map(
          group => `use_backend ${word(group.name)} if { var(txn.rule) -m str ${group.marks.map(word).join(' ')} }`,
        )
      : []),
  ];
}

const groupsOf = (vs: VirtualService, world: World) => ruleGroups(vs, world.servers, world.config);

/** Backends of the rules: copies of the service's own with fewer servers, and the one that refuses. */
export function ruleBackends(vs: VirtualService, world: World, main: Section): Section[] {
  if (vs.type !== 'http' || vs.parent > 0) return [];
  const refusing: Section = {
    kind: 'backend',
    name: `vs${vs.id}no`,
    lines: [
      'mode http',
      'http-request deny deny_status 403 if { var(txn.fail) -m found }',
      'http-request deny deny_status 404',
    ],
    servers: [],
  };
  const groups = vs.contentSwitching && world.subs.length === 0 ? groupsOf(vs, world) : [];
  return [
    ...groups.filter(group => group.name !== main.name).map(group => copyOf(main, group)),
    ...(mayRefuse(vs, world) ? [refusing] : []),
  ];
}

/**
 * Persistence is the group's own: in a shared table a client's requests to one group would overwrite what is
 * remembered for another. Health is that of the service's own server of the same name.
 */
function copyOf(main: Section, { name, servers }: RuleGroup): Section {
  const own = new RegExp(`\\b${main.name}\\b`, 'g');
  const suffix = name.slice(main.name.length);
  return {
    kind: 'backend',
    name,
    lines: main.lines
      .filter(line => !/^(?:option (?:\S+-check|httpchk)\b|http-check |tcp-check |timeout check )/.test(line))
      .map(line => (line.startsWith('stick ') ? line.replace(own, name) : line))
      .map(line => line.replace(COOKIE, `$1${suffix}$2`)),
    servers: main.servers
      // A server that is none of the configured ones, such as the sorry server, is there for all.
      .filter(server => !/^rs\d+$/.test(server.name) || servers.has(Number(server.name.slice(2))))
      .map(server => {
        const options = withoutCheck(server.options);
        const tracks = server.options.includes('check') || server.options.includes('agent-check');
        return {
          ...server,
          options: tracks ? [...options, 'track', `${main.name}/${server.name}`] : options,
          dynamic: false,
        };
      }),
  };
}

/** Where lines of persistence name its cookie. */
const COOKIE = /^((?:cookie |http-request set-var\(txn\.key\) .*req\.cook\()BALLAST\d+)([ )])/;

/** Words of a server line that are about its check, and how many words follow each. */
const CHECK_WORDS: Record<string, number> = {
  check: 0,
  inter: 1,
  fastinter: 1,
  downinter: 1,
  fall: 1,
  rise: 1,
  port: 1,
  addr: 1,
  observe: 1,
  'on-error': 1,
  'error-limit': 1,
  'check-ssl': 0,
  'no-check-ssl': 0,
  'check-sni': 1,
  'check-alpn': 1,
  'check-proto': 1,
  'check-send-proxy': 0,
  'agent-check': 0,
  'agent-port': 1,
  'agent-addr': 1,
  'agent-inter': 1,
  'agent-send': 1,
};

function withoutCheck(options: readonly string[]): string[] {
  const kept: string[] = [];
  for (let at = 0; at < options.length; at++) {
    const option = options[at] as string;
    if (option in CHECK_WORDS) at += CHECK_WORDS[option] as number;
    // What follows a word that stays is its value, be it spelled like a word of the check.
    else if (option === 'cookie' || option === 'id' || option === 'sni' || option === 'track')
      kept.push(option, options[++at] as string);
    else kept.push(option);
  }
  return kept;
}

/**
 * Among SubVSs: by chance, each as often as its weight says, those that can take nothing left out. HAProxy schedules
 * servers, not backends, so the parent's method says only whether weights count and whether a client stays where it was.
 */
export function spreadLines(vs: VirtualService, world: World): string[] {
  const subs = reachable(vs, world);
  if (subs.length === 0) return [];
  const weighted = vs.scheduling.startsWith('weighted');
  // The same client, the same SubVS, as long as the same ones are usable.
  const byClient = vs.scheduling === 'source-ip-hash' || usesSource(vs.persistence);
  return [
    'http-request set-var(txn.sum) int(0)',
    ...subs.flatMap(sub => {
      const condition = [...candidate(sub, vs), ...usable(sub)].join(' ');
      const weight = word(weighted ? sub.subWeight : 1);
      return [
        `http-request set-var(txn.sum) var(txn.sum),add(${weight}) if ${condition}`,
        `http-request set-var(txn.top${word(sub.id)}) var(txn.sum) if ${condition}`,
      ];
    }),
    `http-request set-var(txn.pick) ${byClient ? 'src,crc32(1)' : 'rand'},mod(txn.sum)`,
  ];
}

/** SubVSs that can get a request at all: a rule must be able to lead there. */
const reachable = (vs: VirtualService, world: World) =>
  world.subs.filter(sub => !vs.contentSwitching || sub.rules.length > 0 || sub.defaultRule);

/** Of a SubVS that is no candidate for the request `txn.topN` is not set. */
export function spreadRoutes(vs: VirtualService, world: World): string[] {
  const subs = reachable(vs, world);
  const to = (sub: VirtualService, condition: string) => `use_backend vs${word(sub.id)} if ${condition}`;
  const kept = setsCookie(vs.persistence) ? subs.filter(sub => setsCookie(sub.persistence)) : [];
  return [
    // A client that holds the cookie of a SubVS was there before.
    ...kept.map(sub =>
      to(sub, `{ var(txn.top${word(sub.id)}) -m found } { req.cook(BALLAST${word(sub.id)}) -m found }`),
    ),
    ...subs.map(sub => to(sub, `{ var(txn.top${word(sub.id)}),sub(txn.pick) gt 0 }`)),
    // Whom the rules chose says itself that nobody is there.
    ...(vs.contentSwitching
      ? subs.map(sub => to(sub, [...candidate(sub, vs), `{ nbsrv(vs${word(sub.id)}) eq 0 }`].join(' ')))
      : []),
  ];
}

function candidate(sub: VirtualService, parent: VirtualService): string[] {
  if (!parent.contentSwitching) return [];
  const marks = [...sub.rules.map(id => `r${word(id)}`), ...(sub.defaultRule ? [DEFAULT] : [])];
  return [`{ var(txn.rule) -m str ${marks.join(' ')} }`];
}

const usable = (sub: VirtualService): string[] => [
  `{ nbsrv(vs${word(sub.id)}) gt 0 }`,
  ...(sub.subLimit > 0 ? [`{ be_conn(vs${word(sub.id)}) lt ${word(sub.subLimit)} }`] : []),
  ...(sub.subRateLimit > 0 ? [`{ be_sess_rate(vs${word(sub.id)}) lt ${word(sub.subRateLimit)} }`] : []),
];
