const BLOCK = 512;

/** Files as a POSIX tar archive (IEEE 1003.1, ustar): names of at most 100 ASCII letters, all of one time in seconds. */
export function tar(files: Readonly<Record<string, string>>, seconds: number): Buffer {
  const parts: Buffer[] = [];
  for (const [name, text] of Object.entries(files)) {
    const body = Buffer.from(text);
    const head = Buffer.alloc(BLOCK);
    const octal = (value: number, at: number, length: number) =>
      head.write(`${value.toString(8).padStart(length - 1, '0')}\0`, at, 'latin1');
    head.write(name, 0, 100, 'latin1');
    octal(0o600, 100, 8);
    octal(0, 108, 8);
    octal(0, 116, 8);
    octal(body.length, 124, 12);
    octal(seconds, 136, 12);
    head.write('        0', 148, 'latin1');
    head.write('ustar\x0000', 257, 'latin1');
    const sum = head.reduce((total, byte) => total + byte, 0);
    head.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
    parts.push(head, body, Buffer.alloc((BLOCK - (body.length % BLOCK)) % BLOCK));
  }
  return Buffer.concat([...parts, Buffer.alloc(2 * BLOCK)]);
}
