import { type LimitRule, limitRulesOf } from '../../schema/limit-rules.ts';
import type { Settings } from '../../schema/settings.ts';
import type { Section } from '../proxy.ts';
import { quoted, word } from '../word.ts';

const FETCHES = { url: 'pathq', host: 'req.hdr(host),host_only', agent: 'req.fhdr(user-agent)' };

/** Frontend rules: the first rule that fits a request holds its client to that rule's rate, over all services. */
export function limitRuleLines({ limitRules }: Settings): string[] {
  return limitRulesOf(limitRules).flatMap((rule, at) => {
    const mine = `{ var(txn.limit) -m int ${word(at + 1)} }`;
    return [
      `http-request set-var(txn.limit) int(${word(at + 1)}) if !{ var(txn.limit) -m found } ${fits(rule)}`,
      `http-request track-sc1 src table limit${word(at + 1)} if ${mine}`,
      `http-request deny deny_status 429 if ${mine} { sc1_http_req_rate gt ${word(rule.limit)} }`,
    ];
  });
}

function fits({ source, negate, pattern }: LimitRule): string {
  // However it is quoted, a brace alone would end the condition.
  const expression = pattern === '}' ? '\\}' : pattern;
  // Names of hosts have no case.
  return `${negate ? '!' : ''}{ ${FETCHES[source]} -m reg ${source === 'host' ? '-i ' : ''}-- ${quoted(expression)} }`;
}

/** The tables in which the clients of each rule are counted. */
export const limitRuleSections = ({ limitRules }: Settings): Section[] =>
  limitRulesOf(limitRules).map((_, at) => ({
    kind: 'backend',
    name: `limit${at + 1}`,
    lines: ['stick-table type ipv6 size 100k expire 10s store http_req_rate(1s)'],
    servers: [],
  }));
