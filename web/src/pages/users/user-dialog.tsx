import { Button, Group, Modal, MultiSelect, PasswordInput, Select, Stack, Switch, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import {
  permissions as allPermissions,
  minPasswordLength,
  type Permission,
  permissionList,
  permissionWords,
  type Role,
  roleSchema,
  roles,
  type User,
  userName,
} from '../../../../server/schema/account.ts';
import { useMutate } from '../../api/mutate.tsx';
import { ErrorPanel } from '../../parts/states.tsx';
import { wordsOf } from '../../parts/value.ts';
import { useRefreshAccounts } from './queries.ts';

/** Adds a user, or changes role, log-in and password of one. Closed when `user` is undefined. */
export function UserDialog({ user, onClose }: { user: User | 'new' | undefined; onClose: () => void }) {
  const title = user === 'new' ? 'Add a user' : `User ${user?.name ?? ''}`;
  return (
    <Modal opened={user !== undefined} onClose={onClose} title={title}>
      {user && <Form user={user === 'new' ? undefined : user} onClose={onClose} />}
    </Modal>
  );
}

function Form({ user, onClose }: { user: User | undefined; onClose: () => void }) {
  const create = useMutate('createUser', { quiet: true, done: reply => `Added the user ${reply.name}` });
  const patch = useMutate('patchUser', { quiet: true, done: reply => `Changed the user ${reply.name}` });
  const refresh = useRefreshAccounts();
  const [role, setRole] = useState<Role>(user?.role ?? 'read-only');
  const [enabled, setEnabled] = useState(user?.enabled ?? true);
  const [permissions, setPermissions] = useState<Permission[]>(user?.permissions ?? []);
  const problem = create.problem ?? patch.problem;
  const errorAt = (at: string) => (problem?.at === at ? problem.message : undefined);

  const save = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const password = String(form.get('password'));
    const name = String(form.get('name') ?? '').trim();
    const done = user
      ? await patch.run({
          params: { name: user.name },
          body: {
            role,
            enabled,
            permissions: role === 'administrator' ? [] : permissions,
            ...(password && { password }),
          },
        })
      : await create.run({ body: { name, role, password } });
    if (!done) return;
    await refresh();
    onClose();
  };

  return (
    <form onSubmit={save}>
      <Stack gap="sm">
        {!user && (
          <TextInput
            name="name"
            {...wordsOf(userName)}
            required
            withAsterisk={false}
            autoComplete="off"
            data-autofocus
            error={errorAt('/name')}
          />
        )}
        <Select
          {...wordsOf(roleSchema)}
          data={[...roles]}
          value={role}
          allowDeselect={false}
          onChange={value => value && setRole(value as Role)}
          error={errorAt('/role')}
        />
        {user && role !== 'administrator' && (
          <MultiSelect
            {...wordsOf(permissionList)}
            data={allPermissions
              .filter(word => word !== 'real')
              .map(value => ({ value, label: permissionWords[value] }))}
            value={permissions}
            onChange={value => setPermissions(value as Permission[])}
            placeholder={permissions.length === 0 ? 'none' : ''}
            clearable
          />
        )}
        {user && (
          <Switch label="May log in" checked={enabled} onChange={event => setEnabled(event.currentTarget.checked)} />
        )}
        <PasswordInput
          name="password"
          label={user ? 'Reset the password to' : 'First password'}
          description={`${user ? 'Empty: the password stays. ' : ''}At least ${minPasswordLength} characters. The user must set an own one at the next log-in.`}
          required={!user}
          withAsterisk={false}
          minLength={minPasswordLength}
          autoComplete="new-password"
          error={errorAt('/password')}
        />
        {problem && !['/name', '/role', '/password'].includes(problem.at ?? '') && (
          <ErrorPanel what="This was not saved" error={problem} />
        )}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={create.busy || patch.busy}>
            {user ? `Save ${user.name}` : 'Add user'}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
