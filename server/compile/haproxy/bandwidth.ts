import { type Config, settingsOf } from '../../schema/config.ts';
import { Fault } from '../../schema/faults.ts';
import type { Settings } from '../../schema/settings.ts';
import type { VirtualService } from '../../schema/virtual-service.ts';
import type { Lines, World } from '../lines.ts';
import type { Place, Section } from '../proxy.ts';
import { word } from '../word.ts';

/** First HAProxy with limits of bandwidth. */
const LIMITS_BANDWIDTH = 2.7;
const BYTES_PER_KILOBIT = 125;

const table = (name: string, type: string): Section => ({
  kind: 'backend',
  name,
  lines: [`stick-table type ${type} expire 1m store bytes_in_rate(1s),bytes_out_rate(1s)`],
  servers: [],
});

/**
 * Throws ENGINE_TOO_OLD at the property that the engine here cannot keep: on Debian 12 (HAProxy 2.6) a limit would be
 * stored and would hold nobody back.
 */
export function refuseBandwidth(config: Config, engine: number): void {
  if (engine >= LIMITS_BANDWIDTH) return;
  const facts = { needed: LIMITS_BANDWIDTH, here: engine, what: 'A limit of bandwidth' };
  if (settingsOf(config).clientBandwidth > 0) throw new Fault('ENGINE_TOO_OLD', facts, '/clientBandwidth');
  if (config.virtualServices.some(vs => vs.bandwidthLimit > 0))
    throw new Fault('ENGINE_TOO_OLD', facts, '/bandwidthLimit');
}

/**
 * What all clients of a service share, then what each of them has over all services. Each way for itself. HTTP only:
 * a raw connection that its sender closes loses what the limit still holds back (seen with 3.0.11; HAProxy issue 3457).
 */
export function bandwidthLines(vs: VirtualService, { settings, place }: World): Lines {
  if (place.engine < LIMITS_BANDWIDTH || vs.type !== 'http') return {};
  const limits = [
    { name: 'service', kilobits: vs.bandwidthLimit, key: `int(${word(vs.id)})`, from: `vs${word(vs.id)}bw` },
    { name: 'client', kilobits: settings.clientBandwidth, key: 'src', from: 'clients-bw' },
  ].filter(({ kilobits }) => kilobits > 0);
  const ways = limits.flatMap(limit => (['in', 'out'] as const).map(way => ({ ...limit, way })));
  return {
    frontend: ways.map(
      ({ name, way, kilobits, key, from }) =>
        `filter bwlim-${way} ${name}-${way} limit ${word(kilobits * BYTES_PER_KILOBIT)} key ${key} table ${from}`,
    ),
    guard: ways.map(({ name, way }) => `http-request set-bandwidth-limit ${name}-${way}`),
    sections: vs.bandwidthLimit > 0 ? [table(`vs${vs.id}bw`, 'integer size 1')] : [],
  };
}

/** The table in which the bytes of each client are counted. */
export const clientBandwidth = (settings: Settings, place: Place): Section[] =>
  settings.clientBandwidth > 0 && place.engine >= LIMITS_BANDWIDTH ? [table('clients-bw', 'ipv6 size 200k')] : [];
