import { X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { hostname, networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { generate } from 'selfsigned';

const DAYS = 825;

/**
 * The console's own certificate, made on the first start for every name and address the machine has then, and again
 * once it has ended or `renew` asks for it. Else a certificate that somebody issued and put in its place is left alone.
 */
export async function consoleCertificate(folder: string, renew = false): Promise<{ cert: string; key: string }> {
  const files = { cert: join(folder, 'console.crt'), key: join(folder, 'console.key') };
  if (renew || !existsSync(files.cert) || !existsSync(files.key) || hasEnded(readFileSync(files.cert))) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const made = await generate([{ name: 'commonName', value: hostname().slice(0, 64) }], {
      keyType: 'ec',
      curve: 'P-256',
      algorithm: 'sha256',
      notAfterDate: new Date(Date.now() + DAYS * 86_400_000),
      extensions: [
        { name: 'basicConstraints', cA: false, critical: true },
        { name: 'keyUsage', digitalSignature: true, critical: true },
        { name: 'extKeyUsage', serverAuth: true },
        { name: 'subjectAltName', altNames: [...names(), ...addresses()] },
      ],
    });
    write(files.key, made.private, 0o600);
    write(files.cert, made.cert, 0o644);
  }
  return { cert: readFileSync(files.cert, 'utf8'), key: readFileSync(files.key, 'utf8') };
}

/** Whole or not at all: half a key would keep the console from starting. */
function write(path: string, text: string, mode: number): void {
  writeFileSync(`${path}.unfinished`, text, { mode, flush: true });
  renameSync(`${path}.unfinished`, path);
}

function hasEnded(pem: Buffer): boolean {
  const certificate = new X509Certificate(pem);
  return certificate.issuer === certificate.subject && certificate.validToDate.getTime() < Date.now();
}

const names = () => [...new Set([hostname(), 'localhost'])].map(value => ({ type: 2 as const, value }));

const addresses = () =>
  Object.values(networkInterfaces())
    .flatMap(links => links ?? [])
    .filter(link => !link.address.startsWith('fe80'))
    .map(link => ({ type: 7 as const, ip: link.address }));
