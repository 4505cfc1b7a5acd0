import Type, { type Static } from 'typebox';
import { write } from '../api/call.ts';
import { readAuthority } from '../api/certificates/authority.ts';
import { readMaterial } from '../api/certificates/material.ts';
import { certificatesForm, seal, unseal } from '../api/sealed.ts';
import { validated } from '../api/validated.ts';
import { authority } from '../schema/authority.ts';
import { certificate } from '../schema/certificate.ts';
import type { Config, Edit } from '../schema/config.ts';
import { fill, listOf } from '../schema/derive.ts';
import { type Ask, type Command, callOf, treeOf } from './command.ts';
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
  return { file: { body: await seal(certificatesForm, password, Buffer.from(JSON.stringify(saved))) } };
}

async function opened(file: Buffer, password: string): Promise<Saved> {
  if (file.length === 0) throw new Refused(400, 'data: String Value missing');
  return JSON.parse((await unseal(certificatesForm, password, file)).toString()) as Saved;
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
