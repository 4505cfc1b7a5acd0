import { ActionIcon } from '@mantine/core';
import { IconChartLine } from '@tabler/icons-react';
import { Link } from 'react-router';
import type { Traffic } from '../../../../server/schema/status.ts';
import type { Live } from '../../api/live.ts';
import { useStatus } from '../../api/queries.ts';
import type { Column } from '../../parts/data-table.tsx';
import { count } from '../../parts/format.ts';
import { type AnyState, badness, StateBadge } from '../../parts/state-badge.tsx';
import type { Amounts } from './amounts-of.ts';
import { COUNTED, type Counted, type CountedName } from './counted.ts';

/** An object of a table: a service or a server, as the API names it. */
export type ObjectKey = `service:${number}` | `server:${number}`;

interface Of<T> {
  keyOf: (row: T) => ObjectKey;
  nameOf: (row: T) => string;
  /** The last status, for sorting. */
  live: () => Live | undefined;
  counted: CountedName;
  amounts: Amounts;
  narrow: boolean;
  /** In a narrow window there is place for the last hour only. */
  tight?: boolean;
}

type Status = Traffic & { state: AnyState };

function statusOf(live: Live | undefined, key: ObjectKey): Status | undefined {
  const [kind, id] = key.split(':');
  return (kind === 'service' ? live?.services : live?.servers)?.get(Number(id));
}

/** Of a narrow window only these have a place. */
const LAST = [
  { seconds: 60, title: '60 s', always: false },
  { seconds: 300, title: '5 min', always: true },
  { seconds: 1_800, title: '30 min', always: false },
  { seconds: 3_600, title: '1 h', always: true },
];

export const SHARE_OVER = 300;

export function stateColumn<T>({ keyOf, live }: Of<T>): Column<T> {
  return {
    key: 'state',
    title: 'State',
    width: '106px',
    sort: row => badness[statusOf(live(), keyOf(row))?.state ?? 'pending'],
    render: row => <State of={keyOf(row)} />,
  };
}

/** What comes now, what came in the last times, and in total. */
export function trafficColumns<T>({ keyOf, live, counted, amounts, narrow, tight }: Of<T>): Column<T>[] {
  const { rate, amount, total }: Counted = COUNTED[counted];
  const now = (key: string, title: string, width: string, value: (t: Traffic) => number, print: typeof rate) => ({
    ...{ key, title, width, align: 'right' as const },
    sort: (row: T) => {
      const status = statusOf(live(), keyOf(row));
      return status ? value(status) : 0;
    },
    render: (row: T) => <Figure of={keyOf(row)} print={status => print(value(status))} />,
  });
  return [
    now('open', 'Open', narrow ? '56px' : '64px', t => t.connections, count),
    now('rate', 'Now', narrow ? '92px' : '100px', t => rateOf(t, COUNTED[counted]), rate),
    ...LAST.filter(({ seconds, always }) => !narrow || (tight ? seconds === 3_600 : always)).map(
      ({ seconds, title }) => ({
        ...{ key: `last-${seconds}`, title, width: narrow ? '78px' : '84px', align: 'right' as const },
        sort: (row: T) => amounts.of(keyOf(row), seconds) ?? 0,
        render: (row: T) => {
          const value = amounts.of(keyOf(row), seconds);
          return <span className="figure">{value === undefined ? '–' : amount(value)}</span>;
        },
      }),
    ),
    now('total', 'Total', narrow ? '82px' : '88px', total, amount),
  ];
}

const rateOf = (traffic: Traffic, { values }: Counted): number => values.reduce((sum, name) => sum + traffic[name], 0);

/** Its part of what came in the last 5 minutes. `whole`: of what, and how much that was. */
export function shareColumn<T>(
  { keyOf, amounts, narrow }: Of<T>,
  whole: (row: T) => { amount: number; of: string },
): Column<T> {
  const part = (row: T) => amounts.of(keyOf(row), SHARE_OVER) ?? 0;
  return {
    key: 'share',
    title: 'Share',
    width: narrow ? '64px' : '116px',
    align: 'right',
    sort: part,
    render: row => <Share part={part(row)} whole={whole(row).amount} of={whole(row).of} />,
  };
}

/** The way to its graphs. */
export function graphColumn<T>(keyOf: (row: T) => string, nameOf: (row: T) => string): Column<T> {
  return {
    key: 'graph',
    title: 'Graph',
    width: '60px',
    align: 'right',
    render: row => (
      <ActionIcon
        component={Link}
        to={`/statistics/history?kind=${keyOf(row).split(':')[0]}&of=${encodeURIComponent(keyOf(row))}`}
        size="sm"
        variant="subtle"
        color="gray"
        aria-label={`History of ${nameOf(row)}`}
        title="Its history"
      >
        <IconChartLine size={14} />
      </ActionIcon>
    ),
  };
}

function State({ of }: { of: ObjectKey }) {
  return <StateBadge state={useStatus(live => statusOf(live, of)?.state) ?? 'pending'} />;
}

function Figure({ of, print }: { of: ObjectKey; print: (status: Status) => string }) {
  const status = useStatus(live => statusOf(live, of));
  return <span className="figure">{status ? print(status) : '–'}</span>;
}

/** A bar with its percentage; nothing of nothing is no part. */
function Share({ part, whole, of }: { part: number; whole: number; of: string }) {
  if (whole <= 0) return <span className="quiet">–</span>;
  const percent = Math.round((100 * part) / whole);
  return (
    <span className="share figure" title={`${percent} % of ${of} in the last 5 minutes`}>
      <span className="share-bar" aria-hidden="true">
        <span style={{ width: `${percent}%` }} />
      </span>
      {percent} %
    </span>
  );
}
