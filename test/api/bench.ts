import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify';
import { buildApp } from '../../server/api/app.ts';
import { Audit } from '../../server/api/audit.ts';
import { backupOf } from '../../server/api/backup/file.ts';
import { BackupKeeper } from '../../server/api/backup/keeper.ts';
import type { Services } from '../../server/api/call.ts';
import { Committer } from '../../server/api/commit.ts';
import { DataPlaneClient } from '../../server/api/data-plane.ts';
import { EventRelay } from '../../server/api/events.ts';
import { LockOut } from '../../server/api/lock-out.ts';
import { MailKeeper } from '../../server/api/mail/keeper.ts';
import { digestOf, newToken, Passwords } from '../../server/api/passwords.ts';
import { COOKIE, mayGoOn } from '../../server/api/plugins/auth.ts';
import type { Role } from '../../server/schema/account.ts';
import type { Facts } from '../../server/schema/config.ts';
import { Accounts } from '../../server/store/accounts.ts';
import { type Db, openStore } from '../../server/store/db.ts';
import { Revisions } from '../../server/store/revisions.ts';
import { folder } from '../store/support.ts';
import { FakeDataPlane } from './fake-data-plane.ts';

export const PASSWORD = 'correct horse battery';
export const FACTS: Facts = { managementPort: 8443, loopback: false };
/** What app.inject() sends as Host, as a browser names it. */
export const ORIGIN = 'https://localhost:80';

/** The whole API over a real database and a fake data plane, talked to in memory. */
export interface Bench {
  app: FastifyInstance;
  db: Db;
  accounts: Accounts;
  revisions: Revisions;
  dataPlane: FakeDataPlane;
  events: EventRelay;
  /** What the API wrote to its log. */
  log: string[];
  /** Adds a user with PASSWORD. */
  user: (name: string, role: Role, mustChange?: boolean) => Promise<void>;
  /** A session of that user, made without a log-in: the headers of its browser. */
  session: (user: string) => Record<string, string>;
  /** An API key of that user: the headers of its program. */
  key: (user: string, role: Role) => Record<string, string>;
  /** Calls as the administrator `bal`, with an API key. */
  call: (
    method: Method,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ) => Promise<LightMyRequestResponse>;
}

export type Method = NonNullable<InjectOptions['method']> & ('GET' | 'POST' | 'PATCH' | 'DELETE');

/** A weak hash: these tests are not about guessing. */
const cheap = { memoryCost: 64, timeCost: 1, parallelism: 1 };

export async function bench(
  t: TestContext,
  { facts = FACTS, console: consoleFolder }: { facts?: Facts; console?: string } = {},
): Promise<Bench> {
  const place = folder(t);
  const db = openStore(join(place, 'store', 'config.db'));
  const dataPlane = await FakeDataPlane.started(t, join(place, 'control.sock'));
  const client = new DataPlaneClient(join(place, 'control.sock'));
  const accounts = new Accounts(db);
  const revisions = new Revisions(db);
  const passwords = new Passwords(cheap);
  const events = new EventRelay(
    client,
    request => mayGoOn(request, accounts),
    () => void committer.heal(),
  );
  const committer: Committer = new Committer(revisions, client, facts, events.committed);
  const log: string[] = [];
  const services: Services = {
    accounts: () => accounts,
    revisions: () => revisions,
    committer: () => committer,
    dataPlane: client,
    acme: undefined as never,
    backups: new BackupKeeper({
      config: () => revisions.current().config,
      file: passphrase => backupOf(services, passphrase),
      dataPlane: client,
      loopback: facts.loopback,
      hostName: 'bench',
      path: join(place, 'backups.json'),
      say: text => log.push(text),
    }),
    mails: new MailKeeper({
      config: () => revisions.current().config,
      dataPlane: client,
      hostName: 'bench',
      path: join(place, 'mails.json'),
      say: text => log.push(text),
    }),
    audit: new Audit(client),
    passwords,
    facts,
    lockOut: new LockOut(5),
    hostName: 'bench',
    updateFile: join(place, 'update.part'),
    version: '0.0.0',
    loadMasterCommands: [],
    renewConsoleCertificate: async () => '',
    storeProblem: () => undefined,
  };
  const app = await buildApp({
    services,
    events,
    ...(consoleFolder && { console: consoleFolder }),
    log: text => log.push(text),
  });
  await app.ready();
  t.after(async () => {
    events.close();
    await app.close();
    db.close();
  });
  const user = async (name: string, role: Role, mustChange = false) =>
    accounts.create(name, role, await passwords.hash(PASSWORD), mustChange);
  const session = (name: string) => {
    const token = newToken();
    accounts.openSession(digestOf(token), name, Date.now());
    return { cookie: `${COOKIE}=${token}`, origin: ORIGIN };
  };
  const key = (name: string, role: Role) => {
    const secret = newToken();
    accounts.createKey(digestOf(secret), 'test', name, role, Date.now());
    return { authorization: `Bearer ${secret}` };
  };
  await user('bal', 'administrator');
  const administrator = key('bal', 'administrator');
  const call: Bench['call'] = (method, path, body, headers = {}) =>
    app.inject({
      method,
      url: path,
      headers: { ...administrator, ...headers },
      ...(body !== undefined && { payload: body as object }),
    });
  return { app, db, accounts, revisions, dataPlane, events, log, user, session, key, call };
}
