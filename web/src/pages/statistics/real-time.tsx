import { Button, SegmentedControl } from '@mantine/core';
import { useState } from 'react';
import { Link, useSearchParams } from 'react-router';
import type { LinkTraffic, SystemStatus, Traffic } from '../../../../server/schema/status.ts';
import { useMutate } from '../../api/mutate.tsx';
import { useStatus } from '../../api/queries.ts';
import { ConfirmDialog } from '../../parts/confirm-dialog.tsx';
import { type Column, DataTable } from '../../parts/data-table.tsx';
import { bits, bytes, count, percent, rate, short } from '../../parts/format.ts';
import { PageHeader } from '../../parts/page-header.tsx';
import { type AnyState, badness, StateBadge } from '../../parts/state-badge.tsx';
import { Empty, Skeletons } from '../../parts/states.tsx';
import { useMay } from '../../shell/session.tsx';
import { kindsOfObjects, type ObjectKind } from './measures.ts';
import { useObjects } from './use-objects.ts';
import './statistics.css';

interface Row {
  of: string;
  name: string;
  state?: AnyState;
  traffic: Pick<Traffic, 'inRate' | 'outRate' | 'totalIn' | 'totalOut'> & Partial<Traffic>;
}

/** What passes at this moment, and in total, of everything that is measured. */
export function RealTimePage() {
  const [params, setParams] = useSearchParams();
  const kind = (kindsOfObjects.find(each => each.value === params.get('kind'))?.value ?? 'service') as ObjectKind;
  const objects = useObjects(kind);
  const live = useStatus();
  const administrator = useMay('administrator');
  const [asked, setAsked] = useState(false);
  const reset = useMutate('resetStatistics', { done: 'All totals begin at 0, the history is empty' });

  const names = new Map(objects?.map(object => [object.of, object.name]));
  const rows: Row[] = [];
  if (live && kind === 'interface')
    for (const link of live.links)
      rows.push({ of: `interface:${link.name}`, name: link.name, traffic: link satisfies LinkTraffic });
  const found = kind === 'service' ? live?.services : kind === 'server' ? live?.servers : undefined;
  for (const [id, { state, ...traffic }] of found ?? []) {
    const of = `${kind}:${id}`;
    const name = names.get(of);
    if (name) rows.push({ of, name, state, traffic });
  }

  return (
    <>
      <PageHeader
        title="Real Time Statistics"
        sentence="What passes now, each second, and the totals since the statistics began."
        actions={
          administrator && (
            <Button variant="default" onClick={() => setAsked(true)}>
              Reset Statistics
            </Button>
          )
        }
      />
      <div className="history-choice">
        <SegmentedControl
          size="xs"
          aria-label="What is shown"
          data={kindsOfObjects.map(each => ({ ...each }))}
          value={kind}
          onChange={value => setParams({ kind: value }, { replace: true })}
        />
      </div>
      {!live || !objects ? (
        <Skeletons />
      ) : kind === 'system' ? (
        <System system={live.system} />
      ) : (
        <DataTable
          label={kindsOfObjects.find(each => each.value === kind)?.label ?? ''}
          rows={rows}
          columns={kind === 'interface' ? interfaceColumns : columns}
          idOf={row => row.of}
          textOf={row => row.name}
          placeholder="Filter by name…"
          empty={<Empty title="There are none yet">Figures appear with the first one.</Empty>}
        />
      )}
      <ConfirmDialog
        opened={asked}
        onClose={() => setAsked(false)}
        title="Reset all statistics?"
        act="Reset Statistics"
        danger
        run={() => reset.run({})}
      >
        <p>
          Totals of every service, server and of the appliance begin at 0, and the history of a year is forgotten.
          Traffic is not touched. This cannot be undone.
        </p>
      </ConfirmDialog>
    </>
  );
}

const figure = (key: keyof Row['traffic'], title: string, unit: (value: number) => string): Column<Row> => ({
  key,
  title,
  align: 'right',
  width: '86px',
  sort: row => row.traffic[key] ?? 0,
  render: row => <span className="figure">{unit(row.traffic[key] ?? 0)}</span>,
});

const name: Column<Row> = {
  key: 'name',
  title: 'Name',
  sort: row => row.name,
  render: row => (
    <Link to={`/statistics/history?kind=${row.of.split(':')[0]}&of=${row.of}`} title="Its history">
      {row.name}
    </Link>
  ),
};

const interfaceColumns: Column<Row>[] = [
  name,
  figure('inRate', 'In', bits),
  figure('outRate', 'Out', bits),
  figure('totalIn', 'Total In', bytes),
  figure('totalOut', 'Total Out', bytes),
];

const columns: Column<Row>[] = [
  name,
  {
    key: 'state',
    title: 'State',
    width: '98px',
    sort: row => badness[row.state ?? 'pending'],
    render: row => <StateBadge state={row.state ?? 'pending'} />,
  },
  figure('connections', 'Open', short),
  figure('connectionRate', 'New', rate),
  figure('requestRate', 'Requests', rate),
  figure('outRate', 'Out', bits),
  figure('inRate', 'In', bits),
  figure('totalConnections', 'Total Conns', count),
  figure('totalOut', 'Total Out', bytes),
];

function System({ system }: { system: SystemStatus }) {
  const rows: [string, string][] = [
    ['CPU', percent(system.cpu)],
    ['Memory', `${bytes(system.memoryUsed)} of ${bytes(system.memoryTotal)}`],
    ['Network in', bits(system.networkIn)],
    ['Network out', bits(system.networkOut)],
    ['TLS handshakes', rate(system.tlsRate)],
    ['Open connections', count(system.connections)],
    ['New connections', rate(system.connectionRate)],
    ['Requests', rate(system.requestRate)],
    ['To clients', bits(system.outRate)],
    ['From clients', bits(system.inRate)],
    ['Connections in total', count(system.totalConnections)],
    ['Requests in total', count(system.totalRequests)],
    ['Bytes to clients in total', bytes(system.totalOut)],
    ['Bytes from clients in total', bytes(system.totalIn)],
  ];
  return (
    <dl className="totals">
      {rows.map(([label, value]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd className="figure">{value}</dd>
        </div>
      ))}
    </dl>
  );
}
