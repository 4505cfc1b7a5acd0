/** How the disk of the appliance is divided. Numbers of partitions and their UUIDs are known to GRUB and the slots. */

export const SECTOR = 512;
const MIB = (1024 * 1024) / SECTOR;

/** What the hypervisor sees; files of the image hold only what is written. The data partition takes what is left. */
export const DISK_SECTORS = 16 * 1024 * MIB;

export interface Partition {
  number: number;
  name: string;
  /** GPT type. */
  type: string;
  uuid: string;
  start: number;
  /** In sectors. */
  size: number;
}

const TYPES = {
  bios: '21686148-6449-6E6F-744E-656564454649',
  esp: 'C12A7328-F81F-11D2-BA4B-00A0C93EC93B',
  linux: '0FC63DAF-8483-4772-8E79-3D69D8477DE4',
};

const uuid = (number: number) => `ba11a570-000${number}-4000-8000-00000000000${number}`;

export const DISK_UUID = uuid(0);
/** Volume number of the boot partition, as GRUB writes it. */
export const BOOT_VOLUME = 'BA11-A570';

const part = (number: number, name: string, type: string, start: number, size: number): Partition => ({
  ...{ number, name, type, start: start * MIB, size: size * MIB },
  uuid: uuid(number),
});

/** All starts and sizes in MiB. */
export const partitions = {
  bios: part(1, 'bios', TYPES.bios, 1, 1),
  boot: part(2, 'boot', TYPES.esp, 2, 62),
  a: part(3, 'system-a', TYPES.linux, 64, 1024),
  b: part(4, 'system-b', TYPES.linux, 1088, 1024),
  data: part(5, 'data', TYPES.linux, 2112, 256),
} as const;

/** Input of sfdisk. */
export function partitionTable(): string {
  const rows = Object.values(partitions).map(
    ({ number, name, type, uuid, start, size }) =>
      `${number} : start=${start}, size=${size}, type=${type}, uuid=${uuid}, name=${name}`,
  );
  return ['label: gpt', `label-id: ${DISK_UUID}`, 'first-lba: 2048', 'unit: sectors', '', ...rows, ''].join('\n');
}
