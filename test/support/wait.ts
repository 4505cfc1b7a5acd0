import { setTimeout as sleep } from 'node:timers/promises';

/** How many times slower than usual everything is, as in a machine that is emulated. */
const SLOWNESS = Number(process.env.BALLAST_TEST_SLOWNESS ?? 1);

/** A limit in milliseconds, on this machine. */
export const patience = (limit: number): number => limit * SLOWNESS;

/** Asks again and again until the answer is not undefined or false; throws with what was waited for after the limit. */
export async function until<T>(
  what: string,
  ask: () => Promise<T | undefined | false> | T | undefined | false,
  { limit = 10_000, every = 50 } = {},
): Promise<T> {
  const end = Date.now() + patience(limit);
  let last: unknown;
  for (;;) {
    try {
      const answer = await ask();
      if (answer !== undefined && answer !== false) return answer;
      last = undefined;
    } catch (error) {
      last = error;
    }
    if (Date.now() > end) throw new Error(`waited ${patience(limit)} ms in vain for: ${what}`, { cause: last });
    await sleep(every);
  }
}
