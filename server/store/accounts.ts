import type { ApiKey, Permission, Role, User } from '../schema/account.ts';
import type { SavedAccounts } from '../schema/backup.ts';
import type { Db } from './db.ts';

interface UserRow {
  name: string;
  role: Role;
  password: string;
  enabled: number;
  must_change: number;
  last_login: number | null;
  failed_since: number;
  permissions: string;
}

/** A user with what only the log-in may see. */
export interface Account extends User {
  passwordHash: string;
  failedSince: number;
}

export interface SessionRow {
  user: string;
  created: number;
  used: number;
  address: string;
  agent: string;
}

/** Users, sessions and API keys. Not configuration: not in revisions, not in copies meant for others. Secrets come in hashed. */
export class Accounts {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  list(): User[] {
    return this.#rows().map(({ passwordHash: _, failedSince: __, ...user }) => user);
  }

  /** With what only the log-in and the LoadMaster API may see. */
  all(): Account[] {
    return this.#rows();
  }

  find(name: string): Account | undefined {
    return this.#rows().find(account => account.name === name);
  }

  create(name: string, role: Role, passwordHash: string, mustChange: boolean): void {
    this.#db
      .prepare('INSERT INTO user (name, role, password, must_change) VALUES (?, ?, ?, ?)')
      .run(name, role, passwordHash, mustChange ? 1 : 0);
  }

