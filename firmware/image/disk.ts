import { closeSync, ftruncateSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { environmentText } from '../../server/dataplane/update/slots.ts';
import { BOOT_VOLUME, DISK_SECTORS, partitions, partitionTable, SECTOR } from './layout.ts';
import { run } from './run.ts';

const here = import.meta.dirname;
const SLOT_UUID = 'ba11a570-0000-4000-9000-000000000001';
const DATA_UUID = 'ba11a570-0000-4000-9000-000000000005';
/** A slot's file system is no larger than it must be: all of it is written at an update. */
const SPARE = 0.06;
const MIB = 1024 * 1024;

/** Makes ext4 by the release's own tools, which know how to make the same bytes from the same files. */
export interface Release {
  /** Where the tree of the packages lies. */
  tree: string;
  epoch: number;
}

function mke2fs({ tree, epoch }: Release, args: readonly string[]): void {
  const libraries = [join(tree, 'usr/lib/x86_64-linux-gnu'), join(tree, 'usr/lib')].join(':');
  const loader = join(tree, 'usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2');
  const config = join(tree, 'etc/mke2fs.conf');
  run(loader, ['--library-path', libraries, join(tree, 'usr/sbin/mke2fs'), '-q', '-F', '-t', 'ext4', ...args], {
    env: { SOURCE_DATE_EPOCH: `${epoch}`, E2FSPROGS_FAKE_TIME: `${epoch}`, MKE2FS_CONFIG: config },
  });
}

/** The file system of a slot from a tree: read-only in use, so without a journal. */
export function makeSlot(release: Release, tree: string, file: string): void {
  const bytes = Number(run('du', ['-s', '--block-size=1', tree]).split('\t')[0]);
  const size = Math.ceil((bytes * (1 + SPARE)) / MIB + 24) * MIB;
  if (size > partitions.a.size * SECTOR) throw new Error(`The system is too large for its slot: ${size / MIB} MiB.`);
  rmSync(file, { force: true });
  mke2fs(release, [
    ...[
      '-L',
      'ballast',
      '-U',
      SLOT_UUID,
      '-m',
      '0',
      '-O',
      '^has_journal,^metadata_csum_seed,^orphan_file,^resize_inode',
    ],
    ...['-E', `hash_seed=${SLOT_UUID},root_owner=0:0,no_copy_xattrs`, '-d', tree, file, `${size / 1024}k`],
  ]);
}

/** The whole disk of a machine that was never started. */
export function makeDisk(
  release: Release,
  { slot, boot, work, file, version }: { slot: string; boot: string; work: string; file: string; version: string },
): void {
  rmSync(file, { force: true });
  const disk = openSync(file, 'w+');
  ftruncateSync(disk, DISK_SECTORS * SECTOR);
  closeSync(disk);
  run('sfdisk', ['--quiet', '--no-reread', '--no-tell-kernel', file], { input: partitionTable() });
  const esp = join(work, 'boot.fat');
  makeBootPartition(boot, esp, release.epoch, version);
  const data = join(work, 'data.ext4');
  rmSync(data, { force: true });
  mke2fs(release, [
    ...[
      '-L',
      'data',
      '-U',
      DATA_UUID,
      '-m',
      '1',
      '-b',
      '4096',
      '-T',
      'default',
      '-O',
      '^metadata_csum_seed,^orphan_file',
    ],
    // Inodes enough, and room in its tables, for the partition once it is larger.
    ...[
      '-E',
      `hash_seed=${DATA_UUID},root_owner=0:0,resize=67108864`,
      data,
      `${(partitions.data.size * SECTOR) / 1024}k`,
    ],
  ]);
  place(esp, file, partitions.boot.start);
  place(slot, file, partitions.a.start);
  place(data, file, partitions.data.start);
  makeBiosBoot(boot, file);
}

/** Copies a file into the disk, leaving holes. */
function place(from: string, disk: string, sector: number): void {
  const mib = (1024 * 1024) / SECTOR;
  if (sector % mib !== 0) throw new Error('Partitions begin at whole MiB.');
  run('dd', [`if=${from}`, `of=${disk}`, 'bs=1M', `seek=${sector / mib}`, 'conv=notrunc,sparse', 'status=none']);
}

function makeBootPartition(boot: string, file: string, epoch: number, version: string): void {
  rmSync(file, { force: true });
  const files = `${file}.files`;
  rmSync(files, { recursive: true, force: true });
  mkdirSync(files);
  const put: [string, string][] = [
    // Debian's signed loaders look at fixed places.
    ['EFI/BOOT/BOOTX64.EFI', join(boot, 'bootx64.efi')],
    ['EFI/BOOT/grubx64.efi', join(boot, 'grubx64.efi')],
    ['EFI/BOOT/mmx64.efi', join(boot, 'mmx64.efi')],
    ['EFI/debian/grub.cfg', join(files, 'first.cfg')],
    ['grub/grub.cfg', join(here, 'grub.cfg')],
    ['grub/grubenv', join(files, 'grubenv')],
  ];
  writeFileSync(
    join(files, 'first.cfg'),
    `search --no-floppy --fs-uuid --set=root ${BOOT_VOLUME}\nset prefix=($root)/grub\nconfigfile ($root)/grub/grub.cfg\n`,
  );
  writeFileSync(
    join(files, 'grubenv'),
    environmentText({ good: 'a', try: '', version_a: version, version_b: '', failed: '' }),
  );
  const blocks = `${(partitions.boot.size * SECTOR) / 1024}`;
  run(
    'mkfs.vfat',
    ['--invariant', '-F', '32', '-s', '1', '-i', BOOT_VOLUME.replace('-', ''), '-n', 'BOOT', '-C', file, blocks],
    {
      env: { SOURCE_DATE_EPOCH: `${epoch}` },
    },
  );
  const env = { SOURCE_DATE_EPOCH: `${epoch}`, MTOOLS_SKIP_CHECK: '1', TZ: 'UTC' };
  run('mmd', ['-i', file, ...['EFI', 'EFI/BOOT', 'EFI/debian', 'grub'].map(name => `::/${name}`)], { env });
  for (const [to, from] of put) run('mcopy', ['-i', file, from, `::/${to}`], { env });
}

/** The first sector and GRUB's core for machines that start by BIOS, as grub-install would write them. */
function makeBiosBoot(boot: string, disk: string): void {
  const core = readFileSync(join(boot, 'core.img'));
  const first = readFileSync(join(boot, 'boot.img'));
  const { start, size } = partitions.bios;
  const sectors = Math.ceil(core.length / SECTOR);
  if (sectors > size) throw new Error('GRUB is too large for its partition.');
  // Where the rest of the core lies: its first sector ends with a list of runs of sectors.
  core.writeBigUInt64LE(BigInt(start + 1), 500);
  core.writeUInt16LE(sectors - 1, 508);
  core.writeUInt16LE(0x820, 510);
  first.writeBigUInt64LE(BigInt(start), 0x5c);
  // Two instructions that do nothing in place of a jump: the drive is the one that the BIOS names.
  first.writeUInt16LE(0x9090, 0x66);
  const file = openSync(disk, 'r+');
  writeSync(file, first.subarray(0, 440), 0, 440, 0);
  writeSync(file, core, 0, core.length, start * SECTOR);
  closeSync(file);
}
