import type { CipherSet } from '../../schema/cipher-set.ts';
import { Fault } from '../../schema/faults.ts';
import { openssl } from './openssl.ts';

/** Without encryption or without knowing whom one speaks to. */
const WORTHLESS = /NULL|^ADH-|^AECDH-|EXPORT|-DES-CBC-|RC4|MD5/;

/**
 * Throws CIPHER_UNKNOWN for a name that the engine's OpenSSL has no cipher for: it would pass over it without a word.
 */
export async function checkCipherSet(set: CipherSet): Promise<void> {
  const worthless = set.ciphers.split(':').find(name => WORTHLESS.test(name));
  if (worthless)
    throw new Fault('CIPHER_UNKNOWN', { name: worthless, reason: 'protects nothing and is not offered' }, '/ciphers');
  await refuseUnknown(set.ciphers, ['ciphers', `${set.ciphers}:@SECLEVEL=0`], '/ciphers');
  await refuseUnknown(set.suites, ['ciphers', '-tls1_3', '-s', '-ciphersuites', set.suites], '/suites');
}

async function refuseUnknown(names: string, args: readonly string[], at: string): Promise<void> {
  const ran = await openssl(args, '', '');
  const known = new Set(ran?.code === 0 ? ran.out.trim().split(':') : []);
  const unknown = names.split(':').find(name => !known.has(name));
  if (unknown) throw new Fault('CIPHER_UNKNOWN', { name: unknown, reason: 'is not known to OpenSSL here' }, at);
}
