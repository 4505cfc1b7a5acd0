import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type Permission, type Role, roles, sessionIdle } from '../../schema/account.ts';
import { Fault } from '../../schema/faults.ts';
import type { Accounts } from '../../store/accounts.ts';
import { isLocal } from '../local-door.ts';
import type { LockOut } from '../lock-out.ts';
import { digestOf } from '../passwords.ts';
import { storeFault } from '../store-fault.ts';

/** Who makes a request. */
export interface Principal {
  user: string;
  role: Role;
  mustChangePassword: boolean;
  /** Of a user of the LoadMaster API, beside the role. */
  permissions?: readonly Permission[];
  /** Digest of the session's token; absent for an API key. */
  session?: Buffer;
}

declare module 'fastify' {
  interface FastifyRequest {
    principal?: Principal;
  }
  interface FastifyContextConfig {
    role?: Role | 'session' | 'anyone';
  }
}

/** In whose name the machine's own console acts; no user can have this name. */
const LOCAL_CONSOLE = 'Console';
export const COOKIE = '__Host-ballast';
const LONGEST = 12 * 3_600_000;
/** A session's time of use is written at most this often: each write is synced to disk. */
const TOUCH = 60_000;

/**
 * Authentication and roles, before anything else sees a request. A route without a declared role stops the start.
 */
export function auth(app: FastifyInstance, accounts: () => Accounts, lockOut: LockOut): void {
  app.addHook('onRoute', route => {
    if (!route.config?.role) throw new Error(`the route ${route.method} ${route.url} declares no role`);
  });
  app.addHook('onRequest', async request => {
    const wanted = request.routeOptions.config?.role;
    // No route, no secret: the answer is 404 for everybody.
    if (!wanted) return;
    refuseOtherSites(request);
    if (wanted === 'anyone') return;
    const principal = principalOf(request, accounts(), lockOut);
    request.principal = principal;
    if (wanted === 'session') return;
    if (principal.mustChangePassword) throw new Fault('PASSWORD_CHANGE_NEEDED');
    if (roles.indexOf(principal.role) < roles.indexOf(wanted))
      throw new Fault('NOT_ALLOWED', { role: wanted, have: principal.role });
  });
}

export function setCookie(reply: FastifyReply, token: string): void {
  reply.setCookie(COOKIE, token, { path: '/', secure: true, httpOnly: true, sameSite: 'strict' });
}

export function clearCookie(reply: FastifyReply): void {
  reply.clearCookie(COOKIE, { path: '/', secure: true, httpOnly: true, sameSite: 'strict' });
}

/** May the stream that this request opened go on? Asked long after it began; notes no use and counts no failure. */
export function mayGoOn(request: FastifyRequest, accounts: Accounts): boolean {
  if (isLocal(request)) return true;
  const header = request.headers.authorization;
  if (header !== undefined) return goodKey(header, accounts) !== undefined;
  const token = request.cookies[COOKIE];
  return token !== undefined && goodSession(digestOf(token), accounts, Date.now()) !== undefined;
}

/** Forgets sessions that nobody can use any more. */
export const sweepSessions = (accounts: Accounts, now: number): void =>
  accounts.endSessionsBefore(now - LONGEST, now - sessionIdle);

export function goodSession(digest: Buffer, accounts: Accounts, now: number) {
  const session = accounts.session(digest);
  const account = session && accounts.find(session.user);
  if (!session || !account?.enabled) return undefined;
  return now - session.used > sessionIdle || now - session.created > LONGEST ? undefined : { session, account };
}

function goodKey(header: string, accounts: Accounts) {
  const secret = /^Bearer ([\w-]{20,200})$/.exec(header)?.[1];
  const key = secret === undefined ? undefined : accounts.keyBySecret(digestOf(secret));
  const account = key && accounts.find(key.user);
  if (key?.expires != null && key.expires <= Date.now()) return undefined;
  return key && account?.enabled ? { key, account } : undefined;
}

function principalOf(request: FastifyRequest, accounts: Accounts, lockOut: LockOut): Principal {
  const header = request.headers.authorization;
  if (isLocal(request)) return { user: LOCAL_CONSOLE, role: 'administrator', mustChangePassword: false };
  return header === undefined ? fromSession(request, accounts) : fromKey(header, request, accounts, lockOut);
}

function fromSession(request: FastifyRequest, accounts: Accounts): Principal {
  const token = request.cookies[COOKIE];
  if (!token) throw new Fault('NOT_LOGGED_IN');
  const digest = digestOf(token);
  const now = Date.now();
  const good = goodSession(digest, accounts, now);
  if (!good) {
    if (accounts.session(digest)) accounts.endSession(digest);
    throw new Fault('NOT_LOGGED_IN');
  }
  const { session, account } = good;
  if (request.method !== 'GET' && request.headers.origin === undefined) throw new Fault('BAD_ORIGIN');
  if (now - session.used > TOUCH) unlessFull(() => accounts.touchSession(digest, now));
  return { user: account.name, role: account.role, mustChangePassword: account.mustChangePassword, session: digest };
}

function fromKey(header: string, request: FastifyRequest, accounts: Accounts, lockOut: LockOut): Principal {
  const from = [`address ${request.ip}`];
  const now = Date.now();
  lockOut.check(from, now);
  const good = goodKey(header, accounts);
  if (!good) {
    lockOut.fail(from, now);
    throw new Fault('NOT_LOGGED_IN');
  }
  const { key, account } = good;
  if (now - (key.lastUsed ?? 0) > TOUCH) unlessFull(() => accounts.touchKey(key.id, now));
  // A key never reaches further than its user does by now.
  const role = roles.indexOf(key.role) < roles.indexOf(account.role) ? key.role : account.role;
  return { user: account.name, role, mustChangePassword: false };
}

/** A disk that takes nothing more must not keep people from looking what is wrong. */
function unlessFull(note: () => void): void {
  try {
    note();
  } catch (error) {
    if (storeFault(error)?.code !== 'STORE_UNWRITABLE') throw error;
  }
}

/** A page of another site must not act in our user's name: browsers say where a request comes from. */
function refuseOtherSites(request: FastifyRequest): void {
  if (request.method === 'GET') return;
  const { origin, host } = request.headers;
  if (origin !== undefined && origin !== `https://${host}`) throw new Fault('BAD_ORIGIN');
  const site = request.headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') throw new Fault('BAD_ORIGIN');
}
