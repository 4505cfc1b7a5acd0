import Type, { type Static } from 'typebox';
import { permissionList, roleSchema, userName } from './account.ts';
import { backupSettings } from './backup-schedule.ts';
import type { Config } from './config.ts';
import { configurationFile } from './configuration.ts';
import type { Changed } from './endpoints.ts';
import { UNSEEN } from './fields.ts';

const closed = { additionalProperties: false } as const;
const opaque = <T>(description: string) => Type.Unsafe<T>({ type: 'object', additionalProperties: true, description });

/** What can be put back without the rest, as a LoadMaster does. */
export const backupParts = [
  { value: 'services', label: 'Services', help: 'Virtual Services, servers, rules, templates, certificates and keys.' },
  { value: 'system', label: 'Network and system', help: 'Interfaces, routes, names, time, access and L7 settings.' },
  { value: 'users', label: 'Users', help: 'Users with roles and passwords, and API keys.' },
] as const;
export type BackupPart = (typeof backupParts)[number]['value'];

/** Lists that belong to the machine and not to what it serves. */
const SYSTEM = ['settings', 'interfaces', 'routes'] as const satisfies (keyof Config)[];

/** A configuration that takes only some parts of another, the rest as it is now. */
export function withParts(now: Config, wanted: Config, parts: readonly BackupPart[]): Config {
  const from = (list: string) => ((SYSTEM as readonly string[]).includes(list) ? 'system' : 'services');
  const lists = Object.keys(now) as (keyof Config)[];
  return Object.fromEntries(
    lists.map(list => [list, (parts.includes(from(list)) ? wanted : now)[list]]),
  ) as unknown as Config;
}

const name = Type.String({ minLength: 1, maxLength: 64, pattern: `^[^${UNSEEN}]+$` });
const time = Type.Integer({ minimum: 0 });

/** Users and keys with what is stored of their secrets: argon2id hashes and digests. */
export const savedAccounts = Type.Object(
  {
    users: Type.Array(
      Type.Object(
        {
          name: userName,
          role: roleSchema,
          // Bounded: a hash that asks for gigabytes would stop the log-in.
          passwordHash: Type.String({
            pattern: '^\\$argon2id\\$v=19\\$m=\\d{1,5},t=\\d{1,2},p=\\d\\$[A-Za-z0-9+/]{11,86}\\$[A-Za-z0-9+/]{16,86}$',
          }),
          enabled: Type.Boolean(),
          mustChangePassword: Type.Boolean(),
          permissions: permissionList,
        },
        closed,
      ),
      { maxItems: 10_000 },
    ),
    keys: Type.Array(
      Type.Object(
        {
          secret: Type.String({ pattern: '^[0-9a-f]{64}$', description: 'SHA-256 of the key.' }),
          name,
          user: userName,
          role: roleSchema,
          created: time,
          expires: Type.Union([time, Type.Null()]),
        },
        closed,
      ),
      { maxItems: 10_000 },
    ),
  },
  { ...closed, title: 'Accounts' },
);
export type SavedAccounts = Static<typeof savedAccounts>;

/** What is in a backup, before it is packed and encrypted. */
export const backupContent = Type.Object(
  {
    made: time,
    hostName: Type.String({ maxLength: 255 }),
    version: Type.String({ pattern: '^\\d{1,5}\\.\\d{1,5}\\.\\d{1,5}(?:-[\\w.-]{1,40})?$' }),
    config: configurationFile.properties.config,
    accounts: savedAccounts,
  },
  { ...closed, title: 'Backup' },
);
export type BackupContent = Static<typeof backupContent>;

/** What a person is told of a backup before choosing. `made` is ms UTC. */
export interface BackupSummary {
  made: number;
  hostName: string;
  version: string;
  services: number;
  servers: number;
  certificates: number;
  interfaces: number;
  users: string[];
  keys: number;
}

