import { X509Certificate } from 'node:crypto';
import type { Certificate } from '../../schema/certificate.ts';
import type { Config } from '../../schema/config.ts';
import type { CertificateView } from '../../schema/endpoints.ts';
import { canonical } from '../../schema/rules.ts';
import { commonName, hasWeakSignature, isRoot, nameOf } from './chain.ts';
import { holderOf, readable } from './complete.ts';
import { keyTypeOf } from './keys.ts';
import { pemBlocks } from './pem.ts';
import { x509 } from './x509.ts';

const SOON = 30 * 86_400_000;

/** What people are shown of a certificate; never a key. Pure but for the reading of PEM. */
export function certificateView(certificate: Certificate, config: Config, now: number): CertificateView {
  const { id, name, chain, request } = certificate;
  const usedBy = config.virtualServices
    .filter(vs => vs.certificates.includes(id) || vs.serverCertificate === id)
    .map(vs => vs.id);
  const shared = { id, name, chain, request, issuerFrom: '', usedBy };
  if (!chain) return { ...shared, ...requestFacts(request) };
  const known = config.authorities.flatMap(authority => readable(authority.chain));
  const seen = { ...shared, ...facts(chain, now, known) };
  if (!seen.chainProblem.startsWith(MISSING)) return seen;
  return { ...seen, issuerFrom: holderOf(certificate, config, now)?.name ?? '' };
}

function facts(chain: string, now: number, known: readonly X509Certificate[]) {
  const certificates = pemBlocks(chain).map(block => new X509Certificate(block.text));
  const leaf = certificates[0] as X509Certificate;
  const names = namesOf(leaf);
  return {
    subject: commonName(leaf.subject) || names[0] || '',
    names,
    issuer: commonName(leaf.issuer) || (leaf.issuer ?? '').replaceAll('\n', ', '),
    selfSigned: isRoot(leaf),
    notBefore: Date.parse(leaf.validFrom),
    notAfter: Date.parse(leaf.validTo),
    keyType: keyTypeOf(leaf.publicKey),
    fingerprint: leaf.fingerprint256,
    chainProblem: problem(certificates, now, known),
  };
}

/** The first thing that clients would complain about, as a sentence. */
function problem(certificates: readonly X509Certificate[], now: number, known: readonly X509Certificate[]): string {
  const leaf = certificates[0] as X509Certificate;
  const day = (date: string) => new Date(date).toISOString().slice(0, 10);
  if (Date.parse(leaf.validTo) <= now) return `It ended on ${day(leaf.validTo)}: clients refuse it.`;
  if (Date.parse(leaf.validFrom) > now)
    return `It is not valid before ${day(leaf.validFrom)}: clients refuse it until then.`;
  const ended = certificates.slice(1).find(one => Date.parse(one.validTo) <= now);
  if (ended) return `The intermediate “${nameOf(ended)}” ended on ${day(ended.validTo)}: clients refuse the chain.`;
  const weak = certificates.find(hasWeakSignature);
  if (weak)
    return `“${nameOf(weak)}” is signed with ${weak.signatureAlgorithm}, which can be forged: clients refuse it.`;
  if (isRoot(leaf)) return 'It is self-signed: clients warn unless they were told to trust it.';
  const last = certificates.at(-1) as X509Certificate;
  if (isMissing(last, certificates.length, known)) {
    const url = /CA Issuers - URI:(\S+)/.exec(last.infoAccess ?? '')?.[1];
    const offered = url ? ` Its issuer offers it at ${url}; add it under Intermediate Certificates.` : '';
    return `${MISSING} “${issuerName(last)}” is missing: clients that do not know it will refuse.${offered}`;
  }
  if (Date.parse(leaf.validTo) - now < SOON) return `It ends soon, on ${day(leaf.validTo)}.`;
  return '';
}

const MISSING = 'The intermediate';

/**
 * A chain that ends below a root needs nothing more. Among the authorities is told which issuers are roots; of others
 * one below the first is taken for one, as are those that call themselves so: roots sign servers only inside companies.
 */
function isMissing(last: X509Certificate, length: number, known: readonly X509Certificate[]): boolean {
  const issuer = known.find(one => last.checkIssued(one) && last.verify(one.publicKey));
  if (issuer) return !isRoot(issuer);
  return length === 1 && !/\broot\b/i.test(commonName(last.issuer));
}

const issuerName = (one: X509Certificate) => commonName(one.issuer) || (one.issuer ?? '').replaceAll('\n', ', ');

function requestFacts(pem: string) {
  const none = { issuer: '', selfSigned: false, notBefore: null, notAfter: null, fingerprint: '', chainProblem: '' };
  if (!pem) return { ...none, subject: '', names: [], keyType: '' };
  const request = new x509.Pkcs10CertificateRequest(pem);
  const extension = request.extensions.find(one => one instanceof x509.SubjectAlternativeNameExtension);
  const names = extension?.names.items.map(item => item.value) ?? [];
  const algorithm = request.publicKey.algorithm as { name: string; modulusLength?: number; namedCurve?: string };
  return {
    ...none,
    subject: request.subjectName.getField('CN')[0] ?? names[0] ?? '',
    names,
    keyType: algorithm.namedCurve ? `EC ${algorithm.namedCurve}` : `RSA ${algorithm.modulusLength}`,
  };
}

function namesOf(certificate: X509Certificate): string[] {
  return (certificate.subjectAltName ?? '')
    .split(', ')
    .filter(part => /^(?:DNS|IP Address):/.test(part))
    .map(part => canonical(part.slice(part.indexOf(':') + 1)));
}
