import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { pathsOf } from '../paths.ts';
import type { Facts } from '../schema/config.ts';
import { Fault } from '../schema/faults.ts';
import { Accounts } from '../store/accounts.ts';
import { makeCopy } from '../store/copies.ts';
import { type Db, openStore } from '../store/db.ts';
import { Revisions } from '../store/revisions.ts';
import { buildApp } from './app.ts';
import type { Services } from './call.ts';
import { Committer } from './commit.ts';
import { consoleCertificate } from './console-certificate.ts';
import { DataPlaneClient } from './data-plane.ts';
import { EventRelay } from './events.ts';
import { LockOut } from './lock-out.ts';
import { digestOf, oneTimePassword, Passwords } from './passwords.ts';
import { COOKIE } from './plugins/auth.ts';

const HOUR = 3_600_000;
const ADMINISTRATOR = 'bal';
const FAILURES = 5;

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
const passwords = new Passwords();
const events = new EventRelay(dataPlane, request => {
  const token = request.cookies[COOKIE];
  // A stream opened with an API key lives as long as its connection; one of a browser as long as its session.
  return token === undefined || (db !== undefined && accounts().session(digestOf(token)) !== undefined);
});
const committer = store(open => new Committer(new Revisions(open), dataPlane, facts, events.committed));
const services: Services = {
  accounts,
  revisions,
  committer,
  dataPlane,
  passwords,
  facts,
  version,
  lockOut: new LockOut(FAILURES),
  hostName: hostname(),
  storeProblem: () => problem,
};

if (db) await firstUser();
const app = await buildApp({
  services,
  events,
  tls: await consoleCertificate(paths.tls),
  console: join(root, 'web', 'dist'),
  log: say,
});
await app.listen({ port: facts.managementPort, host: process.env.BALLAST_ADDRESS ?? '::' });
say(`API ready on port ${facts.managementPort}`);

const copying = setInterval(copy, HOUR);
for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, stop);

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

function copy(): void {
  if (!db) return;
  try {
    makeCopy(db, paths.copies, Date.now());
  } catch (error) {
    say(`The hourly copy of the database failed: ${(error as Error).message}`);
  }
}

async function stop(): Promise<void> {
  clearInterval(copying);
  events.close();
  await app.close();
  db?.close();
  process.exit(0);
}
