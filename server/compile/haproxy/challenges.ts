import type { VirtualService } from '../../schema/virtual-service.ts';

/** In every stage empty: the data plane fills it in the running engine, so an order needs no reload. */
export const CHALLENGE_MAP = 'maps/acme.map';
export const CHALLENGE_PATH = '/.well-known/acme-challenge/';

const asked = (vs: VirtualService) => vs.enabled && vs.type === 'http' && !vs.tls && vs.parent === 0;

/**
 * Proof of a name for ACME (RFC 8555, 8.3). Only a path that is in the map, whole, is answered here, and only to a
 * plain GET; any other goes its usual way. No server sees it, so it may stand before the safety rules.
 */
export const challengeLines = (vs: VirtualService): string[] =>
  asked(vs)
    ? [
        `http-request return status 200 content-type text/plain lf-string %[path,map_str(${CHALLENGE_MAP})] if METH_GET { path_beg ${CHALLENGE_PATH} } { path,map_str(${CHALLENGE_MAP}) -m found }`,
      ]
    : [];

/** The file those lines name. */
export const challengeFiles = (services: readonly VirtualService[]): Record<string, string> =>
  services.some(asked) ? { [CHALLENGE_MAP]: '' } : {};
