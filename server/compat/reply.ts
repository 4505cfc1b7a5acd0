import type { FastifyReply } from 'fastify';

export type Version = 1 | 2;

/** A boolean that version 1 writes `yes` or `no`, where others are `Y` or `N`. */
export class YesNo {
  readonly value: boolean;

  constructor(value: boolean) {
    this.value = value;
  }

  toJSON(): boolean {
    return this.value;
  }
}

export type Value =
  | string
  | number
  | boolean
  | YesNo
  | undefined
  | readonly Value[]
  | { readonly [name: string]: Value };
export type Data = { readonly [name: string]: Value };

/** What a command answers. `data` in the types of version 2; `text` is what stands in for it or beside it. */
export interface Reply {
  data?: Data;
  text?: string;
  /** Only text in version 1, where version 2 has both. */
  textIn1?: boolean;
  /** A text that is all there is under `Data` in version 1. */
  bare1?: string;
  /** A file: its bytes in version 1, base64 under this key, or `data`, in version 2. */
  file?: { body: Buffer; type?: string; key?: string };
}

export const done: Reply = { text: 'Command completed ok' };

/** Elements that hold a list of plain texts in version 1, and what each text is called there. */
const WRAPPED: Record<string, string> = {
  InterceptOpts: 'Opt',
  OwaspOpts: 'Opt',
  PreProcessRules: 'Name',
  RequestRules: 'Name',
  ResponseRules: 'Name',
  MatchBodyRules: 'Name',
  ResponseBodyRules: 'Name',
  MatchRules: 'Name',
  AdditionalAddresses: 'IPaddress',
  apikeys: 'key',
  commands: 'cmd',
};

/** ASCII only: whatever label a client believes, the bytes mean the same. What XML cannot carry becomes U+FFFD. */
export function escaped(text: string): string {
  return text.replace(/[^\x20-\x25\x27-\x3b\x3d\x3f-\x7e]/gu, character => {
    const code = character.codePointAt(0) ?? 0;
    const legal = code === 9 || code === 10 || code === 13 || (code >= 32 && !(code >= 0xd800 && code <= 0xdfff));
    return `&#${legal && code !== 0xfffe && code !== 0xffff ? code : 0xfffd};`;
  });
}

export function xmlOf(name: string, value: Value): string {
  if (value === undefined) return '';
  if (Array.isArray(value)) {
    const item = WRAPPED[name];
    const items = (value as readonly Value[]).map(each => xmlOf(item ?? name, each)).join('');
    return item === undefined ? items : `<${name}>${items}</${name}>`;
  }
  if (value instanceof YesNo) return `<${name}>${value.value ? 'yes' : 'no'}</${name}>`;
  if (typeof value === 'boolean') return `<${name}>${value ? 'Y' : 'N'}</${name}>`;
  if (typeof value === 'object') return `<${name}>${childrenOf(value as Data)}</${name}>\n`;
  return `<${name}>${escaped(String(value))}</${name}>`;
}

const childrenOf = (data: Data) =>
  Object.entries(data)
    .map(([name, value]) => xmlOf(name, value))
    .join('');

const envelope = (status: number, inner: string) =>
  `<?xml version="1.0" encoding="ISO-8859-1"?>\n<Response stat="${status}" code="${status < 400 ? 'ok' : 'fail'}">\n${inner}\n</Response>\n`;

/** Sends what a command answered, in the version the client speaks. */
export function send(reply: FastifyReply, version: Version, { data, text, textIn1, bare1, file }: Reply): FastifyReply {
  if (version === 2) {
    const shown = {
      ...data,
      ...(file && { [file.key ?? 'data']: file.body.toString('base64') }),
      ...(text !== undefined && { message: text }),
    };
    // Clients match keys without regard to case, so a `Status` of the data must not be the last such key.
    return reply.type('application/json').send(JSON.stringify({ code: 200, ...shown, status: 'ok' }));
  }
  // The type to the letter, without a character set: clients compare it as text.
  if (file) return reply.header('content-type', file.type ?? 'application/octet-stream').send(file.body);
  const inner =
    bare1 !== undefined
      ? `<Data>${escaped(bare1)}</Data>`
      : data && !textIn1
        ? `<Data>${childrenOf(data)}</Data>`
        : escaped(text ?? '');
  return xml(reply, envelope(200, `<Success>${inner}</Success>`));
}

export function refuse(reply: FastifyReply, version: Version, status: number, text: string): FastifyReply {
  reply.code(status);
  // Some clients send their name and password only when asked.
  if (status === 401) reply.header('www-authenticate', 'Basic realm="Ballast"');
  return version === 2
    ? reply.type('application/json').send(JSON.stringify({ code: status, message: text, status: 'fail' }))
    : xml(reply, envelope(status, `<Error>${escaped(text)}</Error>`));
}

// A Buffer: Fastify would add a character set to the type of a text.
const xml = (reply: FastifyReply, text: string) =>
  reply.header('content-type', 'text/xml').send(Buffer.from(text, 'latin1'));
