import type { Certificate } from '../../schema/certificate.ts';
import { alternativeNames, distinguishedName, newKeys, type SubjectRequest } from './subject.ts';
import { x509 } from './x509.ts';

export interface SigningRequest extends SubjectRequest {
  country?: string;
  state?: string;
  city?: string;
  company?: string;
  organization?: string;
  email?: string;
}

/** A new key and the request (PKCS#10, SHA-256) by which an issuer makes a certificate for it. */
export async function signingRequest(request: SigningRequest): Promise<Pick<Certificate, 'request' | 'requestKey'>> {
  const names = alternativeNames(request);
  const { keys, algorithm, key } = await newKeys(request.keyType);
  const made = await x509.Pkcs10CertificateRequestGenerator.create({
    name: distinguishedName({
      C: request.country,
      ST: request.state,
      L: request.city,
      O: request.company,
      OU: request.organization,
      CN: request.commonName,
      E: request.email,
    }),
    keys: keys as never,
    signingAlgorithm: algorithm as never,
    extensions: names ? [names] : [],
  });
  return { request: `${made.toString('pem')}\n`, requestKey: key };
}
