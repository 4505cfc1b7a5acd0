import { createPublicKey, type KeyObject } from 'node:crypto';
import { open, readFile, rm } from 'node:fs/promises';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createZstdDecompress } from 'node:zlib';
import type { SlotName, UpdateState } from '../../schema/update.ts';
import { otherSlot, type Slots } from './slots.ts';
import { openUpdate, proveWhole, sha256Of, type UpdateFile } from './update-file.ts';

export interface UpdaterDeps {
  slots: Slots;
  /** The file as it was sent. */
  file: string;
  /** PEM with the keys that updates may be signed by. */
  keys: string;
  /** The version that runs. */
  version: string;
  restart: () => Promise<void>;
  told: (severity: 'info' | 'bad', text: string) => void;
}

type Progress = Pick<UpdateState, 'phase' | 'done' | 'total' | 'fileVersion' | 'problem'>;
const IDLE: Progress = { phase: 'idle', done: 0, total: 0, fileVersion: '', problem: '' };
const BUSY: ReadonlySet<string> = new Set(['checking', 'writing', 'proving']);

/**
 * Writes new versions to the slot that does not run, and has the machine started from it. Nothing is written before
 * the whole file is proved, and nothing can be started before what was written is proved.
 */
export class Updater {
  readonly #deps: UpdaterDeps;
  #progress: Progress = IDLE;

  constructor(deps: UpdaterDeps) {
    this.#deps = deps;
  }

  async state(): Promise<UpdateState> {
    const { slots, version } = this.#deps;
    try {
      const [slot, choice] = await Promise.all([slots.running(), slots.choice()]);
      const other = otherSlot(slot);
      return {
        ...{ unsupported: '', version, slot, trial: choice.good !== slot },
        ...{ other: choice[`version_${other}`], otherFailed: choice.failed === other },
        ...this.#progress,
      };
    } catch (error) {
      const unsupported = `Ballast cannot update itself here: ${(error as Error).message}.`;
      return { unsupported, version, slot: 'a', trial: false, other: '', otherFailed: false, ...IDLE };
    }
  }

  /** Begins to install the file that was sent; state() tells how far it is. Throws when it cannot begin. */
  async install(): Promise<void> {
    await this.#refuseNow();
    void this.#install();
  }

  /** Restarts the machine from the other slot, once. */
  async startOther(): Promise<void> {
    await this.#refuseNow();
    const { slots, restart, told } = this.#deps;
    const { slot, other } = await this.state();
    if (other === '') throw new Error('There is no other version on this appliance.');
    await slots.choose({ try: otherSlot(slot), failed: '' });
    told('info', `Restarting with version ${other}. If it does not get well, ${this.#deps.version} comes back.`);
    await restart();
  }

  async #refuseNow(): Promise<void> {
    const { unsupported, trial } = await this.state();
    if (unsupported) throw new Error(unsupported);
    if (BUSY.has(this.#progress.phase)) throw new Error('An update is being installed. Wait until it is done.');
    // The other slot is the way back.
    if (trial) throw new Error('This version has not been seen well yet. Wait a few minutes.');
  }

  async #install(): Promise<void> {
    const { file, version, told } = this.#deps;
    this.#progress = { ...IDLE, phase: 'checking' };
    let update: UpdateFile | undefined;
    try {
      update = await openUpdate(file, await this.#keys(), version);
      this.#progress = { ...this.#progress, total: update.manifest.packed.bytes, fileVersion: update.manifest.version };
      await proveWhole(update, this.#done);
      await this.#write(update);
      this.#progress = { ...IDLE, phase: 'ready', fileVersion: update.manifest.version };
      told('info', `Version ${update.manifest.version} is installed beside ${version} and can be started.`);
    } catch (error) {
      this.#progress = { ...this.#progress, phase: 'failed', problem: (error as Error).message };
      told('bad', `The update was not installed: ${(error as Error).message}`);
    } finally {
      await update?.file.close();
      // The next one is sent anew, and a gigabyte is much.
      await rm(file, { force: true });
    }
  }

  async #write({ manifest, start, file }: UpdateFile): Promise<void> {
    const { slots } = this.#deps;
    const slot: SlotName = otherSlot(await slots.running());
    const { bytes, sha256 } = manifest.image;
    // From here on the slot holds nothing that can be started.
    await slots.choose({ [`version_${slot}`]: '', failed: '', try: '' });
    this.#progress = { ...this.#progress, phase: 'writing', done: 0, total: bytes };
    const written = await open(slots.device(slot), 'r+');
    try {
      let at = 0;
      const device = new Writable({
        highWaterMark: 4 * 1024 * 1024,
        write: (chunk: Buffer, _, next) => {
          if (at + chunk.length > bytes) return next(new Error('The update file holds more than it says.'));
          written.write(chunk, 0, chunk.length, at).then(({ bytesWritten }) => {
            at += chunk.length;
            this.#done(at);
            next(bytesWritten === chunk.length ? null : new Error('The slot could not be written.'));
          }, next);
        },
      });
      const packed = file.createReadStream({ start, autoClose: false, highWaterMark: 1024 * 1024 });
      await pipeline(packed, createZstdDecompress(), device);
      await written.sync();
    } finally {
      await written.close();
    }
    this.#progress = { ...this.#progress, phase: 'proving', done: 0 };
    // Opened anew: the kernel forgets what it holds of a device that nobody uses, and reads the disk itself.
    const read = await open(slots.device(slot), 'r');
    try {
      if ((await sha256Of(read, 0, bytes, this.#done)) !== sha256)
        throw new Error('The disk does not hold what was written to it.');
    } finally {
      await read.close();
    }
    await slots.choose({ [`version_${slot}`]: manifest.version });
  }

  #done = (done: number) => {
    this.#progress = { ...this.#progress, done };
  };

  async #keys(): Promise<KeyObject[]> {
    const text = await readFile(this.#deps.keys, 'utf8').catch(() => '');
    const pems = text.match(/-----BEGIN PUBLIC KEY-----[^-]+-----END PUBLIC KEY-----/g) ?? [];
    return pems.map(pem => createPublicKey(pem)).filter(key => key.asymmetricKeyType === 'ed25519');
  }
}
