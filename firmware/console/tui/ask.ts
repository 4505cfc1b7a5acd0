import { type Button, type Field, type Focus, firstFocus, press } from './form.ts';
import type { Key } from './key.ts';
import { draw, type Page } from './page.ts';
import type { Terminal } from './terminal.ts';

export interface Screen {
  terminal: Terminal;
  /** The next key; undefined after that many milliseconds without one. */
  key: (patience?: number) => Promise<Key | undefined>;
}

export interface Question {
  title: string;
  words: Page['words'];
  fields?: readonly Field[];
  buttons: readonly Button[];
  /** The focus begins at the first button, so that Enter alone does nothing that cannot be taken back. */
  careful?: boolean;
  values?: Readonly<Record<string, string>>;
  /** By field: why it cannot be taken. Asked when a button other than `back` is pressed. */
  faults?: (values: Readonly<Record<string, string>>) => Readonly<Record<string, string>>;
  /** Asked again and again while nobody types; something else than undefined ends the question with that act. */
  meanwhile?: () => Promise<string | undefined>;
}

/** How often `meanwhile` is asked. */
const OFTEN = 1_000;

/** Shows a page until one of its buttons is pressed, or Escape, which is `back`. */
export async function ask(
  { terminal, key }: Screen,
  { title, words, fields = [], buttons, values = {}, faults = () => ({}), meanwhile, careful = false }: Question,
): Promise<{ act: string; values: Record<string, string> }> {
  const form = { fields, buttons };
  const typed: Record<string, string> = { ...values };
  const answerOf = (name: string) => typed[name] ?? '';
  let focus: Focus = careful ? { at: fields.length, caret: 0 } : firstFocus(form, answerOf);
  let shown: Readonly<Record<string, string>> = {};
  for (;;) {
    terminal.show(draw({ title, words, form, answerOf, faults: shown, focus }));
    const pressed = await key(meanwhile && OFTEN);
    if (!pressed) {
      const act = await meanwhile?.();
      if (act !== undefined) return { act, values: typed };
      continue;
    }
    if (pressed.name === 'redraw') terminal.forget();
    if (pressed.name === 'interrupt') return { act: 'back', values: typed };
    const result = press(form, focus, answerOf, pressed);
    focus = result.focus;
    if (result.change) {
      typed[result.change.name] = result.change.value;
      shown = Object.fromEntries(Object.entries(shown).filter(([name]) => name !== result.change?.name));
    }
    if (!result.act) continue;
    shown = result.act === 'back' ? {} : faults(typed);
    const wrong = fields.findIndex(field => shown[field.name]);
    if (wrong < 0) return { act: result.act, values: typed };
    focus = { at: wrong, caret: answerOf(fields[wrong]?.name ?? '').length };
  }
}
