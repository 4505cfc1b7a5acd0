import type { Settings } from '../../schema/settings.ts';
import type { VirtualService } from '../../schema/virtual-service.ts';
import type { Section } from '../proxy.ts';
import { word } from '../word.ts';

/** The three limits a client has, with the file of those that have their own. */
const LIMITS = [
  { name: 'rate', of: 'clientConnectionRate', counter: 'sc0_conn_rate', column: 1 },
  { name: 'requests', of: 'clientRequestRate', counter: 'sc0_http_req_rate', column: 2 },
  { name: 'open', of: 'clientConnections', counter: 'sc0_conn_cur', column: 3 },
] as const;

/** Are clients counted at all? */
export const limitsClients = (settings: Settings): boolean =>
  settings.clientLimits.length > 0 || LIMITS.some(({ of }) => settings[of] > 0);

/** Frontend rules: every client is counted over all services, and held to its own limits or to everybody's. */
export function clientLimitLines(vs: VirtualService, settings: Settings): string[] {
  if (!limitsClients(settings)) return [];
  const own = settings.clientLimits.length > 0;
  const lines = LIMITS.map(({ name, of, counter }) => {
    const limit = `var(sess.${name})`;
    const value = own
      ? `src,map_ip_int(lists/clients-${name}.map,${word(settings[of])})`
      : `int(${word(settings[of])})`;
    const refuse = name === 'requests' ? 'http-request deny deny_status 429' : 'tcp-request connection reject';
    return {
      set: `tcp-request connection set-var(sess.${name}) ${value}`,
      refuse: `${refuse} if { ${limit} -m int gt 0 } { ${counter},sub(sess.${name}) gt 0 }`,
      http: name === 'requests',
    };
  }).filter(line => !line.http || vs.type === 'http');
  return [
    'tcp-request connection track-sc0 src table clients',
    ...lines.map(line => line.set),
    ...lines.map(line => line.refuse),
  ];
}

/** The table in which clients are counted. */
export function clientSections(settings: Settings): Section[] {
  if (!limitsClients(settings)) return [];
  const store = 'conn_cur,conn_rate(1s),http_req_rate(1s)';
  return [
    {
      kind: 'backend',
      name: 'clients',
      lines: [`stick-table type ipv6 size 200k expire 1m store ${store}`],
      servers: [],
    },
  ];
}

/** Maps from network to limit; HAProxy takes the narrowest network. */
export function clientFiles(settings: Settings): Record<string, string> {
  if (settings.clientLimits.length === 0) return {};
  const rows = settings.clientLimits.map(line => line.split(' '));
  return Object.fromEntries(
    LIMITS.map(({ name, column }) => [
      `lists/clients-${name}.map`,
      rows.map(row => `${word(row[0] ?? '')} ${word(row[column] ?? '')}\n`).join(''),
    ]),
  );
}
