/** A block of PEM: `-----BEGIN label-----` to its end. */
export interface PemBlock {
  label: string;
  /** The block alone, lines ended by LF. */
  text: string;
  /** False where the text ends, or another block begins, before this one's end. */
  whole: boolean;
}

/**
 * Every block in a text, in order; what stands between them is passed over (RFC 7468, 2: explanatory text). One pass
 * over the lines: no text, however made, takes longer than its length.
 */
export function pemBlocks(text: string): PemBlock[] {
  const blocks: PemBlock[] = [];
  let open: { label: string; lines: string[] } | undefined;
  const close = (whole: boolean) => {
    if (open) blocks.push({ label: open.label, text: `${open.lines.join('\n')}\n`, whole });
    open = undefined;
  };
  // Files without a last line feed, put together, have an end and a beginning in one line.
  for (const raw of text.replaceAll('----------', '-----\n-----').split(/\r\n|\n|\r/)) {
    const line = raw.trim();
    const begin = /^-----BEGIN ([A-Z0-9 ]{1,40})-----$/.exec(line);
    if (begin) {
      close(false);
      open = { label: begin[1] as string, lines: [line] };
    } else if (open) {
      open.lines.push(line);
      if (line === `-----END ${open.label}-----`) close(true);
    }
  }
  close(false);
  return blocks;
}

/** DER as PEM with lines of 64 characters. */
export function pemOf(label: string, der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
