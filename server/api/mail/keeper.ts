import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { type Config, settingsOf } from '../../schema/config.ts';
import { type MailState, recipientsOf, type TestedMail } from '../../schema/mail.ts';
import type { Occurrence } from '../../schema/status.ts';
import { levelOf } from '../../schema/status-level.ts';
import { type Level, levels } from '../../schema/syslog.ts';
import type { DataPlaneClient } from '../data-plane.ts';
import { sendMail } from './send.ts';

const LOOK = 2_000;
/** What belongs together mostly comes within seconds. */
const GATHER = 10_000;
const MINUTE = 60_000;
const MOST_WAITING = 2_000;
const MOST_LINES = 100;

interface Needs {
  /** Throws while the store is damaged. */
  config: () => Config;
  dataPlane: Pick<DataPlaneClient, 'occurrences' | 'tell'>;
  hostName: string;
  /** Where it is kept how far mails have told. */
  path: string;
  say: (text: string) => void;
  /** Milliseconds; a test is less patient. */
  gather?: number;
  minute?: number;
}

interface Kept {
  /** The number of the last event that was taken up; null before mails were ever on. */
  seen: number | null;
  lastSent: number | null;
  lastTry: number;
  error: string;
}

interface Waiting {
  /** Oldest first. */
  events: Occurrence[];
  /** How many more there were before them. */
  dropped: number;
}

const NONE: Kept = { seen: null, lastSent: null, lastTry: 0, error: '' };

/**
 * Mails events, many in one letter. In the unprivileged API, because a mail server may answer anything. It asks the
 * data plane for what is new, so nothing is missed while either of them is away.
 */
export class MailKeeper {
  readonly #needs: Needs;
  #kept: Kept;
  /** By the level of those who are to get it. */
  readonly #waiting = new Map<Level, Waiting>();
  #since = 0;
  #timer: NodeJS.Timeout | undefined;
  #looking = false;

  constructor(needs: Needs) {
    this.#needs = needs;
    this.#kept = read(needs.path);
  }

