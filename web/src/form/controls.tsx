import { NumberInput, PasswordInput, Select, Switch, Textarea, TextInput } from '@mantine/core';
import { type ComponentType, type ReactNode, useState } from 'react';
import type { FieldKind, FieldMeta } from '../../../server/schema/fields.ts';
import type { Block } from './blocks.ts';
import type { Limits } from './limits.ts';
import { Refs } from './refs-control.tsx';

/** An object that a reference may name. */
export interface Choice {
  id: number;
  label: string;
  /** Quiet words beside the label. */
  note?: string;
  /** Why it cannot be chosen. */
  blocked?: string;
}

export interface ControlProps {
  id: string;
  meta: FieldMeta;
  limits: Limits;
  value: unknown;
  onChange: (value: unknown) => void;
  disabled: boolean;
  wrong: boolean;
  describedBy: string;
  /** Why an option cannot be chosen. */
  blockOf: (value: unknown) => Block | undefined;
  /** What a reference may name. */
  choices: readonly Choice[];
  /** Beside the list of references: ways to make a new object. */
  more?: ReactNode;
}

const shared = ({ id, disabled, wrong, describedBy }: ControlProps) => ({
  id,
  disabled,
  error: wrong,
  'aria-describedby': describedBy,
});

function Flag(props: ControlProps) {
  const block = props.blockOf(!props.value);
  return (
    <Switch
      id={props.id}
      aria-describedby={props.describedBy}
      checked={props.value === true}
      disabled={props.disabled || block !== undefined}
      onChange={event => props.onChange(event.currentTarget.checked)}
    />
  );
}

function Choose(props: ControlProps) {
  const options = props.meta.options ?? [];
  return (
    <Select
      {...shared(props)}
      value={String(props.value)}
      allowDeselect={false}
      data={options.map(({ value, label }) => ({
        value: String(value),
        label,
        disabled: props.blockOf(value) !== undefined,
      }))}
      onChange={text => {
        const option = options.find(({ value }) => String(value) === text);
        if (option) props.onChange(option.value);
      }}
    />
  );
}

function Whole(props: ControlProps) {
  return (
    <NumberInput
      {...shared(props)}
      className="short-input"
      value={props.value as number | string}
      min={props.limits.minimum ?? 0}
      {...(props.limits.maximum !== undefined && { max: props.limits.maximum })}
      clampBehavior="none"
      allowDecimal={false}
      allowNegative={false}
      hideControls
      rightSection={props.meta.unit === 'seconds' ? <span className="quiet">s</span> : undefined}
      onChange={props.onChange}
    />
  );
}

function Text(props: ControlProps) {
  return (
    <TextInput
      {...shared(props)}
      value={String(props.value)}
      maxLength={props.limits.maxLength}
      autoComplete="off"
      spellCheck={false}
      onChange={event => props.onChange(event.currentTarget.value)}
    />
  );
}

function LongText(props: ControlProps) {
  return (
    <Textarea
      {...shared(props)}
      value={String(props.value)}
      maxLength={props.limits.maxLength}
      autosize
      minRows={2}
      maxRows={12}
      onChange={event => props.onChange(event.currentTarget.value)}
    />
  );
}

/** One to a line; blank lines count for nothing. */
function Lines(props: ControlProps) {
  const lines = props.value as string[];
  const [text, setText] = useState(lines.join('\n'));
  const read = (from: string) =>
    from
      .split('\n')
      .map(line => line.trim())
      .filter(line => line !== '');
  // What was changed from outside, such as taken back, is shown; what is being typed stays as it is.
  const shown = JSON.stringify(read(text)) === JSON.stringify(lines) ? text : lines.join('\n');
  return (
    <Textarea
      {...shared(props)}
      value={shown}
      autosize
      minRows={2}
      maxRows={12}
      spellCheck={false}
      onChange={event => {
        setText(event.currentTarget.value);
        props.onChange(read(event.currentTarget.value));
      }}
    />
  );
}

function Ref(props: ControlProps) {
  return (
    <Select
      {...shared(props)}
      searchable
      allowDeselect={false}
      value={String(props.value)}
      data={props.choices.map(({ id, label, blocked }) => ({
        value: String(id),
        label,
        disabled: blocked !== undefined,
      }))}
      onChange={text => text && props.onChange(Number(text))}
    />
  );
}

function Secret(props: ControlProps) {
  return (
    <PasswordInput
      {...shared(props)}
      value={String(props.value)}
      autoComplete="new-password"
      onChange={event => props.onChange(event.currentTarget.value)}
    />
  );
}

function Id(props: ControlProps) {
  return (
    <output id={props.id} className="figure">
      {String(props.value)}
    </output>
  );
}

/** Which control draws which kind of field. A kind without one does not build. */
export const controls = {
  flag: Flag,
  choice: Choose,
  number: Whole,
  seconds: Whole,
  port: Whole,
  address: Text,
  text: Text,
  longText: LongText,
  lines: Lines,
  refs: Refs,
  ref: Ref,
  secret: Secret,
  id: Id,
} as const satisfies Record<FieldKind, ComponentType<ControlProps>>;
