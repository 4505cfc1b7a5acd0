import type { LoadMasterCommand } from '../../../../server/schema/loadmaster-calls.ts';
import { base64 } from '../../parts/base64.ts';

export type Version = 1 | 2;

/** Who asks: a key, or a name with its password. Kept nowhere. */
export interface Asker {
  key: string;
  user: string;
  password: string;
}

/** A call as it is tried: what was filled in, by the names of the parameters. */
export interface Call {
  command: LoadMasterCommand;
  version: Version;
  values: Readonly<Record<string, string>>;
  file?: Uint8Array<ArrayBuffer> | undefined;
}

/** What stands for a value nobody has given yet, where a command cannot do without one. */
const stand = (name: string) => name.toUpperCase();

/** One argument of a POSIX shell. */
export const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

const given = ({ command, values }: Call, example: boolean): [string, string][] =>
  command.parameters
    .filter(({ name }) => !(command.upload && name === 'data'))
    .map(({ name, needed }): [string, string] => [name, values[name] || (example && needed ? stand(name) : '')])
    .filter(([, value]) => value !== '');

/** The same call as a line for a shell: curl with a key in place of KEY. */
export function curlOf(call: Call, origin: string): string {
  const { command, version } = call;
  const entries = given(call, true);
  if (version === 2) {
    const file = command.upload ? { data: 'BASE64 OF THE FILE' } : {};
    const body = JSON.stringify({ cmd: command.name, apikey: 'KEY', ...Object.fromEntries(entries), ...file });
    return `curl -k ${origin}/accessv2 -d ${quoted(body)}`;
  }
  const query = new URLSearchParams([...entries, ['apikey', 'KEY']]).toString();
  const upload = command.upload ? '--data-binary @FILE ' : '';
  return `curl -k ${upload}${quoted(`${origin}/access/${pathOf(command.name)}?${query}`)}`;
}

/** `logging.df` is `logging/df` in version 1. */
const pathOf = (name: string) => name.split('.').map(encodeURIComponent).join('/').replaceAll('%2F', '/');

/** The request that tries it, path first. */
export function requestOf(call: Call, { key, user, password }: Asker): [string, RequestInit] {
  const { command, version, file } = call;
  const entries = given(call, false);
  if (version === 2) {
    const who = key ? { apikey: key } : { apiuser: user, apipass: password };
    const data = file ? { data: base64(file) } : {};
    const body = JSON.stringify({ cmd: command.name, ...who, ...Object.fromEntries(entries), ...data });
    return ['/accessv2', { method: 'POST', body }];
  }
  const query = new URLSearchParams([...entries, ...(key ? [['apikey', key]] : [])]).toString();
  const basic = base64(new TextEncoder().encode(`${user}:${password}`));
  return [
    `/access/${pathOf(command.name)}?${query}`,
    {
      method: file ? 'POST' : 'GET',
      ...(file && { body: file }),
      ...(!key && { headers: { authorization: `Basic ${basic}` } }),
    },
  ];
}
