import { Button } from '@mantine/core';
import { useMemo } from 'react';
import type { OpenSession } from '../../../../server/schema/account.ts';
import { useMutate } from '../../api/mutate.tsx';
import { type Column, DataTable } from '../../parts/data-table.tsx';
import { Moment, Since } from '../../parts/since.tsx';
import { Loaded } from '../../parts/states.tsx';
import { useOpenSessions, useRefreshAccounts } from './queries.ts';

/** Who is logged in, from where, and a way to end that. */
export function SessionTable() {
  const sessions = useOpenSessions();
  const refresh = useRefreshAccounts();
  const { run, busy } = useMutate('endSession', { done: 'Ended the session' });
  const others = useMutate('endOtherSessions', { done: 'You are logged out everywhere else' });

  const columns = useMemo<Column<OpenSession>[]>(
    () => [
      { key: 'user', title: 'User name', width: '160px', sort: s => s.user, render: s => <strong>{s.user}</strong> },
      {
        key: 'from',
        title: 'From',
        sort: s => s.address,
        render: s => (
          <>
            <span className="figure">{s.address || 'unknown'}</span> <span className="quiet">{browserOf(s.agent)}</span>
          </>
        ),
      },
      {
        key: 'since',
        title: 'Logged in',
        width: '145px',
        sort: s => s.created,
        render: s => <Moment time={s.created} />,
      },
      {
        key: 'used',
        title: 'Last used',
        width: '120px',
        sort: s => s.used,
        render: s => (
          <>
            <Since time={s.used} /> ago
          </>
        ),
      },
      {
        key: 'acts',
        title: 'Operation',
        width: '110px',
        align: 'right',
        render: s =>
          s.current ? (
            <span className="quiet">this one</span>
          ) : (
            <Button
              size="compact-xs"
              variant="subtle"
              color="red"
              disabled={busy}
              onClick={async () => {
                if (await run({ params: { id: s.id } })) await refresh();
              }}
              aria-label={`End the session of ${s.user} from ${s.address}`}
            >
              End
            </Button>
          ),
      },
    ],
    [run, busy, refresh],
  );

  return (
    <section className="accounts">
      <header>
        <h2>Open sessions</h2>
        <Button
          variant="default"
          loading={others.busy}
          onClick={async () => {
            if (await others.run({})) await refresh();
          }}
        >
          Log me out elsewhere
        </Button>
      </header>
      <Loaded query={sessions} what="The open sessions could not be loaded">
        {rows => <DataTable label="open sessions" rows={rows} columns={columns} idOf={s => s.id} />}
      </Loaded>
    </section>
  );
}

/** The name that tells browsers apart; what they call themselves is made of each other's. */
function browserOf(agent: string): string {
  const [name] = ['Edg', 'OPR', 'Firefox', 'Chrome', 'Safari', 'curl'].filter(word => agent.includes(`${word}/`));
  const names: Record<string, string> = { Edg: 'Edge', OPR: 'Opera' };
  return name === undefined ? agent.slice(0, 40) : (names[name] ?? name);
}
