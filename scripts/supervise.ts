import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, rmSync } from 'node:fs';
import { get } from 'node:https';
import { createServer, isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { RESET } from '../server/dataplane/exit-codes.ts';
import { makeFolders, type Owner } from './folders.ts';
import { GIVE_UP, Kept, say } from './keep.ts';

/**
 * Runs the appliance: data plane as root, API as user ballast. Starts again whichever ends, ends both on Ctrl-C,
 * SIGTERM or hang-up. When this process is killed the kernel kills the two as well; HAProxy goes on serving and
 * the next start takes it over. With `--watch` both start again when their code changes.
 */

const root = join(import.meta.dirname, '..');
const node = join(root, 'node_modules/.bin/node');

interface Settings {
  data: string;
  port: number;
  address: string;
}

function settings(env: NodeJS.ProcessEnv): Settings {
  const port = Number(env.BALLAST_PORT || 8443);
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    refuse(`BALLAST_PORT must be a port from 1 to 65535, not “${env.BALLAST_PORT}”.`);
  const address = env.BALLAST_ADDRESS || '::';
  if (!isIP(address)) refuse(`BALLAST_ADDRESS must be an IPv4 or IPv6 address, not “${address}”.`);
  return { data: resolve(env.BALLAST_DATA || join(root, 'data')), port, address };
}

function refuse(sentence: string): never {
  process.stderr.write(`${sentence}\n`);
  process.exit(1);
}

function apiUser(): Owner {
  const [uid, gid] = ['-u', '-g'].map(which =>
    Number.parseInt(spawnSync('id', [which, 'ballast'], { encoding: 'utf8' }).stdout, 10),
  );
  if (!uid || !gid) refuse('The system user “ballast” is missing. `npm start` adds it.');
  return { uid, gid };
}

/** The kernel frees an abstract socket's name when its holder ends, however it ends: a lock that cannot be left behind. */
function holdAlone(data: string): Promise<void> {
  const mark = createHash('sha256').update(data).digest('hex').slice(0, 16);
  return new Promise(done => {
    const lock = createServer(socket => socket.destroy());
    lock.once('error', () =>
      refuse(`Ballast already runs on the data folder ${data}. Stop that one, or set BALLAST_DATA to another folder.`),
    );
    lock.listen(`\0ballast-supervisor-${mark}`, () => {
      lock.unref();
      done();
    });
  });
}

/** Better said here in a sentence than by an API that fails again and again. */
function portIsFree({ port, address }: Settings): Promise<void> {
  return new Promise(done => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE')
        refuse(`Port ${port} is used by another program. Set BALLAST_PORT to a free port for the console.`);
      if (error.code === 'EADDRNOTAVAIL') refuse(`BALLAST_ADDRESS ${address} is not an address of this machine.`);
      done(); // such as no IPv6: the API knows what to do then
    });
    probe.listen(port, address, () => probe.close(() => done()));
  });
}

const anyAddress = (address: string) => address === '::' || address === '0.0.0.0';

function urls({ address, port }: Settings): string[] {
  const addresses = anyAddress(address)
    ? Object.values(networkInterfaces())
        .flatMap(list => list ?? [])
        .filter(a => !a.internal && !a.address.startsWith('fe80:') && (address === '::' || a.family === 'IPv4'))
        .toSorted((a, b) => a.family.localeCompare(b.family))
        .map(a => a.address)
    : [address];
  if (addresses.length === 0) addresses.push('127.0.0.1');
  return addresses.map(a => `https://${a.includes(':') ? `[${a}]` : a}:${port}`);
}

/** Does the API say that the management side is well? Undefined: it does not answer. */
function health({ address, port }: Settings): Promise<boolean | undefined> {
  return new Promise(done => {
    const host = anyAddress(address) ? '127.0.0.1' : address;
    // The certificate is our own and nothing secret is sent.
    const asked = get({ host, port, path: '/api/health', rejectUnauthorized: false, agent: false }, reply => {
      let text = '';
      reply.on('data', chunk => {
        text += chunk;
      });
      reply.on('end', () => done(text.includes('"ok"') && reply.statusCode === 200));
      reply.on('error', () => done(undefined));
    });
    asked.setTimeout(2_000, () => asked.destroy());
    asked.on('error', () => done(undefined));
  });
}

