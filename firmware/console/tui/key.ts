import { emitKeypressEvents } from 'node:readline';
import type { ReadStream } from 'node:tty';

const NAMES = {
  up: 'up',
  down: 'down',
  left: 'left',
  right: 'right',
  home: 'home',
  end: 'end',
  delete: 'delete',
  backspace: 'backspace',
  return: 'enter',
  enter: 'enter',
  escape: 'escape',
} as const;

/** One key as forms take it; `text` is what is typed. */
export type Key =
  | { name: (typeof NAMES)[keyof typeof NAMES] | 'tab' | 'back-tab' | 'clear' | 'redraw' | 'interrupt' }
  | { name: 'text'; text: string };

interface Pressed {
  name?: string;
  ctrl?: boolean;
  meta?: boolean;
  shift?: boolean;
}

/** What Node reads from a terminal as a key of ours; undefined for what no form takes. */
export function keyOf(text: string | undefined, { name = '', ctrl, meta, shift }: Pressed): Key | undefined {
  if (ctrl) {
    if (name === 'c') return { name: 'interrupt' };
    if (name === 'l') return { name: 'redraw' };
    if (name === 'u') return { name: 'clear' };
    // Serial lines without arrow keys.
    if (name === 'n') return { name: 'down' };
    if (name === 'p') return { name: 'up' };
    return name === 'h' ? { name: 'backspace' } : undefined;
  }
  if (name === 'tab') return { name: shift ? 'back-tab' : 'tab' };
  if (name in NAMES) return { name: NAMES[name as keyof typeof NAMES] };
  if (meta || text === undefined || !/^[^\p{Cc}]+$/u.test(text)) return undefined;
  return { name: 'text', text };
}

/** Calls back with every key pressed at a terminal. */
export function listen(input: ReadStream, pressed: (key: Key) => void): void {
  emitKeypressEvents(input);
  if (input.isTTY) input.setRawMode(true);
  input.on('keypress', (text: string | undefined, raw: Pressed) => {
    const key = keyOf(text, raw);
    if (key) pressed(key);
  });
  input.resume();
}
