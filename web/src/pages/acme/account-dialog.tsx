import { useMemo } from 'react';
import type { AcmeAccount } from '../../../../server/schema/acme-account.ts';
import { emptyConfig } from '../../../../server/schema/config.ts';
import { fill } from '../../../../server/schema/derive.ts';
import { problemsOf } from '../../../../server/schema/rules.ts';
import { useMutate } from '../../api/mutate.tsx';
import { useAuthorities } from '../../api/queries.ts';
import { Field } from '../../form/field.tsx';
import { type Rules, useForm } from '../../form/use-form.ts';
import { ErrorPanel } from '../../parts/states.tsx';
import { MakeDialog } from '../certificates/make-dialog.tsx';
import '../../form/form.css';

const FACTS = { managementPort: 0, loopback: true };
/** The key and its URL come by themselves. */
const FIELDS = ['name', 'directory', 'email', 'termsAgreed', 'trust', 'challengePort', 'keyId', 'hmac'];

interface Props {
  all: readonly AcmeAccount[];
  /** Left out: a new one. */
  account?: AcmeAccount | undefined;
  onClose: () => void;
}

/** Adds an ACME account or modifies one. */
export function AccountDialog({ all, account, onClose }: Props) {
  const authorities = useAuthorities().data ?? [];
  // Secrets never come from the appliance: what is not typed stays as it is there.
  const begin = useMemo(() => fill('acmeAccount', { id: 0, name: '', ...account }), [account]);
  const rules = useMemo<Rules<AcmeAccount>>(
    () => candidate =>
      problemsOf(
        { ...emptyConfig(), authorities, acmeAccounts: [...all.filter(one => one.id !== candidate.id), candidate] },
        FACTS,
      ).map(problem => problem.fault),
    [all, authorities],
  );
  const form = useForm('acmeAccount', begin, rules);
  const done = `${account ? 'Modified' : 'Added'} ${form.value.name}`;
  const { run, busy, problem } = useMutate(account ? 'patchAcmeAccount' : 'createAcmeAccount', { done, quiet: true });
  const placed = problem?.at?.slice(1) ?? '';
  const gentle = {
    ...form,
    faultOf: (name: string) => {
      if (!account && !form.changed.includes(name)) return undefined;
      return form.faultOf(name) ?? (placed === name ? problem?.message : undefined);
    },
  };
  const save = async () => {
    const { id: _, key: _key, url: _url, ...body } = form.value;
    const reply = await run((account ? { params: { id: account.id }, body: form.patch } : { body }) as never);
    if (reply) onClose();
  };
  return (
    <MakeDialog
      title={account ? `ACME Account “${account.name}”` : 'Add an ACME Account'}
      size="xl"
      onClose={onClose}
      act={account ? 'Save' : 'Add'}
      onAct={save}
      busy={busy}
      disabled={form.invalid !== undefined || (account !== undefined && form.changed.length === 0)}
    >
      <div className="dialog-fields">
        {FIELDS.map(name => (
          <Field
            key={name}
            form={gentle as never}
            name={name}
            fresh={!account}
            {...(name === 'trust' && { choices: authorities.map(one => ({ id: one.id, label: one.name })) })}
          />
        ))}
      </div>
      {problem && !FIELDS.includes(placed) && <ErrorPanel what="Nothing was changed" error={problem} />}
    </MakeDialog>
  );
}
