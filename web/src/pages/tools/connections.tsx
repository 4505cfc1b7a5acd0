import { ActionIcon, Select } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { endpoint, titleOf } from '../../../../server/schema/rules.ts';
import type { Connection, ConnectionList } from '../../../../server/schema/tools.ts';
import { call } from '../../api/call.ts';
import { useMutate } from '../../api/mutate.tsx';
import { useServers, useServices } from '../../api/queries.ts';
import { type Column, DataTable } from '../../parts/data-table.tsx';
import { count, duration } from '../../parts/format.ts';
import { Empty, Loaded } from '../../parts/states.tsx';
import { useMay } from '../../shell/session.tsx';

const LOOK_EVERY = 3_000;

/** Who is connected to which service and server now; any of them can be ended. */
export function Connections() {
  const services = useServices().data ?? [];
  const servers = new Map(useServers().data?.map(rs => [rs.id, endpoint(rs.address, rs.port)]));
  const titles = new Map(services.map(vs => [vs.id, titleOf(vs)]));
  const operator = useMay('operator');
  const [service, setService] = useState<string | null>(null);
  const list = useQuery<ConnectionList>({
    queryKey: ['connections', service],
    queryFn: ({ signal }) =>
      call('listConnections', { query: service === null ? {} : { virtualService: Number(service) }, signal }),
    refetchInterval: LOOK_EVERY,
  });
  const drop = useMutate('dropConnection', {
    done: reply => (reply.dropped ? 'The connection was ended' : 'It had ended already'),
  });
  const columns: Column<Connection>[] = [
    {
      key: 'client',
      title: 'Client',
      sort: one => one.client,
      render: one => <span className="figure">{one.client}</span>,
    },
    {
      key: 'service',
      title: 'Virtual Service',
      sort: one => titles.get(one.virtualService) ?? '',
      render: one => titles.get(one.virtualService) ?? `service ${one.virtualService}`,
    },
    {
      key: 'server',
      title: 'Real Server',
      sort: one => servers.get(one.realServer) ?? '',
      render: one => servers.get(one.realServer) ?? <span className="quiet">not chosen yet</span>,
    },
    {
      key: 'layer',
      title: 'Layer',
      width: '82px',
      sort: one => one.layer,
      render: one => `${one.layer.toUpperCase()} ${one.protocol}`,
    },
    {
      key: 'age',
      title: 'Lasts',
      width: '92px',
      align: 'right',
      sort: one => one.age ?? -1,
      render: one =>
        one.age === null ? <span className="quiet">{one.state.toLowerCase()}</span> : duration(one.age * 1_000),
    },
    ...(operator
      ? [
          {
            key: 'acts',
            title: 'End',
            width: '54px',
            align: 'right' as const,
            render: (one: Connection) => (
              <ActionIcon
                size="sm"
                variant="subtle"
                color="red"
                aria-label={`End the connection of ${one.client}`}
                onClick={async () => {
                  await drop.run({ body: { key: one.key } });
                  await list.refetch();
                }}
              >
                <IconX size={14} />
              </ActionIcon>
            ),
          },
        ]
      : []),
  ];
  return (
    <Loaded query={list} what="The connections could not be read" still="They go on.">
      {data => (
        <DataTable
          label="Connections"
          rows={data.connections}
          columns={columns}
          idOf={one => one.key}
          textOf={one => [one.client, titles.get(one.virtualService), servers.get(one.realServer)].join(' ')}
          placeholder="Filter by client, service or server…"
          tools={
            <>
              <Select
                size="xs"
                aria-label="Of which service"
                placeholder="Of every service"
                clearable
                searchable
                data={services.map(vs => ({ value: String(vs.id), label: titleOf(vs) }))}
                value={service}
                onChange={setService}
              />
              <span className="quiet figure">
                {data.total > data.connections.length
                  ? `the oldest ${count(data.connections.length)} of ${count(data.total)}`
                  : `${count(data.total)} open`}
              </span>
            </>
          }
          empty={
            service === null ? (
              <Empty title="Nobody is connected">Open connections appear here within seconds.</Empty>
            ) : undefined
          }
        />
      )}
    </Loaded>
  );
}
