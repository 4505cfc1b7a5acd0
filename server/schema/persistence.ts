import type { Config } from './config.ts';
import type { VirtualService } from './virtual-service.ts';

/** Facts about persistence modes that rules, compiler and console share. */

type Mode = VirtualService['persistence'];

const HTTP_ONLY: ReadonlySet<Mode> = new Set<Mode>([
  'super-http',
  'super-http-or-source-ip',
  'server-cookie',
  'server-cookie-or-source-ip',
  'active-cookie',
  'active-cookie-or-source-ip',
  'cookie-hash',
  'cookie-hash-or-source-ip',
  'url-hash',
  'host-header',
  'query-hash',
  'header',
]);

const TCP_ONLY: ReadonlySet<Mode> = new Set<Mode>([
  'ssl-session',
  'rdp-login',
  'rdp-login-or-source-ip',
  'rdp-broker',
  'rdp-broker-or-source-ip',
]);

/** Needs requests that Ballast can read. */
export const needsHttp = (mode: Mode): boolean => HTTP_ONLY.has(mode);

/** Needs the bytes of the connection as they come. */
export const needsBytes = (mode: Mode): boolean => TCP_ONLY.has(mode);

/** Sets a cookie of Ballast's own. */
export const setsCookie = (mode: Mode): boolean => mode === 'active-cookie' || mode === 'active-cookie-or-source-ip';

/** Is known by its address when the mark is missing, or always. */
export const usesSource = (mode: Mode): boolean => mode === 'source-ip' || mode.endsWith('-or-source-ip');

/** Remembers entries in a table; the other modes have the client or its first bytes name the server. */
export const hasTable = (mode: Mode): boolean => mode !== 'none' && mode !== 'active-cookie' && mode !== 'rdp-broker';

/** The service whose table this one shares: it must run, for its table to be there. */
export function followed(vs: VirtualService, config: Config): VirtualService | undefined {
  const leader = config.virtualServices.find(other => other.id === vs.followService);
  return leader?.enabled && hasTable(leader.persistence) && leader.persistence === vs.persistence ? leader : undefined;
}
