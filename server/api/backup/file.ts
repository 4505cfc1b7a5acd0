import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { type BackupContent, backupContent } from '../../schema/backup.ts';
import type { ConfigurationFile } from '../../schema/configuration.ts';
import { Fault } from '../../schema/faults.ts';
import type { Services } from '../call.ts';
import { backupForm, seal, unseal } from '../sealed.ts';
import { validated } from '../validated.ts';

const pack = promisify(gzip);
const unpack = promisify<Buffer, { maxOutputLength: number }, Buffer>(gunzip);
/** Bytes unpacked: whoever knows the pass phrase can write any file. */
const LARGEST = 256 * 1024 * 1024;

/** Everything this appliance holds, encrypted. */
export async function backupOf(services: Services, passphrase: string): Promise<Buffer> {
  const content: BackupContent = {
    made: Date.now(),
    hostName: services.hostName,
    version: services.version,
    config: services.revisions().current().config as unknown as ConfigurationFile['config'],
    accounts: services.accounts().saved(),
  };
  return seal(backupForm, passphrase, await pack(JSON.stringify(content)));
}

/** What a backup holds, its shape checked. Throws a Fault that says why it cannot be used. */
export async function backupIn(services: Services, file: Buffer, passphrase: string): Promise<BackupContent> {
  const packed = await unseal(backupForm, passphrase, file);
  const content = await unpack(packed, { maxOutputLength: LARGEST }).then(
    text => JSON.parse(text.toString()) as BackupContent,
    () => {
      throw new Fault('BACKUP_DAMAGED', { what: backupForm.what });
    },
  );
  // Before its shape: what a newer version adds is not known here, and this is the sentence that helps.
  if (newer(content.version, services.version))
    throw new Fault('BACKUP_NEWER', {
      what: backupForm.what,
      by: `by Ballast ${content.version}`,
      here: `the ${services.version} of this appliance`,
    });
  return validated(backupContent, content);
}

function newer(one: unknown, other: string): boolean {
  const parts = (text: unknown) => /^(\d{1,5})\.(\d{1,5})\.(\d{1,5})/.exec(String(text))?.slice(1).map(Number) ?? [0];
  const [a, b] = [parts(one), parts(other)];
  const at = a.findIndex((part, i) => part !== b[i]);
  return at >= 0 && (a[at] ?? 0) > (b[at] ?? 0);
}

/** `ballast-lb1-20261123-200102.backup`; time in UTC. */
export function backupName(hostName: string, time: number): string {
  const host = hostName.replaceAll(/[^A-Za-z0-9.-]/g, '').slice(0, 64) || 'appliance';
  const stamp = new Date(time).toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-');
  return `ballast-${host}-${stamp}.backup`;
}
