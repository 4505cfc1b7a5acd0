import { useEffect, useSyncExternalStore } from 'react';
import { Problem } from './call.ts';

/** A change of the network whose answer has not come: it may have cut this browser off. */
export interface Attempt {
  /** Milliseconds since 1970, of this machine. */
  sent: number;
  /** Seconds after which the appliance undoes it by itself. */
  seconds: number;
  /** Where the appliance answers if it worked. */
  addresses: string[];
}

/** Milliseconds. An answer comes within this time, or not at all. */
export const ANSWERED_WITHIN = 5_000;

let attempt: Attempt | undefined;
const listeners = new Set<() => void>();

function tell(next: Attempt | undefined): void {
  attempt = next;
  for (const listener of listeners) listener();
}

/** Makes a call that changes the network, and remembers it for as long as nobody knows what became of it. */
export async function attempting<T>(what: Omit<Attempt, 'sent'>, run: () => Promise<T>): Promise<T> {
  tell({ ...what, sent: Date.now() });
  try {
    const reply = await run();
    tell(undefined);
    return reply;
  } catch (error) {
    if (!(error instanceof Problem && error.code === 'UNREACHABLE')) tell(undefined);
    throw error;
  }
}

/** The appliance is heard again: whatever came of it, it is told now. */
export const forgetAttempt = (): void => {
  if (attempt) tell(undefined);
};

export const useAttempt = (): Attempt | undefined =>
  useSyncExternalStore(
    listener => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => attempt,
  );

/** Calls `gone` when no answer came in time: a dialog must not cover what the banner says of it. */
export function useWhenLost(gone: () => void): void {
  const current = useAttempt();
  // biome-ignore lint/correctness/useExhaustiveDependencies: only the attempt counts
  useEffect(() => {
    if (!current) return;
    const timer = setTimeout(gone, Math.max(0, current.sent + ANSWERED_WITHIN - Date.now()));
    return () => clearTimeout(timer);
  }, [current]);
}
