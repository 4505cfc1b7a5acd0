import type { TellRequest } from '../schema/control.ts';
import type { DataPlaneClient } from './data-plane.ts';

const MINUTE = 60_000;
/** Of refused log-ins, a minute: a flood must not push everything else out of the events. */
const MOST_REFUSED = 30;
const MOST_WORDS = 3;

/** Who came in, who was turned away and who changed what, as events. Never waited for: without the data plane it is not told. */
export class Audit {
  readonly #dataPlane: Pick<DataPlaneClient, 'tell'>;
  #minute = 0;
  #refused = 0;

  constructor(dataPlane: Pick<DataPlaneClient, 'tell'>) {
    this.#dataPlane = dataPlane;
  }

  loggedIn(user: string, address: string): void {
    this.#tell({ severity: 'info', kind: 'login', text: `${user} logged in from ${address}` });
  }

  /** `user` is undefined when there is none of that name: what was typed may be a password. */
  refused(user: string | undefined, address: string, now: number): void {
    const minute = Math.floor(now / MINUTE);
    if (minute !== this.#minute) this.#refused = 0;
    this.#minute = minute;
    this.#refused += 1;
    if (this.#refused > MOST_REFUSED) return;
    const who = user === undefined ? 'somebody who is no user' : user;
    const more = this.#refused === MOST_REFUSED ? '; more in this minute are not listed' : '';
    this.#tell({
      severity: 'warning',
      kind: 'login',
      text: `A log-in of ${who} from ${address} was refused${more}`,
    });
  }

  changed(revision: number, who: string, words: readonly string[]): void {
    const more = words.length > MOST_WORDS ? `; and ${words.length - MOST_WORDS} more` : '';
    const text = `Revision ${revision} by ${who}: ${words.slice(0, MOST_WORDS).join('; ')}${more}`;
    this.#tell({ severity: 'info', kind: 'change', text });
  }

  #tell(request: TellRequest): void {
    this.#dataPlane.tell(request).catch(() => {});
  }
}
