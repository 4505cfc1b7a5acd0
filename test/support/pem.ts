import { X509Certificate } from 'node:crypto';
import { generate } from 'selfsigned';

/** A certificate and its key, both PEM. */
export interface Pem {
  chain: string;
  key: string;
  /** SHA-256 of the certificate, hexadecimal pairs. */
  fingerprint: string;
}

/** A new self-signed certificate for these host names, the first one as common name. */
export async function makePem(...names: string[]): Promise<Pem> {
  const made = await generate([{ name: 'commonName', value: names[0] ?? 'localhost' }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    extensions: [{ name: 'subjectAltName', altNames: names.map(value => ({ type: 2 as const, value })) }],
  });
  return { chain: made.cert, key: made.private, fingerprint: new X509Certificate(made.cert).fingerprint256 };
}
