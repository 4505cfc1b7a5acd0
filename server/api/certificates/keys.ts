import { createPrivateKey, type KeyObject, type X509Certificate } from 'node:crypto';
import { Fault } from '../../schema/faults.ts';
import { openssl } from './openssl.ts';
import type { PemBlock } from './pem.ts';

const CURVES: Record<string, string> = { prime256v1: 'EC P-256', secp384r1: 'EC P-384', secp521r1: 'EC P-521' };

/** Reads a private key in any PEM form, with its pass phrase if it has one. Throws KEY_UNREADABLE at `at`. */
export async function readKey(block: PemBlock, passphrase: string | undefined, at: string): Promise<KeyObject> {
  const unreadable = (reason: string, where = at) => new Fault('KEY_UNREADABLE', { reason }, where);
  if (!block.whole) throw unreadable('its text ends in the middle');
  const locked = /ENCRYPTED/.test(block.text);
  if (locked && !passphrase) throw unreadable('it is encrypted: give its pass phrase', '/passphrase');
  const text = locked ? await unlocked(block, passphrase ?? '', unreadable) : block.text;
  try {
    return createPrivateKey(text);
  } catch {
    throw unreadable('it is damaged or of an unknown kind');
  }
}

/** Old keys are encrypted in ways of the legacy provider only; new ones may ask for more rounds than anyone has time for. */
async function unlocked(
  block: PemBlock,
  passphrase: string,
  unreadable: (reason: string, where?: string) => Fault,
): Promise<string> {
  if (!isComplete(block)) throw unreadable('it is damaged');
  const providers = ['-provider', 'default', '-provider', 'legacy'];
  const ran = await openssl(['pkey', '-passin', 'env:PASSPHRASE', ...providers], block.text, passphrase);
  if (!ran) throw unreadable('it takes too long to decrypt');
  if (ran.code !== 0) throw unreadable('the pass phrase is wrong', '/passphrase');
  return ran.out;
}

/** A wrong pass phrase and cut-off text end alike in openssl; a look at the lengths tells them apart. */
function isComplete({ label, text }: PemBlock): boolean {
  const body = Buffer.from(
    text
      .split('\n')
      .filter(line => !/^-----|:/.test(line))
      .join(''),
    'base64',
  );
  // The old form is cipher text alone: blocks of 8 bytes at least.
  if (label !== 'ENCRYPTED PRIVATE KEY') return body.length > 0 && body.length % 8 === 0;
  // The new one is a DER sequence that says its length, longer than fits one byte.
  const lengthBytes = (body[1] ?? 0) - 0x80;
  if (body[0] !== 0x30 || lengthBytes < 1 || lengthBytes > 3 || body.length < 5) return false;
  return body.readUIntBE(2, lengthBytes) === body.length - 2 - lengthBytes;
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
  const { modulusLength = 0, namedCurve = 'without a name' } = key.asymmetricKeyDetails ?? {};
  const weak = (reason: string) => new Fault('KEY_WEAK', { reason }, at);
  switch (key.asymmetricKeyType) {
    case 'rsa':
      if (modulusLength < 2048) throw weak(`RSA with ${modulusLength} bits is too weak; 2048 are the least`);
      // A handshake with such a key takes the processor for a tenth of a second: anybody could stop the service.
      if (modulusLength > 8192)
        throw weak(`RSA with ${modulusLength} bits would slow every handshake; 8192 are the most`);
      return;
    case 'ec':
      if (!(namedCurve in CURVES)) throw weak(`the curve is ${namedCurve}; use P-256, P-384 or P-521`);
      return;
    default:
      // The engine takes Ed25519; browsers do not.
      throw weak(`browsers know no certificates with a key of the kind ${key.asymmetricKeyType}; use RSA or EC`);
  }
}

/** The key as unencrypted PKCS#8, the one form we store. */
export const keyPem = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }).toString();

export const belongs = (certificate: X509Certificate, key: KeyObject): boolean => certificate.checkPrivateKey(key);
