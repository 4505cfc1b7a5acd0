import { randomBytes } from 'node:crypto';
import type { Material } from './material.ts';
import { alternativeNames, distinguishedName, type KeyType, newKeys, type SubjectRequest } from './subject.ts';
import { x509 } from './x509.ts';

const DAY = 86_400_000;
const DEFAULT_DAYS = 397;

/** A certificate signed by its own key, good from a day ago (clocks differ) for `days`. */
export async function selfSigned(request: SubjectRequest & { days?: number }, now: number): Promise<Material> {
  const names = alternativeNames(request);
  const { keys, algorithm, key } = await newKeys(request.keyType);
  const made = await x509.X509CertificateGenerator.createSelfSigned({
    // Positive and without a leading zero byte, as RFC 5280, 4.1.2.2 wants it.
    serialNumber: `40${randomBytes(15).toString('hex')}`,
    name: distinguishedName({ CN: request.commonName }),
    notBefore: new Date(now - DAY),
    notAfter: new Date(now + (request.days ?? DEFAULT_DAYS) * DAY),
    keys: keys as never,
    signingAlgorithm: algorithm as never,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(usages(request.keyType), true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      ...(names ? [names] : []),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey as never),
    ],
  });
  return { chain: `${made.toString('pem')}\n`, key };
}

/** Only RSA can also encrypt a secret, as TLS 1.2 may ask for. */
const usages = (type: KeyType | undefined): number =>
  x509.KeyUsageFlags.digitalSignature | (type?.startsWith('rsa') ? x509.KeyUsageFlags.keyEncipherment : 0);
