import type { Key } from './key.ts';

export interface Field {
  name: string;
  label: string;
  kind: 'text' | 'secret' | 'choice';
  /** What a choice may be. */
  choices?: readonly { value: string; label: string }[];
  /** Said beside an empty field. */
  hint?: string;
}

export interface Button {
  name: string;
  label: string;
  /** Shown, but cannot be pressed. */
  off?: boolean;
}

export interface Form {
  fields: readonly Field[];
  buttons: readonly Button[];
}

/** Which field or button has the focus, counted through both, and where in its text the next letter goes. */
export interface Focus {
  at: number;
  caret: number;
}

export interface Pressed {
  focus: Focus;
  change?: { name: string; value: string };
  /** Name of the button that was pressed; `back` for Escape. */
  act?: string;
}

/** The first field, else the last button that can be pressed: that is the one that goes on. */
export function firstFocus(form: Form, answerOf: (name: string) => string): Focus {
  const [field] = form.fields;
  if (field) return { at: 0, caret: answerOf(field.name).length };
  return {
    at: Math.max(
      0,
      form.buttons.findLastIndex(button => !button.off),
    ),
    caret: 0,
  };
}

/** What a key does to a form. Pure. */
export function press(form: Form, focus: Focus, answerOf: (name: string) => string, key: Key): Pressed {
  if (key.name === 'escape') return { focus, act: 'back' };
  if (key.name === 'up' || key.name === 'back-tab') return { focus: moved(form, focus, -1, answerOf) };
  if (key.name === 'down' || key.name === 'tab') return { focus: moved(form, focus, 1, answerOf) };
  const field = form.fields[focus.at];
  if (!field) return pressButton(form, focus, answerOf, key);
  if (key.name === 'enter') return { focus: moved(form, focus, 1, answerOf) };
  return field.kind === 'choice'
    ? choose(field, focus, answerOf(field.name), key)
    : edit(field, focus, answerOf(field.name), key);
}

function pressButton(form: Form, focus: Focus, answerOf: (name: string) => string, key: Key): Pressed {
  const button = form.buttons[focus.at - form.fields.length];
  if (key.name === 'left') return { focus: moved(form, focus, -1, answerOf) };
  if (key.name === 'right') return { focus: moved(form, focus, 1, answerOf) };
  const pressed = key.name === 'enter' || (key.name === 'text' && key.text === ' ');
  return pressed && button && !button.off ? { focus, act: button.name } : { focus };
}

/** To the next field or button that can have the focus, and no further than the last. */
function moved(form: Form, focus: Focus, step: 1 | -1, answerOf: (name: string) => string): Focus {
  const count = form.fields.length + form.buttons.length;
  for (let at = focus.at + step; at >= 0 && at < count; at += step) {
    if (form.buttons[at - form.fields.length]?.off) continue;
    const field = form.fields[at];
    return { at, caret: field ? answerOf(field.name).length : 0 };
  }
  return focus;
}

function choose(field: Field, focus: Focus, value: string, key: Key): Pressed {
  const choices = field.choices ?? [];
  const step = key.name === 'left' ? -1 : key.name === 'right' || (key.name === 'text' && key.text === ' ') ? 1 : 0;
  if (step === 0 || choices.length === 0) return { focus };
  const at = choices.findIndex(choice => choice.value === value);
  const next = choices[(at + step + choices.length) % choices.length];
  return { focus, change: { name: field.name, value: next?.value ?? value } };
}

const LONGEST = 512;

function edit({ name }: Field, { at, caret }: Focus, value: string, key: Key): Pressed {
  const put = (to: number, text = value): Pressed => ({
    focus: { at, caret: Math.max(0, Math.min(text.length, to)) },
    ...(text !== value && { change: { name, value: text } }),
  });
  switch (key.name) {
    case 'left':
      return put(caret - 1);
    case 'right':
      return put(caret + 1);
    case 'home':
      return put(0);
    case 'end':
      return put(value.length);
    case 'clear':
      return put(0, '');
    case 'backspace':
      return caret === 0 ? put(0) : put(caret - 1, value.slice(0, caret - 1) + value.slice(caret));
    case 'delete':
      return put(caret, value.slice(0, caret) + value.slice(caret + 1));
    case 'text':
      if (value.length + key.text.length > LONGEST) return put(caret);
      return put(caret + key.text.length, value.slice(0, caret) + key.text + value.slice(caret));
    default:
      return put(caret);
  }
}
