import { webcrypto } from 'node:crypto';
import { domainToASCII } from 'node:url';
import { Fault } from '../../schema/faults.ts';
import { canonical, isAddress } from '../../schema/rules.ts';
import { x509 } from './x509.ts';

export type KeyType = 'ec-p256' | 'rsa-2048' | 'rsa-4096';

export interface SubjectRequest {
  commonName: string;
  names?: string[];
  keyType?: KeyType;
}

const rsa = (modulusLength: number) => ({
  name: 'RSASSA-PKCS1-v1_5',
  hash: 'SHA-256',
  modulusLength,
  publicExponent: new Uint8Array([1, 0, 1]),
});

const algorithms = {
  'ec-p256': { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' },
  'rsa-2048': rsa(2048),
  'rsa-4096': rsa(4096),
};

/** A new key pair and how it signs. */
export async function newKeys(type: KeyType = 'ec-p256') {
  const algorithm = algorithms[type];
  const keys = (await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])) as unknown as CryptoKeyPair;
  const key = x509.PemConverter.encode(
    await webcrypto.subtle.exportKey('pkcs8', keys.privateKey as never),
    'PRIVATE KEY',
  );
  return { keys, algorithm, key: `${key}\n` };
}

/**
 * The extension that says what a certificate is for. The common name belongs in it too: browsers read nothing else.
 * Throws BAD_ADDRESS for a name that no client could ask for.
 */
export function alternativeNames({
  commonName,
  names = [],
}: SubjectRequest): x509.SubjectAlternativeNameExtension | undefined {
  const fromCommon = hostOf(commonName);
  const all = [...(fromCommon ? [fromCommon] : []), ...names.map((name, at) => needHost(name, at))];
  const unique = [...new Set(all)];
  if (unique.length === 0) return undefined;
  return new x509.SubjectAlternativeNameExtension(
    unique.map(value => ({ type: isAddress(value) ? ('ip' as const) : ('dns' as const), value })),
  );
}

/**
 * A distinguished name. Values are given as data of a told kind, so that no character in them can start another part
 * or stand for bytes, as `#` does in a plain value. The kinds are those of RFC 5280, appendix A.
 */
export function distinguishedName(parts: Record<string, string | undefined>): x509.Name {
  return new x509.Name(
    Object.entries(parts).flatMap(([type, value]) => (value ? [{ [type]: [encoded(type, value)] }] : [])),
  );
}

const encoded = (type: string, value: string) => {
  if (type === 'C') return { printableString: value };
  return type === 'E' ? { ia5String: value } : { utf8String: value };
};

function needHost(name: string, at: number): string {
  const host = hostOf(name);
  if (!host)
    throw new Fault('BAD_ADDRESS', { address: name, reason: 'is neither a host name nor an address' }, `/names/${at}`);
  return host;
}

/** A host name in the form of DNS (RFC 5890), a wildcard of one whole label (RFC 9525, 6.3), or an address. */
function hostOf(name: string): string | undefined {
  if (isAddress(name)) return canonical(name);
  const wildcard = name.startsWith('*.');
  const plain = wildcard ? name.slice(2) : name;
  // domainToASCII reads a URL's host and would leave out what follows a slash.
  if (!/^[\p{L}\p{M}\p{N}.-]+$/u.test(plain)) return undefined;
  const ascii = domainToASCII(plain);
  const label = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
  if (!new RegExp(`^${label}(?:\\.${label})*$`).test(ascii) || ascii.length > 250 || /^[\d.]+$/.test(ascii))
    return undefined;
  return wildcard ? `*.${ascii}` : ascii;
}
