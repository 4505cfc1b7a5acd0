import { ActionIcon, Button, TextInput, Tooltip } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconSearch, IconTrash } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'react-router';
import { hasTable } from '../../../../server/schema/persistence.ts';
import type { PersistenceEntry, PersistenceTable } from '../../../../server/schema/persistence-table.ts';
import { endpoint, titleOf } from '../../../../server/schema/rules.ts';
import type { VirtualService } from '../../../../server/schema/virtual-service.ts';
import { call } from '../../api/call.ts';
import { useMutate } from '../../api/mutate.tsx';
import { useServers, useServices } from '../../api/queries.ts';
import { ConfirmDialog } from '../../parts/confirm-dialog.tsx';
import { type Column, DataTable } from '../../parts/data-table.tsx';
import { count, plural } from '../../parts/format.ts';
import { Panel } from '../../parts/panel.tsx';
import { Empty, Loaded } from '../../parts/states.tsx';
import { useMay } from '../../shell/session.tsx';

/** Milliseconds between two looks: the whole table is read for each. */
const AGAIN = 5_000;
const SHOWN = 200;

/** Which client goes to which server: the live table of a service that keeps one. */
export function PersistencePanel({ vs }: { vs: VirtualService }) {
  const keeps = hasTable(vs.persistence) && vs.enabled;
  const operator = useMay('operator');
  const [open, setOpen] = useState(false);
  const [flushing, setFlushing] = useState(false);
  const [text, setText] = useState('');
  const [search] = useDebouncedValue(text.trim(), 250);
  const table = useQuery({
    queryKey: ['persistence', vs.id, search],
    queryFn: ({ signal }) =>
      call('listPersistence', { params: { id: vs.id }, query: { limit: SHOWN, ...(search && { search }) }, signal }),
    enabled: open && keeps,
    refetchInterval: AGAIN,
    placeholderData: keepPreviousData,
    gcTime: 0,
  });
  const forget = useMutate('forgetPersistence', { done: 'Forgot the entry' });
  const flush = useMutate('forgetPersistence', { done: 'Forgot all entries' });
  if (!keeps) return null;

  const again = async <T,>(reply: T): Promise<T> => {
    await table.refetch();
    return reply;
  };
  const remove = async ({ table: name, key }: PersistenceEntry) =>
    again(await forget.run({ params: { id: vs.id }, body: { entry: { table: name, key } } }));
  return (
    <Panel
      title="Persistence table"
      aside={
        <Button size="xs" variant="default" aria-expanded={open} onClick={() => setOpen(!open)}>
          {open ? 'Hide' : 'Show'}
        </Button>
      }
    >
      {!open && <p className="quiet">Which client goes to which server now: look, search, forget one or all.</p>}
      {open && (
        <Loaded query={table} what="The persistence table could not be loaded">
          {seen => (
            <>
              <Owner vs={vs} seen={seen} />
              <div className="data-table">
                <div className="table-tools">
                  <TextInput
                    size="xs"
                    w={320}
                    type="search"
                    aria-label="Search the persistence table"
                    placeholder="Part of a key, or a whole value"
                    leftSection={<IconSearch size={14} />}
                    value={text}
                    onChange={event => setText(event.currentTarget.value)}
                  />
                  {operator && (
                    <Button size="xs" variant="default" disabled={seen.total === 0} onClick={() => setFlushing(true)}>
                      Forget all
                    </Button>
                  )}
                  <span className="quiet">{words(seen, search)}</span>
                </div>
              </div>
              <Entries seen={seen} search={search} remove={operator ? remove : undefined} />
            </>
          )}
        </Loaded>
      )}
      <ConfirmDialog
        opened={flushing}
        onClose={() => setFlushing(false)}
        title="Forget all persistence entries?"
        act="Forget all"
        danger
        run={async () => again(await flush.run({ params: { id: vs.id }, body: {} }))}
      >
        <p>
          Clients that come back are scheduled as new ones and may meet another server. Open connections stay as they
          are.
        </p>
      </ConfirmDialog>
    </Panel>
  );
}

function words({ total, found, entries }: PersistenceTable, search: string): string {
  const of = search
    ? `${count(found)} of ${plural(total, 'entry', 'entries')} match`
    : plural(total, 'entry', 'entries');
  return entries.length < found ? `${of}, the ${count(entries.length)} used last are shown` : of;
}

function Owner({ vs, seen }: { vs: VirtualService; seen: PersistenceTable }) {
  const leader = useServices().data?.find(each => each.id === seen.owner);
  if (!leader || leader.id === vs.id) return null;
  return (
    <p className="quiet">
      Port Following: this is the table of <Link to={`/virtual-services/${leader.id}`}>{titleOf(leader)}</Link>.
    </p>
  );
}

interface EntriesProps {
  seen: PersistenceTable;
  search: string;
  remove: ((entry: PersistenceEntry) => void) | undefined;
}

function Entries({ seen, search, remove }: EntriesProps) {
  const servers = useServers().data ?? [];
  const nameOf = (id: number) => {
    const rs = servers.find(each => each.id === id);
    return rs ? endpoint(rs.address, rs.port) : 'a server that is gone';
  };
  const columns: Column<PersistenceEntry>[] = [
    {
      key: 'key',
      title: 'Client',
      sort: entry => entry.key,
      render: entry => <span className="figure">{entry.key}</span>,
    },
    { key: 'server', title: 'Real Server', sort: entry => nameOf(entry.realServer), render: e => nameOf(e.realServer) },
    {
      key: 'expires',
      title: 'Forgotten in',
      width: '130px',
      align: 'right',
      sort: entry => entry.expires,
      render: entry => <span className="figure">{entry.uses > 0 ? 'in use' : `${count(entry.expires)} s`}</span>,
    },
    ...(remove
      ? [
          {
            key: 'forget',
            title: '',
            width: '48px',
            render: (entry: PersistenceEntry) => (
              <Tooltip label="Forget this entry">
                <ActionIcon
                  variant="subtle"
                  color="gray"
                  aria-label={`Forget ${entry.key}`}
                  onClick={() => remove(entry)}
                >
                  <IconTrash size={14} />
                </ActionIcon>
              </Tooltip>
            ),
          },
        ]
      : []),
  ];
  return (
    <DataTable
      label="persistence entries"
      rows={seen.entries}
      columns={columns}
      idOf={entry => `${entry.table} ${entry.key}`}
      empty={
        <Empty title={search ? 'Nothing matches' : 'No entries'}>
          {search
            ? 'Keys other than addresses, host names and logins are digests: search for the whole value.'
            : 'Each client leaves one with its first connection; it ends so long after its last use as the time-out says.'}
        </Empty>
      }
    />
  );
}
