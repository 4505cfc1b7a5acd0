import { TextInput } from '@mantine/core';
import { IconChevronDown, IconChevronUp, IconSearch } from '@tabler/icons-react';
import { type KeyboardEvent, type ReactNode, useEffect, useMemo, useRef, useState } from 'react';
import { useSearchParams } from 'react-router';
import { count } from './format.ts';
import { TableBody } from './table-body.tsx';

export interface Column<T> {
  key: string;
  title: string;
  render: (row: T) => ReactNode;
  /** Makes the column sortable. */
  sort?: (row: T) => string | number;
  /** A width in pixels, “120px”; columns without one share the rest. */
  width?: string;
  align?: 'right';
}

interface Props<T> {
  /** What the table holds, for screen readers. */
  label: string;
  rows: readonly T[];
  columns: readonly Column<T>[];
  idOf: (row: T) => number | string;
  /** Enter or a click on a row. */
  onOpen?: (row: T) => void;
  /** The text the filter looks through; without it there is no filter. */
  textOf?: (row: T) => string;
  placeholder?: string;
  /** Beside the filter: selects, buttons. */
  tools?: ReactNode;
  /** A quiet line under the row, such as why it is down. */
  detail?: (row: T) => ReactNode;
  /** Shown instead of the table when there are no rows at all. */
  empty?: ReactNode;
}

interface Order {
  key: string;
  down: boolean;
}

/** A dense table: filter at once, sort by header, arrows and Enter; only what is seen is drawn when it is long. */
export function DataTable<T>({
  label,
  rows,
  columns,
  idOf,
  onOpen,
  textOf,
  placeholder,
  tools,
  detail,
  empty,
}: Props<T>) {
  const [filter, setFilter] = useFilter();
  const [order, setOrder] = useState<Order>();
  const table = useRef<HTMLDivElement>(null);

  const shown = useMemo(() => {
    const wanted = filter.trim().toLowerCase();
    const kept = wanted && textOf ? rows.filter(row => textOf(row).toLowerCase().includes(wanted)) : rows;
    const sort = columns.find(column => column.key === order?.key)?.sort;
    if (!sort || !order) return kept;
    const sign = order.down ? -1 : 1;
    return kept.toSorted((a, b) => sign * compare(sort(a), sort(b)));
  }, [rows, columns, filter, order, textOf]);

  if (rows.length === 0 && empty) return empty;

  return (
    <div className="data-table">
      {(textOf || tools) && (
        <div className="table-tools">
          {textOf && (
            <TextInput
              size="xs"
              w={260}
              type="search"
              aria-label={`Filter ${label}`}
              placeholder={placeholder ?? 'Filter…'}
              leftSection={<IconSearch size={14} aria-hidden />}
              value={filter}
              onChange={event => setFilter(event.currentTarget.value)}
              onKeyDown={event => {
                if (event.key === 'Escape') setFilter('');
                if (event.key === 'ArrowDown') focusRow(table.current, 0, event);
              }}
            />
          )}
          <span className="quiet figure" role="status">
            {filter ? `${count(shown.length)} of ${count(rows.length)}` : ''}
          </span>
          {tools}
        </div>
      )}
      <TableBody
        scroller={table}
        label={label}
        rows={shown}
        columns={columns}
        idOf={idOf}
        {...(onOpen && { onOpen })}
        {...(detail && { detail })}
        head={columns.map(column => <Head key={column.key} column={column} order={order} onOrder={setOrder} />)}
      />
    </div>
  );
}

function Head<T>(props: { column: Column<T>; order: Order | undefined; onOrder: (order: Order) => void }) {
  const { column, order, onOrder } = props;
  const active = order?.key === column.key;
  const Icon = order?.down ? IconChevronDown : IconChevronUp;
  const sorted = active ? (order?.down ? 'descending' : 'ascending') : 'none';
  return (
    <th scope="col" data-align={column.align} {...(column.sort && { 'aria-sort': sorted })}>
      {column.sort ? (
        <button type="button" onClick={() => onOrder({ key: column.key, down: active && !order?.down })}>
          {column.title}
          {active && <Icon size={12} aria-hidden />}
        </button>
      ) : (
        column.title
      )}
    </th>
  );
}

/** Moves the focus to row `index`, if it is drawn. */
function focusRow(table: HTMLElement | null, index: number, event: KeyboardEvent): void {
  const row = table?.querySelector<HTMLElement>(`[data-row="${index}"]`);
  if (!row) return;
  event.preventDefault();
  row.focus();
}

const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });
const compare = (a: string | number, b: string | number): number =>
  typeof a === 'number' && typeof b === 'number' ? a - b : collator.compare(String(a), String(b));

/** Whoever comes from the search finds the one row that was looked for: `?find=name`. */
function useFilter() {
  const wanted = useSearchParams()[0].get('find') ?? '';
  const [filter, setFilter] = useState(wanted);
  useEffect(() => {
    if (wanted !== '') setFilter(wanted);
  }, [wanted]);
  return [filter, setFilter] as const;
}