/** How backups that are made by themselves are doing. Times are ms UTC. */
export interface BackupState {
  running: boolean;
  lastTry: number | null;
  lastGood: number | null;
  /** Bytes of the last good one. */
  size: number;
  /** Why the last one failed, as a sentence; empty when it did not. */
  error: string;
  /** Names that were put at the target and not removed, oldest first. */
  sent: string[];
  /** When the next is due; null while there is no schedule. */
  next: number | null;
  /** What is stored without being shown. */
  hasPassphrase: boolean;
  hasPassword: boolean;
  /** The line for authorized_keys; empty before a key was made. */
  publicKey: string;
  /** `SHA256:…` of the host key that is kept; empty for none. */
  hostKey: string;
}

export const minPassphrase = 12;
const passphrase = Type.String({
  title: 'Pass phrase',
  minLength: minPassphrase,
  maxLength: 256,
  description: 'Without it nobody can read the file.',
});
const file = Type.String({
  title: 'File',
  minLength: 4,
  contentEncoding: 'base64',
  pattern: '^[A-Za-z0-9+/]+={0,2}$',
  description: 'The backup in base64.',
});
// Whatever it is: a pass phrase that is too short is simply wrong.
const tried = Type.String({ title: 'Pass phrase', minLength: 1, maxLength: 256 });
const hostName = { ...backupSettings.backupHost, title: 'Host', minLength: 1 } as typeof backupSettings.backupHost;
const LARGEST = 67_108_864;

/** Calls about the one file that holds everything. */
export const backupCalls = {
  makeBackup: {
    method: 'POST',
    path: '/api/backup',
    role: 'administrator',
    tag: 'Settings',
    summary:
      'Everything as one encrypted file: configuration, keys, users with the hashes of their passwords, API keys.',
    body: Type.Object({ passphrase }, closed),
    reply: Type.Unsafe<Blob>({ type: 'string', description: 'The file' }),
  },
  readBackup: {
    method: 'POST',
    path: '/api/backup/read',
    role: 'administrator',
    tag: 'Settings',
    limit: LARGEST,
    summary: 'Open a backup and say what is in it; changes nothing.',
    body: Type.Object({ file, passphrase: tried }, closed),
    reply: opaque<BackupSummary>('What is in it'),
  },
  restoreBackup: {
    method: 'POST',
    path: '/api/backup/restore',
    role: 'administrator',
    tag: 'Settings',
    writes: true,
    limit: LARGEST,
    summary: 'Put back parts of a backup, all of them as one revision or nothing.',
    body: Type.Object(
      {
        file,
        passphrase: tried,
        parts: Type.Array(Type.Unsafe<BackupPart>({ enum: backupParts.map(part => part.value) }), {
          title: 'Parts',
          minItems: 1,
          uniqueItems: true,
        }),
      },
      closed,
    ),
    reply: opaque<Changed>('Changed'),
  },
  getBackupState: {
    method: 'GET',
    path: '/api/backup',
    role: 'read-only',
    tag: 'Settings',
    summary: 'How backups that are made by themselves are doing.',
    reply: opaque<BackupState>('State'),
  },
  runBackup: {
    method: 'POST',
    path: '/api/backup/run',
    role: 'administrator',
    tag: 'Settings',
    summary: 'Make a backup now and put it where the schedule says; replies when it is over.',
    reply: opaque<BackupState>('State'),
  },
  makeBackupKey: {
    method: 'POST',
    path: '/api/backup/key',
    role: 'administrator',
    tag: 'Settings',
    writes: true,
    summary: 'Make a new key by which this appliance logs in for SFTP; the one before is forgotten.',
    reply: opaque<Changed>('Changed'),
  },
  askHostKey: {
    method: 'POST',
    path: '/api/backup/host-key',
    role: 'administrator',
    tag: 'Settings',
    summary: 'Ask a host which SSH keys it shows, best first; stores nothing.',
    body: Type.Object({ host: hostName, port: Type.Integer({ title: 'Port', minimum: 1, maximum: 65_535 }) }, closed),
    reply: opaque<{ keys: { key: string; fingerprint: string }[] }>('Keys with fingerprints'),
  },
} as const;