  start(): void {
    this.#timer = setInterval(() => void this.look(Date.now()), LOOK).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  state(config: Config): MailState {
    const { lastSent, error } = this.#kept;
    return {
      hasPassword: settingsOf(config).emailPassword !== '',
      lastSent,
      waiting: Math.max(0, ...[...this.#waiting.values()].map(({ events, dropped }) => events.length + dropped)),
      error,
    };
  }

  async test(config: Config, to: string): Promise<TestedMail> {
    const host = settingsOf(config).hostName || this.#needs.hostName;
    if (settingsOf(config).emailServer === '') return { sent: false, answer: 'No mail server is stored.' };
    const letter = {
      to: [to],
      subject: `Ballast ${host}: test`,
      text: `This is a test of the mail alerts of ${host}.\n`,
    };
    try {
      return { sent: true, answer: await sendMail(config, letter) };
    } catch (error) {
      return { sent: false, answer: (error as Error).message };
    }
  }

  /** Takes up what is new and sends what is due. Never throws. */
  async look(now: number): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    try {
      const config = this.#needs.config();
      if (settingsOf(config).emailEnabled) await this.#work(config, now);
      else if (this.#kept.seen !== null) {
        // What happens while they are off is not made up for.
        this.#waiting.clear();
        this.#keep({ seen: null, error: '' });
      }
    } catch {
      // The store or the data plane is away; it is asked again soon.
    } finally {
      this.#looking = false;
    }
  }

  async #work(config: Config, now: number): Promise<void> {
    const settings = settingsOf(config);
    await this.#takeUp(config, now);
    if (this.#waiting.size === 0) return;
    const { gather = GATHER, minute = MINUTE } = this.#needs;
    const { lastTry } = this.#kept;
    // A clock that was set back must not stop the mails.
    const rests = lastTry <= now && now - lastTry < settings.emailInterval * minute;
    if (rests || now - this.#since < gather) return;
    await this.#send(config, now);
  }

  async #takeUp(config: Config, now: number): Promise<void> {
    const { seen } = this.#kept;
    // With the last one again: when it is not there, the events have begun anew.
    const found = await this.#needs.dataPlane.occurrences(Math.max(0, (seen ?? 0) - 1));
    const begun = found.length === 0 && (seen ?? 0) > 0;
    const newest = found[0]?.number ?? 0;
    if (newest === seen) return;
    const news = seen === null ? [] : found.filter(event => event.number > seen).toReversed();
    for (const [level, to] of recipientsOf(settingsOf(config))) {
      if (to.length === 0) {
        this.#waiting.delete(level);
        continue;
      }
      const wanted = news.filter(event => levels.indexOf(levelOf(event)) <= levels.indexOf(level));
      if (wanted.length === 0) continue;
      if (this.#waiting.size === 0) this.#since = now;
      const letter = this.#waiting.get(level) ?? { events: [], dropped: 0 };
      letter.events.push(...wanted);
      letter.dropped += letter.events.splice(0, Math.max(0, letter.events.length - MOST_WAITING)).length;
      this.#waiting.set(level, letter);
    }
    const next = begun ? 0 : newest;
    // Kept on disk only when what was seen is sent or not wanted: a restart must not lose a mail.
    if (this.#waiting.size === 0) this.#keep({ seen: next });
    else this.#kept = { ...this.#kept, seen: next };
  }

  async #send(config: Config, now: number): Promise<void> {
    const host = settingsOf(config).hostName || this.#needs.hostName;
    let error = '';
    for (const [level, to] of recipientsOf(settingsOf(config))) {
      const waiting = this.#waiting.get(level);
      if (!waiting) continue;
      try {
        if (to.length > 0) await sendMail(config, { to, ...letterOf(host, waiting) });
        // One server may take mails for some and not for others: nobody is told twice.
        this.#waiting.delete(level);
        this.#kept = { ...this.#kept, lastSent: now };
      } catch (failed) {
        error = (failed as Error).message;
      }
    }
    const before = this.#kept.error;
    this.#kept = { ...this.#kept, lastTry: now, error };
    if (this.#waiting.size === 0) this.#keep({});
    // Told once, not at every try: it is an event itself, and would be mailed.
    if (error !== '' && before === '') await this.#tell('warning', `Mail alerts cannot be sent: ${error}`);
    if (error === '' && before !== '') await this.#tell('good', 'Mail alerts are sent again');
  }

  #keep(change: Partial<Kept>): void {
    this.#kept = { ...this.#kept, ...change };
    try {
      writeFileSync(`${this.#needs.path}.next`, JSON.stringify(this.#kept), { mode: 0o600 });
      renameSync(`${this.#needs.path}.next`, this.#needs.path);
    } catch (error) {
      this.#needs.say(`How far mails have told could not be kept: ${(error as Error).message}`);
    }
  }

  async #tell(severity: 'good' | 'warning', text: string): Promise<void> {
    this.#needs.say(text);
    await this.#needs.dataPlane.tell({ severity, text }).catch(() => {});
  }
}

/** The gravest in the subject, everything in the text, oldest first. */
function letterOf(host: string, { events, dropped }: Waiting): { subject: string; text: string } {
  const rank = (event: Occurrence) => levels.indexOf(levelOf(event));
  const gravest = events.reduce((worst, event) => (rank(event) < rank(worst) ? event : worst));
  const others = events.length + dropped - 1;
  const subject = `Ballast ${host}: ${gravest.text}`.slice(0, 150) + (others > 0 ? ` (and ${others} more)` : '');
  const shown = events.slice(-MOST_LINES);
  const left = events.length - shown.length + dropped;
  const lines = shown.map(event => `${new Date(event.time).toISOString()}  ${levelOf(event)}  ${event.text}`);
  const text = [...(left > 0 ? [`${left} earlier events are not listed.`, ''] : []), ...lines, ''].join('\n');
  return { subject, text };
}

function read(path: string): Kept {
  try {
    return { ...NONE, ...(JSON.parse(readFileSync(path, 'utf8')) as Kept) };
  } catch {
    return NONE;
  }
}
