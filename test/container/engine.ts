import { type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');
const folder = join(root, '.cache/container');
const store = ['--storage-driver', 'overlay', '--root', join(folder, 'root'), '--runroot', join(folder, 'run')];
export const IMAGE = 'localhost/ballast:test';

/** Runs a program to its end; its output. Throws with it when the program fails. */
async function run(program: string, args: readonly string[], options: SpawnOptions = {}): Promise<string> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
  let out = '';
  let said = '';
  child.stdout?.on('data', chunk => {
    out += chunk;
    said += chunk;
  });
  child.stderr?.on('data', chunk => {
    said += chunk;
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${program} ${args.join(' ')}\n${said.slice(-4_000)}`);
  return out;
}

export const podman = (...args: string[]): Promise<string> =>
  run('podman', ['--runtime', 'runc', ...store, '--cgroup-manager', 'cgroupfs', '--events-backend', 'file', ...args]);

/** What the Dockerfile takes as its base is made from Debian's packages, with the authorities this machine trusts. */
async function makeBase(): Promise<void> {
  const base = join(folder, 'base.tar');
  if (existsSync(base)) return;
  const authorities = '/usr/local/share/ca-certificates';
  await run('mmdebstrap', [
    ...['--mode=root', '--variant=minbase', '--include=ca-certificates'],
    ...(existsSync(authorities)
      ? [
          `--customize-hook=copy-in ${authorities} /usr/local/share`,
          '--customize-hook=chroot "$1" update-ca-certificates',
        ]
      : []),
    ...['trixie', base, 'deb http://deb.debian.org/debian trixie main'],
  ]);
  await podman(
    'import',
    '--change=ENV NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt',
    base,
    'docker.io/library/debian:trixie-slim',
  );
}

/** Builds the image from what is committed or not ignored: minutes the first time, then what changed. */
export async function buildImage(): Promise<void> {
  mkdirSync(folder, { recursive: true });
  await makeBase();
  const options = ['--isolation', 'chroot', '--pull-never', '--layers', '--format', 'docker', '-t', IMAGE];
  await run('buildah', [...store, 'bud', ...options, root], { cwd: root });
}
