import { Button, Drawer } from '@mantine/core';
import { useMemo, useState } from 'react';
import { useSearchParams } from 'react-router';
import type { RevisionSummary } from '../../../../server/schema/endpoints.ts';
import { useRevisions, useStatus } from '../../api/queries.ts';
import { type Column, DataTable } from '../../parts/data-table.tsx';
import { plural } from '../../parts/format.ts';
import { PageHeader } from '../../parts/page-header.tsx';
import { Moment } from '../../parts/since.tsx';
import { Empty, Loaded } from '../../parts/states.tsx';
import { RevisionPanel } from './revision-panel.tsx';
import './history.css';

const STEP = 100;
const MOST = 200;

const OUTCOMES: Record<RevisionSummary['outcome'], { words: string; tone: string }> = {
  applied: { words: '● applied', tone: 'good' },
  refused: { words: '✕ refused', tone: 'bad' },
  unknown: { words: '○ not known', tone: 'off' },
};

export function Outcome({ outcome, revision }: Pick<RevisionSummary, 'outcome' | 'revision'>) {
  const waits = useStatus(live => live.unconfirmed?.revision) === revision;
  const { words, tone } = waits ? { words: '○ to be kept', tone: 'warn' } : OUTCOMES[outcome];
  return (
    <span className="state" data-tone={tone}>
      {words}
    </span>
  );
}

const columns: Column<RevisionSummary>[] = [
  { key: 'revision', title: 'Revision', width: '84px', sort: r => r.revision, render: r => r.revision },
  { key: 'time', title: 'When', width: '150px', sort: r => r.time, render: r => <Moment time={r.time} /> },
  { key: 'who', title: 'Who', width: '130px', sort: r => r.who, render: r => r.who },
  {
    key: 'words',
    title: 'What',
    render: r => (
      <span title={r.words.join('\n')}>
        {r.words[0] ?? 'Nothing changed'}
        {r.words.length > 1 && <span className="quiet"> and {plural(r.words.length - 1, 'more change')}</span>}
      </span>
    ),
  },
  {
    key: 'outcome',
    title: 'Outcome',
    width: '116px',
    sort: r => r.outcome,
    render: r => <Outcome outcome={r.outcome} revision={r.revision} />,
  },
];

/** Every revision: who, when, what; its differences, and the way back to it. */
export function HistoryPage() {
  const [search, setSearch] = useSearchParams();
  const [pages, setPages] = useState<number[]>([]);
  const first = useRevisions(STEP);
  const chosen = Number(search.get('rev')) || undefined;
  const open = (revision: number | undefined) => setSearch(revision ? { rev: String(revision) } : {});

  return (
    <>
      <PageHeader title="History" sentence="Every change of the configuration, and the way back to any of them." />
      <Loaded
        query={first}
        what="The history could not be loaded"
        still="The configuration and traffic are not affected."
      >
        {newest => (
          <Revisions newest={newest} pages={pages} more={before => setPages([...pages, before])} open={open} />
        )}
      </Loaded>
      <Drawer
        opened={chosen !== undefined}
        onClose={() => open(undefined)}
        position="right"
        size={680}
        title={`Revision ${chosen ?? ''}`}
      >
        {chosen && <RevisionPanel key={chosen} revision={chosen} known={first.data ?? []} />}
      </Drawer>
    </>
  );
}

interface ListProps {
  newest: RevisionSummary[];
  /** The revision each further page begins before. */
  pages: number[];
  more: (before: number) => void;
  open: (revision: number) => void;
}

function Revisions({ newest, pages, more, open }: ListProps) {
  const last = pages.at(-1);
  const older = useRevisions(MOST, last);
  const [kept, setKept] = useState<RevisionSummary[]>([]);
  const rows = useMemo(() => {
    const byNumber = new Map([...kept, ...(last ? (older.data ?? []) : []), ...newest].map(r => [r.revision, r]));
    return [...byNumber.values()].sort((a, b) => b.revision - a.revision);
  }, [kept, older.data, newest, last]);
  const oldest = rows.at(-1)?.revision;
  const all = last ? older.data !== undefined && older.data.length < MOST : newest.length < STEP;

  return (
    <>
      <DataTable
        label="revisions"
        rows={rows}
        columns={columns}
        idOf={r => r.revision}
        onOpen={r => open(r.revision)}
        textOf={r => `${r.revision} ${r.who} ${r.words.join(' ')}`}
        placeholder="Filter by who or what…"
        empty={
          <Empty title="Nothing was changed yet">Every change makes a revision here that you can return to.</Empty>
        }
      />
      {!all && oldest && (
        <Button
          mt="sm"
          variant="default"
          loading={last !== undefined && older.isPending}
          onClick={() => {
            setKept(rows);
            more(oldest);
          }}
        >
          Show older ones
        </Button>
      )}
    </>
  );
}
