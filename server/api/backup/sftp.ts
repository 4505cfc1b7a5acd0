import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fingerprintOf } from './ssh-key.ts';
import type { Delivery, Target } from './target.ts';

/** Milliseconds. A backup has a few megabytes at most. */
const TIMEOUT = 120_000;
const SCAN = 15_000;
const LARGEST_OUTPUT = 256 * 1024;
/** Known hosts are looked up by this, whatever the host is called and wherever it is. */
const ALIAS = 'backup-target';

/** Debian's sftp with nothing of its own configuration: one key, one host key, no question to anybody. */
function optionsOf({ user, port }: Target, folder: string): string[] {
  const options = {
    BatchMode: 'yes',
    ConnectTimeout: '15',
    ControlMaster: 'no',
    GlobalKnownHostsFile: '/dev/null',
    HostKeyAlias: ALIAS,
    IdentitiesOnly: 'yes',
    IdentityFile: join(folder, 'key'),
    LogLevel: 'ERROR',
    PreferredAuthentications: 'publickey',
    ServerAliveCountMax: '3',
    ServerAliveInterval: '10',
    StrictHostKeyChecking: 'yes',
    UpdateHostKeys: 'no',
    User: user,
    UserKnownHostsFile: join(folder, 'known_hosts'),
  };
  return [
    '-F',
    '/dev/null',
    '-P',
    String(port),
    ...Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`]),
  ];
}

/**
 * Puts a file there under a name of its own and gives it its name when it is whole, then removes the old ones. Names and
 * path hold nothing that sftp would read as more than a name (schema/backup-schedule.ts). Throws an Error with a sentence.
 */
export async function putBySftp(target: Target, { name, body, old }: Delivery): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'ballast-sftp-'));
  try {
    const files = { key: target.key, known_hosts: `${ALIAS} ${target.hostKey}\n`, body };
    const there = (file: string) => `"${target.path === '' ? '' : `${target.path.replace(/\/+$/, '')}/`}${file}"`;
    const batch = [
      `put "${join(folder, 'body')}" ${there(`${name}.part`)}`,
      `rename ${there(`${name}.part`)} ${there(name)}`,
      // A dash: one that somebody has removed already is no failure.
      ...old.map(file => `-rm ${there(file)}`),
    ].join('\n');
    for (const [file, text] of Object.entries({ ...files, batch: `${batch}\n` }))
      await writeFile(join(folder, file), text, { mode: 0o600 });
    const host = target.address.includes(':') ? `[${target.address}]` : target.address;
    const { code, said } = await run(
      'sftp',
      [...optionsOf(target, folder), '-b', join(folder, 'batch'), '--', host],
      TIMEOUT,
    );
    if (code !== 0) throw new Error(sentenceOf(said, target));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The keys a host shows, best first; nothing is sent to it. Throws an Error with a sentence when it shows none. */
export async function hostKeysOf(address: string, port: number): Promise<{ key: string; fingerprint: string }[]> {
  const args = ['-T', '8', '-t', 'ed25519,ecdsa,rsa', '-p', String(port), '--', address];
  const { out } = await run('ssh-keyscan', args, SCAN);
  const keys = out
    .split('\n')
    .map(line => /^\S+ ((?:ssh-ed25519|ecdsa-sha2-nistp\d{3}|ssh-rsa) [A-Za-z0-9+/]+={0,2})$/.exec(line.trim())?.[1])
    .filter(key => key !== undefined);
  if (keys.length === 0) throw new Error(`No SSH server shows a key at ${address} port ${port}.`);
  const rank = (key: string) => ['ssh-ed25519', 'ecdsa-', 'ssh-rsa'].findIndex(start => key.startsWith(start));
  return keys.toSorted((a, b) => rank(a) - rank(b)).map(key => ({ key, fingerprint: fingerprintOf(key) }));
}

function sentenceOf(said: string, { address, user, path }: Target): string {
  if (/Host key verification failed|no .* host key is known/i.test(said))
    return `The host at ${address} shows another key than the one that is kept here: nothing was sent.`;
  if (/Permission denied \(/.test(said)) return `The host did not let “${user}” in with the key of this appliance.`;
  if (/No such file|Permission denied|Failure/.test(said) && !/connect to host/.test(said))
    return `The host let “${user}” in but took no file in “${path || 'its home folder'}”: ${lastLine(said)}`;
  return lastLine(said) || 'The host did not take the file and gave no reason.';
}

const lastLine = (said: string) => {
  const line = said
    .split('\n')
    .map(one => one.trim())
    .filter(one => one !== '' && !/^Connection closed\.?$/.test(one))
    .at(-1);
  return line ? `${line.slice(0, 300).replace(/[.\s]+$/, '')}.` : '';
};

interface Ran {
  code: number;
  out: string;
  said: string;
}

/** Programs of Debian's openssh-client, with nothing of our environment; secrets go by files only this user can read. */
function run(program: 'sftp' | 'ssh-keyscan', args: readonly string[], timeout: number): Promise<Ran> {
  const options = {
    timeout,
    killSignal: 'SIGKILL',
    maxBuffer: LARGEST_OUTPUT,
    env: { PATH: '/usr/bin:/bin', LC_ALL: 'C.UTF-8', HOME: '/nonexistent' },
  } as const;
  return new Promise((resolve, reject) => {
    execFile(program, args, options, (error, out, said) => {
      if (!error) resolve({ code: 0, out, said });
      else if (error.killed) resolve({ code: 1, out, said: `The host took longer than ${timeout / 1000} s.` });
      else if (typeof error.code === 'number') resolve({ code: error.code, out, said });
      else if (error.code === 'ENOENT') reject(new Error(`The program ${program} (openssh-client) is not installed.`));
      else reject(error);
    });
  });
}
