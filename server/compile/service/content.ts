import type { contentFields } from '../../schema/service/content.ts';
import type { VirtualService } from '../../schema/virtual-service.ts';
import { placeLines } from '../haproxy/content-match.ts';
import { headerRuleLines, urlGuard } from '../haproxy/header-rules.ts';
import {
  carriersOf,
  decisionLines,
  preRuleLines,
  rewritesFirst,
  routeLines,
  rulesOf,
  spreadLines,
  spreadRoutes,
} from '../haproxy/switching.ts';
import { elsewhere, http, type Lines, type LinesOf, type World } from '../lines.ts';

/** One entry per property of schema/service/content.ts, in the order in which the lines are written. */
export const contentLines = {
  contentSwitching: (vs, world) => http(vs, selection(vs, world)),
  preRules: elsewhere,
  rulePrecedence: elsewhere,
  requestRules: (vs, world) => http(vs, requests(vs, world)),
  responseRules: (vs, world) => http(vs, responses(vs, world)),
  rules: elsewhere,
  defaultRule: elsewhere,
  subWeight: elsewhere,
  subLimit: elsewhere,
  subRateLimit: elsewhere,
} satisfies { [K in keyof typeof contentFields]: LinesOf };

/**
 * The selection rules, then, unless requests are changed first, who gets the request: all of it only sets variables,
 * so that it may stand before the safety rules, whose `allow` ends the list.
 */
function selection(vs: VirtualService, world: World): Lines {
  if (vs.parent > 0) return {};
  const before = rulesOf(world.config, vs.preRules);
  const carried = rulesOf(world.config, vs.contentSwitching ? carriersOf(world).flatMap(one => one.rules) : []);
  const body = [...before, ...carried].some(rule => rule.type === 'match' && rule.source === 'body');
  const decide = [...placeLines(carried), ...decisionLines(vs, world), ...spreadLines(vs, world)];
  const later = rewritesFirst(vs, world);
  return {
    frontend: body ? ['option http-buffer-request'] : [],
    guard: [...placeLines(before), ...preRuleLines(before), ...(later ? [] : decide)],
    safety: later ? [...headerRequests(vs, world), ...decide] : [],
    route: [...routeLines(vs, world), ...spreadRoutes(vs, world)],
  };
}

function headerRequests(vs: VirtualService, world: World): string[] {
  const rules = rulesOf(world.config, vs.requestRules);
  return [...headerRuleLines('request', rules), ...urlGuard(rules)];
}

const requests = (vs: VirtualService, world: World): Lines =>
  rewritesFirst(vs, world) ? {} : { backend: headerRequests(vs, world) };

/** The parent of SubVSs has no answers in a backend of its own. */
function responses(vs: VirtualService, world: World): Lines {
  const lines = headerRuleLines('response', rulesOf(world.config, vs.responseRules));
  return world.subs.length > 0 ? { frontend: lines } : { backend: lines };
}
