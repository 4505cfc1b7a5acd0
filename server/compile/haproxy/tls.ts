import type { Certificate } from '../../schema/certificate.ts';
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

/** Certificates that services use and the list of each service, as files of the stage. A bare request is no certificate. */
export function tlsFiles(config: Config): Record<string, string> {
  const usable = new Map(config.certificates.filter(c => c.chain && c.key).map(c => [c.id, c]));
  const files: Record<string, string> = {};
  for (const vs of config.virtualServices) {
    if (!vs.enabled || !vs.tls) continue;
    const certificates = vs.certificates.flatMap(id => usable.get(id) ?? []);
    files[`lists/vs${vs.id}.list`] = certificates.map(({ id }) => `certs/c${word(id)}.pem\n`).join('');
    for (const certificate of certificates) files[`certs/c${certificate.id}.pem`] = pemFile(certificate);
  }
  return Object.fromEntries(Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Without empty lines: one would end the payload of a runtime command, and what follows would be commands. */
function pemFile({ chain, key }: Certificate): string {
  const lines = `${chain}\n${key}`.split('\n').map(line => line.trim());
  return `${lines.filter(line => line !== '').join('\n')}\n`;
}
