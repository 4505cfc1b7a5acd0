import type { VirtualService } from '../../schema/virtual-service.ts';
import { quoted } from '../word.ts';

/**
 * What servers are told of the client's side of TLS. What a client sends under these names was removed by the safety
 * rules. Names of certificates are printed as RFC 2253 says, which escapes control characters: whoever asked for the
 * certificate chose them.
 */
export function tlsHeaders(front: VirtualService): string[] {
  if (!front.tls) return [];
  const set = (name: string, value: string, when = '') =>
    `http-request set-header x-ssl-${name} ${quoted(value)}${when}`;
  const shown = ' if { ssl_c_used }';
  const client = [
    set('client-verify', 'NONE', ' if !{ ssl_c_used }'),
    set('client-verify', 'SUCCESS', shown),
    set('client-subject', '%[ssl_c_s_dn(,0,rfc2253)]', shown),
    set('client-issuer', '%[ssl_c_i_dn(,0,rfc2253)]', shown),
    set('client-serial', '%[ssl_c_serial,hex]', shown),
    // UTC, as the certificate has it: YYMMDDhhmmssZ.
    set('client-not-after', '%[ssl_c_notafter]', shown),
    ...(front.clientHeaders === 'der' ? [set('client-cert', '%[ssl_c_der,base64]', shown)] : []),
    ...(front.clientHeaders === 'pem'
      ? [set('client-cert', '-----BEGIN CERTIFICATE----- %[ssl_c_der,base64] -----END CERTIFICATE-----', shown)]
      : []),
  ];
  const agreed = [
    set('protocol', '%[ssl_fc_protocol]'),
    set('cipher', '%[ssl_fc_cipher]'),
    set('sni', '%[ssl_fc_sni]', ' if { ssl_fc_has_sni }'),
  ];
  return [
    ...(front.clientCertificates !== 'none' && front.clientHeaders !== 'none' ? client : []),
    ...(front.passCipher ? agreed : []),
  ];
}

const YEAR = 31_536_000;

/** Of every answer, our own included. RFC 6797, 7.2: never over plain text. */
export function securityHeaders(vs: VirtualService): string[] {
  if (!vs.tls || vs.securityHeaders === 'none') return [];
  const [kind, guards] = vs.securityHeaders.split('-') as [keyof typeof transport, string | undefined];
  const set = (name: string, value: string) => `http-after-response set-header ${name} ${quoted(value)}`;
  return [
    set('strict-transport-security', transport[kind]),
    ...(guards
      ? [
          set('x-content-type-options', 'nosniff'),
          // A server that says whom it lets frame its pages knows better.
          `${set('x-frame-options', 'SAMEORIGIN')} if !{ res.hdr(x-frame-options) -m found }`,
          `${set('referrer-policy', 'strict-origin-when-cross-origin')} if !{ res.hdr(referrer-policy) -m found }`,
        ]
      : []),
  ];
}

/** Lists of preloaded hosts take two years and all subdomains. */
const transport = {
  host: `max-age=${YEAR}`,
  subdomains: `max-age=${YEAR}; includeSubDomains`,
  preload: `max-age=${2 * YEAR}; includeSubDomains; preload`,
};

/** Redirects back to the host the client asked for get the other scheme; its usual port goes, any other stays. */
export function rewriteLocation(vs: VirtualService): string[] {
  if (vs.rewriteLocation === 'none') return [];
  const [from, port, to] = vs.rewriteLocation === 'https' ? ['http', 80, 'https'] : ['https', 443, 'http'];
  return [
    'http-request set-var(txn.asked) req.hdr(host),host_only,lower',
    // The third part between slashes of scheme://host:port/path.
    'http-response set-var(txn.leads) res.fhdr(location),field(3,/),field(1,?),host_only,lower',
    `http-response replace-header location '(?i)^${from}://([^/?]+?)(?::${port})?([/?].*)?$' '${to}://\\1\\2' if { var(txn.leads),strcmp(txn.asked) eq 0 } { var(txn.asked) -m found }`,
  ];
}
