import { Button } from '@mantine/core';
import { useMemo, useState } from 'react';
import { permissionWords, type User } from '../../../../server/schema/account.ts';
import { useMutate } from '../../api/mutate.tsx';
import { ConfirmDialog } from '../../parts/confirm-dialog.tsx';
import { type Column, DataTable } from '../../parts/data-table.tsx';
import { Since } from '../../parts/since.tsx';
import { Loaded } from '../../parts/states.tsx';
import { useRefreshAccounts, useUsers } from './queries.ts';
import { UserDialog } from './user-dialog.tsx';

/** All users; a row opens the user. */
export function UserTable() {
  const users = useUsers();
  const refresh = useRefreshAccounts();
  const [editing, setEditing] = useState<User | 'new'>();
  const [deleting, setDeleting] = useState<User>();
  const remove = useMutate('deleteUser', { done: `Deleted the user ${deleting?.name}` });

  const columns = useMemo<Column<User>[]>(
    () => [
      { key: 'name', title: 'User name', sort: u => u.name, render: u => <strong>{u.name}</strong> },
      { key: 'role', title: 'Role', width: '130px', sort: u => u.role, render: roleOf },
      { key: 'state', title: 'May log in', width: '200px', sort: u => Number(u.enabled), render: stateOf },
      {
        key: 'last',
        title: 'Last log-in',
        width: '120px',
        sort: u => u.lastLogin ?? 0,
        render: u => (u.lastLogin ? <Ago time={u.lastLogin} /> : <span className="quiet">never</span>),
      },
      {
        key: 'acts',
        title: 'Operation',
        width: '140px',
        align: 'right',
        render: u => (
          <>
            <Button size="compact-xs" variant="subtle" onClick={() => setEditing(u)} aria-label={`Modify ${u.name}`}>
              Modify
            </Button>
            <Button
              size="compact-xs"
              variant="subtle"
              color="red"
              onClick={() => setDeleting(u)}
              aria-label={`Delete ${u.name}`}
            >
              Delete
            </Button>
          </>
        ),
      },
    ],
    [],
  );

  return (
    <section className="accounts">
      <header>
        <h2>Users</h2>
        <Button onClick={() => setEditing('new')}>Add user</Button>
      </header>
      <Loaded query={users} what="The users could not be loaded">
        {rows => <DataTable label="users" rows={rows} columns={columns} idOf={u => u.name} onOpen={setEditing} />}
      </Loaded>
      <UserDialog user={editing} onClose={() => setEditing(undefined)} />
      <ConfirmDialog
        opened={deleting !== undefined}
        onClose={() => setDeleting(undefined)}
        title={`Delete the user ${deleting?.name}?`}
        act={`Delete ${deleting?.name}`}
        danger
        run={async () => {
          const reply = deleting && (await remove.run({ params: { name: deleting.name } }));
          if (reply !== undefined) await refresh();
          return reply;
        }}
      >
        <p>The user is logged out everywhere, and the user’s API keys stop working at once.</p>
      </ConfirmDialog>
    </section>
  );
}

/** With a mark that a program may do more. */
const roleOf = ({ role, permissions }: User) =>
  permissions.length === 0 ? (
    role
  ) : (
    <span title={`LoadMaster API: ${permissions.map(word => permissionWords[word]).join(', ')}`}>
      {role} <span className="quiet">+ {permissions.join(', ')}</span>
    </span>
  );

const stateOf = (user: User) =>
  !user.enabled ? (
    <span data-tone="off" className="state">
      ○ no
    </span>
  ) : user.mustChangePassword ? (
    'yes, new password first'
  ) : (
    'yes'
  );

function Ago({ time }: { time: number }) {
  return (
    <>
      <Since time={time} /> ago
    </>
  );
}
