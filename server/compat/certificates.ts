import { X509Certificate } from 'node:crypto';
import { pemBlocks } from '../api/certificates/pem.ts';
import { deleteCertificate, importCertificate, replaceCertificate } from '../api/handlers/certificates.ts';
import { plainHandlers } from '../api/handlers/plain.ts';
import { validated } from '../api/validated.ts';
import type { Config } from '../schema/config.ts';
import { createOf } from '../schema/derive.ts';
import { Fault } from '../schema/faults.ts';
import { cipherSets } from '../schema/service/cipher-lists.ts';
import { usersOf } from '../schema/users-of.ts';
import { builtInSets, isBuiltIn } from './cipher-sets.ts';
import { type Ask, type Command, callOf, treeOf } from './command.ts';
import { type Data, done, type Reply } from './reply.ts';
import { Refused, unknown } from './wire.ts';

const NAME = /^[A-Za-z0-9_.-]{1,64}$/;
const newAuthority = createOf('authority');
const newCipherSet = createOf('cipherSet');

type Kind = 'certificate' | 'authority';
const listOf = (config: Config, kind: Kind): readonly { id: number; name: string; chain: string }[] =>
  kind === 'certificate' ? config.certificates.filter(one => one.chain !== '') : config.authorities;

function named(config: Config, kind: Kind, name: string) {
  const found = listOf(config, kind).find(each => each.name === name);
  if (!found) throw unknown('certificate');
  return found;
}

function listed({ name, chain }: { name: string; chain: string }): Data {
  const leaf = pemBlocks(chain)[0];
  if (!leaf) return { name, type: 'RSA' };
  const key = new X509Certificate(leaf.text).publicKey;
  const { n, x = '', y = '' } = key.export({ format: 'jwk' });
  const hex = (text: string) => Buffer.from(text, 'base64url').toString('hex').toUpperCase();
  return n !== undefined
    ? { name, type: 'RSA', modulus: hex(n) }
    : { name, type: 'ECC', publickey: `04${hex(x)}${hex(y)}` };
}

const list =
  (kind: Kind) =>
  (ask: Ask): Reply => ({ data: { cert: listOf(treeOf(ask), kind).map(listed) } });

const read =
  (kind: Kind) =>
  (ask: Ask): Reply => {
    const { chain } = named(treeOf(ask), kind, ask.params.need('cert'));
    const pem = pemBlocks(chain)[0]?.text ?? '';
    const der = (ask.params.get('outform') ?? '').toUpperCase() === 'DER';
    const certificate = der ? new X509Certificate(pem).raw.toString('base64') : pem;
    return { data: { certificate }, bare1: certificate };
  };

/** PEM with its key inside, or PFX, which is anything else. */
async function add(ask: Ask): Promise<Reply> {
  const { params, file } = ask;
  const name = params.need('cert');
  if (!NAME.test(name)) throw new Refused(422, 'cert: Invalid value');
  if (file.length === 0) throw new Refused(400, 'data: String Value missing');
  const passphrase = params.get('password');
  const material = file.includes('-----BEGIN') ? { pem: file.toString('latin1') } : { pfx: file.toString('base64') };
  const body = { name, ...material, ...(passphrase && { passphrase }) };
  params.given.set('pem', 'data').set('pfx', 'data').set('key', 'data');
  const there = treeOf(ask).certificates.find(one => one.name === name);
  if (there && !params.flag('replace')) throw new Refused(422, 'Certificate already exists');
  await (there ? replaceCertificate(callOf(ask, there.id, body)) : importCertificate(callOf(ask, 0, body)));
  return done;
}

async function remove(ask: Ask): Promise<Reply> {
  const config = treeOf(ask);
  const { id } = named(config, 'certificate', ask.params.need('cert'));
  if (usersOf(config, 'certificate', id).length > 0) throw new Refused(422, 'Certfile still associated with a VS');
  await deleteCertificate(callOf(ask, id, {}));
  return done;
}

async function addIntermediate(ask: Ask): Promise<Reply> {
  const name = ask.params.need('cert');
  if (!NAME.test(name)) throw new Refused(422, 'cert: Invalid value');
  if (ask.file.length === 0) throw new Refused(400, 'data: String Value missing');
  if (treeOf(ask).authorities.some(one => one.name === name)) throw new Refused(422, 'Certificate already exists');
  const chain = ask.file.includes('-----BEGIN') ? ask.file.toString('latin1').replaceAll('\r', '') : pemOfDer(ask.file);
  ask.params.given.set('chain', 'data');
  await plainHandlers.createAuthority(callOf(ask, 0, validated(newAuthority, { name, chain })));
  return done;
}

