import { useSyncExternalStore } from 'react';
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
