import { useMemo } from 'react';
import type { SystemStatus } from '../../../../server/schema/status.ts';
import { useStatus } from '../../api/queries.ts';
import { type Column, DataTable } from '../../parts/data-table.tsx';
import { bytes, count } from '../../parts/format.ts';
import { Skeletons } from '../../parts/states.tsx';
import { levelOver } from './amounts.ts';
import { type Measure, measuresFor } from './measures.ts';
import { type Measured, useSeries } from './queries.ts';

/** As on a LoadMaster first the machine, then what goes through it. */
const ROWS = measuresFor('system');
const SYSTEM = ['system'];
const HOUR = 3_600;

/** The appliance as a whole: now, lately, and the peak of the last hour. */
export function SystemTable() {
  const known = useStatus(live => live.system !== undefined);
  const hour = useSeries({ of: SYSTEM, seconds: HOUR, points: 60, every: 10_000 });
  const columns = useMemo<Column<Measure>[]>(() => {
    const level = (seconds: number, pick: 'average' | 'highest', title: string): Column<Measure> => ({
      key: `${pick}-${seconds}`,
      title,
      width: '118px',
      align: 'right',
      render: row => <span className="figure">{levelText(hour.data, row, seconds, pick)}</span>,
    });
    return [
      { key: 'what', title: 'What', render: ({ title }) => <strong>{title}</strong> },
      { key: 'now', title: 'Now', width: '118px', align: 'right', render: row => <Now of={row} /> },
      level(300, 'average', 'Average, 5 min'),
      level(HOUR, 'average', 'Average, 1 h'),
      level(HOUR, 'highest', 'Highest, 1 h'),
      { key: 'total', title: 'Total', width: '118px', align: 'right', render: row => <Total of={row} /> },
    ];
  }, [hour.data]);
  if (!known) return <Skeletons rows={ROWS.length} />;
  return <DataTable label="System" rows={ROWS} columns={columns} idOf={row => row.name} />;
}

function levelText(
  measured: Measured | undefined,
  { name, unit }: Measure,
  seconds: number,
  pick: 'average' | 'highest',
): string {
  const one = measured?.objects[0];
  const values = one?.values[name];
  const level = measured && one && values && levelOver(one, values, seconds, measured.now);
  return level ? unit(level[pick]) : '–';
}

function Now({ of: { name, unit } }: { of: Measure }) {
  const value = useStatus(live => live.system[name]);
  return <span className="figure">{value === undefined ? '–' : unit(value)}</span>;
}

/** What the rates add up to, or how much there is. */
const TOTALS: Partial<Record<Measure['name'], (system: SystemStatus) => string>> = {
  memoryUsed: system => bytes(system.memoryTotal),
  connectionRate: system => count(system.totalConnections),
  requestRate: system => count(system.totalRequests),
  inRate: system => bytes(system.totalIn),
  outRate: system => bytes(system.totalOut),
};

function Total({ of: { name } }: { of: Measure }) {
  const text = useStatus(live => TOTALS[name]?.(live.system) ?? '');
  return <span className="figure">{text}</span>;
}
