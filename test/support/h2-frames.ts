/** HTTP/2 written by hand (RFC 9113), so that it can say what no library lets one say. */

const number = (value: number, prefix: number): number[] => {
  const full = 2 ** prefix - 1;
  if (value < full) return [value];
  const bytes = [full];
  let rest = value - full;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return [...bytes, rest];
};

const text = (value: string) => Buffer.concat([Buffer.from(number(value.length, 7)), Buffer.from(value, 'latin1')]);

/** A header block of literals that enter no table (RFC 7541 6.2.2). All text is latin1. */
const block = (headers: [string, string][]) =>
  Buffer.concat(headers.map(([name, value]) => Buffer.concat([Buffer.from([0]), text(name), text(value)])));

const frame = (type: number, flags: number, stream: number, body: Buffer) => {
  const head = Buffer.alloc(9);
  head.writeUIntBE(body.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, body]);
};

/** A whole client side: preface, settings, and one request with these headers and, if given, this body and trailers. */
export function h2Request(headers: [string, string][], body?: string, trailers?: [string, string][]): Buffer {
  const end = 0x1;
  const endHeaders = 0x4;
  const frames = [
    Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1'),
    frame(4, 0, 0, Buffer.alloc(0)),
    frame(1, endHeaders | (body === undefined && !trailers ? end : 0), 1, block(headers)),
  ];
  if (body !== undefined) frames.push(frame(0, trailers ? 0 : end, 1, Buffer.from(body, 'latin1')));
  if (trailers) frames.push(frame(1, endHeaders | end, 1, block(trailers)));
  return Buffer.concat(frames);
}
