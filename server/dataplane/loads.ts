import { get } from 'node:http';

/** What a server is asked: plain HTTP, as its agent speaks it. */
export interface Question {
  realServer: number;
  address: string;
  port: number;
  url: string;
  /** Milliseconds from one question to the next. */
  interval: number;
}

export const AGENT_DOWN = 101;
export const AGENT_DISABLED = 102;
const LONGEST_ANSWER = 4_096;
const LONGEST_WAIT = 5_000;
const TICK = 200;

/** Asks the agents of servers for their loads, each on its own time. */
export class Loads {
  readonly #known = new Map<number, { question: Question; due: number; load: number | undefined }>();
  readonly #timer: NodeJS.Timeout;
  readonly #changed: () => void;

  /** `changed` is called whenever an answer differs from the one before. */
  constructor(changed: () => void) {
    this.#changed = changed;
    this.#timer = setInterval(() => this.#tick(Date.now()), TICK);
    this.#timer.unref();
  }

  /** 0 to 102; undefined when the last answer was none, or before the first. */
  of(realServer: number): number | undefined {
    return this.#known.get(realServer)?.load;
  }

  /** From now on these are asked, and nobody else. */
  ask(questions: readonly Question[]): void {
    const wanted = new Set(questions.map(question => question.realServer));
    for (const id of this.#known.keys()) if (!wanted.has(id)) this.#known.delete(id);
    for (const question of questions) {
      const known = this.#known.get(question.realServer);
      if (known && sameTarget(known.question, question)) known.question = question;
      else this.#known.set(question.realServer, { question, due: 0, load: undefined });
    }
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#known.clear();
  }

  #tick(now: number): void {
    for (const known of this.#known.values()) {
      if (known.due > now) continue;
      known.due = now + known.question.interval;
      void loadOf(known.question).then(load => {
        if (load === known.load) return;
        known.load = load;
        this.#changed();
      });
    }
  }
}

const sameTarget = (a: Question, b: Question) => a.address === b.address && a.port === b.port && a.url === b.url;

/** The number in the first line of the answer, 0 to 102; undefined for anything else. Never rejects. */
export function loadOf({ address, port, url, interval }: Question): Promise<number | undefined> {
  return new Promise(done => {
    const timeout = Math.min(interval, LONGEST_WAIT);
    const headers = { host: address.includes(':') ? `[${address}]` : address, 'user-agent': 'Ballast' };
    const asked = get({ host: address, port, path: url, agent: false, headers }, answer => {
      let text = '';
      answer.setEncoding('latin1');
      answer.on('data', (part: string) => {
        text += part;
        if (text.length > LONGEST_ANSWER) asked.destroy();
      });
      answer.on('error', () => done(undefined));
      answer.on('end', () => done(answer.statusCode === 200 ? parseLoad(text) : undefined));
    });
    // Not of silence only: an agent that sends a byte now and then must not hold on for ever.
    const timer = setTimeout(() => asked.destroy(), timeout);
    asked.on('error', () => done(undefined));
    asked.on('close', () => {
      clearTimeout(timer);
      done(undefined);
    });
  });
}

export function parseLoad(text: string): number | undefined {
  const number = Number(/^[ \t]*(\d{1,3})[ \t]*(?:\r?\n|$)/.exec(text)?.[1] ?? Number.NaN);
  return number <= AGENT_DISABLED ? number : undefined;
}
