import type { WriteStream } from 'node:tty';
import { COLUMNS, type Drawn, ROWS } from './page.ts';

const ESC = '\x1b[';

/** Draws pages with what a VT100 knows, and sends only the lines that changed: 9,600 baud are 12 full lines a second. */
export class Terminal {
  readonly #out: Pick<WriteStream, 'write'>;
  #lines: string[] = [];
  #cursor = '';

  constructor(out: Pick<WriteStream, 'write'>) {
    this.#out = out;
  }

  show({ lines, bars, caret }: Drawn): void {
    let text = this.#lines.length === 0 ? `${ESC}0m${ESC}2J` : '';
    for (let row = 0; row < ROWS; row++) {
      const bare = (lines[row] ?? '').trimEnd();
      const line = bars.has(row) ? `${ESC}7m${(lines[row] ?? '').padEnd(COLUMNS - 1)}${ESC}0m` : bare;
      if (this.#lines[row] === line) continue;
      this.#lines[row] = line;
      text += `${ESC}${row + 1};1H${line}${ESC}K`;
    }
    const cursor = caret ? `${ESC}${caret.row + 1};${caret.column + 1}H` : `${ESC}${ROWS};1H`;
    // A screen that stays as it is costs a slow line nothing.
    if (text === '' && cursor === this.#cursor) return;
    this.#cursor = cursor;
    this.#out.write(text + cursor);
  }

  /** The next page is sent whole: something else wrote over this one. */
  forget(): void {
    this.#lines = [];
  }

  /** Leaves an empty screen behind. */
  clear(): void {
    this.forget();
    this.#out.write(`${ESC}0m${ESC}2J${ESC}1;1H`);
  }
}
