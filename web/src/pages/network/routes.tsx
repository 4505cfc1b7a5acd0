import { ActionIcon, Button, Group } from '@mantine/core';
import { IconPencil, IconPlus, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { settingsOf } from '../../../../server/schema/config.ts';
import { fill } from '../../../../server/schema/derive.ts';
import type { NetworkRoute } from '../../../../server/schema/network/route.ts';
import type { RouteState } from '../../../../server/schema/network/state.ts';
import { attempting, useWhenLost } from '../../api/attempt.ts';
import { useMutate } from '../../api/mutate.tsx';
import { ConfirmDialog } from '../../parts/confirm-dialog.tsx';
import { type Column, DataTable } from '../../parts/data-table.tsx';
import { Panel } from '../../parts/panel.tsx';
import { StateMark } from '../../parts/state-badge.tsx';
import { Empty } from '../../parts/states.tsx';
import { useMay } from '../../shell/session.tsx';
import { PageFrame } from './page-frame.tsx';
import { RouteForm } from './route-form.tsx';
import { NEW } from './rules.ts';
import { SettingsPanel } from './settings-panel.tsx';

const GATEWAYS = ['gateway4', 'gateway6', 'gateway6Interface'] as const;

interface Doing {
  what: 'form' | 'delete';
  of: NetworkRoute;
}

/** Default gateways, additional routes, and what the kernel has of both. */
export function RoutesPage() {
  const may = useMay('administrator');
  const [doing, setDoing] = useState<Doing>();
  const close = () => setDoing(undefined);
  const add = may && (
    <Button
      leftSection={<IconPlus size={14} />}
      onClick={() => setDoing({ what: 'form', of: fill('route', { id: NEW, destination: '', gateway: '' }) })}
    >
      Add New
    </Button>
  );
  return (
    <PageFrame
      title="Routes"
      sentence="The routers that lead to other networks."
      actions={add}
      foreign="This machine has routes of its own, which stay as they are. A gateway can be set here only where the system has none that comes first."
    >
      {(config, state) => (
        <>
          <SettingsPanel title="Default Gateways" names={GATEWAYS} config={config} />
          <div style={{ height: 12 }} />
          <DataTable
            label="Additional Routes"
            rows={config.routes}
            columns={columnsOf(state?.routes ?? [], may, setDoing)}
            idOf={route => route.id}
            {...(may && { onOpen: (of: NetworkRoute) => setDoing({ what: 'form', of }) })}
            empty={
              <Empty title="No additional route" action={add}>
                One is needed for a network that another router than the default gateway leads to, such as servers two
                hops away.
              </Empty>
            }
          />
          {state && <Kernel routes={state.routes} />}
          {doing?.what === 'form' && <RouteForm config={config} begin={doing.of} onClose={close} />}
          {doing?.what === 'delete' && (
            <DeleteRoute of={doing.of} seconds={settingsOf(config).confirmTime} onClose={close} />
          )}
        </>
      )}
    </PageFrame>
  );
}

function columnsOf(live: readonly RouteState[], may: boolean, onDo: (doing: Doing) => void): Column<NetworkRoute>[] {
  return [
    {
      key: 'to',
      title: 'Destination',
      sort: route => route.destination,
      render: route => <strong className="row-name figure">{route.destination}</strong>,
    },
    { key: 'gateway', title: 'Gateway', render: route => <span className="figure">{route.gateway}</span> },
    {
      key: 'there',
      title: 'In Effect',
      width: '180px',
      render: ({ destination, gateway }) => {
        const found = live.find(one => one.to === destination && one.via === gateway);
        return found ? (
          <span>
            <StateMark state="up" /> over {found.link}
          </span>
        ) : (
          <span>
            <StateMark state="down" /> not there
          </span>
        );
      },
    },
    ...(may
      ? [
          {
            key: 'acts',
            title: 'Operation',
            width: '100px',
            align: 'right' as const,
            render: (of: NetworkRoute) => (
              <Group gap={4} wrap="nowrap" justify="flex-end" className="acts">
                <ActionIcon
                  {...icon}
                  aria-label={`Modify ${of.destination}`}
                  onClick={() => onDo({ what: 'form', of })}
                >
                  <IconPencil size={14} />
                </ActionIcon>
                <ActionIcon
                  {...icon}
                  aria-label={`Delete ${of.destination}`}
                  onClick={() => onDo({ what: 'delete', of })}
                >
                  <IconTrash size={14} />
                </ActionIcon>
              </Group>
            ),
          },
        ]
      : []),
  ];
}

const icon = { size: 'sm', variant: 'subtle', color: 'gray' } as const;

/** How the kernel learned a route, in words. */
const LEARNED: Record<string, string> = {
  static: 'set by hand',
  boot: 'set by hand',
  ra: 'router advertisement',
  dhcp: 'DHCP',
  kernel: 'the kernel',
};

function Kernel({ routes }: { routes: readonly RouteState[] }) {
  return (
    <Panel title="Routes by a gateway that are in effect now">
      {routes.length === 0 ? (
        <p className="quiet network-fields">None: only networks that lie on an interface can be reached.</p>
      ) : (
        <dl className="live-facts">
          {routes.map(({ family, to, via, link, protocol, setBy, answers }) => (
            <div key={`${family} ${to} ${via} ${link}`} style={{ display: 'contents' }}>
              <dt className="figure">{to === 'default' ? `default IPv${family}` : to}</dt>
              <dd>
                <span className="figure">{via}</span> over {link}{' '}
                <span className="quiet">
                  · {setBy === 'ballast' ? 'set here' : (LEARNED[protocol] ?? protocol)}
                  {answers === true && ' · answers'}
                </span>
                {answers === false && (
                  <>
                    {' '}
                    <StateMark state="down" /> does not answer
                  </>
                )}
              </dd>
            </div>
          ))}
        </dl>
      )}
    </Panel>
  );
}

function DeleteRoute({ of, seconds, onClose }: { of: NetworkRoute; seconds: number; onClose: () => void }) {
  useWhenLost(onClose);
  const remove = useMutate('deleteRoute', {
    done: `Deleted the route to ${of.destination}`,
    within: run => attempting({ seconds, addresses: [] }, run),
  });
  return (
    <ConfirmDialog
      opened
      onClose={onClose}
      title={`Delete the route to ${of.destination}?`}
      act="Delete this route"
      danger
      run={() => remove.run({ params: { id: of.id } })}
    >
      <p>Packets to {of.destination} then go to the default gateway, if there is one.</p>
    </ConfirmDialog>
  );
}
