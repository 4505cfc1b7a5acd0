import { Button, Group, Modal, TextInput } from '@mantine/core';
import { useState } from 'react';
import { Link } from 'react-router';
import type { CertificateView } from '../../../../server/schema/endpoints.ts';
import { titleOf } from '../../../../server/schema/rules.ts';
import { useMutate } from '../../api/mutate.tsx';
import { useServices } from '../../api/queries.ts';
import { ConfirmDialog } from '../../parts/confirm-dialog.tsx';
import { labelOf } from '../../parts/value.ts';
import { MakeDialog } from './make-dialog.tsx';

interface Props {
  certificate: CertificateView;
  onClose: () => void;
}

export function RenameDialog({ certificate: c, all, onClose }: Props & { all: CertificateView[] }) {
  const [name, setName] = useState(c.name);
  const rename = useMutate('renameCertificate', { done: `Renamed ${c.name} to ${name}`, quiet: true });
  const taken =
    all.some(each => each.id !== c.id && each.name === name) && `There is already a certificate named “${name}”.`;
  const save = async () => {
    if (await rename.run({ params: { id: c.id }, body: { name } })) onClose();
  };
  return (
    <MakeDialog
      title={`Rename “${c.name}”`}
      onClose={onClose}
      act="Rename"
      onAct={save}
      busy={rename.busy}
      disabled={!name.trim() || name === c.name || Boolean(taken)}
    >
      <TextInput
        label={labelOf('certificate', 'name')}
        value={name}
        maxLength={64}
        error={taken || rename.problem?.message}
        onChange={event => setName(event.currentTarget.value)}
        data-autofocus
      />
    </MakeDialog>
  );
}

/** Refused while somebody uses it, and says who. */
export function DeleteDialog({ certificate: c, onClose, onDeleted }: Props & { onDeleted: () => void }) {
  const { data: services = [] } = useServices();
  const remove = useMutate('deleteCertificate', { done: `Deleted ${c.name}` });
  const users = services.filter(vs => c.usedBy.includes(vs.id));

  if (users.length > 0)
    return (
      <Modal
        opened
        onClose={onClose}
        title={`“${c.name}” is in use and cannot be deleted`}
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        <p>Take it off these services first, or replace it instead:</p>
        <ul className="users">
          {users.map(vs => (
            <li key={vs.id}>
              <Link to={`/virtual-services/${vs.id}#certificates`}>{titleOf(vs)}</Link>
            </li>
          ))}
        </ul>
        <Group justify="flex-end" mt="md">
          <Button variant="default" onClick={onClose} data-autofocus>
            Close
          </Button>
        </Group>
      </Modal>
    );
  return (
    <ConfirmDialog
      opened
      onClose={onClose}
      title={`Delete “${c.name}”?`}
      act={`Delete ${c.name}`}
      danger
      run={async () => {
        const reply = await remove.run({ params: { id: c.id } });
        if (reply) onDeleted();
        return reply;
      }}
    >
      <p>
        No service uses it. Its private key is deleted with it
        {c.chain ? '' : ', and the answer to its request is then worthless'}. History can bring it back.
      </p>
    </ConfirmDialog>
  );
}
