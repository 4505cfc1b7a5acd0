import type { Config } from '../../schema/config.ts';
import { type Ciphers, cipherSets } from '../../schema/service/cipher-lists.ts';
import type { VirtualService } from '../../schema/virtual-service.ts';
import { word } from '../word.ts';

/** Words of a bind line; the default set stands in the global section. */
export function cipherWords(vs: VirtualService, config: Config): string[] {
  if (vs.cipherSet === 'default') return [];
  const own = config.cipherSets.find(set => set.id === vs.customCipherSet);
  const { ciphers, suites, weak }: Ciphers =
    vs.cipherSet === 'custom'
      ? { ciphers: own?.ciphers.split(':') ?? [], suites: own?.suites.split(':') ?? [] }
      : cipherSets[vs.cipherSet];
  const level = weak || isOld(vs.tlsMinimum) ? [LOWEST] : [];
  return ['ciphers', word([...ciphers, ...level].join(':')), 'ciphersuites', word(suites.join(':'))];
}

/** Versions before TLS 1.2 sign with SHA-1, which OpenSSL 3 allows only here. */
export const isOld = (version: VirtualService['tlsMinimum']): boolean => version === 'TLSv1.0' || version === 'TLSv1.1';

export const LOWEST = '@SECLEVEL=0';
