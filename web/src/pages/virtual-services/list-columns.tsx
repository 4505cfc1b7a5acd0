import type { ReactNode } from 'react';
import type { RealServer } from '../../../../server/schema/real-server.ts';
import { endpoint, titleOf } from '../../../../server/schema/rules.ts';
import type { VirtualService } from '../../../../server/schema/virtual-service.ts';
import type { Live } from '../../api/live.ts';
import { useServiceStatus } from '../../api/queries.ts';
import { recentOf } from '../../api/recent.ts';
import type { Column } from '../../parts/data-table.tsx';
import { plural, rate } from '../../parts/format.ts';
import { Since } from '../../parts/since.tsx';
import { Sparkline } from '../../parts/sparkline.tsx';
import { StateBadge } from '../../parts/state-badge.tsx';
import { listed } from './consequences.ts';
import { spoken } from './layer.ts';
import { ServiceMenu } from './service-menu.tsx';

export interface Row {
  vs: VirtualService;
  subs: VirtualService[];
  /** Its own, or those of its SubVSs. */
  servers: RealServer[];
  /** Names, in order. */
  certificates: string[];
}

/** Sixty bad servers are one line, not sixty. */
const MOST_LINES = 3;

/** `narrow`: what says least goes, so that the table needs no sideways scrolling. */
export const columnsOf = (badness: (row: Row) => number, narrow: boolean): Column<Row>[] => [
  { key: 'state', title: 'State', width: '108px', sort: badness, render: row => <State id={row.vs.id} /> },
  {
    key: 'name',
    title: 'Name',
    sort: row => titleOf(row.vs),
    render: row => (
      <>
        <strong className="row-name">{titleOf(row.vs)}</strong>
        {row.subs.length > 0 && <span className="quiet"> {plural(row.subs.length, 'SubVS', 'SubVSs')}</span>}
      </>
    ),
  },
  {
    key: 'address',
    title: 'Virtual Address',
    width: narrow ? '144px' : '190px',
    sort: row => `${row.vs.address.includes(':') ? 6 : 4} ${endpoint(row.vs.address, row.vs.port)}`,
    render: row => <span className="figure">{endpoint(row.vs.address, row.vs.port)}</span>,
  },
  ...(narrow ? [] : [layer]),
  {
    key: 'certificate',
    title: 'Certificate',
    sort: row => row.certificates[0] ?? '',
    render: row => <Certificates row={row} />,
  },
  { key: 'servers', title: 'Servers', width: '74px', align: 'right', render: row => <Servers row={row} /> },
  {
    key: 'load',
    title: 'Load',
    width: narrow ? '78px' : '172px',
    render: row => <Load id={row.vs.id} narrow={narrow} />,
  },
  {
    key: 'acts',
    title: narrow ? 'Menu' : 'Operation',
    width: narrow ? '60px' : '84px',
    align: 'right',
    render: row => <ServiceMenu vs={row.vs} />,
  },
];

const layer: Column<Row> = {
  key: 'layer',
  title: 'Layer',
  width: '90px',
  sort: row => spoken(row.vs),
  render: row => `${row.vs.layer === 'l4' ? 'L4' : 'L7'} ${spoken(row.vs)}`,
};

/** Everything the filter looks through. */
export const textOf = ({ vs, subs, servers, certificates }: Row): string =>
  [
    vs.name,
    ...subs.map(sub => sub.name),
    endpoint(vs.address, vs.port),
    spoken(vs),
    ...certificates,
    ...servers.map(rs => endpoint(rs.address, rs.port)),
  ].join(' ');

/** The line under a service that is not all right: which servers are down, since when, why. */
export function troubleOf({ vs, servers }: Row, live: Live | undefined): ReactNode {
  const status = live?.services.get(vs.id);
  if (!live || !status || !vs.enabled) return null;
  const down = servers.flatMap(rs => {
    const of = live.servers.get(rs.id);
    return of?.state === 'down' ? [{ rs, of }] : [];
  });
  if (down.length === 0) return ['down', 'redirect', 'sorry'].includes(status.state) && status.reason;
  const more = down.slice(MOST_LINES).map(({ rs }) => endpoint(rs.address, rs.port));
  return (
    <div className="why-lines">
      {down.slice(0, MOST_LINES).map(({ rs, of }) => (
        <div key={rs.id}>
          <StateBadge state="down" bare /> <span className="figure">{endpoint(rs.address, rs.port)}</span> for{' '}
          <Since time={of.since} />
          {of.reason && `: ${of.reason}`}
        </div>
      ))}
      {more.length > 0 && <div>and {listed(more)}</div>}
    </div>
  );
}

function State({ id }: { id: number }) {
  return <StateBadge state={useServiceStatus(id)?.state ?? 'pending'} />;
}

function Certificates({ row: { vs, certificates } }: { row: Row }) {
  if (certificates.length > 0 && vs.tls)
    return (
      <span title={certificates.join('\n')}>
        {certificates[0]}
        {certificates.length > 1 && <span className="quiet"> +{certificates.length - 1}</span>}
      </span>
    );
  if (vs.tls) return <span data-tone="bad">none</span>;
  // A LoadMaster's words for TLS that passes through.
  return <span className="quiet">{vs.port === 443 ? 'On Real Server' : '–'}</span>;
}

function Servers({ row: { vs, servers } }: { row: Row }) {
  const status = useServiceStatus(vs.id);
  if (servers.length === 0) return <span className="quiet">none</span>;
  return (
    <span className="figure">
      {status?.serversUp ?? '–'}/{servers.length}
    </span>
  );
}

function Load({ id, narrow }: { id: number; narrow: boolean }) {
  const status = useServiceStatus(id);
  if (!status || status.state === 'disabled') return null;
  return (
    <span className="load">
      {!narrow && <Sparkline values={recentOf('service', id)} />}
      <span className="figure">{rate(status.requestRate || status.connectionRate)}</span>
    </span>
  );
}
