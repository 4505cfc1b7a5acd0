import { open, readFile } from 'node:fs/promises';
import type { SlotName } from '../../schema/update.ts';

/** Where the two systems of the appliance lie. Files stand in for partitions in tests. */
export interface SlotPlaces {
  /** Names the slot that runs, as `ballast-slot=a`. */
  commandLine: string;
  /** GRUB's few variables: 1024 bytes that are written in place. */
  environment: string;
  devices: Readonly<Record<SlotName, string>>;
}

export const APPLIANCE: SlotPlaces = {
  commandLine: '/proc/cmdline',
  environment: '/boot/efi/grub/grubenv',
  devices: {
    a: '/dev/disk/by-partuuid/ba11a570-0003-4000-8000-000000000003',
    b: '/dev/disk/by-partuuid/ba11a570-0004-4000-8000-000000000004',
  },
};

const HEAD = '# GRUB Environment Block\n';
const SIZE = 1024;

export const otherSlot = (slot: SlotName): SlotName => (slot === 'a' ? 'b' : 'a');

/** What the boot loader is told: see firmware/image/grub.cfg. */
export interface BootChoice {
  good: SlotName;
  /** Started once, at the next start. */
  try: SlotName | '';
  version_a: string;
  version_b: string;
  /** A slot that was tried and did not get well. */
  failed: SlotName | '';
}

export class Slots {
  readonly #places: SlotPlaces;

  constructor(places: SlotPlaces = APPLIANCE) {
    this.#places = places;
  }

  device = (slot: SlotName): string => this.#places.devices[slot];

  /** The slot this machine was started from. Throws on a machine without slots. */
  async running(): Promise<SlotName> {
    const [, slot] = /(?:^|\s)ballast-slot=([ab])(?:\s|$)/.exec(await readFile(this.#places.commandLine, 'utf8')) ?? [];
    if (!slot) throw new Error('this machine was not made from the image of the appliance');
    return slot as SlotName;
  }

  async choice(): Promise<BootChoice> {
    const text = await readFile(this.#places.environment, 'utf8');
    const value = (name: string) => new RegExp(`^${name}=(.*)$`, 'm').exec(text)?.[1] ?? '';
    const slot = (name: string) => (/^[ab]$/.test(value(name)) ? (value(name) as SlotName) : '');
    return {
      good: slot('good') || 'a',
      try: slot('try'),
      version_a: value('version_a'),
      version_b: value('version_b'),
      failed: slot('failed'),
    };
  }

  /** On disk when it returns. Its size never changes, so that the file stays where it is for the boot loader. */
  async choose(change: Partial<BootChoice>): Promise<void> {
    const text = environmentText({ ...(await this.choice()), ...change });
    const file = await open(this.#places.environment, 'r+');
    try {
      await file.write(text, 0, 'latin1');
      await file.sync();
    } finally {
      await file.close();
    }
  }
}

/** GRUB's own form of variables: filled up with `#`. */
export function environmentText(values: Readonly<BootChoice>): string {
  const lines = Object.entries(values).map(([name, value]) => `${name}=${value}\n`);
  return `${HEAD}${lines.join('')}`.padEnd(SIZE, '#').slice(0, SIZE);
}
