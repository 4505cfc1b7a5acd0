import { Anchor } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import type { Changed, EndpointName, ReplyOf } from '../../../server/schema/endpoints.ts';
import { timeOf } from '../parts/format.ts';
import { type Args, call, Problem } from './call.ts';
import { useRefreshConfig } from './queries.ts';

interface Options<E extends EndpointName> {
  /** What was done, for the toast: "Disabled owa-3". Left out: no toast, the page tells it. */
  done?: string | ((reply: ReplyOf<E>) => string);
  /** The page shows the fault itself: no toast. */
  quiet?: boolean;
  /** What the call is made within, such as attempting() for what may cut this browser off. */
  within?: <T>(run: () => Promise<T>) => Promise<T>;
}

export interface Mutation<E extends EndpointName> {
  /** Resolves to the reply, or to undefined when refused; then `problem` says why. */
  run: (args: Args<E>) => Promise<ReplyOf<E> | undefined>;
  busy: boolean;
  problem: Problem | undefined;
  /** Forgets the problem. */
  clear: () => void;
}

/** A call that changes something: says in a toast what came of it, offers Undo, and asks again for what is on screen. */
export function useMutate<E extends EndpointName>(name: E, options: Options<E> = {}): Mutation<E> {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const refresh = useRefreshConfig();
  const run = async (args: Args<E>) => {
    setBusy(true);
    setProblem(undefined);
    try {
      const make = () => call(name, args);
      const reply = await (options.within ? options.within(make) : make());
      await refresh();
      const said = typeof options.done === 'function' ? options.done(reply) : options.done;
      if (said) tellDone(said, reply, refresh);
      return reply;
    } catch (error) {
      const caught = error instanceof Problem ? error : new Problem('INTERNAL', 0, String(error));
      setProblem(caught);
      if (!options.quiet) tellProblem(caught);
      return undefined;
    } finally {
      setBusy(false);
    }
  };
  return { run, busy, problem, clear: () => setProblem(undefined) };
}

/** The reply of a write, if it is one. */
export function changedOf(reply: unknown): Changed | undefined {
  return typeof reply === 'object' && reply !== null && 'revision' in reply && 'outcome' in reply
    ? (reply as Changed)
    : undefined;
}

/** Takes revision `n` back by returning to the one before it, if nobody has changed anything since. */
export async function undo(revision: number, refresh: () => Promise<void>): Promise<void> {
  try {
    const reply = await call('restoreRevision', { params: { id: revision - 1 }, ifMatch: revision });
    await refresh();
    notifications.show({ message: `Undone: live since ${timeOf(Date.now())} (rev ${reply.revision})` });
  } catch (error) {
    tellProblem(error);
  }
}

function tellDone(said: string, reply: unknown, refresh: () => Promise<void>): void {
  const changed = changedOf(reply);
  const id = notifications.show({
    message: changed ? (
      <>
        {said} · rev {changed.revision}
        {changed.outcome.state === 'pending' && ', being put into effect'}{' '}
        {changed.revision > 1 && !('unconfirmed' in changed.outcome) && (
          <Anchor
            component="button"
            type="button"
            inherit
            onClick={() => {
              notifications.hide(id);
              void undo(changed.revision, refresh);
            }}
          >
            Undo
          </Anchor>
        )}
      </>
    ) : (
      said
    ),
    autoClose: 8_000,
  });
}

/** A toast that stays until it is closed. */
export function tellProblem(error: unknown): void {
  // Without an answer the request may have arrived all the same.
  const unsure = error instanceof Problem && error.code === 'UNREACHABLE';
  notifications.show({
    color: 'red',
    title: unsure ? 'Nobody knows whether this was done' : 'Nothing was changed',
    message: error instanceof Error ? error.message : String(error),
    autoClose: false,
  });
}
