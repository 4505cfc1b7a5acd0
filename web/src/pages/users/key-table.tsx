import { Button } from '@mantine/core';
import { useMemo, useState } from 'react';
import type { ApiKey } from '../../../../server/schema/account.ts';
import { useMutate } from '../../api/mutate.tsx';
import { ConfirmDialog } from '../../parts/confirm-dialog.tsx';
import { type Column, DataTable } from '../../parts/data-table.tsx';
import { dateOf, exactly } from '../../parts/format.ts';
import { Moment, Since } from '../../parts/since.tsx';
import { Empty, Loaded } from '../../parts/states.tsx';
import { KeyDialog } from './key-dialog.tsx';
import { useKeys, useRefreshAccounts } from './queries.ts';

/** All API keys, without the keys themselves. */
export function KeyTable() {
  const keys = useKeys();
  const refresh = useRefreshAccounts();
  const [making, setMaking] = useState(false);
  const [deleting, setDeleting] = useState<ApiKey>();
  const remove = useMutate('deleteKey', { done: `Deleted the key “${deleting?.name}”` });

  const columns = useMemo<Column<ApiKey>[]>(
    () => [
      { key: 'name', title: 'Name', sort: k => k.name, render: k => <strong>{k.name}</strong> },
      { key: 'user', title: 'Acts for', width: '120px', sort: k => k.user, render: k => k.user },
      { key: 'role', title: 'Role', width: '110px', sort: k => k.role, render: k => k.role },
      { key: 'created', title: 'Made', width: '140px', sort: k => k.created, render: k => <Moment time={k.created} /> },
      {
        key: 'used',
        title: 'Last used',
        width: '110px',
        sort: k => k.lastUsed ?? 0,
        render: k =>
          k.lastUsed ? (
            <>
              <Since time={k.lastUsed} /> ago
            </>
          ) : (
            <span className="quiet">never</span>
          ),
      },
      {
        key: 'ends',
        title: 'Ends',
        width: '100px',
        sort: k => k.expires ?? Number.MAX_SAFE_INTEGER,
        render: k =>
          k.expires === null ? (
            <span className="quiet">never</span>
          ) : k.expires <= Date.now() ? (
            <span className="quiet">has ended</span>
          ) : (
            <time dateTime={new Date(k.expires).toISOString()} title={exactly(k.expires)} className="figure">
              {dateOf(k.expires)}
            </time>
          ),
      },
      {
        key: 'acts',
        title: 'Operation',
        width: '96px',
        align: 'right',
        render: k => (
          <Button
            size="compact-xs"
            variant="subtle"
            color="red"
            onClick={() => setDeleting(k)}
            aria-label={`Delete the key ${k.name}`}
          >
            Delete
          </Button>
        ),
      },
    ],
    [],
  );

  const add = <Button onClick={() => setMaking(true)}>Make API key</Button>;
  return (
    <section className="accounts">
      <header>
        <h2>API keys</h2>
        {keys.data && keys.data.length > 0 && add}
      </header>
      <Loaded query={keys} what="The API keys could not be loaded">
        {rows => (
          <DataTable
            label="API keys"
            rows={rows}
            columns={columns}
            idOf={k => k.id}
            empty={
              <Empty title="No API keys" action={add}>
                A key lets a program call the API in the name of a user, with that user’s role or a lesser one.
              </Empty>
            }
          />
        )}
      </Loaded>
      <KeyDialog opened={making} onClose={() => setMaking(false)} />
      <ConfirmDialog
        opened={deleting !== undefined}
        onClose={() => setDeleting(undefined)}
        title={`Delete the key “${deleting?.name}”?`}
        act={`Delete ${deleting?.name}`}
        danger
        run={async () => {
          const reply = deleting && (await remove.run({ params: { id: deleting.id } }));
          if (reply !== undefined) await refresh();
          return reply;
        }}
      >
        <p>Programs that use it are refused from now on.</p>
      </ConfirmDialog>
    </section>
  );
}
