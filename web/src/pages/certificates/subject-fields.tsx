import { NumberInput, Select, Textarea, TextInput } from '@mantine/core';
import type { Problem } from '../../api/call.ts';
import { wordsOf } from '../../parts/value.ts';

export type KeyType = 'ec-p256' | 'rsa-2048' | 'rsa-4096';

const KEYS: Record<KeyType, string> = {
  'ec-p256': 'EC P-256: small and quick, for every client of the last ten years',
  'rsa-2048': 'RSA 2048: for older clients',
  'rsa-4096': 'RSA 4096: slow, only where a policy asks for it',
};

interface TextProps {
  schema: object;
  name: string;
  value: string;
  onChange: (value: string) => void;
  problem: Problem | undefined;
  focus?: boolean;
}

/** One line of text; its words and limits come from the table of calls. */
export function TextOf({ schema, name, value, onChange, problem, focus }: TextProps) {
  const { label, description } = wordsOf(schema);
  const { maxLength } = schema as { maxLength?: number };
  return (
    <TextInput
      label={label}
      {...(description && { description })}
      value={value}
      maxLength={maxLength}
      autoComplete="off"
      spellCheck={false}
      error={problem?.at === `/${name}` ? problem.message : undefined}
      onChange={event => onChange(event.currentTarget.value)}
      {...(focus && { 'data-autofocus': true })}
    />
  );
}

/** Host names, one a line or separated by blanks or commas. */
export function NamesOf({ schema, value, onChange, problem }: Omit<TextProps, 'name'>) {
  const { label, description } = wordsOf(schema);
  return (
    <Textarea
      label={label}
      description={`${description} One a line.`}
      autosize
      minRows={2}
      maxRows={6}
      spellCheck={false}
      value={value}
      error={problem?.at?.startsWith('/names') ? problem.message : undefined}
      onChange={event => onChange(event.currentTarget.value)}
    />
  );
}

export const namesIn = (text: string): string[] => [...new Set(text.split(/[\s,;]+/).filter(Boolean))];

export function KeyOf({
  schema,
  value,
  onChange,
}: {
  schema: object;
  value: KeyType;
  onChange: (key: KeyType) => void;
}) {
  return (
    <Select
      label={wordsOf(schema).label}
      allowDeselect={false}
      value={value}
      data={Object.entries(KEYS).map(([key, label]) => ({ value: key, label }))}
      onChange={key => key && onChange(key as KeyType)}
    />
  );
}

export function DaysOf(props: { schema: object; value: number | string; onChange: (days: number | string) => void }) {
  const { minimum, maximum } = props.schema as { minimum: number; maximum: number };
  return (
    <NumberInput
      label={wordsOf(props.schema).label}
      w={140}
      hideControls
      min={minimum}
      max={maximum}
      allowDecimal={false}
      value={props.value}
      onChange={props.onChange}
    />
  );
}
