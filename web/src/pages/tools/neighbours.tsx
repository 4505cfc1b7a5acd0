import { useQuery } from '@tanstack/react-query';
import type { Neighbour } from '../../../../server/schema/tools.ts';
import { call } from '../../api/call.ts';
import { type Column, DataTable } from '../../parts/data-table.tsx';
import { Empty, Loaded } from '../../parts/states.tsx';

/** Machines beside this one: who answers to which address. */
export function Neighbours() {
  const list = useQuery({
    queryKey: ['neighbours'],
    queryFn: ({ signal }) => call('listNeighbours', { signal }),
    refetchInterval: 5_000,
  });
  return (
    <Loaded query={list} what="The neighbours could not be read">
      {rows => (
        <DataTable
          label="Neighbours"
          rows={rows}
          columns={columns}
          idOf={one => `${one.address} ${one.link}`}
          textOf={one => Object.values(one).join(' ')}
          placeholder="Filter by address or MAC…"
          empty={
            <Empty title="Nobody is known yet">Machines appear here when packets went to them or came from them.</Empty>
          }
        />
      )}
    </Loaded>
  );
}

const columns: Column<Neighbour>[] = [
  {
    key: 'address',
    title: 'Address',
    sort: one => one.address,
    render: one => <span className="figure">{one.address}</span>,
  },
  { key: 'link', title: 'Interface', width: '120px', sort: one => one.link, render: one => one.link },
  {
    key: 'mac',
    title: 'MAC Address',
    width: '170px',
    sort: one => one.mac,
    render: one => <span className="figure">{one.mac || 'no answer'}</span>,
  },
  { key: 'state', title: 'State', width: '120px', sort: one => one.state, render: one => one.state },
];
