import type { Config, Edit, Facts } from '../schema/config.ts';
import { edited, editsBetween, listOf } from '../schema/derive.ts';
import type { Changed } from '../schema/endpoints.ts';
import { Fault, type FaultCode } from '../schema/faults.ts';
import { type Problem, problemsOf } from '../schema/rules.ts';
import type { Outcome, Preview } from '../schema/status.ts';
import { words } from '../schema/words.ts';
import type { Revisions } from '../store/revisions.ts';
import { completed } from './certificates/complete.ts';
import type { DataPlaneClient } from './data-plane.ts';

/** A wish to change something, made from the tree as it is when its turn comes. `objectOf` picks what the reply shows. */
export interface Write<T> {
  who: string;
  /** Revision the client saw, from If-Match; without it the newest is taken. */
  base: number | undefined;
  dryRun: boolean;
  /** Edits to make; may throw a Fault. */
  edits: (config: Config, reserve: Revisions['reserve']) => readonly Edit[];
  objectOf: (config: Config) => T;
  /** Where in the request a broken rule lies, if not where it lies in its object. */
  place?: (problem: Problem) => string | undefined;
  /** Words of the revision that come before those of its edits. */
  words?: readonly string[];
  /** Done with the revision in one transaction, for what is no configuration; returns the way back. */
  along?: () => () => void;
}

/** Milliseconds a client waits for the outcome before it is told that it is still under way. */
const PATIENCE = 15_000;

/**
 * THE write path: edit, rules, the engine's verdict, one transaction, apply. Writes take turns. What cannot be put
 * into effect is taken back, so that what is stored is what runs.
 */
export class Committer {
  readonly #revisions: Revisions;
  readonly #dataPlane: DataPlaneClient;
  readonly #facts: Facts;
  readonly #committed: (revision: number, who: string) => void;
  #turn: Promise<unknown> = Promise.resolve();
  /** The end of an apply that took longer than its client waited. Nobody builds on a revision that may be taken back. */
  #late: Promise<unknown> | undefined;
  /** How to take back what was done along with revisions whose end is not known yet. */
  readonly #ways = new Map<number, () => void>();

  constructor(
    revisions: Revisions,
    dataPlane: DataPlaneClient,
    facts: Facts,
    committed: (revision: number, who: string) => void,
  ) {
    this.#revisions = revisions;
    this.#dataPlane = dataPlane;
    this.#facts = facts;
    this.#committed = committed;
  }

  write<T>(wish: Write<T>): Promise<Changed<T> | Preview> {
    const work = () => this.#write(wish);
    const done = this.#turn.then(work, work);
    this.#turn = done.catch(() => {}).then(() => this.#late);
    return done;
  }

  /**
   * Learns what became of the newest revision if nobody heard: this process or the data plane ended in between, or the
   * apply was lost. A revision that is refused now is taken back like any other. Does nothing while the data plane is away.
   */
  heal(): Promise<void> {
    const done = this.#turn.then(() => this.#heal());
    this.#turn = done.catch(() => {});
    return done;
  }

  async #heal(): Promise<void> {
    const [newest] = this.#revisions.list(Number.MAX_SAFE_INTEGER, 1);
    if (newest?.outcome !== 'unknown') return;
    const { revision, config } = this.#revisions.current();
    const outcome = await this.#dataPlane.apply(revision).catch(() => undefined);
    if (outcome) await this.#settle(revision, outcome, this.#revisions.configAt(revision - 1), config);
  }

  async #write<T>(wish: Write<T>): Promise<Changed<T> | Preview> {
    const { revision: head, config } = this.#revisions.current();
    if (wish.base !== undefined && wish.base !== head) throw new Fault('REVISION_MOVED', { base: wish.base, head });
    // A dry run must not use up numbers: any that are free will do to show what would happen.
    const reserve: Revisions['reserve'] = wish.dryRun
      ? (kind, count) => freeNumbers(config, kind, count)
      : (kind, count) => this.#revisions.reserve(kind, count);
    const next = completed(edited(config, wish.edits(config, reserve)), config, Date.now());
    // What is wished for already is no change: no revision without content.
    const edits = editsBetween(config, next);
    const problem = problemsOf(next, this.#facts)[0];
    if (problem) {
      const { code, facts, at } = problem.fault;
      throw new Fault(code, facts, wish.place?.(problem) ?? at);
    }
    if (edits.length === 0 && !wish.dryRun && !wish.along)
      return {
        revision: head,
        outcome: { state: 'applied', revision: head, effect: 'none', milliseconds: 0 },
        object: wish.objectOf(config),
      };

    const verdict = await this.#dataPlane.check(next, wish.dryRun);
    if (!verdict.accepted) throw faultFrom(verdict.fault);
    if (wish.dryRun) return verdict.preview as Preview;

    const said = [...(wish.words ?? []), ...words(config, next)];
    let back: (() => void) | undefined;
    const revision = this.#revisions.commit(head, edits, wish.who, said, Date.now(), () => {
      back = wish.along?.();
    });
    if (back) this.#ways.set(revision, back);
    const outcome = await this.#applied(revision, config, next);
    this.#committed(revision, wish.who);
    return { revision, outcome, object: wish.objectOf(next) };
  }

  async #applied(revision: number, before: Config, after: Config): Promise<Changed['outcome']> {
    const applying = this.#dataPlane.apply(revision);
    const late = Symbol('late');
    const first = await Promise.race([
      applying.catch((error: unknown) => error as Fault),
      new Promise<typeof late>(done => setTimeout(done, PATIENCE, late).unref()),
    ]);
    if (first === late || first instanceof Error) {
      // Stored, and the data plane takes it up as soon as it can; its outcome arrives as an event.
      this.#late = applying.then(outcome => this.#settle(revision, outcome, before, after)).catch(() => {});
      return { state: 'pending', revision };
    }
    const outcome = first as Outcome;
    await this.#settle(revision, outcome, before, after);
    if (outcome.state === 'applied') return outcome;
    throw faultFrom(outcome.fault);
  }

  async #settle(revision: number, outcome: Outcome, before: Config, after: Config): Promise<void> {
    // Its end is not known yet: when it comes, heal() is called and asks.
    if (outcome.state === 'applied' && outcome.unconfirmed) return;
    this.#note(revision, outcome);
    if (outcome.state === 'kept') await this.#takeBack(revision, before, after);
  }

  async #takeBack(revision: number, before: Config, after: Config): Promise<void> {
    const back = this.#revisions.commit(
      revision,
      editsBetween(after, before),
      'ballast',
      [`Took back revision ${revision}, which could not be put into effect`],
      Date.now(),
      this.#ways.get(revision),
    );
    this.#ways.delete(revision);
    // A data plane that dies now begins with this revision when it is back: the refusal stays what the client is told.
    const outcome = await this.#dataPlane.apply(back).catch(() => undefined);
    if (outcome) this.#note(back, outcome);
    this.#committed(back, 'ballast');
  }

  #note(revision: number, outcome: Outcome): void {
    this.#revisions.setOutcome(revision, outcome.state === 'applied' ? 'applied' : 'refused');
    if (outcome.state === 'applied') this.#ways.delete(revision);
  }
}

function freeNumbers(config: Config, kind: Edit['kind'], count: number): number[] {
  const last = Math.max(0, ...listOf(config, kind).map(object => object.id));
  return Array.from({ length: count }, (_, i) => last + 1 + i);
}

/** A fault that came through the door as text. */
function faultFrom(reply: { code: FaultCode; message: string; at?: string }): Fault {
  const fault = new Fault(reply.code, {}, reply.at);
  fault.message = reply.message;
  return fault;
}
