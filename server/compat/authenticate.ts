import { createHmac, randomBytes } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import type { Services } from '../api/call.ts';
import { digestOf } from '../api/passwords.ts';
import type { Principal } from '../api/plugins/auth.ts';
import { type Role, roles } from '../schema/account.ts';
import { type Params, Refused } from './wire.ts';

const UNAUTHORIZED = new Refused(401, 'Unauthorized');
/** A password that was right a moment ago need not be worked out again for each call of a client that polls. */
const REMEMBERED = 60_000;
const MOST_REMEMBERED = 1_000;

/**
 * Who calls: by API key, by Basic, or in version 2 by name and password in the body. Never by cookie, so no page of
 * another site can act in somebody's name; what a browser says comes from elsewhere is refused before.
 */
export class Authenticator {
  readonly #services: Services;
  readonly #secret = randomBytes(32);
  readonly #good = new Map<string, number>();

  constructor(services: Services) {
    this.#services = services;
  }

  async principalOf(request: FastifyRequest, params: Params): Promise<Principal> {
    const site = request.headers['sec-fetch-site'];
    if (site !== undefined && site !== 'same-origin' && site !== 'none') throw new Refused(403, 'Not allowed');
    const key = params.get('apikey');
    if (key) return this.#byKey(key, request);
    const given = basicOf(request) ?? namedIn(params);
    if (!given) throw UNAUTHORIZED;
    return this.#byPassword(given.user, given.password, request);
  }

  #byKey(key: string, request: FastifyRequest): Principal {
    const { accounts, lockOut, audit } = this.#services;
    const from = [`address ${request.ip}`];
    const now = Date.now();
    lockOut.check(from, now);
    const entry = accounts().keyBySecret(digestOf(key));
    const account = entry && accounts().find(entry.user);
    if (!entry || !account?.enabled) {
      lockOut.fail(from, now);
      audit.refused(undefined, request.ip, now);
      throw UNAUTHORIZED;
    }
    if (now - (entry.lastUsed ?? 0) > REMEMBERED) accounts().touchKey(entry.id, now);
    // A key of a lesser role than its user's is meant to do less.
    const permissions = entry.role === account.role ? account.permissions : [];
    return { user: account.name, role: lesser(entry.role, account.role), permissions, mustChangePassword: false };
  }

  async #byPassword(user: string, password: string, request: FastifyRequest): Promise<Principal> {
    const { accounts, lockOut, passwords, audit } = this.#services;
    const from = [`address ${request.ip}`, `user ${user}`];
    const now = Date.now();
    const account = accounts().find(user);
    const mark = createHmac('sha256', this.#secret)
      .update(JSON.stringify([user, password, account?.passwordHash ?? '']))
      .digest('base64');
    if ((this.#good.get(mark) ?? 0) < now) {
      lockOut.check(from, now);
      const good = await passwords.matches(account?.passwordHash, password);
      lockOut.check(from, now);
      if (!good) {
        lockOut.fail(from, now);
        if (account) accounts().noteFailure(account.name);
        audit.refused(account?.name, request.ip, now);
        throw UNAUTHORIZED;
      }
      lockOut.succeed(from);
      if (this.#good.size >= MOST_REMEMBERED) this.#good.clear();
      this.#good.set(mark, now + REMEMBERED);
    }
    if (!account?.enabled) throw UNAUTHORIZED;
    if (account.mustChangePassword) throw new Refused(403, 'Set a new password first');
    return { user: account.name, role: account.role, permissions: account.permissions, mustChangePassword: false };
  }
}

const lesser = (a: Role, b: Role): Role => (roles.indexOf(a) < roles.indexOf(b) ? a : b);

function basicOf(request: FastifyRequest) {
  const encoded = /^Basic +([A-Za-z0-9+/=]+)$/i.exec(request.headers.authorization ?? '')?.[1];
  const [, user, password] = /^([^:]*):([\s\S]*)$/.exec(Buffer.from(encoded ?? '', 'base64').toString()) ?? [];
  return user === undefined || password === undefined ? undefined : { user, password };
}

function namedIn(params: Params) {
  const user = params.get('apiuser');
  const password = params.get('apipass');
  return user === undefined || password === undefined ? undefined : { user, password };
}