  /** Changes what is named, and ends the user's sessions unless `keepSessions`. */
  update(
    name: string,
    change: {
      role?: Role;
      permissions?: readonly Permission[];
      enabled?: boolean;
      passwordHash?: string;
      mustChange?: boolean;
    },
    keepSessions = false,
  ): void {
    this.#db.transaction(() => {
      const set = (column: string, value: string | number | undefined) =>
        value !== undefined && this.#db.prepare(`UPDATE user SET ${column} = ? WHERE name = ?`).run(value, name);
      // The words belong to the role they were given with.
      if (change.role !== undefined) set('permissions', (change.permissions ?? []).join(','));
      set('role', change.role);
      set('enabled', change.enabled === undefined ? undefined : Number(change.enabled));
      set('password', change.passwordHash);
      set('must_change', change.mustChange === undefined ? undefined : Number(change.mustChange));
      if (!keepSessions) this.endSessionsOf(name);
    })();
  }

  delete(name: string): void {
    this.#db.prepare('DELETE FROM user WHERE name = ?').run(name);
  }

  noteLogin(name: string, time: number): void {
    this.#db.prepare('UPDATE user SET last_login = ?, failed_since = 0 WHERE name = ?').run(time, name);
  }

  noteFailure(name: string): void {
    this.#db.prepare('UPDATE user SET failed_since = failed_since + 1 WHERE name = ?').run(name);
  }

  openSession(token: Buffer, user: string, time: number, address = '', agent = ''): void {
    this.#db
      .prepare('INSERT INTO session (token, user, created, used, address, agent) VALUES (?, ?, ?, ?, ?, ?)')
      .run(token, user, time, time, address, agent.slice(0, 256));
  }

  /** All that are stored, those too that have ended by time; newest first. */
  sessions(): (SessionRow & { token: Buffer })[] {
    return this.#db
      .prepare('SELECT token, user, created, used, address, agent FROM session ORDER BY created DESC')
      .all() as (SessionRow & { token: Buffer })[];
  }

  session(token: Buffer): SessionRow | undefined {
    return this.#db.prepare('SELECT user, created, used, address, agent FROM session WHERE token = ?').get(token) as
      | SessionRow
      | undefined;
  }

  touchSession(token: Buffer, time: number): void {
    this.#db.prepare('UPDATE session SET used = ? WHERE token = ?').run(time, token);
  }

  endSession(token: Buffer): void {
    this.#db.prepare('DELETE FROM session WHERE token = ?').run(token);
  }

  endSessionsOf(user: string): void {
    this.#db.prepare('DELETE FROM session WHERE user = ?').run(user);
  }

  endSessionsBefore(created: number, used: number): void {
    this.#db.prepare('DELETE FROM session WHERE created < ? OR used < ?').run(created, used);
  }

  keys(): ApiKey[] {
    return this.#db
      .prepare('SELECT id, name, user, role, created, last_used AS lastUsed, expires FROM api_key ORDER BY id')
      .all() as ApiKey[];
  }

  createKey(
    secret: Buffer,
    name: string,
    user: string,
    role: Role,
    time: number,
    expires: number | null = null,
  ): number {
    const { lastInsertRowid } = this.#db
      .prepare('INSERT INTO api_key (secret, name, user, role, created, expires) VALUES (?, ?, ?, ?, ?, ?)')
      .run(secret, name, user, role, time, expires);
    return Number(lastInsertRowid);
  }

  keyBySecret(secret: Buffer): ApiKey | undefined {
    return this.#db
      .prepare('SELECT id, name, user, role, created, last_used AS lastUsed, expires FROM api_key WHERE secret = ?')
      .get(secret) as ApiKey | undefined;
  }

  touchKey(id: number, time: number): void {
    this.#db.prepare('UPDATE api_key SET last_used = ? WHERE id = ?').run(time, id);
  }

  deleteKey(id: number): boolean {
    return this.#db.prepare('DELETE FROM api_key WHERE id = ?').run(id).changes > 0;
  }

  /** All users and keys, for a backup. */
  saved(): SavedAccounts {
    const keys = this.#db
      .prepare('SELECT lower(hex(secret)) AS secret, name, user, role, created, expires FROM api_key ORDER BY id')
      .all() as SavedAccounts['keys'];
    const users = this.#rows().map(({ name, role, passwordHash, enabled, mustChangePassword, permissions }) => ({
      ...{ name, role, passwordHash, enabled, mustChangePassword, permissions },
    }));
    return { users, keys };
  }

  /**
   * Users and keys become these, all or none. Sessions of users that are changed end, but for that of `keep`, who must be
   * able to confirm what else changes.
   */
  replaceAll({ users, keys }: SavedAccounts, keep: string): void {
    const before = new Map(this.saved().users.map(user => [user.name, JSON.stringify(user)]));
    const put = this.#db.prepare(
      `INSERT INTO user (name, role, password, enabled, must_change, permissions) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT (name) DO UPDATE SET role = excluded.role, password = excluded.password, enabled = excluded.enabled,
       must_change = excluded.must_change, permissions = excluded.permissions`,
    );
    const putKey = this.#db.prepare(
      'INSERT INTO api_key (secret, name, user, role, created, expires) VALUES (?, ?, ?, ?, ?, ?)',
    );
    this.#db.transaction(() => {
      for (const name of before.keys()) if (!users.some(user => user.name === name)) this.delete(name);
      this.#db.prepare('DELETE FROM api_key').run();
      for (const user of users) {
        const { name, role, passwordHash, enabled, mustChangePassword, permissions } = user;
        put.run(name, role, passwordHash, Number(enabled), Number(mustChangePassword), permissions.join(','));
        if (name !== keep && before.get(name) !== JSON.stringify(user)) this.endSessionsOf(name);
      }
      for (const { secret, name, user, role, created, expires } of keys)
        putKey.run(Buffer.from(secret, 'hex'), name, user, role, created, expires);
    })();
  }

  #rows(): Account[] {
    const rows = this.#db.prepare('SELECT * FROM user ORDER BY name').all() as UserRow[];
    return rows.map(row => ({
      name: row.name,
      role: row.role,
      enabled: row.enabled === 1,
      mustChangePassword: row.must_change === 1,
      lastLogin: row.last_login,
      passwordHash: row.password,
      failedSince: row.failed_since,
      permissions: row.permissions.split(',').filter(word => word !== '') as Permission[],
    }));
  }
}
