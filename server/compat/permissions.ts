import type { Principal } from '../api/plugins/auth.ts';
import { type Permission, permissions, type Role, roles } from '../schema/account.ts';
import type { Command } from './command.ts';
import { type Params, Refused } from './wire.ts';

const LIMITS = ['clientcpslimit', 'clientrpslimit', 'clientmaxclimit', 'afeclientlimit'];
const CERTIFICATES = ['addcert', 'delcert', 'modifycipherset', 'delcipherset'];

/**
 * What each permission opens beyond the role. `vs` takes in adding and deleting services, which a LoadMaster splits off
 * as `addvs` when it is told to. There is no GEO here.
 */
const OPENS: Readonly<Record<Permission, readonly string[]>> = {
  real: ['enablers', 'disablers'],
  vs: [
    ...['addvs', 'modvs', 'delvs', 'dupvs', 'uploadvserrfile', 'addrs', 'modrs', 'delrs', 'enablers', 'disablers'],
    ...['rsrule', 'prerule', 'requestrule', 'responserule', 'responsebodyrule'].flatMap(name => [
      `add${name}`,
      `del${name}`,
    ]),
    ...LIMITS.flatMap(name => [`${name}add`, `${name}del`]),
    ...['aclcontrol', 'owasprules', 'vsaddwafrule', 'vsremovewafrule', 'uploadtemplate', 'deltemplate'],
  ],
  addvs: ['addvs', 'delvs', 'dupvs'],
  rules: [
    ...['addrule', 'modrule', 'delrule', 'addlimitrule', 'modlimitrule', 'movelimitrule', 'dellimitrule'],
    ...['addowaspcustomrule', 'delowaspcustomrule', 'addowaspcustomdata', 'delowaspcustomdata'],
    ...['addwafcustomrule', 'delwafcustomrule', 'addwafcustomdata', 'delwafcustomdata'],
  ],
  backup: ['backup', 'restore'],
  certs: [
    ...CERTIFICATES,
    ...['le', 'acme'].flatMap(by => [`register${by}account`, `add${by}cert`, `renew${by}cert`, `del${by}cert`]),
  ],
  cert3: ['addintermediate', 'delintermediate'],
  certbackup: ['backupcert', 'restorecert'],
  users: ['userlist', 'usershow', 'useraddlocal', 'userdellocal', 'userchangelocpass', 'usersetperms'],
  geo: [],
};

const opens = new Map(permissions.map(word => [word, new Set(OPENS[word])]));

/** The words that open a command; empty when only the role counts. */
export const openedBy = (command: string): Permission[] => permissions.filter(word => opens.get(word)?.has(command));

/** Throws unless the caller's role or a permission reaches as far as the command asks. */
export function mustReach(principal: Principal, name: string, command: Command, params: Params): void {
  const wanted: Role = command.writes?.(params) ? 'administrator' : command.role;
  if (roles.indexOf(principal.role) >= roles.indexOf(wanted)) return;
  if (principal.permissions?.some(word => opens.get(word)?.has(name))) return;
  const words = openedBy(name).map(word => `, or the permission ${word}`);
  throw new Refused(403, `Permission denied: this needs the role ${wanted}${words.join('')}`);
}

/** What `usersetperms` asks for: a role, and the words beyond it. Throws at a word that a LoadMaster has not got. */
export function readPermissions(text: string): { role: Role; permissions: Permission[] } {
  const words = text
    .toLowerCase()
    .split(',')
    .map(word => word.trim())
    .filter(word => word !== '');
  if (words.includes('root')) return { role: 'administrator', permissions: [] };
  const unknown = words.find(word => !permissions.includes(word as Permission));
  if (unknown !== undefined) throw new Refused(422, 'perms: Invalid value');
  const asked = permissions.filter(word => words.includes(word));
  return {
    role: asked.includes('real') ? 'operator' : 'read-only',
    permissions: asked.filter(word => word !== 'real'),
  };
}

/** The same the other way round, as `usershow` says it. */
export function permissionWords({
  role,
  permissions: more,
}: {
  role: Role;
  permissions: readonly Permission[];
}): string {
  if (role === 'administrator') return 'root';
  return [...(role === 'operator' ? ['real'] : []), ...more].join(',');
}

/** Throws when somebody who is no administrator would give, or touch somebody with, more than he may himself. */
export function mustNotExceed(principal: Principal, other: { role: Role; permissions: readonly Permission[] }): void {
  if (principal.role === 'administrator') return;
  const own = principal.permissions ?? [];
  const lower = roles.indexOf(other.role) <= roles.indexOf(principal.role);
  if (!lower || !other.permissions.every(word => own.includes(word)))
    throw new Refused(403, 'Permission denied: only somebody who may as much can give or change that');
}
