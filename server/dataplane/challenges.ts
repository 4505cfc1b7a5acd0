import { readFileSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CHALLENGE_MAP, CHALLENGE_PATH } from '../compile/haproxy/challenges.ts';
import type { Paths } from '../paths.ts';
import { CHALLENGE_TOKEN, type ChallengeRequest, KEY_AUTHORIZATION } from '../schema/control.ts';
import { ask } from './haproxy-socket.ts';

/** Milliseconds a challenge is answered at most: whoever asked for it may have died before taking it back. */
const LONGEST = 1_800_000;
const MOST = 200;

interface Active {
  answer: string;
  until: number;
}

/**
 * The ACME challenges that are answered now. A reload begins with an empty map, so what is active is given to the
 * engine again; it is kept on disk for a data plane that is restarted in the middle of an order.
 */
export class Challenges {
  readonly #paths: Paths;
  readonly #active: Map<string, Active>;
  #turn: Promise<unknown> = Promise.resolve();
  #touched = true;

  constructor(paths: Paths) {
    this.#paths = paths;
    this.#active = kept(fileOf(paths));
  }

  /** Throws when token or answer are not of the exact syntax. `served` is false when no service can answer. */
  set({ token, answer }: ChallengeRequest, now: number): Promise<{ served: boolean }> {
    if (!isToken(token) || (answer !== null && !isAnswer(answer, token))) throw new Error('not an ACME challenge');
    return this.#next(async () => {
      if (answer === null) this.#active.delete(token);
      else if (this.#active.size < MOST) this.#active.set(token, { answer, until: now + LONGEST });
      this.#touched = true;
      await this.#save();
      const served = await this.#agree(now).catch(() => false);
      return { served: answer === null || (served && this.#active.has(token)) };
    });
  }

  /** Makes the engine's map equal to what is active; quick when nothing is. Never rejects. */
  async agree(now: number): Promise<void> {
    if (this.#active.size === 0 && !this.#touched) return;
    await this.#next(() => this.#agree(now)).catch(() => {});
  }

  async #agree(now: number): Promise<boolean> {
    const tell = (line: string) => ask(this.#paths.statsSocket, line);
    for (const [token, { until }] of this.#active) if (until < now) this.#active.delete(token);
    const shown = await tell(`show map ${CHALLENGE_MAP}`);
    if (/Unknown map/i.test(shown)) return false;
    // A line each: an internal address, the key, the value.
    const there = new Map(
      shown.split('\n').flatMap(line => {
        const [, key, value] = line.split(' ');
        return key?.startsWith(CHALLENGE_PATH) ? [[key.slice(CHALLENGE_PATH.length), value] as const] : [];
      }),
    );
    for (const [token, value] of there)
      if (this.#active.get(token)?.answer !== value) await tell(`del map ${CHALLENGE_MAP} ${CHALLENGE_PATH}${token}`);
    for (const [token, { answer }] of this.#active)
      if (there.get(token) !== answer) await tell(`add map ${CHALLENGE_MAP} ${CHALLENGE_PATH}${token} ${answer}`);
    this.#touched = false;
    return true;
  }

  /** One at a time: two that add would add twice. */
  #next<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work, work);
    this.#turn = done.catch(() => {});
    return done;
  }

  async #save(): Promise<void> {
    const path = fileOf(this.#paths);
    await writeFile(`${path}.next`, JSON.stringify([...this.#active]), { mode: 0o600 });
    await rename(`${path}.next`, path);
  }
}

const isToken = (token: unknown): token is string =>
  typeof token === 'string' && new RegExp(CHALLENGE_TOKEN).test(token);

/** Its token, a dot, and the account key's thumbprint. */
const isAnswer = (answer: unknown, token: string) =>
  typeof answer === 'string' && new RegExp(KEY_AUTHORIZATION).test(answer) && answer.startsWith(`${token}.`);

const fileOf = (paths: Paths) => join(paths.dataplane, 'challenges.json');

function kept(path: string): Map<string, Active> {
  try {
    const all = JSON.parse(readFileSync(path, 'utf8')) as [string, Active][];
    return new Map(all.filter(([token, { answer }]) => isToken(token) && isAnswer(answer, token)));
  } catch {
    return new Map();
  }
}
