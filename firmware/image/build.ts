import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { makeDisk, makeSlot } from './disk.ts';
import { exportDisk, sha256 } from './exports.ts';
import { run } from './run.ts';
import { furnish, productionPackages } from './slot-tree.ts';
import { softwareList } from './software-list.ts';
import { developmentKey, packUpdate, publicHalf } from './update-pack.ts';

/**
 * `npm run image`: the disk of the appliance, and files that hypervisors import, into dist/. Debian's packages are kept
 * in .cache/image by what was asked for; --fresh asks the mirror again.
 */
const root = join(import.meta.dirname, '..', '..');
const here = import.meta.dirname;
const cache = join(root, '.cache/image');
const { values: options } = parseArgs({
  options: {
    /** Asks the mirror again. */
    fresh: { type: 'boolean', default: false },
    /** Another version than that of package.json, for an update of what is built now. */
    version: { type: 'string' },
    /** Where the files go. */
    to: { type: 'string', default: join(root, 'dist') },
    /** Only the update file, and the slot it holds. */
    'only-update': { type: 'boolean', default: false },
    /** PEM with the private key that updates are signed by. */
    key: { type: 'string', default: join(cache, 'development-key.pem') },
  },
});
const dist = resolve(options.to);
const project = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
const version = options.version ?? project.version;
const key = developmentKey(options.key);
const { pem: keys, mark } = publicHalf(key);
const began = Date.now();
const say = (text: string) => console.log(`==> ${text} (${Math.round((Date.now() - began) / 1000)} s)`);

/** Time of the newest commit: the same sources make the same image. */
const epoch = Number(process.env.SOURCE_DATE_EPOCH || run('git', ['-C', root, 'log', '-1', '--format=%ct']).trim());
process.env.SOURCE_DATE_EPOCH = `${epoch}`;

const packages = packageStage();
const work = join(cache, 'work');
rmSync(work, { recursive: true, force: true });
mkdirSync(work, { recursive: true });
mkdirSync(dist, { recursive: true });

const tree = join(work, 'tree');
say('Laying out the system');
mkdirSync(tree);
run('tar', ['-C', tree, '--numeric-owner', '-xpf', join(packages, 'rootfs.tar')]);
furnish(tree, { epoch, version, keys });
say('Making the slot');
const slot = join(work, 'slot.ext4');
makeSlot({ tree, epoch }, tree, slot);
const update = join(dist, `ballast-${version}.update`);
say(`Packing the update file, signed by key ${mark}`);
packUpdate(slot, version, key, update);
if (options['only-update']) {
  renameSync(slot, join(dist, `ballast-${version}.slot`));
  rmSync(work, { recursive: true });
  say('Done');
  process.exit(0);
}
say('Making the disk');
const disk = join(work, 'disk.raw');
makeDisk({ tree, epoch }, { slot, boot: join(packages, 'boot'), work, file: disk, version });
say('Writing qcow2, VHDX and OVA');
const files = [...exportDisk(disk, dist, work, version, epoch), update];
const list = join(dist, `ballast-${version}.cdx.json`);
writeFileSync(list, softwareList(packages, productionPackages(), version, epoch));
const sums = [...files, list].map(file => `${sha256(file)}  ${basename(file)}\n`);
writeFileSync(join(dist, 'SHA256SUMS'), sums.join(''));
for (const file of files) console.log(`    ${Math.round(statSync(file).size / 1024 / 1024)} MiB  ${file}`);
rmSync(work, { recursive: true });
say('Done');

/** The folder with Debian's packages, made when nothing that fits is there. */
function packageStage(): string {
  const hash = createHash('sha256');
  for (const path of ['packages.list', 'packages.sh', ...filesBelow('initramfs')])
    hash.update(path).update(readFileSync(join(here, path)));
  const folder = join(cache, `packages-${hash.digest('hex').slice(0, 16)}`);
  if (options.fresh) rmSync(folder, { recursive: true, force: true });
  if (existsSync(folder)) return folder;
  say("Fetching Debian's packages, a minute or two");
  const making = `${folder}.new`;
  rmSync(making, { recursive: true, force: true });
  mkdirSync(making, { recursive: true });
  run(join(here, 'packages.sh'), [making]);
  renameSync(making, folder);
  return folder;
}

function filesBelow(folder: string): string[] {
  return readdirSync(join(here, folder), { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name).slice(here.length + 1))
    .sort();
}
