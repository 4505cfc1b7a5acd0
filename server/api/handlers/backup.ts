import {
  type BackupContent,
  type BackupPart,
  type BackupState,
  type BackupSummary,
  backupParts,
  withParts,
} from '../../schema/backup.ts';
import { settingsOf } from '../../schema/config.ts';
import { editsBetween } from '../../schema/derive.ts';
import { Fault } from '../../schema/faults.ts';
import { backupIn, backupName, backupOf } from '../backup/file.ts';
import { hostKeysOf } from '../backup/sftp.ts';
import { fingerprintOf, newSshKey, publicLine } from '../backup/ssh-key.ts';
import { addressOf } from '../backup/target.ts';
import { placeIn, treeOf } from '../backup/tree.ts';
import { accountWords, networkWords } from '../backup/words.ts';
import { type Call, write } from '../call.ts';

export async function makeBackup({ services, principal, reply, body }: Call) {
  const file = await backupOf(services, body.passphrase);
  const text = `${principal.user} made a backup`;
  await services.dataPlane.tell({ severity: 'info', text }).catch(() => {});
  reply.header('content-disposition', `attachment; filename="${backupName(services.hostName, Date.now())}"`);
  reply.type('application/octet-stream');
  return reply.send(file);
}

export async function readBackup({ services, body }: Call): Promise<BackupSummary> {
  const { made, hostName, version, config, accounts } = await opened({ services, body });
  return {
    ...{ made, hostName, version },
    services: config.virtualServices?.length ?? 0,
    servers: config.realServers?.length ?? 0,
    certificates: config.certificates?.length ?? 0,
    interfaces: config.interfaces?.length ?? 0,
    users: accounts.users.map(user => user.name),
    keys: accounts.keys.length,
  };
}

/** All parts asked for in one transaction; what the engines refuse brings back users too. */
export async function restoreBackup(call: Call) {
  const { services, principal, body } = call;
  const parts = body.parts as BackupPart[];
  const content = await opened(call);
  const wanted = treeOf({ format: 'ballast-configuration', version: 1, config: content.config });
  const accounts = services.accounts();
  const users = parts.includes('users');
  if (users) refuseNobody(content);
  let network: string[] = [];
  const result = await write(
    call,
    config => {
      const next = withParts(config, wanted, parts);
      network = networkWords(config, next);
      return editsBetween(config, next);
    },
    () => undefined,
    placeIn(wanted),
    {
      words: [said(content, parts)],
      ...(users && {
        along: () => {
          const before = accounts.saved();
          accounts.replaceAll(content.accounts, principal.user);
          return () => accounts.replaceAll(before, principal.user);
        },
      }),
    },
  );
  if ('revision' in result) return result;
  const words = users ? accountWords(accounts.saved(), content.accounts, principal.user) : [];
  return { ...result, words: [...network, ...words, ...result.words] };
}

const opened = ({ services, body }: Pick<Call, 'services' | 'body'>) =>
  backupIn(services, Buffer.from(body.file, 'base64'), body.passphrase);

/** Whoever restores it would be the last that could come in. */
function refuseNobody({ accounts }: BackupContent): void {
  if (accounts.users.some(user => user.enabled && user.role === 'administrator')) return;
  throw new Fault('INVALID', { label: 'The backup', reason: 'has no administrator who may log in' }, '/parts');
}

function said({ hostName, made }: BackupContent, parts: readonly BackupPart[]): string {
  const names = backupParts.filter(part => parts.includes(part.value)).map(part => part.label.toLowerCase());
  return `Restored ${names.join(', ')} from the backup of ${hostName} of ${new Date(made).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

export function getBackupState({ services }: Pick<Call, 'services'>): BackupState {
  const settings = settingsOf(services.revisions().current().config);
  const { backupPassphrase, backupPassword, backupKey, backupHostKey } = settings;
  return {
    ...services.backups.state(settings),
    hasPassphrase: backupPassphrase !== '',
    hasPassword: backupPassword !== '',
    publicKey: backupKey === '' ? '' : publicLine(backupKey, `ballast@${settings.hostName || services.hostName}`),
    hostKey: fingerprintOf(backupHostKey),
  };
}

export async function runBackup(call: Call): Promise<BackupState> {
  const { backupHost, backupPassphrase } = settingsOf(call.services.revisions().current().config);
  if (backupHost === '' || backupPassphrase === '') throw new Fault('NO_BACKUP_TARGET');
  await call.services.backups.now();
  return getBackupState(call);
}

export function makeBackupKey(call: Call) {
  const backupKey = newSshKey();
  return write(
    call,
    config => [{ op: 'replace', kind: 'settings', id: 1, value: { ...settingsOf(config), backupKey } }],
    () => undefined,
  );
}

export async function askHostKey({ services, body }: Call) {
  try {
    return { keys: await hostKeysOf(await addressOf(body.host, services.facts.loopback), body.port) };
  } catch (error) {
    throw new Fault('HOST_SILENT', { reason: (error as Error).message.replace(/\.$/, '') }, '/host');
  }
}
