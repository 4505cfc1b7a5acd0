import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const ROWS = 25;
const COLUMNS = 80;
const ESC = '\x1b';
const ORDER = new RegExp(
  `^${ESC}(?:\\[([?\\d;]*)([A-Za-z])|[()][A-Z0-9]|\\][^\\x07${ESC}]*(?:\\x07|${ESC}\\\\)|[=>78cM])`,
);

/** What a terminal of 80 by 25 at the other end of a serial line shows: as much of a VT100 as the line speaks. */
export class Screen {
  readonly #line: Socket;
  #cells: string[][] = empty();
  #row = 0;
  #column = 0;
  #rest = '';

  constructor(line: Socket) {
    this.#line = line;
    line.on('data', chunk => this.#take(String(chunk)));
  }

  get text(): string {
    return this.#cells
      .map(cells => cells.join('').trimEnd())
      .join('\n')
      .trimEnd();
  }

  /** Types as a person does, a little while between the keys. */
  async type(...keys: string[]): Promise<void> {
    for (const key of keys) {
      this.#line.write(key);
      await sleep(60);
    }
  }

  /** Resolves with the screen once it shows that. Throws with the screen after `patience` milliseconds. */
  async shows(what: RegExp, patience = 120_000): Promise<string> {
    for (const end = Date.now() + patience; Date.now() < end; await sleep(100)) {
      if (!what.test(this.text)) continue;
      // All of it, not only what came first.
      await sleep(500);
      return this.text;
    }
    throw new Error(`${what} was not shown. The screen:\n${this.text}`);
  }

  #take(chunk: string): void {
    let text = this.#rest + chunk;
    this.#rest = '';
    while (text !== '') {
      const order = ORDER.exec(text);
      if (order) {
        if (order[2]) this.#obey(order[2], (order[1] ?? '').split(';').map(Number));
        text = text.slice(order[0].length);
      } else if (text.startsWith('\x1b') && text.length < 64) {
        this.#rest = text;
        return;
      } else {
        this.#put(text[0] as string);
        text = text.slice(1);
      }
    }
  }

  #obey(letter: string, [one = 0, two = 0]: number[]): void {
    if (letter === 'H') [this.#row, this.#column] = [Math.max(0, one - 1), Math.max(0, two - 1)];
    if (letter === 'J' && one === 2) this.#cells = empty();
    if (letter === 'K') this.#cells[this.#row]?.fill(' ', this.#column);
  }

  #put(letter: string): void {
    if (letter === '\r') this.#column = 0;
    else if (letter === '\n') this.#row++;
    else if (letter === '\b') this.#column = Math.max(0, this.#column - 1);
    else if (letter >= ' ') {
      const row = this.#cells[this.#row];
      if (row && this.#column < COLUMNS) row[this.#column] = letter;
      this.#column++;
    }
    if (this.#row < ROWS) return;
    this.#cells = [...this.#cells.slice(1), Array<string>(COLUMNS).fill(' ')];
    this.#row = ROWS - 1;
  }
}

const empty = (): string[][] => Array.from({ length: ROWS }, () => Array<string>(COLUMNS).fill(' '));
