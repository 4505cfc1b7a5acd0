import type { Config } from '../schema/config.ts';
import { endpoint, titleOf } from '../schema/rules.ts';
import type { Effect } from '../schema/status.ts';

/** What clients notice when one configuration takes the place of another, a sentence each. */
export function consequences(before: Config, after: Config, effect: Effect): string[] {
  const place = (vs: Config['virtualServices'][number]) => endpoint(vs.address, vs.port);
  const open = new Map(after.virtualServices.filter(vs => vs.enabled).map(vs => [place(vs), vs]));
  const closed = before.virtualServices
    .filter(vs => vs.enabled && !open.has(place(vs)))
    .map(vs => `New clients of ${place(vs)} (“${titleOf(vs)}”) are refused; open connections end by themselves.`);
  const how: Record<Effect, string[]> = {
    none: ['Nothing changes for clients.'],
    runtime: ['Takes effect at once, without a reload.'],
    reload: ['Takes one reload: no connection is lost.'],
  };
  return [...closed, ...how[effect]];
}
