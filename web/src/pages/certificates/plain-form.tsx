import { useMemo } from 'react';
import type { Authority } from '../../../../server/schema/authority.ts';
import type { CipherSet } from '../../../../server/schema/cipher-set.ts';
import { emptyConfig, kinds } from '../../../../server/schema/config.ts';
import { fill } from '../../../../server/schema/derive.ts';
import { problemsOf } from '../../../../server/schema/rules.ts';
import { useMutate } from '../../api/mutate.tsx';
import { Field } from '../../form/field.tsx';
import { entriesOf, type Rules, useForm } from '../../form/use-form.ts';
import { ErrorPanel } from '../../parts/states.tsx';
import { MakeDialog } from './make-dialog.tsx';
import '../../form/form.css';

interface Of {
  authority: Authority;
  cipherSet: CipherSet;
}

interface Props<K extends keyof Of> {
  kind: K;
  all: readonly Of[K][];
  /** Left out: a new one. */
  object?: Of[K] | undefined;
  onClose: () => void;
}

const NEW = 0;
const FACTS = { managementPort: 0, loopback: true };

/** Adds an authority or a cipher set, or modifies one: all its properties as the schema has them. */
export function PlainForm<K extends keyof Of>({ kind, all, object, onClose }: Props<K>) {
  const what = kinds[kind].label;
  const begin = useMemo(() => object ?? (fill(kind, { id: NEW, name: '' }) as Of[K]), [kind, object]);
  const rules = useMemo<Rules<Of[K]>>(
    () => candidate =>
      problemsOf(
        // The candidate comes last, so that a name taken twice is its fault.
        { ...emptyConfig(), [kinds[kind].list]: [...all.filter(each => each.id !== candidate.id), candidate] },
        FACTS,
      ).map(problem => problem.fault),
    [kind, all],
  );
  const form = useForm(kind, begin as never, rules as never);
  const value = form.value as Of[K];
  const done = object ? `Modified ${object.name}` : () => `Added ${value.name}`;
  const authority = useMutate(object ? 'patchAuthority' : 'createAuthority', { done, quiet: true });
  const cipherSet = useMutate(object ? 'patchCipherSet' : 'createCipherSet', { done, quiet: true });
  const { run, busy, problem } = kind === 'authority' ? authority : cipherSet;
  const placed = problem?.at?.slice(1);
  const names = Object.keys(entriesOf(kind)).filter(name => name !== 'id');
  // What was not typed yet is no fault to point at; what the server says of a field stands at it until it is edited.
  const gentle = {
    ...form,
    faultOf: (name: string) => {
      if (!object && !form.changed.includes(name)) return undefined;
      return form.faultOf(name) ?? (placed === name ? problem?.message : undefined);
    },
  };

  const save = async () => {
    const { id: _, ...body } = value;
    const reply = await run((object ? { params: { id: object.id }, body: form.patch } : { body }) as never);
    if (reply) onClose();
  };

  return (
    <MakeDialog
      title={object ? `${what} “${object.name}”` : `Add a ${what}`}
      size="xl"
      onClose={onClose}
      act={object ? 'Save' : 'Add'}
      onAct={save}
      busy={busy}
      disabled={form.invalid !== undefined || (object !== undefined && form.changed.length === 0)}
    >
      <div className="dialog-fields">
        {names.map(name => (
          <Field key={name} form={gentle as never} name={name} fresh={!object} />
        ))}
      </div>
      {problem && !names.includes(placed ?? '') && <ErrorPanel what="Nothing was changed" error={problem} />}
    </MakeDialog>
  );
}
