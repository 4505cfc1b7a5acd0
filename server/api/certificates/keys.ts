import { createPrivateKey, type KeyObject, type X509Certificate } from 'node:crypto';
import { Fault } from '../../schema/faults.ts';

const CURVES: Record<string, string> = { prime256v1: 'EC P-256', secp384r1: 'EC P-384', secp521r1: 'EC P-521' };

/** Reads a private key in any PEM form, with its pass phrase if it has one. Throws KEY_UNREADABLE at `at`. */
export function readKey(pem: string, passphrase: string | undefined, at: string): KeyObject {
  const encrypted = /ENCRYPTED/.test(pem);
  if (encrypted && !passphrase)
    throw new Fault('KEY_UNREADABLE', { reason: 'it is encrypted: give its pass phrase' }, '/passphrase');
  try {
    return createPrivateKey({ key: pem, format: 'pem', ...(passphrase !== undefined && { passphrase }) });
  } catch {
    if (encrypted) throw new Fault('KEY_UNREADABLE', { reason: 'the pass phrase is wrong' }, '/passphrase');
    throw new Fault('KEY_UNREADABLE', { reason: 'it is damaged or of an unknown kind' }, at);
  }
}

/** “RSA 2048”, “EC P-256” and the like. */
export function keyTypeOf(key: KeyObject): string {
  const { modulusLength, namedCurve } = key.asymmetricKeyDetails ?? {};
  if (key.asymmetricKeyType === 'rsa') return `RSA ${modulusLength}`;
  if (key.asymmetricKeyType === 'ec') return CURVES[namedCurve ?? ''] ?? `EC ${namedCurve}`;
  return String(key.asymmetricKeyType);
}

/** Throws KEY_WEAK for what browsers or the engine would refuse. */
export function refuseWeak(key: KeyObject, at: string): void {
  const { modulusLength = 0, namedCurve = '' } = key.asymmetricKeyDetails ?? {};
  const weak = (reason: string) => new Fault('KEY_WEAK', { reason }, at);
  switch (key.asymmetricKeyType) {
    case 'rsa':
      if (modulusLength < 2048) throw weak(`RSA with ${modulusLength} bits; 2048 are the least`);
      // A handshake with such a key takes the processor for a tenth of a second: anybody could stop the service.
      if (modulusLength > 8192)
        throw weak(`RSA with ${modulusLength} bits would slow every handshake; 8192 are the most`);
      return;
    case 'ec':
      if (!(namedCurve in CURVES)) throw weak(`the curve ${namedCurve}; use P-256, P-384 or P-521`);
      return;
    default:
      throw weak(`keys of the kind ${key.asymmetricKeyType}; use RSA or EC`);
  }
}

/** The key as unencrypted PKCS#8, the one form we store. */
export const keyPem = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }).toString();

export const belongs = (certificate: X509Certificate, key: KeyObject): boolean => certificate.checkPrivateKey(key);
