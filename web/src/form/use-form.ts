import { useCallback, useMemo, useState } from 'react';
import { type Kind, kinds, type ObjectOf } from '../../../server/schema/config.ts';
import type { Fault } from '../../../server/schema/faults.ts';
import { metaOf } from '../../../server/schema/fields.ts';
import type { Problem } from '../api/call.ts';
import { type Limits, whyNot } from './limits.ts';

/** The rules between properties, for a candidate; their faults name a property by JSON pointer. */
export type Rules<T> = (candidate: T) => Fault[];

export interface Form<K extends Kind = Kind> {
  kind: K;
  /** What is stored, or for a new object what it begins with. */
  stored: ObjectOf[K];
  /** What is on screen: the stored with the edits. */
  value: ObjectOf[K];
  /** Only what differs from the stored. */
  patch: Partial<ObjectOf[K]>;
  changed: readonly string[];
  // Methods, not function properties: the form of one kind may be passed where that of any kind is drawn.
  rules(candidate: ObjectOf[K]): Fault[];
  set(edits: Partial<ObjectOf[K]>): void;
  /** Takes the edit of one property back. */
  revert(name: string): void;
  discard(): void;
  /** Why a property cannot stay like this, as a sentence. */
  faultOf(name: string): string | undefined;
  /** What somebody else made of a property while it was edited here; undefined when nobody did. */
  movedOf(name: string): { value: unknown } | undefined;
  /** Puts the server's fault at the field it points to; false when it points to none. */
  place(problem: Problem): boolean;
  /** The first fault, with the name of its field. */
  invalid: string | undefined;
  /** Another object for every edit. */
  version: unknown;
}

interface Edited {
  value: unknown;
  /** What was stored when the edit began. */
  from: unknown;
}

type Values = Record<string, unknown>;
const same = (a: unknown, b: unknown) => a === b || JSON.stringify(a) === JSON.stringify(b);

/** The property a pointer such as `/certificates/0` lies in. */
const nameAt = (at: string | undefined) => at?.split('/')[1] ?? '';

/** The schema entries of a kind, by property. */
export const entriesOf = (kind: Kind) => kinds[kind].schema.properties as unknown as Record<string, Limits>;

/**
 * Edits over what is stored. Only edits are kept, so what others change meanwhile shows through in every
 * other field. Values are checked against the limits of the schema and against `rules` while people type.
 */
export function useForm<K extends Kind>(kind: K, stored: ObjectOf[K], rules: Rules<ObjectOf[K]>): Form<K> {
  const [edits, setEdits] = useState<Record<string, Edited>>({});
  const [refused, setRefused] = useState<Record<string, string>>({});
  const base = stored as unknown as Values;

  const set = useCallback(
    (values: Partial<ObjectOf[K]>) => {
      const names = Object.keys(values);
      setEdits(old => ({
        ...old,
        ...Object.fromEntries(
          names.map(name => [name, { value: (values as Values)[name], from: old[name]?.from ?? base[name] }]),
        ),
      }));
      setRefused(old => Object.fromEntries(Object.entries(old).filter(([name]) => !names.includes(name))));
    },
    [base],
  );

  const derived = useMemo(() => {
    const changed = Object.keys(edits).filter(name => !same(edits[name]?.value, base[name]));
    const patch = Object.fromEntries(changed.map(name => [name, edits[name]?.value])) as Partial<ObjectOf[K]>;
    const value = { ...stored, ...patch };
    return { changed, patch, value, faults: faultsOf(kind, value, rules) };
  }, [kind, stored, base, edits, rules]);

  const faults = { ...derived.faults, ...refused };
  const first = Object.keys(faults)[0];
  return {
    kind,
    stored,
    value: derived.value,
    patch: derived.patch,
    changed: derived.changed,
    rules,
    set,
    revert: name => {
      setEdits(({ [name]: _, ...rest }) => rest);
      setRefused(({ [name]: _, ...rest }) => rest);
    },
    discard: useCallback(() => {
      setEdits({});
      setRefused({});
    }, []),
    faultOf: name => faults[name],
    movedOf: name => {
      const edit = edits[name];
      return edit && derived.changed.includes(name) && !same(edit.from, base[name]) ? { value: base[name] } : undefined;
    },
    place: problem => {
      const name = nameAt(problem.at);
      if (!(name in entriesOf(kind))) return false;
      setRefused(old => ({ ...old, [name]: problem.message }));
      return true;
    },
    invalid: first && faults[first],
    version: edits,
  };
}

/** Every fault of a candidate by property: limits first, rules where the limits are kept. */
function faultsOf<K extends Kind>(kind: K, value: ObjectOf[K], rules: Rules<ObjectOf[K]>): Record<string, string> {
  const faults: Record<string, string> = {};
  for (const [name, limits] of Object.entries(entriesOf(kind))) {
    const { kind: control, label } = metaOf(limits);
    if (control === 'id' || control === 'secret') continue;
    const reason = whyNot(limits, (value as unknown as Values)[name]);
    if (reason) faults[name] = `${label} ${reason}.`;
  }
  for (const fault of rules(value)) faults[nameAt(fault.at)] ??= fault.message;
  return faults;
}
