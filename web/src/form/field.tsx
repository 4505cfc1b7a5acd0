import { Anchor } from '@mantine/core';
import { type ReactNode, useId } from 'react';
import { metaOf } from '../../../server/schema/fields.ts';
import { duration } from '../parts/format.ts';
import { type NameOf, valueWords } from '../parts/value.ts';
import { type Block, blockOf, idleOf, type Needs } from './blocks.ts';
import { type Choice, controls } from './controls.tsx';
import { entriesOf, type Form } from './use-form.ts';

export interface FieldProps {
  form: Form;
  name: string;
  needs?: Needs;
  choices?: readonly Choice[];
  more?: ReactNode;
  readOnly?: boolean;
  /** Told below the control in place of the schema's words about defaults, for a new object. */
  fresh?: boolean;
}

/** One property: label, control, and in words what it does, what differs from its default, what is wrong. */
export function Field({ form, name, needs = {}, choices = [], more, readOnly = false, fresh = false }: FieldProps) {
  const limits = entriesOf(form.kind)[name] ?? {};
  const meta = metaOf(limits);
  const Control = controls[meta.kind];
  const value = (form.value as unknown as Record<string, unknown>)[name];
  const fault = form.faultOf(name);
  const idle = idleOf(form, name, needs);
  const block = readOnly ? undefined : (idle ?? firstBlock(form, name));
  // A dialog over a form may have a field of the same name.
  const id = useId();
  const dirty = form.changed.includes(name);
  const set = (next: unknown) => form.set({ [name]: next } as never);

  return (
    <div
      className="field"
      // What links lead to; a dialog over the page must not have the same ids again.
      id={form.kind === 'virtualService' || form.kind === 'settings' ? name : undefined}
      data-dirty={dirty && !fresh ? '' : undefined}
      data-idle={idle ? '' : undefined}
    >
      <label htmlFor={id} data-own={differs(limits.default, value) ? '' : undefined}>
        {meta.label}
      </label>
      <div className="field-control">
        <Control
          id={id}
          meta={meta}
          limits={limits}
          value={value}
          onChange={set}
          disabled={readOnly || (idle !== undefined && fault === undefined)}
          wrong={fault !== undefined}
          describedBy={`${id}-words`}
          blockOf={option => blockOf(form, name, option)}
          choices={choices}
          more={more}
        />
        {meta.kind === 'seconds' && Number(value) >= 120 && (
          <span className="quiet in-words">{duration(Number(value) * 1000)}</span>
        )}
      </div>
      <div className="field-words" id={`${id}-words`}>
        {fault && <p className="fault">{fault}</p>}
        {block && block.reason !== fault && <Reason block={block} onWay={change => form.set(change as never)} />}
        <Notes form={form} name={name} value={value} choices={choices} readOnly={readOnly} fresh={fresh} />
        <span className="help">{meta.help}</span>
      </div>
    </div>
  );
}

/** What is not as it was: somebody else's change, the stored value, the default; each with a way back. */
function Notes({ form, name, value, choices = [], readOnly, fresh }: FieldProps & { value: unknown }) {
  const limits = entriesOf(form.kind)[name] ?? {};
  const nameOf: NameOf = (_, id) => choices.find(choice => choice.id === id)?.label;
  const words = (of: unknown) => valueWords(form.kind, name, of, nameOf);
  const stored = (form.stored as unknown as Record<string, unknown>)[name];
  // A new object's ground moves with its port: that is nobody else.
  const moved = fresh ? undefined : form.movedOf(name);
  const dirty = form.changed.includes(name) && !fresh;
  return (
    <>
      {moved && <p className="why">Somebody else set this to {words(moved.value)} meanwhile.</p>}
      {dirty && (
        <span className="note-line">
          was {words(stored)}{' '}
          <Act label={`Take back the change of ${metaOf(limits).label}`} onClick={() => form.revert(name)}>
            Take back
          </Act>
        </span>
      )}
      {differs(limits.default, value) && worthSaying(limits.default) && (
        <span className="note-line">
          default {fresh ? 'is' : 'was'} {words(limits.default)}{' '}
          {!readOnly && (
            <Act
              label={`Set ${metaOf(limits).label} to its default`}
              onClick={() => form.set({ [name]: limits.default } as never)}
            >
              Use it
            </Act>
          )}
        </span>
      )}
    </>
  );
}

function Reason({ block, onWay }: { block: Block; onWay: (set: Record<string, unknown>) => void }) {
  const { way } = block;
  return (
    <p className="why">
      {block.reason} {way && <Act onClick={() => onWay(way.set)}>{way.words}</Act>}
    </p>
  );
}

function Act({ label, onClick, children }: { label?: string; onClick: () => void; children: ReactNode }) {
  return (
    <Anchor component="button" type="button" inherit onClick={onClick} {...(label && { 'aria-label': label })}>
      {children}
    </Anchor>
  );
}

/** The first value of a flag or a choice that the others forbid. */
function firstBlock(form: Form, name: string): Block | undefined {
  const meta = metaOf(entriesOf(form.kind)[name] ?? {});
  const values = meta.kind === 'flag' ? [true] : (meta.options ?? []).map(option => option.value);
  for (const value of values) {
    const block = blockOf(form, name, value);
    if (block) return block;
  }
  return undefined;
}

/** Does a value differ from its default? What has no default has none to differ from. */
export const differs = (standard: unknown, value: unknown): boolean =>
  standard !== undefined && JSON.stringify(standard) !== JSON.stringify(value);

/** An empty text or list is no default anybody would go back to from a note. */
const worthSaying = (standard: unknown): boolean => standard !== '' && !Array.isArray(standard);
