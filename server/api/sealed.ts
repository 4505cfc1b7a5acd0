import { createCipheriv, createDecipheriv, randomBytes, scrypt } from 'node:crypto';
import { promisify } from 'node:util';
import { Fault } from '../schema/faults.ts';

/** What such a file is called, and the newest form of it that this version reads. */
interface Form {
  kind: 'backup' | 'certificates';
  what: string;
}

export const backupForm: Form = { kind: 'backup', what: 'backup' };
export const certificatesForm: Form = { kind: 'certificates', what: 'backup of certificates' };

const VERSION = 1;
const SALT = 16;
const CHECK = 16;
const IV = 12;
const TAG = 16;
const KEY = 32;
const derive = promisify<string, Buffer, number, { N: number; r: number; p: number; maxmem: number }, Buffer>(scrypt);
let turn: Promise<unknown> = Promise.resolve();

/**
 * The key and a value that tells a wrong pass phrase from a damaged file; neither says anything of the other. OWASP's
 * password storage cheat sheet: scrypt with N 2^17, r 8, p 1. One at a time: each takes 128 MB.
 */
async function keysOf(passphrase: string, salt: Buffer): Promise<{ key: Buffer; check: Buffer }> {
  const work = () => derive(passphrase, salt, KEY + CHECK, { N: 2 ** 17, r: 8, p: 1, maxmem: 256 * 1024 * 1024 });
  const done = turn.then(work, work);
  turn = done.catch(() => {});
  const both = await done;
  return { key: both.subarray(0, KEY), check: both.subarray(KEY) };
}

/**
 * Encrypts with AES-256-GCM under a pass phrase. The file: a line with kind and version, salt, check, IV, tag, text;
 * all but the tag is authenticated.
 */
export async function seal({ kind }: Form, passphrase: string, plain: Buffer): Promise<Buffer> {
  const [salt, iv] = [randomBytes(SALT), randomBytes(IV)];
  const { key, check } = await keysOf(passphrase, salt);
  const head = Buffer.concat([Buffer.from(`ballast-${kind}-${VERSION}\n`), salt, check, iv]);
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(head);
  const text = Buffer.concat([cipher.update(plain), cipher.final()]);
  return Buffer.concat([head, cipher.getAuthTag(), text]);
}

/** What seal() was given. Throws BACKUP_FOREIGN, BACKUP_NEWER, BACKUP_DAMAGED or PASSPHRASE_WRONG. */
export async function unseal({ kind, what }: Form, passphrase: string, file: Buffer): Promise<Buffer> {
  const head = file.subarray(0, 40).toString('latin1');
  const [mark = '', found, version] = /^ballast-([a-z]{1,20})-(\d{1,6})\n/.exec(head) ?? [];
  if (found !== kind) throw new Fault('BACKUP_FOREIGN', { what });
  if (Number(version) > VERSION)
    throw new Fault('BACKUP_NEWER', { what, by: `in form ${version}`, here: `form ${VERSION}` });
  const parts: Buffer[] = [];
  let at = mark.length;
  for (const length of [SALT, CHECK, IV, TAG]) {
    parts.push(file.subarray(at, at + length));
    at += length;
  }
  if (file.length < at) throw new Fault('BACKUP_DAMAGED', { what });
  const [salt, check, iv, tag] = parts as [Buffer, Buffer, Buffer, Buffer];
  const keys = await keysOf(passphrase, salt);
  if (!keys.check.equals(check)) throw new Fault('PASSPHRASE_WRONG', { what }, '/passphrase');
  try {
    const decipher = createDecipheriv('aes-256-gcm', keys.key, iv);
    decipher.setAAD(file.subarray(0, mark.length + SALT + CHECK + IV)).setAuthTag(tag);
    return Buffer.concat([decipher.update(file.subarray(at)), decipher.final()]);
  } catch {
    throw new Fault('BACKUP_DAMAGED', { what });
  }
}
