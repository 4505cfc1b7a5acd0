import { Button, Checkbox, Group } from '@mantine/core';
import { useMemo, useRef, useState } from 'react';
import { Link } from 'react-router';
import type { RealServer } from '../../../../server/schema/real-server.ts';
import { endpoint, titleOf } from '../../../../server/schema/rules.ts';
import { useServers, useServices, useStatus } from '../../api/queries.ts';
import { type Column, DataTable } from '../../parts/data-table.tsx';
import { count, plural } from '../../parts/format.ts';
import { PageHeader } from '../../parts/page-header.tsx';
import { badness, StateMark, wordOf } from '../../parts/state-badge.tsx';
import { Empty, Loaded } from '../../parts/states.tsx';
import { useMay } from '../../shell/session.tsx';
import { useNarrow } from '../virtual-services/use-narrow.ts';
import { EverywhereDialog } from './everywhere-dialog.tsx';
import { Acts, Connections, HostState, Members, Rate } from './host-cells.tsx';
import { type Host, hostsOf, stateOf } from './hosts.ts';
import '../virtual-services/virtual-services.css';
import './real-servers.css';

interface Doing {
  hosts: Host[];
  act: RealServer['state'];
}

/** All Real Servers, one row a machine, acting on every service that uses it. */
export function ListPage() {
  const servers = useServers();
  const services = useServices();
  const live = useStatus();
  const latest = useRef(live);
  latest.current = live;
  const operator = useMay('operator');
  const narrow = useNarrow();
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set());
  const [doing, setDoing] = useState<Doing>();

  const hosts = useMemo(() => hostsOf(servers.data ?? [], services.data ?? []), [servers.data, services.data]);
  const chosen = hosts.filter(host => ticked.has(host.address));
  const tally = Map.groupBy(hosts, host => stateOf(host, live));
  const states = [...tally.keys()].sort((a, b) => badness[a] - badness[b]);

  const columns = useMemo<Column<Host>[]>(
    () => [
      ...(operator ? [tickColumn(ticked, setTicked)] : []),
      {
        key: 'state',
        title: 'State',
        width: '108px',
        sort: host => badness[stateOf(host, latest.current)],
        render: host => <HostState host={host} />,
      },
      {
        key: 'address',
        title: 'Address',
        width: narrow ? '112px' : '170px',
        sort: host => host.address,
        render: host => <strong className="figure row-name">{host.address}</strong>,
      },
      { key: 'services', title: 'In Service', render: host => <Members host={host} /> },
      {
        key: 'connections',
        title: 'Connections',
        width: narrow ? '92px' : '100px',
        align: 'right',
        render: host => <Connections host={host} />,
      },
      { key: 'rate', title: 'Load', width: '90px', align: 'right', render: host => <Rate host={host} /> },
      ...(operator
        ? [
            {
              key: 'acts',
              title: narrow ? 'Everywhere' : 'In Every Service',
              width: narrow ? '142px' : '206px',
              render: (host: Host) => <Acts host={host} onAct={act => setDoing({ hosts: [host], act })} />,
            },
          ]
        : []),
    ],
    [operator, ticked, narrow],
  );

  return (
    <>
      <PageHeader
        title="Real Servers"
        sentence={
          hosts.length > 0 && (
            <span className="tally figure">
              {plural(hosts.length, 'address', 'addresses')} in {plural(services.data?.length ?? 0, 'service')}
              {states.map(state => (
                <span key={state}>
                  <StateMark state={state} /> {count(tally.get(state)?.length ?? 0)} {wordOf(state)}
                </span>
              ))}
            </span>
          )
        }
      />
      <Loaded
        query={servers}
        what="The Real Servers could not be loaded"
        still="Traffic does not pass through the console and goes on."
      >
        {() => (
          <DataTable
            label="Real Servers"
            rows={hosts}
            columns={columns}
            idOf={host => host.address}
            textOf={host =>
              [
                host.address,
                ...host.members.flatMap(({ rs, vs }) => [titleOf(vs), endpoint(rs.address, rs.port)]),
              ].join(' ')
            }
            placeholder="Filter by address or service…"
            tools={
              operator && (
                <Group gap={6} ml="auto" wrap="nowrap">
                  {chosen.length > 0 && (
                    <span className="quiet">{plural(chosen.length, 'address', 'addresses')} ticked</span>
                  )}
                  {(['enabled', 'drain', 'disabled'] as const).map(act => (
                    <Button
                      key={act}
                      size="compact-xs"
                      variant="default"
                      disabled={chosen.length === 0}
                      title={chosen.length === 0 ? 'Tick addresses first' : undefined}
                      onClick={() => setDoing({ hosts: chosen, act })}
                    >
                      {{ enabled: 'Enable', drain: 'Drain', disabled: 'Disable' }[act]}
                    </Button>
                  ))}
                </Group>
              )
            }
            empty={
              <Empty
                title="No Real Server yet"
                action={
                  <Button component={Link} to="/virtual-services" variant="default">
                    Go to Virtual Services
                  </Button>
                }
              >
                Real Servers do the work behind a Virtual Service and are added there. Here they are seen by address,
                over all services.
              </Empty>
            }
          />
        )}
      </Loaded>
      {doing && (
        <EverywhereDialog
          hosts={doing.hosts}
          act={doing.act}
          servers={servers.data ?? []}
          onClose={() => setDoing(undefined)}
          onDone={() => setTicked(new Set())}
        />
      )}
    </>
  );
}

function tickColumn(ticked: ReadonlySet<string>, onTick: (ticked: ReadonlySet<string>) => void): Column<Host> {
  return {
    key: 'tick',
    title: 'Tick',
    width: '46px',
    render: ({ address }) => (
      <Checkbox
        size="xs"
        aria-label={`Tick ${address}`}
        checked={ticked.has(address)}
        onChange={event => {
          const next = new Set(ticked);
          if (event.currentTarget.checked) next.add(address);
          else next.delete(address);
          onTick(next);
        }}
      />
    ),
  };
}
