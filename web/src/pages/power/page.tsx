import { Button, Group, TextInput } from '@mantine/core';
import { IconPower, IconRefresh, IconRotateClockwise, IconTrash } from '@tabler/icons-react';
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
  restart: {
    title: 'Restart the management?',
    act: 'Restart Services',
    Icon: IconRefresh,
    words: 'API and data plane start again, and HAProxy gets a fresh process. Takes some seconds; traffic goes on.',
    begun: 'The management starts again. This page comes back by itself.',
  },
  reset: {
    title: 'Reset everything?',
    act: 'Factory Reset',
    Icon: IconTrash,
    words:
      'Everything goes: services, certificates with their keys, users, history, addresses. Afterwards the first set-up begins. Only a backup made before brings anything back.',
    begun: 'Everything is reset. What comes next is the first set-up, at the machine itself.',
  },
} as const;

/** What must be typed before everything is lost. */
const WORD = 'RESET';

/** Reboots or shuts down an appliance, and says beforehand who will notice. */
export function PowerPage() {
  const may = useMay('administrator');
  const [asking, setAsking] = useState<PowerRequest['act']>();
  const [begun, setBegun] = useState('');
  const [word, setWord] = useState('');
  const open =
    useStatus(live => [...live.services.values()].reduce((sum, service) => sum + service.connections, 0)) ?? 0;
  const chosen = asking && ACTS[asking];
  return (
    <>
      <PageHeader
        title="Reboot/Shutdown"
        sentence="Each says first what will happen. A reboot or a restart keeps all that is stored; a factory reset loses it."
      />
      {!may && <p className="quiet role-note">Only administrators do this.</p>}
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
        onClose={() => {
          setAsking(undefined);
          setWord('');
        }}
        title={chosen?.title ?? ''}
        act={chosen?.act ?? ''}
        danger
        run={async () => {
          if (!asking) return undefined;
          if (asking === 'reset' && word !== WORD) throw new Error(`Type ${WORD} first.`);
          const reply = await call('power', { body: { act: asking } });
          setBegun(ACTS[asking].begun);
          return reply;
        }}
      >
        <p>
          {chosen?.words}{' '}
          {asking !== 'restart' && (open === 1 ? '1 open connection ends.' : `${count(open)} open connections end.`)}
        </p>
        {asking === 'reset' && (
          <TextInput
            label={`Type ${WORD} to go on`}
            value={word}
            onChange={event => setWord(event.currentTarget.value)}
            autoComplete="off"
            w={240}
          />
        )}
      </ConfirmDialog>
    </>
  );
}