async function announce(s: Settings, signal: AbortSignal): Promise<void> {
  let well: boolean | undefined;
  for (const end = Date.now() + 30_000; !well && Date.now() < end && !signal.aborted; ) {
    well = await health(s);
    if (!well) await sleep(200, undefined, { signal }).catch(() => {});
  }
  if (signal.aborted) return;
  if (well === undefined) return say('The console does not answer yet; the lines above say why.');
  if (!well) say('The console answers, but something is not well; it says what.');
  say(`Ballast is running. Console: ${urls(s).join('  ')}`);
  say('Log in as “bal”. Ctrl-C stops everything.');
}

async function main(): Promise<void> {
  process.umask(0o022);
  // A reader of our output that goes away must not end us.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  if (process.getuid?.() !== 0) refuse('Ballast must be started as root: it sets addresses and runs HAProxy.');
  const s = settings(process.env);
  const user = apiUser();
  const paths = makeFolders(s.data, user);
  await holdAlone(paths.data);
  await portIsFree(s);

  const env: Record<string, string> = {
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    LANG: process.env.LANG ?? 'C.UTF-8',
    NODE_ENV: 'production',
    BALLAST_DATA: paths.data,
    BALLAST_PORT: String(s.port),
    BALLAST_ADDRESS: s.address,
  };
  for (const name of ['TZ', 'BALLAST_LOOPBACK', 'BALLAST_APPLIANCE'])
    if (process.env[name]) env[name] = process.env[name];
  const password = process.env.BALLAST_ADMIN_PASSWORD;
  const signalled = new Promise<number>(done => {
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => done(0));
  });
  for (;;) {
    const how = await served(s, env, password, signalled);
    if (how !== RESET) process.exit(how === GIVE_UP ? 1 : 0);
    say('Everything is reset to how it was first started.');
    for (const entry of readdirSync(paths.data)) rmSync(join(paths.data, entry), { recursive: true, force: true });
    makeFolders(s.data, user);
  }
}

/** Runs the two until they are to end, and all that they started. Why: an exit code of theirs, or 0. */
async function served(
  s: Settings,
  env: Record<string, string>,
  password: string | undefined,
  signalled: Promise<number>,
): Promise<number> {
  const flags = process.argv.includes('--watch') ? ['--watch'] : [];
  // Traffic comes first: on a machine with all its cores busy, watching and managing wait, HAProxy does not.
  const kept = [
    new Kept({
      name: 'data plane',
      command: 'nice',
      args: ['-n', '5', 'setpriv', '--pdeathsig', 'KILL', '--', node, ...flags, join(root, 'server/dataplane/main.ts')],
      env,
    }),
    new Kept({
      name: 'API',
      command: 'nice',
      args: ['-n', '10', join(root, 'scripts/run-api'), root, env.BALLAST_DATA ?? s.data, String(s.port), ...flags],
      env: { ...env, ...(password && { BALLAST_ADMIN_PASSWORD: password }) },
    }),
  ];
  const stopping = new AbortController();
  announce(s, stopping.signal);
  const how = await Promise.race([signalled, ...kept.map(k => k.ended)]);
  stopping.abort();
  say(how === GIVE_UP ? 'Ballast cannot run; the lines above say why. Stopping.' : 'Stopping.');
  const killed = await Promise.all(kept.map(k => k.stop()));
  for (const [at, k] of kept.entries())
    if (killed[at]) say(`The ${k.program.name} did not end in time and was killed.`);
  // A data plane that was killed, or was down just now, has left HAProxy running; one that ended well has not.
  spawnSync(node, [join(root, 'server/dataplane/stop.ts')], { env, timeout: 15_000, stdio: 'ignore' });
  say('Stopped.');
  return how;
}

await main();