function pemOfDer(der: Buffer): string {
  try {
    return new X509Certificate(der).toString();
  } catch {
    throw new Refused(422, 'data: no certificate could be read');
  }
}

async function removeIntermediate(ask: Ask): Promise<Reply> {
  const config = treeOf(ask);
  const { id } = named(config, 'authority', ask.params.need('cert'));
  if (usersOf(config, 'authority', id).length > 0) throw new Refused(422, 'Certfile still associated with a VS');
  await plainHandlers.deleteAuthority(callOf(ask, id, {}));
  return done;
}

const cipherSetIn = (ask: Ask) => {
  const name = ask.params.need('name');
  const found = treeOf(ask).cipherSets.find(set => set.name === name);
  if (!found) throw new Refused(422, isBuiltIn(name) ? 'Cipher set is built in' : 'Unknown cipher set');
  return found;
};

async function modifyCipherSet(ask: Ask): Promise<Reply> {
  const name = ask.params.need('name');
  const ciphers = ask.params.need('value');
  if (isBuiltIn(name)) throw new Refused(422, 'Cipher set is built in');
  if (!NAME.test(name)) throw new Refused(422, 'name: Invalid value');
  const there = treeOf(ask).cipherSets.find(set => set.name === name);
  try {
    const body = validated(newCipherSet, { name, ciphers });
    await (there
      ? plainHandlers.patchCipherSet(callOf(ask, there.id, { ciphers }))
      : plainHandlers.createCipherSet(callOf(ask, 0, body)));
  } catch (error) {
    if (error instanceof Fault && (error.code === 'CIPHER_UNKNOWN' || error.at === '/ciphers'))
      throw new Refused(422, 'Invalid Cipher list');
    throw error;
  }
  return done;
}

async function removeCipherSet(ask: Ask): Promise<Reply> {
  const { id } = cipherSetIn(ask);
  if (usersOf(treeOf(ask), 'cipherSet', id).length > 0) throw new Refused(422, 'Cipher set in use');
  await plainHandlers.deleteCipherSet(callOf(ask, id, {}));
  return done;
}

export const certificateCommands: Readonly<Record<string, Command>> = {
  listcert: { role: 'read-only', about: 'Names and keys of certificates.', params: [], run: list('certificate') },
  readcert: {
    role: 'read-only',
    about: 'One certificate, never its key.',
    params: ['cert', 'outform?'],
    run: read('certificate'),
  },
  addcert: {
    role: 'administrator',
    about: 'Add or replace a certificate with its key.',
    params: ['cert', 'replace?', 'password?', 'data'],
    run: add,
  },
  delcert: { role: 'administrator', about: 'Delete a certificate that nothing uses.', params: ['cert'], run: remove },
  listintermediate: { role: 'read-only', about: 'Names of authorities.', params: [], run: list('authority') },
  readintermediate: { role: 'read-only', about: 'One authority.', params: ['cert'], run: read('authority') },
  addintermediate: {
    role: 'administrator',
    about: 'Add an authority.',
    params: ['cert', 'data'],
    run: addIntermediate,
  },
  delintermediate: {
    role: 'administrator',
    about: 'Delete an authority that nothing uses.',
    params: ['cert'],
    run: removeIntermediate,
  },
  getcipherset: {
    role: 'read-only',
    about: 'The ciphers of a set.',
    params: ['name'],
    run: ask => {
      const name = ask.params.need('name').toLowerCase();
      const named = Object.hasOwn(builtInSets, name) ? builtInSets[name] : undefined;
      return { data: { cipherset: named ? cipherSets[named].ciphers.join(':') : cipherSetIn(ask).ciphers } };
    },
  },
  modifycipherset: {
    role: 'administrator',
    about: 'Make or change a cipher set.',
    params: ['name', 'value'],
    run: modifyCipherSet,
  },
  delcipherset: {
    role: 'administrator',
    about: 'Delete a cipher set that nothing uses.',
    params: ['name'],
    run: removeCipherSet,
  },
};
