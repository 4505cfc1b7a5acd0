import { Button, Group, Modal, Select, Stack, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { type Role, roleSchema, roles } from '../../../../server/schema/account.ts';
import { useMutate } from '../../api/mutate.tsx';
import { Copy } from '../../parts/copy.tsx';
import { ErrorPanel } from '../../parts/states.tsx';
import { wordsOf } from '../../parts/value.ts';
import { useSession } from '../../shell/session.tsx';
import { useRefreshAccounts, useUsers } from './queries.ts';

const DAY = 86_400_000;

/** Makes an API key and shows it this once. */
export function KeyDialog({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const [made, setMade] = useState<string>();
  const close = () => {
    setMade(undefined);
    onClose();
  };
  return (
    <Modal
      opened={opened}
      onClose={close}
      // A click beside the dialog must not lose a key that is shown only once.
      closeOnClickOutside={!made}
      title={made ? 'Your new API key' : 'Make an API key'}
    >
      {made ? <Shown value={made} onClose={close} /> : <Form onMade={setMade} onClose={close} />}
    </Modal>
  );
}

function Shown({ value, onClose }: { value: string; onClose: () => void }) {
  return (
    <Stack gap="sm">
      <p>Copy it now: it is stored only as a hash and cannot be shown again.</p>
      <div className="new-key">
        <code>{value}</code>
        <Copy value={value} what="the key" />
      </div>
      <p className="quiet">
        Send it as <code>Authorization: Bearer …</code>
      </p>
      <Group justify="flex-end">
        <Button onClick={onClose}>I have copied it</Button>
      </Group>
    </Stack>
  );
}

function Form({ onMade, onClose }: { onMade: (key: string) => void; onClose: () => void }) {
  const session = useSession();
  const users = useUsers();
  const refresh = useRefreshAccounts();
  const create = useMutate('createKey', { quiet: true });
  const [user, setUser] = useState(session.user);
  const [role, setRole] = useState<Role>('read-only');
  const [days, setDays] = useState('90');
  const ceiling = users.data?.find(u => u.name === user)?.role ?? 'administrator';
  const allowed = roles.slice(0, roles.indexOf(ceiling) + 1);

  const make = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const name = String(new FormData(event.currentTarget).get('name')).trim();
    const reply = await create.run({
      body: {
        name,
        user,
        role: allowed.includes(role) ? role : ceiling,
        expires: days === '0' ? null : Date.now() + Number(days) * DAY,
      },
    });
    if (!reply) return;
    await refresh();
    onMade(reply.key);
  };

  return (
    <form onSubmit={make}>
      <Stack gap="sm">
        <TextInput
          name="name"
          label="Name"
          description="What the key is for, such as “monitoring”."
          required
          withAsterisk={false}
          maxLength={64}
          autoComplete="off"
          data-autofocus
        />
        <Select
          label="Acts for"
          data={users.data?.map(u => u.name) ?? [session.user]}
          value={user}
          allowDeselect={false}
          onChange={value => value && setUser(value)}
        />
        <Select
          {...wordsOf(roleSchema)}
          data={[...allowed]}
          value={allowed.includes(role) ? role : ceiling}
          allowDeselect={false}
          onChange={value => value && setRole(value as Role)}
        />
        <Select
          label="Ends after"
          description="A program that goes on needs another key by then."
          data={[
            { value: '30', label: '30 days' },
            { value: '90', label: '90 days' },
            { value: '365', label: 'a year' },
            { value: '0', label: 'never' },
          ]}
          value={days}
          allowDeselect={false}
          onChange={value => value && setDays(value)}
        />
        {create.problem && <ErrorPanel what="No key was made" error={create.problem} />}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={create.busy}>
            Make API key
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
