import { useMemo } from 'react';
import type { LinkTraffic } from '../../../../server/schema/status.ts';
import { useStatus } from '../../api/queries.ts';
import { type Column, DataTable } from '../../parts/data-table.tsx';
import { bits, bytes } from '../../parts/format.ts';
import { Empty, Skeletons } from '../../parts/states.tsx';
import { amountOver } from './amounts.ts';
import { useSeries } from './queries.ts';
import { graphColumn } from './traffic-columns.tsx';

type Direction = 'in' | 'out';
const HOUR = 3_600;

/** Traffic over every network interface of the machine. */
export function LinkTable() {
  const names = useStatus(live => live.links.map(link => link.name).join(','));
  const of = useMemo(() => (names ? names.split(',').map(name => `interface:${name}`) : []), [names]);
  const hour = useSeries({ of, seconds: HOUR, points: 60, every: 10_000 });
  const rows = useMemo(() => of.map(key => key.slice('interface:'.length)), [of]);

  const columns = useMemo<Column<string>[]>(() => {
    const now = (direction: Direction): Column<string> => ({
      key: `${direction}-now`,
      title: direction === 'in' ? 'In Now' : 'Out Now',
      width: '100px',
      align: 'right',
      render: name => <Figure name={name} print={link => bits(direction === 'in' ? link.inRate : link.outRate)} />,
    });
    const last = (direction: Direction): Column<string> => ({
      key: `${direction}-hour`,
      title: direction === 'in' ? 'In, 1 h' : 'Out, 1 h',
      width: '88px',
      align: 'right',
      render: name => {
        const one = hour.data?.objects.find(object => object.of === `interface:${name}`);
        const values = one?.values[direction === 'in' ? 'inRate' : 'outRate'];
        return (
          <span className="figure">
            {hour.data && one && values ? bytes(amountOver(one, values, HOUR, hour.data.now)) : '–'}
          </span>
        );
      },
    });
    const total = (direction: Direction): Column<string> => ({
      key: `${direction}-total`,
      title: direction === 'in' ? 'Total In' : 'Total Out',
      width: '92px',
      align: 'right',
      render: name => <Figure name={name} print={link => bytes(direction === 'in' ? link.totalIn : link.totalOut)} />,
    });
    return [
      { key: 'name', title: 'Interface', sort: name => name, render: name => <strong>{name}</strong> },
      ...[now, last, total].flatMap(column => [column('in'), column('out')]),
      graphColumn(
        name => `interface:${name}`,
        name => name,
      ),
    ];
  }, [hour.data]);

  if (names === undefined) return <Skeletons rows={3} />;
  return (
    <DataTable
      label="Interfaces"
      rows={rows}
      columns={columns}
      idOf={name => name}
      empty={<Empty title="No interface">The machine tells of no interface but loopback.</Empty>}
    />
  );
}

function Figure({ name, print }: { name: string; print: (link: LinkTraffic) => string }) {
  const link = useStatus(live => live.links.find(one => one.name === name));
  return <span className="figure">{link ? print(link) : '–'}</span>;
}
