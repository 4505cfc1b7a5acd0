import { Button, Group, Modal, NumberInput, Stack, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useNavigate } from 'react-router';
import { titleOf } from '../../../../server/schema/rules.ts';
import type { VirtualService } from '../../../../server/schema/virtual-service.ts';
import { call } from '../../api/call.ts';
import { useMutate } from '../../api/mutate.tsx';
import { useServers, useServiceStatus, useServices } from '../../api/queries.ts';
import { ConfirmDialog } from '../../parts/confirm-dialog.tsx';
import { plural } from '../../parts/format.ts';
import { ErrorPanel } from '../../parts/states.tsx';
import { labelOf } from '../../parts/value.ts';
import { serviceLeavingWords } from './consequences.ts';

interface Props {
  vs: VirtualService;
  opened: boolean;
  onClose: () => void;
}

/** Activates or deactivates a service at once. */
export function useSwitch(vs: VirtualService) {
  const mutation = useMutate('enableVirtualService', {
    done: reply => {
      const now = (reply.object as VirtualService | undefined)?.enabled ?? !vs.enabled;
      return `${now ? 'Enabled' : 'Disabled'} ${titleOf(vs)}`;
    },
  });
  return (enabled: boolean) => mutation.run({ params: { id: vs.id }, body: { enabled } });
}

/** Disabling is asked for: it turns clients away. */
export function SwitchDialog({ vs, opened, onClose }: Props) {
  const turn = useSwitch(vs);
  const open = useServiceStatus(vs.id)?.connections ?? 0;
  const title = titleOf(vs);
  return (
    <ConfirmDialog
      opened={opened}
      onClose={onClose}
      title={`Disable “${title}”?`}
      act={`Disable ${title}`}
      preview={() => call('enableVirtualService', { params: { id: vs.id }, body: { enabled: false }, dryRun: true })}
      run={() => turn(false)}
    >
      <p>{serviceLeavingWords(vs, open)}</p>
    </ConfirmDialog>
  );
}

/** Deletes a service with its servers, after saying how many clients that meets. */
export function DeleteDialog({ vs, opened, onClose, onDeleted }: Props & { onDeleted?: () => void }) {
  const title = titleOf(vs);
  const remove = useMutate('deleteVirtualService', { done: `Deleted ${title}` });
  const open = useServiceStatus(vs.id)?.connections ?? 0;
  const subs = useServices().data?.filter(sub => sub.parent === vs.id) ?? [];
  const all = useServers().data ?? [];
  const servers = all.filter(
    rs => rs.virtualService === vs.id || subs.some(sub => sub.id === rs.virtualService),
  ).length;
  return (
    <ConfirmDialog
      opened={opened}
      onClose={onClose}
      title={`Delete “${title}”?`}
      act={`Delete ${title}`}
      danger
      preview={() => call('deleteVirtualService', { params: { id: vs.id }, dryRun: true })}
      run={async () => {
        const reply = await remove.run({ params: { id: vs.id } });
        if (reply) onDeleted?.();
        return reply;
      }}
    >
      <p>
        {serviceLeavingWords(vs, open)}{' '}
        {subs.length > 0 &&
          `Its ${plural(subs.length, 'SubVS', 'SubVSs')} ${subs.length === 1 ? 'goes' : 'go'} with it. `}
        {servers > 0 && `Its ${plural(servers, 'Real Server')} ${servers === 1 ? 'goes' : 'go'} with it. `}
        History can bring it back.
      </p>
    </ConfirmDialog>
  );
}

/** A copy needs a place of its own: it is asked for first. */
export function DuplicateDialog({ vs, opened, onClose }: Props) {
  const navigate = useNavigate();
  const copy = useMutate('duplicateVirtualService', { done: `Duplicated ${titleOf(vs)}`, quiet: true });
  const [address, setAddress] = useState(vs.address);
  const [port, setPort] = useState<number | string>(vs.parent > 0 ? vs.port : '');
  const [name, setName] = useState(vs.name && `${vs.name} copy`);
  const faultAt = (at: string) => (copy.problem?.at === at ? copy.problem.message : undefined);
  const placed = ['/address', '/port', '/name'].includes(copy.problem?.at ?? '');

  const make = async (event: FormEvent) => {
    event.preventDefault();
    const reply = await copy.run({ params: { id: vs.id }, body: { address, port: Number(port), name } });
    if (!reply) return;
    onClose();
    if (reply.object) navigate(`/virtual-services/${reply.object.id}`);
  };

  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={`Duplicate “${titleOf(vs)}”`}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <form onSubmit={make}>
        <Stack gap="sm">
          <p className="quiet">
            {vs.parent > 0
              ? 'All settings and Real Servers are copied; the copy belongs to the same service.'
              : 'All settings, SubVSs and Real Servers are copied. The copy needs its own address or port.'}
          </p>
          <TextInput
            display={vs.parent > 0 ? 'none' : undefined}
            label={labelOf('virtualService', 'address')}
            value={address}
            error={faultAt('/address')}
            onChange={event => setAddress(event.currentTarget.value)}
          />
          <NumberInput
            display={vs.parent > 0 ? 'none' : undefined}
            label={labelOf('virtualService', 'port')}
            value={port}
            placeholder={String(vs.port)}
            hideControls
            allowDecimal={false}
            allowNegative={false}
            error={faultAt('/port')}
            onChange={setPort}
            data-autofocus
          />
          <TextInput
            label={labelOf('virtualService', 'name')}
            value={name}
            error={faultAt('/name')}
            onChange={event => setName(event.currentTarget.value)}
          />
          {copy.problem && !placed && <ErrorPanel what="No copy was made" error={copy.problem} />}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={copy.busy} disabled={!address || !port}>
              Duplicate
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
