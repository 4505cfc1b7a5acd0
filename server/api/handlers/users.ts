import type { User } from '../../schema/account.ts';
import { Fault } from '../../schema/faults.ts';
import type { Accounts } from '../../store/accounts.ts';
import type { Call } from '../call.ts';
import { isLocal } from '../local-door.ts';
import { digestOf, newToken } from '../passwords.ts';
import { refuseWeak } from '../weak-password.ts';

export const listUsers = ({ services }: Call) => services.accounts().list();

export async function createUser({ services, body }: Call): Promise<User> {
  const accounts = services.accounts();
  refuseWeak(body.password, body.name);
  // Before the look at the accounts: nothing may change between that and the writing.
  const hash = await services.passwords.hash(body.password);
  if (accounts.find(body.name)) throw new Fault('NAME_TAKEN', { what: 'user', name: body.name }, '/name');
  accounts.create(body.name, body.role, hash, true);
  return shown(accounts, body.name);
}

export async function patchUser({ services, request, principal, body }: Call): Promise<User> {
  const accounts = services.accounts();
  if (body.password !== undefined) refuseWeak(body.password, nameOf(request));
  // Before the look at the accounts: nothing may change between that and the writing.
  const hash = body.password === undefined ? undefined : await services.passwords.hash(body.password);
  const account = needUser(accounts, nameOf(request));
  const demoted = (body.role !== undefined && body.role !== 'administrator') || body.enabled === false;
  if (demoted) refuseLastAdministrator(accounts, account.name);
  accounts.update(account.name, {
    // Permissions are stored with the role they were given with.
    role: body.role ?? (body.permissions && account.role),
    permissions: body.permissions,
    enabled: body.enabled,
    ...(hash !== undefined && {
      passwordHash: hash,
      // A password that somebody else knows is good for one log-in.
      mustChange: account.name !== principal.user && !isLocal(request),
    }),
  });
  return shown(accounts, account.name);
}

export function deleteUser({ services, request }: Call) {
  const accounts = services.accounts();
  const account = needUser(accounts, nameOf(request));
  refuseLastAdministrator(accounts, account.name);
  accounts.delete(account.name);
  return {};
}

export const listKeys = ({ services }: Call) => services.accounts().keys();

export function createKey({ services, body }: Call) {
  const accounts = services.accounts();
  if (!accounts.find(body.user)) throw new Fault('UNKNOWN_REFERENCE', { what: 'user', id: body.user }, '/user');
  if (body.expires != null && body.expires <= Date.now())
    throw new Fault('INVALID', { label: 'Ends', reason: 'must lie ahead' }, '/expires');
  const key = newToken();
  const id = accounts.createKey(digestOf(key), body.name, body.user, body.role, Date.now(), body.expires ?? null);
  return { key, entry: accounts.keys().find(entry => entry.id === id) };
}

export function deleteKey({ services, id }: Call) {
  if (!services.accounts().deleteKey(id)) throw new Fault('NOT_FOUND', { what: 'API key', id });
  return {};
}

const nameOf = (request: Call['request']) => (request.params as { name: string }).name;

function needUser(accounts: Accounts, name: string) {
  const account = accounts.find(name);
  if (!account) throw new Fault('NOT_FOUND', { what: 'user', id: name });
  return account;
}

function shown(accounts: Accounts, name: string): User {
  return accounts.list().find(user => user.name === name) as User;
}

function refuseLastAdministrator(accounts: Accounts, name: string): void {
  const others = accounts.list().filter(user => user.name !== name && user.enabled && user.role === 'administrator');
  if (others.length === 0 && accounts.find(name)?.role === 'administrator') throw new Fault('LAST_ADMINISTRATOR');
}
