import { useMemo } from 'react';
import type { AcmeAccount } from '../../../../server/schema/acme-account.ts';
import type { AcmeCertificate } from '../../../../server/schema/acme-calls.ts';
import type { Certificate } from '../../../../server/schema/certificate.ts';
import { emptyConfig } from '../../../../server/schema/config.ts';
import { fill } from '../../../../server/schema/derive.ts';
import { problemsOf } from '../../../../server/schema/rules.ts';
import { useMutate } from '../../api/mutate.tsx';
import { Field } from '../../form/field.tsx';
import { type Rules, useForm } from '../../form/use-form.ts';
import { ErrorPanel } from '../../parts/states.tsx';
import { MakeDialog } from '../certificates/make-dialog.tsx';
import '../../form/form.css';

const FACTS = { managementPort: 0, loopback: true };

interface Props {
  accounts: readonly AcmeAccount[];
  /** Left out: a new one. */
  certificate?: AcmeCertificate | undefined;
  onClose: () => void;
}

/** Orders a new certificate, or changes for what and when one is renewed. */
export function OrderDialog({ accounts, certificate, onClose }: Props) {
  const begin = useMemo(() => {
    const { id = 0, name = '', account = accounts[0]?.id ?? 0, names = [], renewDays = 30 } = certificate ?? {};
    return fill('certificate', { id, name, acmeAccount: account, acmeNames: names, renewDays });
  }, [certificate, accounts]);
  // Whom the directory is trusted through is a question of the account.
  const known = useMemo(() => accounts.map(one => ({ ...one, trust: 0 })), [accounts]);
  const rules = useMemo<Rules<Certificate>>(
    () => candidate =>
      problemsOf({ ...emptyConfig(), acmeAccounts: known, certificates: [candidate] }, FACTS).map(
        problem => problem.fault,
      ),
    [known],
  );
  const form = useForm('certificate', begin, rules);
  const order = useMutate('orderAcmeCertificate', { done: 'Order begun', quiet: true });
  const change = useMutate('changeAcmeCertificate', { done: `Modified ${begin.name}`, quiet: true });
  const { busy, problem } = certificate ? change : order;
  const fields = [...(certificate ? [] : ['name']), 'acmeAccount', 'acmeNames', 'renewDays'];
  const gentle = {
    ...form,
    faultOf: (name: string) => (certificate || form.changed.includes(name) ? form.faultOf(name) : undefined),
  };
  const save = async () => {
    const { name, acmeAccount: account, acmeNames: names, renewDays } = form.value;
    const reply = certificate
      ? await change.run({ params: { id: certificate.id }, body: { account, names, renewDays } })
      : await order.run({ body: { name, account, names, renewDays } });
    if (reply) onClose();
  };
  return (
    <MakeDialog
      title={certificate ? `Renewal of “${certificate.name}”` : 'Order a Certificate'}
      size="xl"
      onClose={onClose}
      act={certificate ? 'Save' : 'Order'}
      onAct={save}
      busy={busy}
      disabled={form.invalid !== undefined || (certificate !== undefined && form.changed.length === 0)}
    >
      <div className="dialog-fields">
        {fields.map(name => (
          <Field
            key={name}
            form={gentle as never}
            name={name}
            fresh={!certificate}
            {...(name === 'acmeAccount' && { choices: accounts.map(one => ({ id: one.id, label: one.name })) })}
          />
        ))}
      </div>
      {problem && <ErrorPanel what="Nothing was ordered or changed" error={problem} />}
    </MakeDialog>
  );
}
