import { Button, Group } from '@mantine/core';
import { IconPower, IconRotateClockwise } from '@tabler/icons-react';
import { useState } from 'react';
import type { PowerRequest } from '../../../../server/schema/power.ts';
import { call } from '../../api/call.ts';
import { useStatus } from '../../api/queries.ts';
import { ConfirmDialog } from '../../parts/confirm-dialog.tsx';
import { count } from '../../parts/format.ts';
import { PageHeader } from '../../parts/page-header.tsx';
import { useMay } from '../../shell/session.tsx';

const ACTS = {
  reboot: {
    title: 'Reboot this appliance?',
    act: 'Reboot',
    Icon: IconRotateClockwise,
    words: 'No service answers until it is up again, mostly within a minute. This page comes back by itself.',
    begun: 'The appliance reboots. This page comes back by itself.',
  },
  shutdown: {
    title: 'Shut this appliance down?',
    act: 'Shut Down',
    Icon: IconPower,
    words: 'No service answers until somebody switches it on again, which cannot be done from here.',
    begun: 'The appliance shuts down. Nothing answers here until somebody switches it on again.',
  },
} as const;

/** Reboots or shuts down an appliance, and says beforehand who will notice. */
export function PowerPage() {
  const may = useMay('administrator');
  const [asking, setAsking] = useState<PowerRequest['act']>();
  const [begun, setBegun] = useState('');
  const open =
    useStatus(live => [...live.services.values()].reduce((sum, service) => sum + service.connections, 0)) ?? 0;
  const chosen = asking && ACTS[asking];
  return (
    <>
      <PageHeader
        title="Reboot/Shutdown"
        sentence="What is stored stays. Connections end, and those who are asked for a service get no answer meanwhile."
      />
      {!may && <p className="quiet role-note">Only administrators reboot or shut down.</p>}
      <Group gap="sm">
        {(Object.keys(ACTS) as PowerRequest['act'][]).map(act => {
          const { Icon, act: label } = ACTS[act];
          return (
            <Button
              key={act}
              variant="default"
              leftSection={<Icon size={16} />}
              disabled={!may || begun !== ''}
              onClick={() => setAsking(act)}
            >
              {label}…
            </Button>
          );
        })}
      </Group>
      <p role="status">{begun}</p>
      <ConfirmDialog
        opened={chosen !== undefined}
        onClose={() => setAsking(undefined)}
        title={chosen?.title ?? ''}
        act={chosen?.act ?? ''}
        danger
        run={async () => {
          if (!asking) return undefined;
          const reply = await call('power', { body: { act: asking } });
          setBegun(ACTS[asking].begun);
          return reply;
        }}
      >
        <p>
          {chosen?.words} {open === 1 ? '1 open connection ends.' : `${count(open)} open connections end.`}
        </p>
      </ConfirmDialog>
    </>
  );
}
