import { createHash, createPublicKey, generateKeyPairSync } from 'node:crypto';

const TYPE = 'ecdsa-sha2-nistp256';
const CURVE = 'nistp256';

/** A new private key that OpenSSH of any age reads: P-256 in SEC 1, as PEM. */
export const newSshKey = (): string =>
  generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    privateKeyEncoding: { type: 'sec1', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  }).privateKey;

/** The line for authorized_keys (RFC 5656, 3.1); throws when the text is no such key. */
export function publicLine(pem: string, comment: string): string {
  const { x = '', y = '' } = createPublicKey(pem).export({ format: 'jwk' });
  const point = Buffer.concat([Buffer.from([4]), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]);
  const blob = Buffer.concat([TYPE, CURVE, point].map(part => counted(Buffer.from(part as string))));
  return `${TYPE} ${blob.toString('base64')} ${comment.replaceAll(/[^\w.-]/g, '')}`;
}

function counted(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** What OpenSSH shows of a public key, `SHA256:…`; empty for none. */
export function fingerprintOf(key: string): string {
  const [, blob = ''] = key.split(' ');
  if (blob === '') return '';
  return `SHA256:${createHash('sha256').update(Buffer.from(blob, 'base64')).digest('base64').replace(/=+$/, '')}`;
}
