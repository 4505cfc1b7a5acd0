import { createHash, type KeyObject, verify } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { compareVersions, type Manifest } from '../../schema/update.ts';

const LONGEST_HEAD = 64 * 1024;
const PIECE = 1024 * 1024;
const VERSION = /^\d{1,5}\.\d{1,5}\.\d{1,5}$/;
const SHA256 = /^[0-9a-f]{64}$/;

/** An update file whose first line was signed by one of our keys. */
export interface UpdateFile {
  manifest: Manifest;
  /** Where what is packed begins. */
  start: number;
  file: FileHandle;
}

/**
 * Opens an update file and believes nothing in it before its signature is seen right. Throws with a sentence that a
 * person understands; `now` is the version that runs. Close `file` when done.
 */
export async function openUpdate(path: string, keys: readonly KeyObject[], now: string): Promise<UpdateFile> {
  const file = await open(path, 'r').catch(() => {
    throw new Error('There is no update file. Send one first.');
  });
  try {
    const head = Buffer.alloc(LONGEST_HEAD);
    const { bytesRead } = await file.read(head, 0, LONGEST_HEAD, 0);
    const first = head.subarray(0, bytesRead).indexOf('\n');
    const second = head.subarray(0, bytesRead).indexOf('\n', first + 1);
    if (first < 0 || second < 0) throw new Error('This is no update file of Ballast.');
    const line = head.subarray(0, first);
    const signature = Buffer.from(head.toString('latin1', first + 1, second), 'base64');
    if (!keys.some(key => verify(null, line, key, signature)))
      throw new Error('The update file is not signed by whoever makes Ballast. Nothing was changed.');
    const manifest = JSON.parse(line.toString('utf8')) as Manifest;
    refuseUnfit(manifest, now);
    return { manifest, start: second + 1, file };
  } catch (error) {
    await file.close();
    throw error;
  }
}

function refuseUnfit({ ballast, architecture, version, minimumVersion, packed, image }: Manifest, now: string): void {
  const sound =
    ballast === 1 &&
    architecture === 'amd64' &&
    [version, minimumVersion].every(text => VERSION.test(text)) &&
    [packed, image].every(part => Number.isSafeInteger(part?.bytes) && part.bytes > 0 && SHA256.test(part.sha256));
  if (!sound) throw new Error('The update file is of a kind that this version does not know.');
  if (compareVersions(version, now) <= 0)
    throw new Error(
      `The update file holds version ${version}; ${now} runs already, and only a newer one can be installed.`,
    );
  if (compareVersions(now, minimumVersion) < 0)
    throw new Error(`Version ${version} can be installed from ${minimumVersion} on. Install that one first.`);
}

/** Reads it to its end: throws when anything is missing, too much or changed. */
export async function proveWhole(
  { manifest: { packed }, start, file }: UpdateFile,
  told: (done: number) => void,
): Promise<void> {
  const { size } = await file.stat();
  if (size !== start + packed.bytes)
    throw new Error(`The update file is not whole: ${size} bytes of ${start + packed.bytes}. Send it again.`);
  if ((await sha256Of(file, start, packed.bytes, told)) !== packed.sha256)
    throw new Error('The update file was changed on its way. Send it again.');
}

/** SHA-256 of a part of a file, in pieces, so that others get their turn. */
export async function sha256Of(
  file: FileHandle,
  start: number,
  bytes: number,
  told: (done: number) => void,
): Promise<string> {
  const hash = createHash('sha256');
  const piece = Buffer.alloc(PIECE);
  for (let at = 0; at < bytes; ) {
    const { bytesRead } = await file.read(piece, 0, Math.min(PIECE, bytes - at), start + at);
    if (bytesRead === 0) break;
    hash.update(piece.subarray(0, bytesRead));
    at += bytesRead;
    told(at);
  }
  return hash.digest('hex');
}
