import type { Settings } from '../../schema/settings.ts';
import type { Place, Section } from '../proxy.ts';
import { word } from '../word.ts';

/** Mozilla's “intermediate” list (version 5.7): TLS 1.2 with forward secrecy and AEAD only. */
const TLS12 = [
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
].join(':');
const TLS13 = 'TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256';

/** Bytes of a request's line and headers, of an answer's, or of a runtime command. */
export const BUFFER_SIZE = 16_384;

/** First HAProxy that can give up being root and still speak from a client's address. */
const KEEPS_CAPABILITIES = 2.9;

function privileges({ engine }: Place, transparent: boolean): string[] {
  const user = ['user haproxy', 'group haproxy'];
  if (!transparent) return user;
  // HAProxy 2.6 refuses a user beside `usesrc`: there a transparent service costs that its workers stay root.
  return engine >= KEEPS_CAPABILITIES ? [...user, 'setcap cap_net_raw'] : [];
}

/** The sections every appliance has, whatever services it holds. */
export function globalSections(place: Place, settings: Settings, transparent = false): Section[] {
  const section = (kind: Section['kind'], name: string, lines: string[]): Section => ({
    kind,
    name,
    lines,
    servers: [],
  });
  return [
    section('global', '', [
      ...privileges(place, transparent),
      'chroot /var/lib/haproxy',
      `stats socket ${word(place.statsSocket)} mode 600 level admin expose-fd listeners`,
      'stats timeout 1m',
      `server-state-file ${word(place.stateFile)}`,
      'localpeer ballast',
      `maxconn ${word(place.maxconn)}`,
      ...(settings.connectionRate > 0 ? [`maxconnrate ${word(settings.connectionRate)}`] : []),
      // An old process may keep long connections after a reload, but not for ever.
      'hard-stop-after 24h',
      // Spreads checks of many servers over the interval.
      'spread-checks 3',
      // A request line with headers larger than this is answered 400 (414, 431).
      `tune.bufsize ${word(BUFFER_SIZE)}`,
      'tune.maxrewrite 1024',
      'tune.http.maxhdr 128',
      'tune.ssl.default-dh-param 2048',
      'ssl-default-bind-options ssl-min-ver TLSv1.2 no-tls-tickets',
      `ssl-default-bind-ciphers ${TLS12}`,
      `ssl-default-bind-ciphersuites ${TLS13}`,
      'ssl-default-server-options ssl-min-ver TLSv1.2',
      // The certificate of a Real Server is not verified: loadmaster-compatible default, told in the help of Reencrypt.
      'ssl-server-verify none',
    ]),
    section('defaults', '', [
      'timeout connect 5s',
      'timeout client 660s',
      'timeout server 660s',
      // A client that does not finish its request in time is a slow attack.
      'timeout http-request 10s',
      'timeout http-keep-alive 60s',
      'timeout queue 30s',
      'load-server-state-from-file global',
      'option redispatch 1',
      'retries 3',
      'option dontlognull',
      'http-reuse safe',
    ]),
    // Only ourselves: a new process fetches the persistence tables of the one it replaces.
    section('peers', 'tables', [`peer ballast ${word(place.peersSocket)}`]),
  ];
}
