import type { Certificate } from '../../schema/certificate.ts';
import type { Config } from '../../schema/config.ts';
import type { VirtualService } from '../../schema/virtual-service.ts';
import { word } from '../word.ts';
import { cipherWords, isOld, LOWEST } from './ciphers.ts';

/** Words of a TLS bind. The list names the certificates; HAProxy chooses by SNI and takes the first for everyone else. */
export function tlsBind(vs: VirtualService, config: Config): string[] {
  if (!vs.tls) return [];
  return [
    'ssl',
    'crt-list',
    word(`lists/vs${vs.id}.list`),
    'ssl-min-ver',
    word(vs.tlsMinimum),
    ...(vs.tlsMaximum === 'TLSv1.3' ? [] : ['ssl-max-ver', word(vs.tlsMaximum)]),
    ...cipherWords(vs, config),
    ...(vs.sniRequired ? ['strict-sni'] : []),
    // Said either way: newer engines offer HTTP/2 unasked.
    ...(vs.type === 'http' ? ['alpn', vs.http2 ? 'h2,http/1.1' : 'http/1.1'] : []),
    ...(vs.clientCertificates === 'none'
      ? []
      : ['verify', word(vs.clientCertificates), ...authorityWords(vs.clientAuthority, config)]),
  ];
}

/** Words of every server line for TLS with servers; `front` is the service that clients meet: the parent of a SubVS. */
export function tlsToServers(vs: VirtualService, front: VirtualService, config: Config): string[] {
  if (!speaksTls(vs)) return [];
  const sni = serverName(vs, front);
  return [
    'ssl',
    'verify',
    ...(vs.serverAuthority > 0 ? ['required', ...authorityWords(vs.serverAuthority, config)] : ['none']),
    ...(sni ? ['sni', word(sni)] : []),
    ...(vs.serverCertificate > 0 ? ['crt', word(`certs/c${vs.serverCertificate}.pem`)] : []),
    ...(vs.serverTlsMinimum === 'TLSv1.2' ? [] : ['ssl-min-ver', word(vs.serverTlsMinimum)]),
    ...(isOld(vs.serverTlsMinimum) ? ['ciphers', `DEFAULT:${LOWEST}`] : []),
    // WebSockets take HTTP/1.1 by themselves.
    ...(vs.serverHttp2 && vs.type === 'http' ? ['alpn', 'h2,http/1.1'] : []),
  ];
}

/** Are Real Servers spoken to over TLS? */
export const speaksTls = (vs: VirtualService): boolean => vs.reencrypt || vs.reverse;

/** What servers are asked for by SNI: a fixed name, the name the client asked for, or the Host without its port. */
function serverName(vs: VirtualService, front: VirtualService): string | undefined {
  if (vs.serverName !== '') return `str(${vs.serverName})`;
  if (vs.type === 'http' && !vs.passServerName) return 'req.hdr(host),host_only';
  return front.tls ? 'ssl_fc_sni' : undefined;
}

function authorityWords(id: number, config: Config): string[] {
  const revocations = config.authorities.find(authority => authority.id === id)?.revocations;
  return ['ca-file', word(`auth/a${id}.pem`), ...(revocations ? ['crl-file', word(`auth/a${id}.crl`)] : [])];
}

/**
 * Certificates and authorities that services use and the list of each service, as files of the stage. A bare request
 * is no certificate. The files below `ocsp/` are for the data plane: what it needs to fetch an answer to be stapled.
 */
export function tlsFiles(config: Config): Record<string, string> {
  const usable = new Map(config.certificates.filter(c => c.chain && c.key).map(c => [c.id, c]));
  const authorities = new Map(config.authorities.map(a => [a.id, a]));
  const files: Record<string, string> = {};
  const keep = (certificate: Certificate | undefined) => {
    if (certificate) files[`certs/c${certificate.id}.pem`] = pemFile(`${certificate.chain}\n${certificate.key}`);
  };
  const trust = (id: number) => {
    const authority = authorities.get(id);
    if (!authority) return;
    files[`auth/a${id}.pem`] = pemFile(authority.chain);
    if (authority.revocations) files[`auth/a${id}.crl`] = pemFile(authority.revocations);
  };
  for (const vs of config.virtualServices) {
    if (!vs.enabled) continue;
    if (speaksTls(vs)) {
      keep(usable.get(vs.serverCertificate));
      trust(vs.serverAuthority);
    }
    if (!vs.tls || vs.parent > 0) continue;
    const certificates = vs.certificates.flatMap(id => usable.get(id) ?? []);
    files[`lists/vs${vs.id}.list`] = certificates.map(({ id }) => `certs/c${word(id)}.pem\n`).join('');
    certificates.forEach(keep);
    if (vs.clientCertificates !== 'none') trust(vs.clientAuthority);
    if (!vs.ocspStapling) continue;
    for (const { id, chain } of certificates)
      files[`ocsp/c${id}.pem`] = pemFile([chain, ...config.authorities.map(a => a.chain)].join('\n'));
  }
  return Object.fromEntries(Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Without empty lines: one would end the payload of a runtime command, and what follows would be commands. */
function pemFile(text: string): string {
  const lines = text.split('\n').map(line => line.trim());
  return `${lines.filter(line => line !== '').join('\n')}\n`;
}
