import type { Config } from '../schema/config.ts';
import type { Occurrence } from '../schema/status.ts';
import type { Answers } from './control.ts';
import { EventLog } from './event-log.ts';
import { Syslog } from './syslog.ts';

const MOST_TOLD = 500;
const LONGEST = 500;

export type About = Partial<Omit<Occurrence, 'number' | 'time' | 'severity' | 'text'>>;

/** The one feed of events: every event is numbered, kept, passed on to who listens, and sent to syslog targets. */
export class Feed {
  readonly #log: EventLog;
  readonly #syslog = new Syslog((severity, text) => this.occur(severity, text));
  readonly #config: () => Config;
  readonly #pass: (event: Occurrence) => void;
  readonly #say: (text: string) => void;

  /** `config` is the one in effect. */
  constructor(file: string, config: () => Config, pass: (event: Occurrence) => void, say: (text: string) => void) {
    this.#log = new EventLog(file, say);
    this.#config = config;
    this.#pass = pass;
    this.#say = say;
  }

  occur(severity: Occurrence['severity'], text: string, about: About = {}): void {
    const event = this.#log.add({ ...about, time: Date.now(), severity, text });
    this.#syslog.send(this.#config(), event);
    this.#pass(event);
    this.#say(text);
  }

  answers(): Pick<Answers, 'tell' | 'occurrences' | 'syslog'> {
    return {
      tell: ({ severity, text, kind }) =>
        this.occur(severity, text.replace(/\p{Cc}/gu, ' ').slice(0, LONGEST), kind && { kind }),
      occurrences: since => this.#log.list(MOST_TOLD, since),
      syslog: test => (test ? this.#syslog.test(this.#config()) : this.#syslog.states(this.#config())),
    };
  }

  close(): void {
    this.#syslog.close();
    this.#log.close();
  }
}
