import { writeFile } from 'node:fs/promises';
import type { ProxySet } from '../compile/proxy.ts';
import type { Paths } from '../paths.ts';
import { ask } from './haproxy-socket.ts';
import { healthOnly } from './server-state.ts';

/** Which servers are up, carried from one engine process to the next. */
export class Health {
  readonly #paths: Paths;
  /** `show servers state` as it was seen last: all that is left of health when the engine has died. */
  #seen = '';

  constructor(paths: Paths) {
    this.#paths = paths;
  }

  async note(): Promise<void> {
    this.#seen = await ask(this.#paths.statsSocket, 'show servers state').catch(() => this.#seen);
  }

  /** Writes what HAProxy reads when it loads `next` in place of `now`. */
  async save(now: ProxySet, next: ProxySet): Promise<void> {
    await this.note();
    await writeFile(this.#paths.stateFile, healthOnly(this.#seen, now, next), { mode: 0o600 });
  }

  /** Nothing is known: every server counts as up until its first check. */
  async forget(): Promise<void> {
    await writeFile(this.#paths.stateFile, '1\n', { mode: 0o600 });
  }
}
