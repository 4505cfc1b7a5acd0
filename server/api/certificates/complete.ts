import { X509Certificate } from 'node:crypto';
import type { Certificate } from '../../schema/certificate.ts';
import type { Config } from '../../schema/config.ts';
import { chainFrom, chainPem, isRoot } from './chain.ts';
import { pemBlocks } from './pem.ts';

/**
 * The tree with every chain that lacks an intermediate completed from the authorities, as far as these go. Looks only
 * when certificates or authorities are others than before; returns the same tree when nothing is missing.
 */
export function completed(config: Config, before: Config, now: number): Config {
  if (config.certificates === before.certificates && config.authorities === before.authorities) return config;
  const pool = config.authorities.flatMap(authority => readable(authority.chain)).filter(one => isGood(one, now));
  if (pool.length === 0) return config;
  const certificates = config.certificates.map(certificate => completedFrom(certificate, pool));
  return certificates.every((one, at) => one === config.certificates[at]) ? config : { ...config, certificates };
}

/** The certificate with what its chain lacks; the same object when these have nothing to add. */
export function completedFrom(certificate: Certificate, pool: readonly X509Certificate[]): Certificate {
  const own = readable(certificate.chain);
  const [leaf] = own;
  if (!leaf || isRoot(leaf)) return certificate;
  const chain = chainFrom(leaf, [...own, ...pool]);
  return chain.length > own.length ? { ...certificate, chain: chainPem(chain) } : certificate;
}

/** The first other certificate whose chain has what this one's lacks. */
export function holderOf(certificate: Certificate, config: Config, now: number): Certificate | undefined {
  return config.certificates.find(
    other => other.id !== certificate.id && completedFrom(certificate, issuersIn(other, now)) !== certificate,
  );
}

/** The intermediates that a certificate brings along. */
export const issuersIn = (certificate: Certificate, now: number): X509Certificate[] =>
  readable(certificate.chain)
    .slice(1)
    .filter(one => isGood(one, now));

/** The certificates in a text; none when one of them cannot be read. */
export function readable(pem: string): X509Certificate[] {
  try {
    return pemBlocks(pem)
      .filter(block => block.label === 'CERTIFICATE')
      .map(block => new X509Certificate(block.text));
  } catch {
    return [];
  }
}

const isGood = (certificate: X509Certificate, now: number) => certificate.ca && Date.parse(certificate.validTo) > now;
