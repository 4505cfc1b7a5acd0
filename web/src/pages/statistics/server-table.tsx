import { Button, Select } from '@mantine/core';
import { type ReactNode, useMemo, useRef } from 'react';
import { Link } from 'react-router';
import type { RealServer } from '../../../../server/schema/real-server.ts';
import { endpoint, titleOf } from '../../../../server/schema/rules.ts';
import type { VirtualService } from '../../../../server/schema/virtual-service.ts';
import { useStatus } from '../../api/queries.ts';
import { type Column, DataTable } from '../../parts/data-table.tsx';
import { count } from '../../parts/format.ts';
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
  servers: readonly RealServer[];
  counted: CountedName;
  tools: ReactNode;
  /** Only those of this service; 0 for all. */
  service: number;
  onService: (id: number) => void;
}

const keyOf = ({ id }: RealServer): ObjectKey => `server:${id}`;
const nameOf = (rs: RealServer) => endpoint(rs.address, rs.port);

/** Traffic of every server; of those of one service how they share it. */
export function ServerTable({ services, servers, counted, tools, service, onService }: Props) {
  const live = useStatus();
  const latest = useRef(live);
  latest.current = live;
  const narrow = useNarrow();
  const titles = useMemo(() => new Map(services.map(vs => [vs.id, titleOf(vs)])), [services]);
  const rows = useMemo(
    () => (service === 0 ? servers : servers.filter(rs => rs.virtualService === service)),
    [servers, service],
  );
  const of = useMemo(() => rows.map(keyOf), [rows]);
  const hour = useHour(of, counted);
  const serviceOf = useMemo(
    () => (rs: RealServer) => titles.get(rs.virtualService) ?? `number ${rs.virtualService}`,
    [titles],
  );

  const columns = useMemo<Column<RealServer>[]>(() => {
    const amounts = new Amounts(hour.data, counted);
    const wholes = new Map<number, number>();
    for (const rs of rows)
      wholes.set(rs.virtualService, (wholes.get(rs.virtualService) ?? 0) + (amounts.of(keyOf(rs), SHARE_OVER) ?? 0));
    const table = { keyOf, nameOf, live: () => latest.current, counted, amounts, narrow, tight: service === 0 };
    const name: Column<RealServer> = {
      key: 'address',
      title: 'Server',
      sort: nameOf,
      render: rs => (
        <Link className="figure" to={`/virtual-services/${rs.virtualService}#server-${rs.id}`}>
          {nameOf(rs)}
        </Link>
      ),
    };
    // Weights and the service's name each say something only where the other does not.
    const beside: Column<RealServer> =
      service === 0
        ? {
            key: 'service',
            title: 'In Service',
            width: '150px',
            sort: serviceOf,
            render: rs => <span title={serviceOf(rs)}>{serviceOf(rs)}</span>,
          }
        : {
            key: 'weight',
            title: 'Weight',
            width: '70px',
            align: 'right',
            sort: rs => rs.weight,
            render: rs => <span className="figure">{count(rs.weight)}</span>,
          };
    const share = shareColumn(table, rs => ({ amount: wholes.get(rs.virtualService) ?? 0, of: serviceOf(rs) }));
    return [
      stateColumn(table),
      name,
      beside,
      ...trafficColumns(table),
      ...(narrow && service === 0 ? [] : [share]),
      graphColumn(keyOf, nameOf),
    ];
  }, [rows, hour.data, counted, narrow, service, serviceOf]);

  const choice = (
    <Select
      w={190}
      aria-label="Service"
      placeholder="All services"
      data={services.map(vs => ({ value: String(vs.id), label: titleOf(vs) }))}
      value={service === 0 ? null : String(service)}
      onChange={value => onService(Number(value ?? 0))}
      searchable
      clearable
      limit={200}
      clearButtonProps={{ 'aria-label': 'Show all services' }}
    />
  );
  return (
    <DataTable
      label="Real Servers"
      rows={rows}
      columns={columns}
      idOf={rs => rs.id}
      textOf={rs => `${nameOf(rs)} ${serviceOf(rs)}`}
      placeholder="Filter by address or service…"
      tools={
        <>
          {choice}
          {tools}
        </>
      }
      empty={
        service === 0 ? (
          <Empty title="No Real Server yet">
            Here stands what goes to every Real Server: now, in the last hour, and in total.
          </Empty>
        ) : (
          <Empty
            title={`“${titles.get(service) ?? `number ${service}`}” has no Real Server`}
            action={
              <Button variant="default" onClick={() => onService(0)}>
                Show all services
              </Button>
            }
          />
        )
      }
    />
  );
}
