import { SegmentedControl } from '@mantine/core';
import { Link, useNavigate, useSearchParams } from 'react-router';
import type { LoadMasterCommand } from '../../../../server/schema/loadmaster-calls.ts';
import { type Column, DataTable } from '../../parts/data-table.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { Empty, Loaded } from '../../parts/states.tsx';
import { type Difference, differences } from './differences.ts';
import { useCommands } from './queries.ts';

/** Every command of the LoadMaster API, and what is another way than on a LoadMaster. */
export function CommandsPage() {
  const [params, setParams] = useSearchParams();
  const navigate = useNavigate();
  const list = useCommands();
  const view = params.get('view') === 'differences' ? 'differences' : 'commands';
  return (
    <>
      <PageHeader
        title="LoadMaster API"
        sentence={
          <>
            Tools written for a LoadMaster are pointed at this appliance: version 1 at <code>/access</code>, version 2
            at <code>/accessv2</code>. It is switched on and off at{' '}
            <Link to="/network/management">Management Access</Link>; keys are made at{' '}
            <Link to="/users">Users & API Keys</Link>.
          </>
        }
      />
      <SegmentedControl
        size="xs"
        mb="sm"
        aria-label="View"
        data={[
          { value: 'commands', label: 'Commands' },
          { value: 'differences', label: 'What Differs' },
        ]}
        value={view}
        onChange={value => setParams(value === 'commands' ? {} : { view: value }, { replace: true })}
      />
      {view === 'differences' ? (
        <DataTable
          key="differences"
          label="What differs from a LoadMaster"
          rows={differences}
          columns={differenceColumns}
          idOf={one => one.what}
          textOf={one => Object.values(one).join(' ')}
          placeholder="Filter by command or parameter…"
        />
      ) : (
        <Loaded query={list} what="The commands could not be read">
          {rows => (
            <DataTable
              key="commands"
              label="Commands"
              rows={rows}
              columns={columns}
              idOf={one => one.name}
              onOpen={one => navigate(`/loadmaster-api/${one.name}`)}
              textOf={one => `${one.name} ${one.about} ${one.parameters.map(each => each.name).join(' ')}`}
              placeholder="Filter by name, parameter or purpose…"
              empty={<Empty title="There are no commands" />}
            />
          )}
        </Loaded>
      )}
    </>
  );
}

const columns: Column<LoadMasterCommand>[] = [
  {
    key: 'name',
    title: 'Command',
    width: '210px',
    sort: one => one.name,
    render: one => (
      <Link className="figure" to={`/loadmaster-api/${one.name}`}>
        {one.name}
      </Link>
    ),
  },
  { key: 'about', title: 'What It Does', render: one => <span className="api-wraps">{one.about}</span> },
  {
    key: 'parameters',
    title: 'Parameters',
    render: one => (
      <span className="figure api-wraps">
        {one.parameters.map(({ name, needed }) => (needed ? name : `[${name}]`)).join(' ')}
      </span>
    ),
  },
  {
    key: 'role',
    title: 'Who May',
    width: '200px',
    sort: one => one.role,
    render: one => <span className="api-wraps">{[one.role, ...one.permissions].join(', ')}</span>,
  },
];

const differenceColumns: Column<Difference>[] = [
  { key: 'what', title: 'What', width: '230px', render: one => <span className="figure api-wraps">{one.what}</span> },
  { key: 'here', title: 'Here', render: one => <span className="api-wraps">{one.here}</span> },
  { key: 'why', title: 'Why', width: '260px', render: one => <span className="api-wraps">{one.why}</span> },
];
