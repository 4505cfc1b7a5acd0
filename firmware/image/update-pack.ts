import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Manifest } from '../../server/schema/update.ts';
import { sha256 } from './exports.ts';
import { run } from './run.ts';

/** The oldest version that can be updated by what is built now. */
const MINIMUM = '0.1.0';

/** An update file of a slot: see server/schema/update.ts. `key` is a PEM file with the private key. */
export function packUpdate(slot: string, version: string, key: string, file: string): void {
  const packed = `${file}.zst`;
  run('zstd', ['--quiet', '--force', '-12', '--threads=2', slot, '-o', packed]);
  const manifest: Manifest = {
    ...{ ballast: 1, version, minimumVersion: MINIMUM, architecture: 'amd64' },
    packed: { bytes: statSync(packed).size, sha256: sha256(packed) },
    image: { bytes: statSync(slot).size, sha256: sha256(slot) },
  };
  const line = Buffer.from(JSON.stringify(manifest));
  const signature = sign(null, line, createPrivateKey(readFileSync(key)));
  writeFileSync(file, Buffer.concat([line, Buffer.from(`\n${signature.toString('base64')}\n`)]));
  appendFileSync(file, readFileSync(packed));
  rmSync(packed);
}

/** The key that development updates are signed by, made when there is none; the project holds none. */
export function developmentKey(file: string): string {
  if (!existsSync(file)) {
    mkdirSync(dirname(file), { recursive: true });
    const { privateKey } = generateKeyPairSync('ed25519');
    writeFileSync(file, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  }
  return file;
}

/** What goes into the image, and a short mark to tell keys apart. */
export function publicHalf(key: string): { pem: string; mark: string } {
  const pem = createPublicKey(createPrivateKey(readFileSync(key))).export({ type: 'spki', format: 'pem' }) as string;
  return { pem, mark: createHash('sha256').update(pem).digest('hex').slice(0, 8) };
}
