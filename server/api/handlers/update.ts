import { open, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Fault } from '../../schema/faults.ts';
import { UPDATE_LIMIT } from '../../schema/update.ts';
import type { Call } from '../call.ts';

/** Left free on the disk whatever is sent: the database needs room. */
const SPARE = 256 * 1024 * 1024;

export const getUpdate = ({ services }: Call) => services.dataPlane.update('');

/** Straight to disk: the file never is in memory as a whole. Parts come one after another. */
export async function sendUpdatePart({ services, body, query }: Call): Promise<{ size: number }> {
  const offset = Number(query.offset);
  const refuse = (reason: string) => new Fault('UPDATE_REFUSED', { reason });
  if (!Buffer.isBuffer(body)) throw refuse('A part of an update file is sent as application/octet-stream');
  if (offset + body.length > UPDATE_LIMIT) throw refuse('The file is larger than any update. Nothing was kept of it');
  const { bavail, bsize } = await statfs(dirname(services.updateFile));
  if (bavail * bsize < SPARE) throw refuse('There is not enough room on the disk for an update');
  const file = await open(services.updateFile, offset === 0 ? 'w' : 'r+', 0o600).catch(() => {
    throw refuse('The first part of the file is missing. Send it from the beginning');
  });
  try {
    const { size } = await file.stat();
    if (size < offset) throw refuse(`The part before this one is missing: ${size} of ${offset} bytes are there`);
    await file.truncate(offset);
    await file.write(body, 0, body.length, offset);
    return { size: offset + body.length };
  } finally {
    await file.close();
  }
}

export async function installUpdate({ services, principal }: Call) {
  const state = await services.dataPlane.update('/install');
  await services.dataPlane.tell({ severity: 'info', text: `${principal.user} installs an update` });
  return state;
}

export async function startOtherVersion({ services, principal }: Call) {
  await services.dataPlane.tell({ severity: 'info', text: `${principal.user} restarts with the other version` });
  return services.dataPlane.update('/start-other');
}
