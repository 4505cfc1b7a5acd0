import { X509Certificate } from 'node:crypto';
import { Fault } from '../../schema/faults.ts';
import { type PemBlock, pemOf } from './pem.ts';

/** More certificates than any chain has; each costs time to read. */
const MOST = 20;

/** Reads certificates from their PEM blocks; throws CERTIFICATE_UNREADABLE at `at`. */
export function readCertificates(blocks: readonly PemBlock[], at: string): X509Certificate[] {
  const unreadable = (reason: string) => new Fault('CERTIFICATE_UNREADABLE', { reason }, at);
  if (blocks.length > MOST) throw unreadable(`there are more than ${MOST} of them`);
  if (blocks.some(block => !block.whole)) throw unreadable('the text ends in the middle of one');
  return blocks.map(block => {
    try {
      const read = new X509Certificate(block.text);
      // Reads the key as well: a certificate with a damaged one parses.
      read.publicKey;
      return read;
    } catch {
      throw unreadable('one of them is damaged');
    }
  });
}

/** The server's own certificate and then its issuers as far as they are here; roots and strangers are left out. */
export function chainFrom(leaf: X509Certificate, pool: readonly X509Certificate[]): X509Certificate[] {
  const chain = [leaf];
  if (isRoot(leaf)) return chain;
  const issuers = newestFirst(pool).filter(one => !isRoot(one));
  for (let last = leaf; ; ) {
    const issuer = issuers.find(
      one => last.checkIssued(one) && last.verify(one.publicKey) && !chain.some(known => isSame(known, one)),
    );
    if (!issuer) return chain;
    chain.push(issuer);
    last = issuer;
  }
}

/** Issuers renew under the same name and key: the one that ends last serves longest. */
export const newestFirst = (certificates: readonly X509Certificate[]): X509Certificate[] =>
  certificates.toSorted((a, b) => Date.parse(b.validTo) - Date.parse(a.validTo));

/** Throws CERTIFICATE_EXPIRED for a certificate that has ended. */
export function refuseExpired(leaf: X509Certificate, now: number, at: string): void {
  const end = Date.parse(leaf.validTo);
  if (end <= now) throw new Fault('CERTIFICATE_EXPIRED', { date: new Date(end).toISOString().slice(0, 10) }, at);
}

/** Throws CERTIFICATE_WEAK for a chain that the engine would not load (OpenSSL's security level 2) and no browser takes. */
export function refuseWeakSignature(chain: readonly X509Certificate[], at: string): void {
  const weak = chain.find(one => !isRoot(one) && hasWeakSignature(one));
  if (weak)
    throw new Fault('CERTIFICATE_WEAK', { name: nameOf(weak), algorithm: weak.signatureAlgorithm ?? 'SHA-1' }, at);
}

/** MD5 and SHA-1 can be forged. */
export const hasWeakSignature = (certificate: X509Certificate): boolean =>
  /md5|sha1(?!\d)/i.test(certificate.signatureAlgorithm ?? '');

export const chainPem = (chain: readonly X509Certificate[]): string =>
  chain.map(one => pemOf('CERTIFICATE', one.raw)).join('');

/** Signed by its own key: a root, or a certificate that vouches for nobody but itself. */
export const isRoot = (certificate: X509Certificate): boolean =>
  certificate.subject === certificate.issuer && certificate.verify(certificate.publicKey);

/** The common name, or all of the subject for one that has none. */
export const nameOf = (certificate: X509Certificate): string =>
  commonName(certificate.subject) || (certificate.subject ?? '').replaceAll('\n', ', ');

/** Of a distinguished name as Node prints it, a line per part. */
export const commonName = (name: string | undefined): string => /(?:^|\n)CN=(.*)/.exec(name ?? '')?.[1] ?? '';

const isSame = (a: X509Certificate, b: X509Certificate) => a.fingerprint256 === b.fingerprint256;
