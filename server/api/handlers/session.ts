import { minPasswordLength, type OpenSession, type Session } from '../../schema/account.ts';
import { Fault } from '../../schema/faults.ts';
import type { Account } from '../../store/accounts.ts';
import type { Call, Services } from '../call.ts';
import { isLocal } from '../local-door.ts';
import { digestOf, newToken } from '../passwords.ts';
import { clearCookie, goodSession, setCookie } from '../plugins/auth.ts';
import { refuseGuessable } from '../weak-password.ts';

export async function login(call: Call): Promise<Session> {
  const { services, request, reply, body } = call;
  const accounts = services.accounts();
  const now = Date.now();
  const keys = [`address ${request.ip}`, `user ${body.user}`];
  services.lockOut.check(keys, now);
  const account = accounts.find(body.user);
  const good = await services.passwords.matches(account?.passwordHash, body.password);
  // Asked again: many guesses sent at once have all passed the first time.
  services.lockOut.check(keys, now);
  if (!good || !account?.enabled) {
    services.lockOut.fail(keys, now);
    if (account) accounts.noteFailure(account.name);
    services.audit.refused(account?.name, request.ip, now);
    throw new Fault('BAD_LOGIN');
  }
  services.lockOut.succeed(keys);
  accounts.noteLogin(account.name, now);
  // At the machine itself the password is only asked for: that door needs no session.
  if (isLocal(request)) return sessionOf(account, services);
  const token = newToken();
  accounts.openSession(digestOf(token), account.name, now, request.ip, request.headers['user-agent']);
  setCookie(reply, token);
  services.audit.loggedIn(account.name, request.ip);
  return sessionOf(account, services);
}

export const getSession = ({ services, principal }: Call): Session =>
  sessionOf({ ...(services.accounts().find(principal.user) as Account), role: principal.role }, services);

export function logout({ services, principal, reply }: Call) {
  if (principal.session) services.accounts().endSession(principal.session);
  clearCookie(reply);
  return {};
}

export async function changePassword({ services, request, reply, principal, body }: Call): Promise<Session> {
  const accounts = services.accounts();
  const account = accounts.find(principal.user) as Account;
  const keys = [`address ${request.ip}`, `user ${account.name}`];
  services.lockOut.check(keys, Date.now());
  const good = await services.passwords.matches(account.passwordHash, body.old);
  services.lockOut.check(keys, Date.now());
  if (!good) {
    services.lockOut.fail(keys, Date.now());
    throw new Fault('BAD_LOGIN', {}, '/old');
  }
  if (body.new.length < minPasswordLength || body.new === body.old)
    throw new Fault('WEAK_PASSWORD', { min: minPasswordLength }, '/new');
  refuseGuessable(body.new, account.name, '/new');
  // Ends every session, this one too: whoever knew the old password is out. This browser gets a new one.
  accounts.update(account.name, { passwordHash: await services.passwords.hash(body.new), mustChange: false });
  const token = newToken();
  accounts.openSession(digestOf(token), account.name, Date.now(), request.ip, request.headers['user-agent']);
  setCookie(reply, token);
  return sessionOf(accounts.find(account.name) as Account, services);
}

/** Of the digest that is stored: names a session to whoever may end it and is of no use to log in. */
const numberOf = (token: Buffer): number => token.readUIntBE(0, 6);

export function listSessions({ services, principal }: Call): OpenSession[] {
  const accounts = services.accounts();
  const now = Date.now();
  return accounts
    .sessions()
    .filter(({ user }) => user === principal.user || principal.role === 'administrator')
    .filter(({ token }) => goodSession(token, accounts, now) !== undefined)
    .map(({ token, ...rest }) => ({
      ...rest,
      id: numberOf(token),
      current: principal.session !== undefined && token.equals(principal.session),
    }));
}

export function endSession(call: Call) {
  const accounts = call.services.accounts();
  const listed = listSessions(call).some(({ id }) => id === call.id);
  const found = listed && accounts.sessions().find(({ token }) => numberOf(token) === call.id);
  if (!found) throw new Fault('NOT_FOUND', { what: 'session', id: call.id });
  accounts.endSession(found.token);
  return {};
}

export function endOtherSessions({ services, principal }: Call) {
  const accounts = services.accounts();
  const others = accounts
    .sessions()
    .filter(({ user, token }) => user === principal.user && !(principal.session && token.equals(principal.session)));
  for (const { token } of others) accounts.endSession(token);
  return { ended: others.length };
}

const sessionOf = (account: Account, { hostName, version }: Services): Session => ({
  user: account.name,
  role: account.role,
  mustChangePassword: account.mustChangePassword,
  lastLogin: account.lastLogin,
  failedSince: account.failedSince,
  hostName,
  version,
});
