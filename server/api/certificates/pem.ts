/** A block of PEM: `-----BEGIN label-----` to its end. */
export interface PemBlock {
  label: string;
  text: string;
}

/** Every block in a text, in order; what stands between them is passed over (RFC 7468, 2: explanatory text). */
export function pemBlocks(text: string): PemBlock[] {
  const pattern = /-----BEGIN ([A-Z0-9 ]{1,40})-----\r?\n([\s\S]{1,40000}?)-----END \1-----/g;
  return [...text.matchAll(pattern)].map(match => ({
    label: match[1] as string,
    text: `${match[0].replaceAll('\r', '').trim()}\n`,
  }));
}

/** DER as PEM with lines of 64 characters. */
export function pemOf(label: string, der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
