import { ActionIcon, Button, Group } from '@mantine/core';
import { IconPencil, IconPlus, IconRefresh, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import type { AcmeAccount } from '../../../../server/schema/acme-account.ts';
import type { AcmeCertificate } from '../../../../server/schema/acme-calls.ts';
import { useMutate } from '../../api/mutate.tsx';
import { ConfirmDialog } from '../../parts/confirm-dialog.tsx';
import { type Column, DataTable } from '../../parts/data-table.tsx';
import { dateOf, dateTimeOf } from '../../parts/format.ts';
import { PageHeader } from '../../parts/page-header.tsx';
import { Panel } from '../../parts/panel.tsx';
import { Empty, Loaded } from '../../parts/states.tsx';
import { useMay } from '../../shell/session.tsx';
import { AccountDialog } from './account-dialog.tsx';
import { OrderDialog } from './order-dialog.tsx';
import { useAcmeAccounts, useAcmeCertificates } from './queries.ts';

type Doing =
  | { act: 'order' | 'account' }
  | { act: 'renewal'; certificate: AcmeCertificate }
  | { act: 'modify' | 'delete'; account: AcmeAccount };

const WORDS =
  'An authority that speaks ACME, such as Let’s Encrypt, issues certificates without anybody’s doing and renews them in time.';

/** Accounts at authorities that issue by themselves, and the certificates they issue. */
export function AcmePage() {
  const accounts = useAcmeAccounts();
  const certificates = useAcmeCertificates();
  const may = useMay('administrator');
  const [doing, setDoing] = useState<Doing>();
  const renew = useMutate('renewAcmeCertificate', { done: 'Order begun' });
  const close = () => setDoing(undefined);
  const known = accounts.data ?? [];
  const all = certificates.data ?? [];
  const names = new Map(known.map(one => [one.id, one.name]));
  const addAccount = may && (
    <Button
      variant={known.length > 0 ? 'default' : 'filled'}
      leftSection={<IconPlus size={14} />}
      onClick={() => setDoing({ act: 'account' })}
    >
      Add Account
    </Button>
  );
  const orderOne = may && known.length > 0 && (
    <Button leftSection={<IconPlus size={14} />} onClick={() => setDoing({ act: 'order' })}>
      Order Certificate
    </Button>
  );
  const acts: Column<AcmeCertificate> = {
    key: 'acts',
    title: 'Operation',
    width: '90px',
    align: 'right',
    render: one => (
      <Group gap={4} wrap="nowrap" justify="flex-end" className="acts">
        <ActionIcon
          {...icon}
          aria-label={`Renew ${one.name} now`}
          title="Renew now"
          disabled={one.step !== '' || renew.busy}
          onClick={() => void renew.run({ params: { id: one.id } })}
        >
          <IconRefresh size={14} />
        </ActionIcon>
        <ActionIcon
          {...icon}
          aria-label={`Modify ${one.name}`}
          onClick={() => setDoing({ act: 'renewal', certificate: one })}
        >
          <IconPencil size={14} />
        </ActionIcon>
      </Group>
    ),
  };
  const accountActs: Column<AcmeAccount> = {
    key: 'acts',
    title: 'Operation',
    width: '90px',
    align: 'right',
    render: account => {
      const used = all.some(one => one.account === account.id);
      return (
        <Group gap={4} wrap="nowrap" justify="flex-end" className="acts">
          <ActionIcon
            {...icon}
            aria-label={`Modify ${account.name}`}
            onClick={() => setDoing({ act: 'modify', account })}
          >
            <IconPencil size={14} />
          </ActionIcon>
          <ActionIcon
            {...icon}
            aria-label={`Delete ${account.name}`}
            disabled={used}
            title={used ? 'In use: take it off its certificates first' : undefined}
            onClick={() => setDoing({ act: 'delete', account })}
          >
            <IconTrash size={14} />
          </ActionIcon>
        </Group>
      );
    },
  };

  return (
    <>
      <PageHeader title="ACME Certificates" sentence={WORDS} actions={orderOne} />
      <Loaded query={certificates} what="The certificates could not be loaded" still="They are renewed all the same.">
        {() => (
          <DataTable
            label="ACME certificates"
            rows={all}
            columns={[...columns(names), ...(may ? [acts] : [])]}
            idOf={one => one.id}
            detail={one =>
              one.error !== '' &&
              one.step === '' && (
                <span data-tone="bad" className="toned">
                  ▲ {one.error}
                </span>
              )
            }
            empty={
              <Empty title="No certificate is issued by ACME yet" action={orderOne || addAccount}>
                {known.length > 0
                  ? 'An HTTP service on port 80 must be there: the authority asks it for the proof of each name.'
                  : 'First add an account at an authority.'}
              </Empty>
            }
          />
        )}
      </Loaded>
      <Panel title="Accounts" aside={addAccount}>
        <Loaded query={accounts} what="The accounts could not be loaded">
          {() => (
            <DataTable
              label="ACME accounts"
              rows={known}
              columns={[...accountColumns, ...(may ? [accountActs] : [])]}
              idOf={one => one.id}
              {...(may && { onOpen: (account: AcmeAccount) => setDoing({ act: 'modify', account }) })}
              empty={<Empty title="No account yet">It is registered when it is used first.</Empty>}
            />
          )}
        </Loaded>
      </Panel>
      {doing?.act === 'order' && <OrderDialog accounts={known} onClose={close} />}
      {doing?.act === 'renewal' && <OrderDialog accounts={known} certificate={doing.certificate} onClose={close} />}
      {doing?.act === 'account' && <AccountDialog all={known} onClose={close} />}
      {doing?.act === 'modify' && <AccountDialog all={known} account={doing.account} onClose={close} />}
      {doing?.act === 'delete' && <Delete account={doing.account} onClose={close} />}
    </>
  );
}

const icon = { size: 'sm', variant: 'subtle', color: 'gray' } as const;

const columns = (accounts: ReadonlyMap<number, string>): Column<AcmeCertificate>[] => [
  {
    key: 'name',
    title: 'Identifier',
    sort: one => one.name,
    render: one => <strong className="row-name">{one.name}</strong>,
  },
  {
    key: 'names',
    title: 'Host Names',
    render: one => (
      <span title={one.names.join('\n')}>
        {one.names[0]}
        {one.names.length > 1 && <span className="quiet"> +{one.names.length - 1}</span>}
      </span>
    ),
  },
  { key: 'account', title: 'Account', render: one => accounts.get(one.account) ?? '' },
  { key: 'state', title: 'State', sort: one => one.state, render: one => <State of={one} /> },
  {
    key: 'ends',
    title: 'Ends',
    width: '110px',
    sort: one => one.notAfter ?? 0,
    render: one => (one.notAfter ? dateOf(one.notAfter) : <span className="quiet">–</span>),
  },
];

function State({ of: { state, step, nextTry } }: { of: AcmeCertificate }) {
  if (step !== '') return <span aria-live="polite">{step}</span>;
  const next = nextTry && <span className="quiet"> · next {dateTimeOf(nextTry)}</span>;
  if (state === 'failed')
    return (
      <span>
        <span data-tone="bad" className="toned">
          ✕ failed
        </span>
        {next}
      </span>
    );
  if (state === 'waiting') return <span className="quiet">waits for its first order</span>;
  return (
    <span>
      <span data-tone="good" className="toned">
        ● issued
      </span>
      {next}
    </span>
  );
}

const accountColumns: Column<AcmeAccount>[] = [
  {
    key: 'name',
    title: 'Name',
    sort: one => one.name,
    render: one => <strong className="row-name">{one.name}</strong>,
  },
  { key: 'directory', title: 'Directory', render: one => <span title={one.directory}>{one.directory}</span> },
  { key: 'email', title: 'Email', render: one => one.email || <span className="quiet">–</span> },
  {
    key: 'state',
    title: 'State',
    render: one => {
      if (one.url) return <span title={one.url}>registered</span>;
      return <span className="quiet">{one.termsAgreed ? 'not used yet' : 'terms not agreed to'}</span>;
    },
  },
];

function Delete({ account, onClose }: { account: AcmeAccount; onClose: () => void }) {
  const { run } = useMutate('deleteAcmeAccount', { done: `Deleted ${account.name}` });
  return (
    <ConfirmDialog
      opened
      onClose={onClose}
      title={`Delete “${account.name}”?`}
      act={`Delete ${account.name}`}
      danger
      run={() => run({ params: { id: account.id } })}
    >
      <p>No certificate uses it. The authority keeps the account.</p>
    </ConfirmDialog>
  );
}
