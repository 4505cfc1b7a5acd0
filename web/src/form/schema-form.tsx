import { TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { type ReactNode, useState } from 'react';
import { type FieldGroup, type FieldMeta, metaOf } from '../../../server/schema/fields.ts';
import { plural } from '../parts/format.ts';
import { Section } from '../parts/section.tsx';
import { labelOf, valueWords } from '../parts/value.ts';
import type { Needs } from './blocks.ts';
import type { Choice } from './controls.tsx';
import { differs, Field } from './field.tsx';
import { groups, groupTitles } from './groups.ts';
import { entriesOf, type Form } from './use-form.ts';
import './form.css';

interface Props {
  form: Form;
  needs?: Needs;
  /** What references may name, by property. */
  choices?: Readonly<Record<string, readonly Choice[]>>;
  /** Beside a property's control, by property: ways to make what it names. */
  more?: Readonly<Record<string, ReactNode>>;
  /** Above the properties of a bar. */
  above?: Readonly<Partial<Record<FieldGroup, ReactNode>>>;
  /** Properties that are drawn elsewhere. */
  without?: readonly string[];
  readOnly?: boolean;
  fresh?: boolean;
  /** Which bars are open, decided outside so that links can open one. */
  open: ReadonlySet<FieldGroup>;
  onToggle: (group: FieldGroup, open: boolean) => void;
}

/** All properties of an object in their bars, drawn from the schema; nothing about a property is written here. */
export function SchemaForm({ open, onToggle, without = [], choices = {}, more = {}, above = {}, ...rest }: Props) {
  const { form } = rest;
  const [search, setSearch] = useState('');
  const wanted = search.trim().toLowerCase();
  const names = Object.keys(entriesOf(form.kind)).filter(
    name => !(hidden(form, name) && !choices[name]) && !without.includes(name),
  );
  const found = names.filter(name => !wanted || textOf(form, name).includes(wanted));

  return (
    <div className="schema-form">
      <div className="settings-bar">
        <h2>Settings</h2>
        <TextInput
          size="xs"
          w={260}
          aria-label="Search within the settings"
          placeholder="Search within the settings…"
          leftSection={<IconSearch size={14} aria-hidden />}
          value={search}
          onChange={event => setSearch(event.currentTarget.value)}
          onKeyDown={event => event.key === 'Escape' && setSearch('')}
        />
        <span className="quiet" role="status">
          {wanted ? `${plural(found.length, 'setting')} found` : ''}
        </span>
      </div>
      {groups.map(group => {
        const members = found.filter(name => metaOf(entriesOf(form.kind)[name] ?? {}).group === group);
        if (members.length === 0) return null;
        return (
          <Section
            key={group}
            id={group}
            title={groupTitles[group]}
            note={<Note form={form} members={members} choices={choices} />}
            open={wanted !== '' || open.has(group)}
            onToggle={now => onToggle(group, now)}
          >
            {above[group]}
            {members.map(name => (
              <Field key={name} name={name} choices={choices[name] ?? []} more={more[name]} {...rest} />
            ))}
          </Section>
        );
      })}
    </div>
  );
}

/** What a closed bar hides: edits and faults first, then what differs from the defaults. */
function Note({ form, members, choices }: { form: Form; members: string[]; choices: NonNullable<Props['choices']> }) {
  const value = form.value as unknown as Record<string, unknown>;
  const edited = members.filter(name => form.changed.includes(name)).length;
  const wrong = members.filter(name => form.faultOf(name)).length;
  const own = members.filter(name => differs(entriesOf(form.kind)[name]?.default, value[name]));
  const words = own.map(name => {
    const named = (_: unknown, id: number) => choices[name]?.find(choice => choice.id === id)?.label;
    return `${labelOf(form.kind, name)}: ${valueWords(form.kind, name, value[name], named)}`;
  });
  return (
    <>
      {wrong > 0 && <strong className="note-wrong">{wrong} to correct</strong>}
      {edited > 0 && <strong className="note-edited">{edited} unsaved</strong>}
      <span className="note-own">{own.length === 0 ? 'all default' : words.join(' · ')}</span>
    </>
  );
}

const hidden = (form: Form, name: string) => {
  const { kind } = metaOf(entriesOf(form.kind)[name] ?? {});
  return kind === 'id' || kind === 'secret' || kind === 'ref';
};

function textOf(form: Form, name: string): string {
  const meta: FieldMeta = metaOf(entriesOf(form.kind)[name] ?? {});
  const options = meta.options?.map(option => option.label) ?? [];
  return [meta.label, meta.help, meta.compat ?? '', name, ...options].join(' ').toLowerCase();
}
