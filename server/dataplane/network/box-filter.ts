import { guardText } from '../../compile/network/guard.ts';
import type { Guard } from '../../compile/network/network-set.ts';
import { run } from '../host.ts';

/** The packet filter of the machine itself: a table of its own, there only while the guard is on. */
export class BoxFilter {
  readonly #table: string;
  /** What the kernel has; undefined: nobody knows. */
  #text: string | undefined;

  constructor(table: string) {
    this.#table = table;
  }

  /** Throws with nft's words when the kernel would refuse it. Changes nothing. */
  async check(guard: Guard | undefined): Promise<void> {
    if (guard) await nft(guardText(this.#table, guard), ['-c']);
  }

  async set(guard: Guard | undefined): Promise<void> {
    const text = guard ? guardText(this.#table, guard) : '';
    if (text === this.#text) return;
    if (guard) await nft(text);
    else await run('nft', ['delete', 'table', 'inet', this.#table]);
    this.#text = text;
  }
}

async function nft(text: string, options: readonly string[] = []): Promise<void> {
  const ran = await run('nft', [...options, '-f', '-'], 20_000, text);
  if (ran.code !== 0) throw new Error(`the kernel refused the filter: ${ran.said.split('\n')[0] ?? ''}`);
}
