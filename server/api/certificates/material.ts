import { Fault } from '../../schema/faults.ts';
import { chainFrom, chainPem, newestFirst, readCertificates, refuseExpired, refuseWeakSignature } from './chain.ts';
import { belongs, keyPem, readKey, refuseWeak } from './keys.ts';
import { openssl } from './openssl.ts';
import { type PemBlock, pemBlocks } from './pem.ts';

export interface MaterialRequest {
  pem?: string;
  key?: string;
  /** base64 */
  pfx?: string;
  passphrase?: string;
}

export interface Material {
  /** The server's certificate first, then its intermediates. */
  chain: string;
  /** Unencrypted PKCS#8. */
  key: string;
}

/**
 * Reads what people have: PEM in any order with the key inside or beside it, or PFX. Throws a fault that says what
 * is missing, damaged, expired or does not fit, at the field it came in.
 */
export async function readMaterial(request: MaterialRequest, now: number): Promise<Material> {
  if ((request.pem === undefined) === (request.pfx === undefined))
    throw new Fault('NEEDS', { label: 'An import', needs: 'either PEM or PFX' }, '/pem');
  const at = request.pfx === undefined ? '/pem' : '/pfx';
  const text = request.pfx === undefined ? (request.pem ?? '') : await readPfx(request.pfx, request.passphrase ?? '');
  const blocks = pemBlocks(text);
  const certificates = readCertificates(blocks.filter(isCertificate), at);
  if (certificates.length === 0) throw new Fault('CERTIFICATE_UNREADABLE', { reason: nothingIn(text) }, at);

  const keyAt = request.key === undefined ? at : '/key';
  const keyBlock = (request.key === undefined ? blocks : pemBlocks(request.key)).find(isKey);
  if (!keyBlock && request.key)
    throw new Fault('KEY_UNREADABLE', { reason: 'there is no PEM block with a private key in it' }, '/key');
  if (!keyBlock) throw new Fault('KEY_MISSING', {}, request.pfx === undefined ? '/key' : '/pfx');
  const key = await readKey(keyBlock, request.passphrase, keyAt);
  refuseWeak(key, keyAt);

  const leaf = newestFirst(certificates).find(certificate => belongs(certificate, key));
  if (!leaf) throw new Fault('KEY_MISMATCH', {}, keyAt);
  refuseExpired(leaf, now, at);
  const chain = chainFrom(leaf, certificates);
  refuseWeakSignature(chain, at);
  return { chain: chainPem(chain), key: keyPem(key) };
}

const isCertificate = ({ label }: PemBlock) => label === 'CERTIFICATE' || label === 'X509 CERTIFICATE';
const isKey = ({ label }: PemBlock) => label.endsWith('PRIVATE KEY');

/** PFX as PEM. Old files use ciphers that openssl 3 has only in its legacy provider: that is the second try. */
async function readPfx(base64: string, passphrase: string): Promise<string> {
  const der = Buffer.from(base64, 'base64');
  const args = ['pkcs12', '-nodes', '-passin', 'env:PASSPHRASE'];
  for (const more of [[], ['-legacy']]) {
    const ran = await openssl([...args, ...more], der, passphrase);
    if (!ran) throw new Fault('CERTIFICATE_UNREADABLE', { reason: 'the PFX file takes too long to open' }, '/pfx');
    if (ran.code === 0) return ran.out;
    if (/invalid password|mac verify/i.test(ran.said)) {
      const reason = passphrase ? 'the pass phrase is wrong' : 'it is encrypted: give its pass phrase';
      throw new Fault('KEY_UNREADABLE', { reason }, '/passphrase');
    }
  }
  throw new Fault('CERTIFICATE_UNREADABLE', { reason: 'this is not a PFX file, or it is damaged' }, '/pfx');
}

function nothingIn(text: string): string {
  if (/-----BEGIN (?:NEW )?CERTIFICATE REQUEST-----/.test(text)) return 'this is a signing request, not its answer';
  if (/-----BEGIN PKCS7-----/.test(text)) return 'this is PKCS#7; ask its issuer for PEM';
  if (/-----BEGIN CERTIFICATE-----/.test(text))
    return 'no block between BEGIN CERTIFICATE and END CERTIFICATE is whole';
  return 'there is no line “-----BEGIN CERTIFICATE-----”';
}
