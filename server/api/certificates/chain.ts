import { X509Certificate } from 'node:crypto';
import { Fault } from '../../schema/faults.ts';
import { pemOf } from './pem.ts';

/** More certificates than any chain has; each costs time to read. */
const MOST = 20;

/** Reads certificates from PEM blocks; throws CERTIFICATE_UNREADABLE at `at`. */
export function readCertificates(blocks: readonly string[], at: string): X509Certificate[] {
  if (blocks.length > MOST)
    throw new Fault('CERTIFICATE_UNREADABLE', { reason: `there are more than ${MOST} of them` }, at);
  return blocks.map(block => {
    try {
      return new X509Certificate(block);
    } catch {
      throw new Fault('CERTIFICATE_UNREADABLE', { reason: 'one of them is damaged' }, at);
    }
  });
}

/** The server's own certificate and then its issuers as far as they are here; roots and strangers are left out. */
export function chainFrom(leaf: X509Certificate, pool: readonly X509Certificate[]): X509Certificate[] {
  const chain = [leaf];
  for (let last = leaf; chain.length <= MOST; ) {
    const issuer = pool.find(
      candidate =>
        candidate.fingerprint256 !== last.fingerprint256 &&
        !isRoot(candidate) &&
        last.checkIssued(candidate) &&
        last.verify(candidate.publicKey),
    );
    if (!issuer || chain.some(known => known.fingerprint256 === issuer.fingerprint256)) break;
    chain.push(issuer);
    last = issuer;
  }
  return chain;
}

/** Throws CERTIFICATE_EXPIRED for a certificate that has ended. */
export function refuseExpired(leaf: X509Certificate, now: number, at: string): void {
  const end = Date.parse(leaf.validTo);
  if (end <= now) throw new Fault('CERTIFICATE_EXPIRED', { date: new Date(end).toISOString().slice(0, 10) }, at);
}

export const chainPem = (chain: readonly X509Certificate[]): string =>
  chain.map(one => pemOf('CERTIFICATE', one.raw)).join('');

/** Signed by its own key: a root, or a certificate that vouches for nobody but itself. */
export const isRoot = (certificate: X509Certificate): boolean =>
  certificate.subject === certificate.issuer && certificate.verify(certificate.publicKey);
