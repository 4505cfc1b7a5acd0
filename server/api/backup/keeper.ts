import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { BackupState } from '../../schema/backup.ts';
import { type Config, settingsOf } from '../../schema/config.ts';
import type { Settings } from '../../schema/settings.ts';
import type { DataPlaneClient } from '../data-plane.ts';
import { backupName } from './file.ts';
import { putByHttps } from './https-put.ts';
import { lastDue, nextDue } from './schedule.ts';
import { putBySftp } from './sftp.ts';
import { targetOf } from './target.ts';

const LOOK = 20_000;
const RETRY = 3_600_000;

interface Needs {
  /** Throws while the store is damaged. */
  config: () => Config;
  /** Everything, encrypted. */
  file: (passphrase: string) => Promise<Buffer>;
  dataPlane: DataPlaneClient;
  loopback: boolean;
  hostName: string;
  /** Where what became of it is kept. */
  path: string;
  say: (text: string) => void;
}

/** What survives a restart. `sent` are names that lie at the target, oldest first; `from` is when the schedule was made. */
interface Kept {
  schedule: string;
  from: number;
  lastTry: number | null;
  lastGood: number | null;
  size: number;
  error: string;
  target: string;
  sent: string[];
}

const NONE: Kept = { schedule: '', from: 0, lastTry: null, lastGood: null, size: 0, error: '', target: '', sent: [] };

/** Makes backups when they are due, one at a time. One that failed is tried again every hour until the next is due. */
export class BackupKeeper {
  readonly #needs: Needs;
  #kept: Kept;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;

  constructor(needs: Needs) {
    this.#needs = needs;
    this.#kept = read(needs.path);
  }

  start(): void {
    this.#look();
    this.#timer = setInterval(() => this.#look(), LOOK).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  state(
    settings: Settings,
  ): Pick<BackupState, 'running' | 'lastTry' | 'lastGood' | 'size' | 'error' | 'sent' | 'next'> {
    const { lastTry, lastGood, size, error, sent } = this.#kept;
    const next = settings.backupEnabled ? nextDue(settings, Date.now()) : null;
    return { running: this.#running !== undefined, lastTry, lastGood, size, error, sent: [...sent], next };
  }

  /** Makes one now and resolves when it is over, however it ended; one that runs already is waited for. */
  now(): Promise<void> {
    this.#running ??= this.#work().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  #look(): void {
    try {
      const settings = settingsOf(this.#needs.config());
      if (!settings.backupEnabled) return;
      const now = Date.now();
      const { backupDay, backupHour, backupMinute, timeZone } = settings;
      const schedule = [backupDay, backupHour, backupMinute, timeZone].join(' ');
      // What was due before anybody asked for it is not made up for.
      if (schedule !== this.#kept.schedule) this.#keep({ schedule, from: now });
      const due = lastDue(settings, now);
      const { from, lastTry, lastGood } = this.#kept;
      if (due < from || (lastGood ?? 0) >= due) return;
      // A clock that was set back must not stop the backups.
      const rests = lastTry !== null && lastTry >= due && lastTry <= now && now - lastTry < RETRY;
      if (!rests) void this.now();
    } catch (error) {
      this.#needs.say(`Looking whether a backup is due failed: ${(error as Error).message}`);
    }
  }

  async #work(): Promise<void> {
    const started = Date.now();
    try {
      const config = this.#needs.config();
      const settings = settingsOf(config);
      const target = await targetOf(config, this.#needs.loopback);
      const name = backupName(settings.hostName || this.#needs.hostName, started);
      const body = await this.#needs.file(settings.backupPassphrase);
      const where = `${settings.backupMethod} ${target.host} ${target.port} ${target.path}`;
      // Elsewhere there is nothing of ours yet.
      const sent = [...(where === this.#kept.target ? this.#kept.sent : []), name];
      const old = sent.splice(0, Math.max(0, sent.length - settings.backupKept));
      await (settings.backupMethod === 'sftp' ? putBySftp : putByHttps)(target, { name, body, old });
      this.#keep({ lastTry: started, lastGood: started, size: body.length, error: '', target: where, sent });
      await this.#tell('good', `A backup was put on ${target.host} as ${name}.`);
    } catch (error) {
      const reason = (error as Error).message;
      this.#keep({ lastTry: started, error: reason });
      await this.#tell('bad', `The backup failed: ${reason}`);
    }
  }

  #keep(change: Partial<Kept>): void {
    this.#kept = { ...this.#kept, ...change };
    try {
      writeFileSync(`${this.#needs.path}.next`, JSON.stringify(this.#kept), { mode: 0o600 });
      renameSync(`${this.#needs.path}.next`, this.#needs.path);
    } catch (error) {
      this.#needs.say(`What became of the backup could not be kept: ${(error as Error).message}`);
    }
  }

  async #tell(severity: 'good' | 'bad', text: string): Promise<void> {
    this.#needs.say(text);
    await this.#needs.dataPlane.tell({ severity, text }).catch(() => {});
  }
}

function read(path: string): Kept {
  try {
    return { ...NONE, ...(JSON.parse(readFileSync(path, 'utf8')) as Kept) };
  } catch {
    return NONE;
  }
}
