import type { Focus, Form } from './form.ts';

/** One screen: what it says, what it asks, and what is wrong with the answers. */
export interface Page {
  title: string;
  /** Such as “2 of 8”. */
  place?: string;
  /** Paragraphs; an array is lines that stay as they are. */
  words: readonly (string | readonly string[])[];
  form: Form;
  answerOf: (name: string) => string;
  /** By field: why its answer cannot be taken. */
  faults: Readonly<Record<string, string>>;
  focus: Focus;
}

export interface Drawn {
  lines: string[];
  /** Where the cursor stands, counted from 0; undefined: nowhere. */
  caret?: { row: number; column: number };
  /** Lines in reverse video. */
  bars: ReadonlySet<number>;
}

/** What any terminal has; a larger one shows no more. */
export const COLUMNS = 80;
export const ROWS = 24;

const LABEL = 22;
const INDENT = 2;
const VALUE = COLUMNS - INDENT - LABEL - 4;
const KEYS = 'Tab/arrows: move   Enter: next   Esc: back   Ctrl-L: draw again';

/** A page as lines of plain ASCII, 80 by 24: what every console shows alike. Pure. */
export function draw(page: Page): Drawn {
  const body: string[] = [];
  let caret: Drawn['caret'];
  const top = 2;
  for (const words of page.words) {
    body.push(
      ...(typeof words === 'string' ? wrapped(words, COLUMNS - 2 * INDENT) : words).map(
        line => `${' '.repeat(INDENT)}${line}`,
      ),
      '',
    );
  }
  for (const [at, field] of page.form.fields.entries()) {
    const value = page.answerOf(field.name);
    const focused = page.focus.at === at;
    const { text, column } = shown(value, field.kind, focused ? page.focus.caret : 0);
    const choice = field.choices?.find(each => each.value === value)?.label ?? value;
    const inside = field.kind === 'choice' ? `< ${choice} >` : text || (focused ? '' : (field.hint ?? ''));
    body.push(fit(`${focused ? '>' : ' '} ${field.label.padEnd(LABEL)}[${inside.slice(0, VALUE).padEnd(VALUE)}]`));
    if (focused)
      caret = { row: top + body.length - 1, column: INDENT + LABEL + 1 + (field.kind === 'choice' ? 0 : column) };
    const fault = page.faults[field.name];
    if (fault)
      body.push(
        ...wrapped(`! ${fault}`, COLUMNS - INDENT - LABEL - 3).map(line => `${' '.repeat(INDENT + LABEL + 1)}${line}`),
      );
  }
  const buttons = page.form.buttons.map((button, at) => {
    const label = button.off ? `(${button.label})` : `[ ${button.label} ]`;
    return page.form.fields.length + at === page.focus.at ? `>${label}` : ` ${label}`;
  });
  const room = ROWS - top - 3;
  const cut = body.slice(0, room);
  const lines = [bar(page.title, page.place ?? ''), '', ...cut, ...Array.from({ length: room - cut.length }, () => '')];
  const last = lines.length;
  lines.push(` ${buttons.join('  ')}`, '', bar(KEYS, ''));
  const button = page.focus.at - page.form.fields.length;
  if (button >= 0) caret = { row: last, column: 1 + buttons.slice(0, button).join('  ').length + (button > 0 ? 2 : 0) };
  return { lines: lines.map(fit), bars: new Set([0, lines.length - 1]), ...(caret && { caret }) };
}

/** Beyond the last column a terminal would begin a new line. */
const fit = (line: string) => ascii(line).slice(0, COLUMNS - 1);

const bar = (left: string, right: string) => {
  const inside = COLUMNS - 3;
  return ` ${left.slice(0, inside - right.length).padEnd(inside - right.length)}${right} `;
};

/** Of a long value the part around the caret. */
function shown(value: string, kind: string, caret: number): { text: string; column: number } {
  const text = kind === 'secret' ? '*'.repeat(value.length) : value;
  const from = Math.max(0, caret - VALUE + 1);
  return { text: text.slice(from, from + VALUE), column: caret - from };
}

/** A paragraph in lines of at most this many letters. */
export function wrapped(text: string, width: number): string[] {
  const lines: string[] = [''];
  for (const word of text.split(' ')) {
    const last = lines.at(-1) as string;
    if (last === '') lines[lines.length - 1] = word.slice(0, width);
    else if (last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word.slice(0, width));
  }
  return lines;
}

const PLAIN: Record<string, string> = {
  '“': '"',
  '”': '"',
  '’': "'",
  '‘': "'",
  '…': '...',
  '–': '-',
  '—': '-',
  '→': '->',
};

/** A serial line or a console without a font shows nothing else for sure. */
const ascii = (text: string): string => text.replace(/[^\x20-\x7e]/gu, mark => PLAIN[mark] ?? '?');
