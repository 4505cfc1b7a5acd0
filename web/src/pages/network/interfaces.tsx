import { ActionIcon, Button, Group } from '@mantine/core';
import { IconPencil, IconPlus, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import type { Config } from '../../../../server/schema/config.ts';
import { settingsOf } from '../../../../server/schema/config.ts';
import { fill } from '../../../../server/schema/derive.ts';
import type { NetworkInterface } from '../../../../server/schema/network/interface.ts';
import type { LinkState, NetworkState } from '../../../../server/schema/network/state.ts';
import { attempting, useWhenLost } from '../../api/attempt.ts';
import { call } from '../../api/call.ts';
import { useMutate } from '../../api/mutate.tsx';
import { ConfirmDialog } from '../../parts/confirm-dialog.tsx';
import { type Column, DataTable } from '../../parts/data-table.tsx';
import { bytes, plural } from '../../parts/format.ts';
import { StateMark } from '../../parts/state-badge.tsx';
import { Empty } from '../../parts/states.tsx';
import { useMay } from '../../shell/session.tsx';
import { InterfaceForm } from './interface-form.tsx';
import { PageFrame } from './page-frame.tsx';
import { NEW } from './rules.ts';

/** An interface of the configuration, of the machine, or mostly of both. */
interface Row {
  name: string;
  configured?: NetworkInterface;
  live?: LinkState;
}

interface Doing {
  what: 'form' | 'delete';
  of: NetworkInterface;
}

export function InterfacesPage() {
  const may = useMay('administrator');
  const [doing, setDoing] = useState<Doing>();
  const close = () => setDoing(undefined);
  const add = may && (
    <Button
      leftSection={<IconPlus size={14} />}
      onClick={() => setDoing({ what: 'form', of: fill('interface', { id: NEW, name: '' }) })}
    >
      Add New
    </Button>
  );
  return (
    <PageFrame
      title="Interfaces"
      sentence="Ports of the machine, VLANs and bonds, with their addresses; links as they are now."
      actions={add}
      foreign="This machine has a network of its own. What you set here is added to it, and taken away again when you remove it; nothing else is touched."
    >
      {(config, state) => (
        <>
          <DataTable
            label="Interfaces"
            rows={rowsOf(config, state)}
            columns={columnsOf(config, may, setDoing)}
            idOf={row => row.name}
            {...(may && { onOpen: (row: Row) => setDoing({ what: 'form', of: formOf(row) }) })}
            empty={
              <Empty title="No interface" action={add}>
                The machine tells of no interface but loopback, and none is configured.
              </Empty>
            }
          />
          {doing?.what === 'form' && <InterfaceForm config={config} begin={doing.of} onClose={close} />}
          {doing?.what === 'delete' && (
            <DeleteInterface of={doing.of} seconds={settingsOf(config).confirmTime} onClose={close} />
          )}
        </>
      )}
    </PageFrame>
  );
}

function rowsOf({ interfaces }: Config, state: NetworkState | undefined): Row[] {
  const links = state?.links ?? [];
  return [
    ...interfaces.map(configured => {
      const live = links.find(link => link.name === configured.name);
      return { name: configured.name, configured, ...(live && { live }) };
    }),
    // Hardware before what is made of something.
    ...links
      .filter(link => link.id === 0)
      .sort((a, b) => Number(a.kind !== '') - Number(b.kind !== ''))
      .map(live => ({ name: live.name, live })),
  ];
}

/** One that is not configured yet begins with what it has. */
const formOf = ({ configured, live, name }: Row): NetworkInterface =>
  configured ??
  fill('interface', {
    id: NEW,
    name,
    addresses: (live?.addresses ?? [])
      .filter(one => one.setBy === 'other' && !one.address.startsWith('fe80:'))
      .map(one => `${one.address}/${one.prefix}`),
  });

function columnsOf(config: Config, may: boolean, onDo: (doing: Doing) => void): Column<Row>[] {
  return [
    {
      key: 'name',
      title: 'Name',
      width: '170px',
      sort: row => row.name,
      render: row => (
        <span>
          <strong className="row-name">{row.name}</strong> <span className="quiet">{whatIs(row, config)}</span>
        </span>
      ),
    },
    { key: 'link', title: 'Link', width: '170px', render: row => <Link live={row.live} /> },
    { key: 'addresses', title: 'Addresses', render: row => <Addresses row={row} /> },
    {
      key: 'mtu',
      title: 'MTU',
      width: '70px',
      align: 'right',
      render: row => <span className="figure">{row.live?.mtu || row.configured?.mtu || '–'}</span>,
    },
    {
      key: 'mac',
      title: 'MAC Address',
      width: '150px',
      render: row => <span className="figure quiet">{row.live?.mac || '–'}</span>,
    },
    {
      key: 'bytes',
      title: 'In / Out',
      width: '150px',
      align: 'right',
      render: row => (
        <span className="figure">{row.live ? `${bytes(row.live.received)} / ${bytes(row.live.sent)}` : '–'}</span>
      ),
    },
    ...(may
      ? [
          {
            key: 'acts',
            title: 'Operation',
            width: '100px',
            align: 'right' as const,
            render: (row: Row) => <Acts row={row} onDo={onDo} />,
          },
        ]
      : []),
  ];
}

function Acts({ row, onDo }: { row: Row; onDo: (doing: Doing) => void }) {
  const { configured } = row;
  return (
    <Group gap={4} wrap="nowrap" justify="flex-end" className="acts">
      <ActionIcon
        {...icon}
        aria-label={configured ? `Modify ${row.name}` : `Configure ${row.name}`}
        title={configured ? undefined : 'Take it into the configuration'}
        onClick={() => onDo({ what: 'form', of: formOf(row) })}
      >
        {configured ? <IconPencil size={14} /> : <IconPlus size={14} />}
      </ActionIcon>
      {configured && (
        <ActionIcon
          {...icon}
          aria-label={`Delete ${row.name}`}
          onClick={() => onDo({ what: 'delete', of: configured })}
        >
          <IconTrash size={14} />
        </ActionIcon>
      )}
    </Group>
  );
}

const icon = { size: 'sm', variant: 'subtle', color: 'gray' } as const;

function whatIs({ configured, live }: Row, { interfaces }: Config): string {
  const nameOf = (id: number) => interfaces.find(one => one.id === id)?.name ?? `number ${id}`;
  if (!configured) return live?.kind || 'not configured';
  if (configured.type === 'vlan') return `VLAN ${configured.vlanId} on ${nameOf(configured.parent)}`;
  if (configured.type === 'bond') return `bond of ${configured.members.map(nameOf).join(', ')}`;
  return '';
}

const LOOKS = {
  up: { state: 'up', words: 'up' },
  'no-carrier': { state: 'down', words: 'no link' },
  down: { state: 'disabled', words: 'switched off' },
  none: { state: 'down', words: 'not there' },
} as const;

function Link({ live }: { live: LinkState | undefined }) {
  if (!live) return <span className="quiet">not known</span>;
  const { state, words } = LOOKS[live.link];
  const speed = live.speed && (live.speed >= 1_000 ? `${live.speed / 1_000} Gbit/s` : `${live.speed} Mbit/s`);
  return (
    <span>
      <StateMark state={state} /> {words}
      {speed && <span className="quiet"> · {speed}</span>}
      {live.duplex === 'half' && <span className="quiet"> half</span>}
    </span>
  );
}

/** Of many service addresses these are named. */
const NAMED = 4;

/** Those configured, whether they are there or not, then what others have set. */
function Addresses({ row: { configured, live } }: { row: Row }) {
  const there = live?.addresses ?? [];
  const own = configured?.addresses ?? [];
  const missing = live ? own.filter(text => !there.some(one => `${one.address}/${one.prefix}` === text)) : [];
  const others = there.filter(one => one.setBy === 'other' && !one.address.startsWith('fe80:'));
  const services = there.filter(one => one.setBy === 'service');
  if (own.length + others.length + services.length === 0) return <span className="quiet">none</span>;
  return (
    <ul className="address-list figure">
      {own.map(text => (
        <li key={text}>
          {text}
          {missing.includes(text) && <span className="quiet"> not there</span>}
        </li>
      ))}
      {others.map(({ address, prefix }) => (
        <li key={address}>
          {address}/{prefix}
          <span className="quiet">not set here</span>
        </li>
      ))}
      {services.length > 0 && (
        <li className="quiet" title={services.map(one => one.address).join('\n')}>
          {services.length > NAMED
            ? plural(services.length, 'service address', 'service addresses')
            : `${services.map(one => one.address).join(', ')} of services`}
        </li>
      )}
    </ul>
  );
}

function DeleteInterface({ of, seconds, onClose }: { of: NetworkInterface; seconds: number; onClose: () => void }) {
  useWhenLost(onClose);
  const remove = useMutate('deleteInterface', {
    done: `Took ${of.name} out of the configuration`,
    within: run => attempting({ seconds, addresses: [] }, run),
  });
  return (
    <ConfirmDialog
      opened
      onClose={onClose}
      title={`Delete “${of.name}”?`}
      act={`Delete ${of.name}`}
      danger
      preview={() => call('deleteInterface', { params: { id: of.id }, dryRun: true })}
      run={() => remove.run({ params: { id: of.id } })}
    >
      <p>The addresses that were set here are taken from it{of.type === 'port' ? '' : ', and the device goes'}.</p>
    </ConfirmDialog>
  );
}
