import { Button, Select } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useMemo, useRef, useState } from 'react';
import { Link, useLocation, useNavigate } from 'react-router';
import { kinds } from '../../../../server/schema/config.ts';
import { metaOf } from '../../../../server/schema/fields.ts';
import type { ServiceState } from '../../../../server/schema/status.ts';
import { useCertificates, useServers, useServices, useStatus } from '../../api/queries.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { count, plural } from '../../parts/format.ts';
import { PageHeader } from '../../parts/page-header.tsx';
import { badness, StateMark, wordOf } from '../../parts/state-badge.tsx';
import { Empty, Loaded } from '../../parts/states.tsx';
import { useMay } from '../../shell/session.tsx';
import { columnsOf, type Row, textOf, troubleOf } from './list-columns.tsx';
import { useNarrow } from './use-narrow.ts';
import './virtual-services.css';

const STATES: ServiceState[] = ['up', 'degraded', 'down', 'sorry', 'redirect', 'unchecked', 'disabled', 'pending'];

/** All Virtual Services: state, place, servers, load. */
export function ListPage() {
  const services = useServices();
  const servers = useServers();
  const certificates = useCertificates();
  const live = useStatus();
  const latest = useRef(live);
  latest.current = live;
  const navigate = useNavigate();
  const { hash } = useLocation();
  const may = useMay('administrator');
  const [state, setState] = useState<string | null>(null);

  const stateOf = (id: number): ServiceState => live?.services.get(id)?.state ?? 'pending';
  const tops = (services.data ?? []).filter(vs => vs.parent === 0);
  const tally = Map.groupBy(tops, vs => stateOf(vs.id));

  // Only configuration makes new rows: figures that change must not sort the table anew.
  const rows = useMemo<Row[]>(() => {
    const members = Map.groupBy(servers.data ?? [], rs => rs.virtualService);
    const names = new Map(certificates.data?.map(c => [c.id, c.name]));
    const subs = Map.groupBy(services.data ?? [], vs => vs.parent);
    return (subs.get(0) ?? []).map(vs => ({
      vs,
      subs: subs.get(vs.id) ?? [],
      servers: [vs, ...(subs.get(vs.id) ?? [])].flatMap(one => members.get(one.id) ?? []),
      certificates: vs.certificates.map(id => names.get(id) ?? `number ${id}`),
    }));
  }, [services.data, servers.data, certificates.data]);
  const narrow = useNarrow();
  const columns = useMemo(
    () => columnsOf(row => badness[latest.current?.services.get(row.vs.id)?.state ?? 'pending'], narrow),
    [narrow],
  );
  const shown = state ? rows.filter(row => stateOf(row.vs.id) === state) : rows;

  const setting = settingOf(hash);
  const add = may && (
    <Button component={Link} to="/virtual-services/new" leftSection={<IconPlus size={14} />}>
      Add New
    </Button>
  );

  return (
    <>
      <PageHeader
        title="Virtual Services"
        sentence={setting ? `Choose the service whose “${setting}” you want to see.` : <Sentence tally={tally} />}
        actions={rows.length > 0 && add}
      />
      <Loaded
        query={services}
        what="The Virtual Services could not be loaded"
        still="Traffic does not pass through the console and goes on."
      >
        {() => (
          <DataTable
            label="Virtual Services"
            rows={shown}
            columns={columns}
            idOf={row => row.vs.id}
            onOpen={row => navigate(`/virtual-services/${row.vs.id}${hash}`)}
            textOf={textOf}
            placeholder="Filter by name, address, certificate…"
            detail={row => troubleOf(row, live)}
            tools={
              <Select
                size="xs"
                w={150}
                ml="auto"
                aria-label="State"
                placeholder="Any state"
                clearable
                value={state}
                onChange={setState}
                data={STATES.filter(each => tally.has(each) || each === state).map(each => ({
                  value: each,
                  label: `${wordOf(each)} (${count(tally.get(each)?.length ?? 0)})`,
                }))}
              />
            }
            empty={
              rows.length === 0 && (
                <Empty title="No Virtual Service yet" action={add}>
                  A Virtual Service is an address and a port that clients connect to. Ballast spreads them over its Real
                  Servers.
                </Empty>
              )
            }
          />
        )}
      </Loaded>
    </>
  );
}

/** "14 services · 13 up · 1 down", worst first. */
function Sentence({ tally }: { tally: Map<ServiceState, unknown[]> }) {
  const all = [...tally.values()].reduce((sum, each) => sum + each.length, 0);
  if (all === 0) return null;
  const states = [...tally.keys()].sort((a, b) => badness[a] - badness[b]);
  return (
    <span className="tally figure">
      {plural(all, 'service')}
      {states.map(state => (
        <span key={state}>
          <StateMark state={state} /> {count(tally.get(state)?.length ?? 0)} {wordOf(state)}
        </span>
      ))}
    </span>
  );
}

/** The label of the setting that a link from the search names. */
function settingOf(hash: string): string | undefined {
  const entry = (kinds.virtualService.schema.properties as Record<string, object>)[hash.slice(1)];
  return entry && metaOf(entry).label;
}
