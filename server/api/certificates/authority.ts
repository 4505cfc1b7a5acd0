import type { X509Certificate } from 'node:crypto';
import type { Authority } from '../../schema/authority.ts';
import type { Config } from '../../schema/config.ts';
import type { AuthorityFacts } from '../../schema/endpoints.ts';
import { Fault } from '../../schema/faults.ts';
import { usersOf } from '../../schema/users-of.ts';
import { chainPem, commonName, isRoot, nameOf, readCertificates } from './chain.ts';
import { readable } from './complete.ts';
import { pemBlocks, pemOf } from './pem.ts';
import { x509 } from './x509.ts';

/** More lists than an authority has issuers. */
const MOST_LISTS = 20;

/**
 * An authority as it is stored: its certificates and lists alone, without what stood between them. Throws
 * CERTIFICATE_UNREADABLE at `/chain` or `/revocations`.
 */
export function readAuthority(given: Authority): Authority {
  const blocks = pemBlocks(given.chain);
  const unreadable = (reason: string, at: string) => new Fault('CERTIFICATE_UNREADABLE', { reason }, at);
  if (blocks.some(block => block.label.endsWith('PRIVATE KEY')))
    throw unreadable('there is a private key among them, which nobody else should ever have', '/chain');
  const certificates = readCertificates(
    blocks.filter(block => block.label === 'CERTIFICATE' || block.label === 'X509 CERTIFICATE'),
    '/chain',
  );
  if (certificates.length === 0) throw unreadable('there is no line “-----BEGIN CERTIFICATE-----”', '/chain');
  const server = certificates.find(one => !one.ca);
  if (server) throw unreadable(`“${nameOf(server)}” is not an issuer but a certificate of somebody`, '/chain');
  const lists = pemBlocks(given.revocations).filter(block => block.label === 'X509 CRL');
  if (given.revocations.trim() !== '' && lists.length === 0)
    throw new Fault('CRL_UNREADABLE', { reason: 'there is no line “-----BEGIN X509 CRL-----”' }, '/revocations');
  if (lists.length > MOST_LISTS)
    throw new Fault('CRL_UNREADABLE', { reason: `there are more than ${MOST_LISTS}` }, '/revocations');
  const revocations = lists.map(({ text }) => {
    const list = crlOf(text);
    if (!list) throw new Fault('CRL_UNREADABLE', { reason: 'one of them is damaged' }, '/revocations');
    return pemOf('X509 CRL', new Uint8Array(list.rawData));
  });
  refuseForeign(certificates, lists);
  return { ...given, chain: chainPem(unique(certificates)), revocations: revocations.join('') };
}

/** OpenSSL looks for a list of every issuer once there is any: a list of somebody else would refuse every client. */
function refuseForeign(certificates: readonly X509Certificate[], lists: readonly { text: string }[]): void {
  if (lists.length === 0) return;
  const issuers = lists.map(({ text }) => crlOf(text)?.issuer);
  const names = new Map(certificates.map(one => [new x509.X509Certificate(one.raw as never).subject, nameOf(one)]));
  const foreign = issuers.find(issuer => issuer !== undefined && !names.has(issuer));
  if (foreign !== undefined)
    throw new Fault('CRL_UNREADABLE', { reason: `the list of “${foreign}” is of none of the issuers` }, '/revocations');
  const without = [...names].find(([subject]) => !issuers.includes(subject));
  if (without)
    throw new Fault(
      'CRL_UNREADABLE',
      { reason: `the list of “${without[1]}” is missing: with one list every issuer needs one` },
      '/revocations',
    );
}

/** What people are shown of an authority, for the list and before it is used. */
export function authorityFacts(authority: Authority, config: Config): AuthorityFacts {
  const certificates = readable(authority.chain);
  return {
    id: authority.id,
    certificates: certificates.map(one => ({
      subject: nameOf(one),
      issuer: commonName(one.issuer) || (one.issuer ?? '').replaceAll('\n', ', '),
      root: isRoot(one),
      notAfter: Date.parse(one.validTo),
      fingerprint: one.fingerprint256,
    })),
    lists: pemBlocks(authority.revocations).flatMap(({ text }) => {
      const list = crlOf(text);
      if (!list) return [];
      return [{ issuer: list.issuer, nextUpdate: list.nextUpdate?.getTime() ?? null, revoked: list.entries.length }];
    }),
    usedBy: usersOf(config, 'authority', authority.id).map(({ object }) => object.id),
  };
}

function crlOf(pem: string) {
  try {
    return new x509.X509Crl(pem);
  } catch {
    return undefined;
  }
}

const unique = (certificates: readonly X509Certificate[]) =>
  certificates.filter((one, at) => certificates.findIndex(two => two.fingerprint256 === one.fingerprint256) === at);
