import { Button } from '@mantine/core';
import { type ReactNode, useMemo, useRef } from 'react';
import { Link } from 'react-router';
import { endpoint, titleOf } from '../../../../server/schema/rules.ts';
import type { VirtualService } from '../../../../server/schema/virtual-service.ts';
import { useStatus } from '../../api/queries.ts';
import { type Column, DataTable } from '../../parts/data-table.tsx';
import { Empty } from '../../parts/states.tsx';
import { useNarrow } from '../virtual-services/use-narrow.ts';
import { Amounts, useHour } from './amounts-of.ts';
import type { CountedName } from './counted.ts';
import {
  graphColumn,
  type ObjectKey,
  SHARE_OVER,
  shareColumn,
  stateColumn,
  trafficColumns,
} from './traffic-columns.tsx';

interface Props {
  services: readonly VirtualService[];
  counted: CountedName;
  tools: ReactNode;
  /** To the servers of one. */
  onOpen: (id: number) => void;
}

const keyOf = ({ id }: VirtualService): ObjectKey => `service:${id}`;

/** Traffic of every service, with its share of all; SubVSs below their parents. */
export function ServiceTable({ services, counted, tools, onOpen }: Props) {
  const live = useStatus();
  const latest = useRef(live);
  latest.current = live;
  const narrow = useNarrow();
  const rows = useMemo(() => {
    const subs = Map.groupBy(services, vs => vs.parent);
    return (subs.get(0) ?? []).flatMap(vs => [vs, ...(subs.get(vs.id) ?? [])]);
  }, [services]);
  const of = useMemo(() => rows.map(keyOf), [rows]);
  const hour = useHour(of, counted);

  const columns = useMemo<Column<VirtualService>[]>(() => {
    const amounts = new Amounts(hour.data, counted);
    // What a SubVS does is in its parent's figures.
    const all = rows
      .filter(vs => vs.parent === 0)
      .reduce((sum, vs) => sum + (amounts.of(keyOf(vs), SHARE_OVER) ?? 0), 0);
    const table = { keyOf, nameOf: titleOf, live: () => latest.current, counted, amounts, narrow };
    return [
      stateColumn(table),
      {
        key: 'name',
        title: 'Service',
        sort: titleOf,
        render: vs => (
          <span className={vs.parent > 0 ? 'statistics-name statistics-sub' : 'statistics-name'}>
            <Link to={`/virtual-services/${vs.id}`}>{titleOf(vs)}</Link>{' '}
            {vs.name !== '' && vs.parent === 0 && !narrow && (
              <span className="quiet figure">{endpoint(vs.address, vs.port)}</span>
            )}
          </span>
        ),
      },
      ...trafficColumns(table),
      shareColumn(table, () => ({ amount: all, of: 'all services' })),
      graphColumn(keyOf, titleOf),
    ];
  }, [rows, hour.data, counted, narrow]);

  return (
    <DataTable
      label="Virtual Services"
      rows={rows}
      columns={columns}
      idOf={vs => vs.id}
      textOf={vs => `${titleOf(vs)} ${endpoint(vs.address, vs.port)}`}
      placeholder="Filter by name or address…"
      tools={tools}
      onOpen={vs => onOpen(vs.id)}
      empty={
        <Empty
          title="No Virtual Service yet"
          action={
            <Button component={Link} to="/virtual-services" variant="default">
              Go to Virtual Services
            </Button>
          }
        >
          Here stands what goes through every Virtual Service: now, in the last hour, and in total.
        </Empty>
      }
    />
  );
}
