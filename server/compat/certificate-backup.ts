import { createCipheriv, createDecipheriv, randomBytes, scrypt } from 'node:crypto';
import { promisify } from 'node:util';
import Type, { type Static } from 'typebox';
import { write } from '../api/call.ts';
import { readAuthority } from '../api/certificates/authority.ts';
import { readMaterial } from '../api/certificates/material.ts';
import { authority } from '../schema/authority.ts';
import { certificate } from '../schema/certificate.ts';
import type { Config, Edit } from '../schema/config.ts';
import { fill, listOf } from '../schema/derive.ts';
import { type Ask, type Command, callOf, treeOf, validated } from './command.ts';
import { done, type Reply } from './reply.ts';
import { Refused } from './wire.ts';

const { name, chain, key } = certificate.properties;
const closed = { additionalProperties: false } as const;
/** What the file holds: names with PEM, keys included. */
const savedFile = Type.Object(
  {
    certificates: Type.Array(Type.Object({ name, chain, key }, closed), { maxItems: 10_000 }),
    authorities: Type.Array(Type.Object({ name, chain: authority.properties.chain }, closed), { maxItems: 10_000 }),
  },
  closed,
);
type Saved = Static<typeof savedFile>;

const MARK = Buffer.from('ballast-certificates-1\n');
const SALT = 16;
const IV = 12;
const TAG = 16;
const derive = promisify<string, Buffer, number, { N: number; r: number; p: number; maxmem: number }, Buffer>(scrypt);
/** OWASP's password storage cheat sheet: scrypt with N 2^17, r 8, p 1. */
const keyOf = (password: string, salt: Buffer) =>
  derive(password, salt, 32, { N: 2 ** 17, r: 8, p: 1, maxmem: 256 * 1024 * 1024 });

function passwordIn(ask: Ask): string {
  const password = ask.params.need('password');
  if (password.length < 6 || password.length > 64) throw new Refused(422, 'password: 6 to 64 characters');
  return password;
}

async function save(ask: Ask): Promise<Reply> {
  const password = passwordIn(ask);
  const { certificates, authorities } = treeOf(ask);
  const saved: Saved = {
    certificates: certificates.filter(one => one.chain !== '').map(({ name, chain, key }) => ({ name, chain, key })),
    authorities: authorities.map(({ name, chain }) => ({ name, chain })),
  };
  const [salt, iv] = [randomBytes(SALT), randomBytes(IV)];
  const cipher = createCipheriv('aes-256-gcm', await keyOf(password, salt), iv);
  const text = Buffer.concat([cipher.update(JSON.stringify(saved)), cipher.final()]);
  return { file: { body: Buffer.concat([MARK, salt, iv, cipher.getAuthTag(), text]) } };
}

async function opened(file: Buffer, password: string): Promise<Saved> {
  if (file.length === 0) throw new Refused(400, 'data: String Value missing');
  const wrong = new Refused(422, 'Wrong password, or not a backup of certificates made by Ballast');
  if (!file.subarray(0, MARK.length).equals(MARK)) throw wrong;
  const rest = file.subarray(MARK.length);
  const [salt, iv] = [rest.subarray(0, SALT), rest.subarray(SALT, SALT + IV)];
  try {
    const decipher = createDecipheriv('aes-256-gcm', await keyOf(password, salt), iv);
    decipher.setAuthTag(rest.subarray(SALT + IV, SALT + IV + TAG));
    const text = Buffer.concat([decipher.update(rest.subarray(SALT + IV + TAG)), decipher.final()]);
    return JSON.parse(text.toString()) as Saved;
  } catch {
    throw wrong;
  }
}

/** Whoever knows the password can write such a file: everything in it is read like an import. */
async function read(saved: Saved): Promise<Saved> {
  const certificates: Saved['certificates'] = [];
  // As it was, also when it has ended since.
  for (const { name, chain, key } of validated(savedFile, saved).certificates)
    certificates.push({ name, ...(await readMaterial({ pem: `${chain}\n${key}` }, 0)) });
  const authorities = saved.authorities.map(({ name, chain }) => ({
    name,
    chain: readAuthority(fill('authority', { id: 0, name, chain })).chain,
  }));
  return { certificates, authorities };
}

/** Those of a name that is there are replaced: services go on with the certificate they have assigned. */
function edits(config: Config, reserve: Parameters<Parameters<typeof write>[1]>[1], saved: Partial<Saved>): Edit[] {
  const made = <K extends 'certificate' | 'authority'>(kind: K, list: readonly { name: string }[] = []): Edit[] =>
    list.map(one => {
      const there = listOf(config, kind).find(each => each.name === one.name);
      if (there) return { op: 'replace', kind, id: there.id, value: { ...there, ...one } } as Edit;
      const [id = 0] = reserve(kind, 1);
      return { op: 'create', kind, value: fill(kind, { ...one, id } as never) } as Edit;
    });
  return [...made('certificate', saved.certificates), ...made('authority', saved.authorities)];
}

async function restore(ask: Ask): Promise<Reply> {
  const type = (ask.params.get('type') ?? 'full').toLowerCase();
  if (!['full', 'third', 'vs'].includes(type)) throw new Refused(422, 'type: Invalid value');
  const saved = await read(await opened(ask.file, passwordIn(ask)));
  const wanted: Partial<Saved> = {
    ...(type !== 'third' && { certificates: saved.certificates }),
    ...(type !== 'vs' && { authorities: saved.authorities }),
  };
  await write(
    callOf(ask, 0, {}),
    (config, reserve) => edits(config, reserve, wanted),
    () => undefined,
  );
  return done;
}

export const certificateBackupCommands: Readonly<Record<string, Command>> = {
  backupcert: {
    role: 'administrator',
    about: 'Certificates, keys and authorities as an encrypted file.',
    params: ['password'],
    run: save,
  },
  restorecert: {
    role: 'administrator',
    about: 'Put back certificates and authorities: `full`, `vs` (certificates) or `third` (authorities).',
    params: ['password', 'type?', 'data'],
    run: restore,
  },
};
