import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Server } from 'node:https';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { commandList } from '../compat/command-list.ts';
import { compat } from '../compat/compat.ts';
import { pathsOf } from '../paths.ts';
import type { Facts } from '../schema/config.ts';
import { Fault } from '../schema/faults.ts';
import { Accounts } from '../store/accounts.ts';
import { copyWhenDue } from '../store/copies.ts';
import { type Db, openStore } from '../store/db.ts';
import { Revisions } from '../store/revisions.ts';
import { AcmeKeeper } from './acme/keeper.ts';
import { buildApp } from './app.ts';
import { Audit } from './audit.ts';
import { backupOf } from './backup/file.ts';
import { BackupKeeper } from './backup/keeper.ts';
import type { Services } from './call.ts';
import { Committer } from './commit.ts';
import { consoleCertificate } from './console-certificate.ts';
import { DataPlaneClient } from './data-plane.ts';
import { EventRelay } from './events.ts';
import { openDoor } from './local-door.ts';
import { LockOut } from './lock-out.ts';
import { MailKeeper } from './mail/keeper.ts';
import { oneTimePassword, Passwords } from './passwords.ts';
import { mayGoOn, sweepSessions } from './plugins/auth.ts';

const FIVE_MINUTES = 300_000;
const ADMINISTRATOR = 'bal';
const FAILURES = 5;

// The database holds private keys: nothing this process writes is for others to read.
process.umask(0o077);

const say = (text: string) => console.log(`${new Date().toISOString()} ${text}`);
const root = join(import.meta.dirname, '..', '..');
const paths = pathsOf(process.env.BALLAST_DATA ?? './data');
const facts: Facts = {
  managementPort: Number(process.env.BALLAST_PORT ?? 8443),
  loopback: process.env.BALLAST_LOOPBACK === '1',
};
const version = (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }).version;

let db: Db | undefined;
let problem: string | undefined;
try {
  db = openStore(paths.database);
} catch (error) {
  problem = (error as Error).message;
  say(new Fault('STORE_DAMAGED', { reason: problem }).message);
}

const store = <T>(make: (open: Db) => T) => {
  const made = db && make(db);
  return () => {
    if (made === undefined) throw new Fault('STORE_DAMAGED', { reason: problem ?? 'unknown' });
    return made;
  };
};
const accounts = store(open => new Accounts(open));
const revisions = store(open => new Revisions(open));
const dataPlane = new DataPlaneClient(paths.controlSocket);
const audit = new Audit(dataPlane);
const passwords = new Passwords();
const events = new EventRelay(dataPlane, request => db !== undefined && mayGoOn(request, accounts()), heal);
const committer = store(open => new Committer(new Revisions(open), dataPlane, facts, committed));
const acme = new AcmeKeeper({
  config: () => revisions().current().config,
  committer,
  dataPlane,
  facts,
  file: join(paths.store, 'acme.json'),
  say,
});
const backups = new BackupKeeper({
  config: () => revisions().current().config,
  file: passphrase => backupOf(services, passphrase),
  dataPlane,
  loopback: facts.loopback,
  hostName: hostname(),
  path: join(paths.store, 'backups.json'),
  say,
});
const mails = new MailKeeper({
  config: () => revisions().current().config,
  dataPlane,
  hostName: hostname(),
  path: join(paths.store, 'mails.json'),
  say,
});
const services: Services = {
  acme,
  backups,
  mails,
  audit,
  accounts,
  revisions,
  committer,
  dataPlane,
  passwords,
  facts,
  version,
  lockOut: new LockOut(FAILURES),
  loadMasterCommands: commandList,
  hostName: hostname(),
  updateFile: paths.update,
  storeProblem: () => problem,
  renewConsoleCertificate: async () => {
    const tls = await consoleCertificate(paths.tls, true);
    (app.server as unknown as Server).setSecureContext(tls);
    return new X509Certificate(tls.cert).fingerprint256;
  },
};

if (db) await firstUser();
const app = await buildApp({
  services,
  events,
  tls: await consoleCertificate(paths.tls),
  console: join(root, 'web', 'dist'),
  log: say,
  compat,
});
const housekeeping = setInterval(keepHouse, FIVE_MINUTES);
// Before anybody hears that it is ready, and so may want it to stop.
for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, stop);
await listen(process.env.BALLAST_ADDRESS || '::');
const door = Buffer.byteLength(paths.consoleSocket) <= 107 ? await openDoor(app, paths.consoleSocket) : undefined;
say(`API ready on port ${facts.managementPort}`);

keepHouse();
if (db) {
  acme.start();
  backups.start();
  mails.start();
}

/** Nobody can log in yet: makes the administrator, with the password given or one shown this once. */
async function firstUser(): Promise<void> {
  if (accounts().list().length > 0) return;
  const given = process.env.BALLAST_ADMIN_PASSWORD;
  const password = given || oneTimePassword();
  accounts().create(ADMINISTRATOR, 'administrator', await passwords.hash(password), !given);
  if (given) return;
  const frame = '─'.repeat(56);
  console.log(
    `${frame}\n  First log-in: user ${ADMINISTRATOR}\n  One-time password: ${password}\n  It is shown only this once; you choose your own then.\n${frame}`,
  );
}

async function listen(host: string): Promise<void> {
  try {
    await app.listen({ port: facts.managementPort, host });
  } catch (error) {
    // A machine without IPv6 has no `::`.
    const none = ['EAFNOSUPPORT', 'EADDRNOTAVAIL'].includes(String((error as NodeJS.ErrnoException).code));
    if (host !== '::' || !none) throw error;
    await app.listen({ port: facts.managementPort, host: '0.0.0.0' });
  }
}

/** The hourly copy, and what has grown old. */
function keepHouse(): void {
  if (!db) return;
  const now = Date.now();
  const chores: [string, () => void][] = [
    ['The hourly copy of the database', () => copyWhenDue(db, paths.copies, now)],
    ['Removing old history', () => revisions().prune()],
    ['Removing old sessions', () => sweepSessions(accounts(), now)],
  ];
  for (const [name, chore] of chores)
    try {
      chore();
    } catch (error) {
      say(`${name} failed: ${(error as Error).message}`);
    }
}

/** Told to browsers, and as an event with who it was. */
function committed(revision: number, who: string): void {
  events.committed(revision, who);
  const [newest] = revisions().list(revision + 1, 1);
  audit.changed(revision, who, newest?.words ?? []);
}

/** The data plane was away, or told an outcome that nobody may have waited for. */
function heal(): void {
  if (!db) return;
  committer()
    .heal()
    .catch(error => say(`The newest revision could not be settled: ${(error as Error).message}`));
}

async function stop(): Promise<void> {
  clearInterval(housekeeping);
  acme.stop();
  backups.stop();
  mails.stop();
  events.close();
  door?.close();
  door?.closeAllConnections();
  await app.close();
  db?.close();
  process.exit(0);
}
