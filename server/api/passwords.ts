import { createHash, randomBytes, randomInt } from 'node:crypto';
import { hash, verify } from '@node-rs/argon2';

/** Memory in KiB, passes, lanes: OWASP's first recommendation for argon2id. Tests take less. */
export interface Cost {
  memoryCost: number;
  timeCost: number;
  parallelism: number;
}

export const COST: Cost = { memoryCost: 47_104, timeCost: 1, parallelism: 1 };

/** Argon2id. Knows how to take as long for a user that does not exist as for one that does. */
export class Passwords {
  readonly #cost: Cost;
  readonly #nobody: Promise<string>;

  constructor(cost: Cost = COST) {
    this.#cost = cost;
    this.#nobody = hash(randomBytes(16), cost);
  }

  hash(password: string): Promise<string> {
    return hash(password, this.#cost);
  }

  /** False for an unknown user, after as much work as for a known one. */
  async matches(stored: string | undefined, password: string): Promise<boolean> {
    const good = await verify(stored ?? (await this.#nobody), password).catch(() => false);
    return good && stored !== undefined;
  }
}

/** A new opaque token of 256 bits, as text. */
export const newToken = (): string => randomBytes(32).toString('base64url');

/** What is stored of a token: of 256 random bits a plain digest is enough. */
export const digestOf = (token: string): Buffer => createHash('sha256').update(token).digest();

/** A first password to be typed from a screen: 20 letters and digits that cannot be mistaken for each other, 98 bits. */
export function oneTimePassword(): string {
  const letters = 'abcdefghjkmnpqrstuvwxyz23456789';
  const word = () => Array.from({ length: 5 }, () => letters[randomInt(letters.length)]).join('');
  return [word(), word(), word(), word()].join('-');
}
