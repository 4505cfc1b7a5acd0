import type { Config } from '../../schema/config.ts';
import type { VirtualService } from '../../schema/virtual-service.ts';
import { word } from '../word.ts';

/** Words of a TLS bind. The list names the certificates; HAProxy chooses by SNI and takes the first for everyone else. */
export function tlsBind(vs: VirtualService): string[] {
  if (!vs.tls) return [];
  return [
    'ssl',
    'crt-list',
    word(`lists/vs${vs.id}.list`),
    'ssl-min-ver',
    word(vs.tlsMinimum),
    ...(vs.type === 'http' ? ['alpn', 'h2,http/1.1'] : []),
  ];
}

/** Certificates that services use and the list of each service, as files of the stage. */
export function tlsFiles(config: Config): Record<string, string> {
  const files: Record<string, string> = {};
  for (const vs of config.virtualServices) {
    if (!vs.enabled || !vs.tls) continue;
    files[`lists/vs${vs.id}.list`] = vs.certificates.map(id => `certs/c${word(id)}.pem\n`).join('');
    for (const certificate of config.certificates) {
      if (vs.certificates.includes(certificate.id))
        files[`certs/c${certificate.id}.pem`] = `${certificate.chain.trim()}\n${certificate.key.trim()}\n`;
    }
  }
  return Object.fromEntries(Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1)));
}
