import { minPasswordLength, whyGuessable } from '../schema/account.ts';
import { Fault } from '../schema/faults.ts';

/** Throws GUESSABLE_PASSWORD when the password is one that guessing begins with. */
export function refuseGuessable(password: string, name: string, at: string): void {
  const why = whyGuessable(password, name);
  if (why !== undefined) throw new Fault('GUESSABLE_PASSWORD', { why }, at);
}

/** Throws WEAK_PASSWORD when the password is too short, GUESSABLE_PASSWORD when it would be guessed all the same. */
export function refuseWeak(password: string, name: string): void {
  if (password.length < minPasswordLength) throw new Fault('WEAK_PASSWORD', { min: minPasswordLength }, '/password');
  refuseGuessable(password, name, '/password');
}
