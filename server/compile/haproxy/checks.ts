import { isAddress } from '../../schema/rules.ts';
import type { VirtualService } from '../../schema/virtual-service.ts';
import { quoted, word } from '../word.ts';

/** Codes beside 2xx that count as healthy when none are given (loadmaster-features: default Up set). */
const DEFAULT_CODES = '301 302 401';

/** Seconds. A longer time-out of the check must not have clients wait for a server that accepts nobody. */
const LONGEST_CONNECT = 5;

/** Backend lines and server words of a service's health check. */
export function checkOf(vs: VirtualService): { backend: string[]; server: string[] } {
  if (vs.checkType === 'none') return { backend: [], server: [] };
  const http = vs.checkType !== 'tcp';
  return {
    backend: [
      // `timeout check` begins once the connection stands. Until then the time-out of connecting counts, for checks
      // and for clients alike: whom the check would give up, no client need wait for.
      `timeout connect ${word(Math.min(vs.checkTimeout, LONGEST_CONNECT))}s`,
      `timeout check ${word(vs.checkTimeout)}s`,
      ...(http ? httpCheck(vs) : []),
    ],
    server: [
      'check',
      'inter',
      `${word(vs.checkInterval)}s`,
      // While a server is on its way down or up it is asked each second: a failure is then known after
      // interval + retries.
      'fastinter',
      '1s',
      'fall',
      word(vs.checkRetries),
      'rise',
      '1',
      ...(vs.checkPort > 0 ? ['port', word(vs.checkPort)] : []),
      ...checkTls(vs),
    ],
  };
}

function httpCheck(vs: VirtualService): string[] {
  const host = vs.checkHost === '' ? 'ver HTTP/1.0' : `ver HTTP/1.1 hdr host ${quoted(vs.checkHost)}`;
  const codes = (vs.checkCodes || DEFAULT_CODES).split(' ').sort().map(word).join(',');
  return [
    'option httpchk',
    `http-check send meth ${word(vs.checkMethod)} uri ${quoted(vs.checkUrl)} ${host}`,
    `http-check expect status 200-299,${codes}`,
  ];
}

/** The check speaks TLS for HTTPS, whatever the traffic does; and a plain check stays plain when traffic is reencrypted. */
function checkTls(vs: VirtualService): string[] {
  if (vs.checkType !== 'https') return vs.reencrypt ? ['no-check-ssl'] : [];
  const name = vs.checkHost.replace(/:\d*$/, '');
  // RFC 6066, 3: an address is not a server name.
  return ['check-ssl', ...(/^[A-Za-z0-9._-]+$/.test(name) && !isAddress(name) ? ['check-sni', word(name)] : [])];
}
