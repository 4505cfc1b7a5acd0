import { base64 } from '../../parts/base64.ts';

/** What people dropped or pasted, in the shape the API takes it. */
export interface Material {
  pem?: string;
  pfx?: string;
  passphrase?: string;
}

/** What was found in the files, one line each, for the person who dropped them. */
export interface Read {
  material: Material;
  found: string[];
}

const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----/g;
/** ASN.1 SEQUENCE: how every DER file begins. */
const SEQUENCE = 0x30;
const MOST = 512 * 1024;

/**
 * Reads certificate files: any number of PEM and DER files make one certificate with its key and chain; a PFX
 * stands alone. Throws an Error with a sentence when a file cannot be part of that.
 */
export async function readFiles(files: readonly File[]): Promise<Read> {
  const texts: string[] = [];
  const found: string[] = [];
  let pfx: string | undefined;
  for (const file of files) {
    if (file.size > MOST) throw new Error(`“${file.name}” is larger than any certificate.`);
    const data = new Uint8Array(await file.arrayBuffer());
    const text = new TextDecoder().decode(data);
    const kinds = [...text.matchAll(BLOCK)].map(match => (match[1] ?? '').toLowerCase());
    if (kinds.length > 0) {
      texts.push(text.trim());
      found.push(`${file.name}: ${counted(kinds)}`);
    } else if (data[0] !== SEQUENCE) {
      throw new Error(`“${file.name}” is neither PEM nor PFX.`);
    } else if (/\.(?:cer|crt|der)$/i.test(file.name)) {
      texts.push(pemOf(data));
      found.push(`${file.name}: certificate`);
    } else {
      if (pfx) throw new Error('One PFX file at a time: each holds a certificate of its own.');
      pfx = base64(data);
      found.push(`${file.name}: PFX`);
    }
  }
  if (pfx && texts.length > 0) throw new Error('A PFX file holds its key and chain already: drop it alone.');
  return { material: pfx ? { pfx } : { pem: `${texts.join('\n')}\n` }, found };
}

/** "2 certificates, private key". */
function counted(kinds: string[]): string {
  const numbers = new Map<string, number>();
  for (const kind of kinds) numbers.set(kind, (numbers.get(kind) ?? 0) + 1);
  return [...numbers].map(([kind, n]) => (n === 1 ? kind : `${n} ${kind}s`)).join(', ');
}

function pemOf(data: Uint8Array): string {
  const lines = base64(data).match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----`;
}
