import { type FieldMeta, metaOf } from '../../../server/schema/fields.ts';
import { entriesOf, type Form } from './use-form.ts';

/** Why something cannot be chosen now, and the one change that would allow it. */
export interface Block {
  reason: string;
  way?: { words: string; set: Record<string, unknown> };
}

/** What a property needs to have any effect: another property with one of these values, the first being the way out. */
export type Needs = Readonly<Record<string, { of: string; among: readonly unknown[] }>>;

type Values = Record<string, unknown>;

/** Why a value of a property is forbidden beside the others; the rules say so, nothing is written twice. */
export function blockOf(form: Form, name: string, value: unknown): Block | undefined {
  const current = form.value as unknown as Values;
  if (current[name] === value) return undefined;
  const broken = (candidate: Values) =>
    form.rules(candidate as never).find(fault => fault.code === 'NEEDS' && fault.at === `/${name}`);
  const fault = broken({ ...current, [name]: value });
  if (!fault) return undefined;
  const way = switches(form)
    .filter(change => change.name !== name)
    .find(change => !broken({ ...current, [name]: value, [change.name]: change.value }));
  return {
    reason: fault.message,
    ...(way && { way: { words: wordsOf(form, way.name, way.value), set: { [way.name]: way.value } } }),
  };
}

/** Why a property has no effect beside the others. */
export function idleOf(form: Form, name: string, needs: Needs): Block | undefined {
  const need = needs[name];
  const current = form.value as unknown as Values;
  if (!need || need.among.includes(current[need.of])) return undefined;
  // What is needed may itself need something: that comes first.
  const deeper = idleOf(form, need.of, needs);
  if (deeper) return deeper;
  const meta = metaOf(entriesOf(form.kind)[need.of] ?? {});
  const wanted = need.among.map(value => nameOf(meta, value)).join(' or ');
  return {
    reason: meta.kind === 'flag' ? `Needs ${meta.label}.` : `Needs ${meta.label} ${wanted}.`,
    way: { words: wordsOf(form, need.of, need.among[0]), set: { [need.of]: need.among[0] } },
  };
}

/** Every single change of a flag or a choice. */
function switches(form: Form): { name: string; value: unknown }[] {
  return Object.entries(entriesOf(form.kind)).flatMap(([name, entry]) => {
    const meta = metaOf(entry);
    const values: unknown[] = meta.kind === 'flag' ? [true, false] : (meta.options ?? []).map(option => option.value);
    return values.map(value => ({ name, value }));
  });
}

function wordsOf(form: Form, name: string, value: unknown): string {
  const meta = metaOf(entriesOf(form.kind)[name] ?? {});
  if (meta.kind === 'flag') return `Switch ${meta.label} ${value ? 'on' : 'off'}`;
  return `Set ${meta.label} to ${nameOf(meta, value)}`;
}

const nameOf = (meta: FieldMeta, value: unknown) =>
  meta.options?.find(option => option.value === value)?.label ?? String(value);
