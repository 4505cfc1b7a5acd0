import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, type MouseEvent, type ReactNode, type RefObject, useState } from 'react';
import type { Column } from './data-table.tsx';

interface Props<T> {
  scroller: RefObject<HTMLDivElement | null>;
  label: string;
  head: ReactNode;
  rows: readonly T[];
  columns: readonly Column<T>[];
  idOf: (row: T) => number | string;
  onOpen?: (row: T) => void;
  detail?: (row: T) => ReactNode;
}

const ROW = 34;
/** Width of a column that has none, in pixels. */
const LEAST = 140;
/** From here on only the rows in view are in the document. */
const LONG = 100;

/** The table itself. Each row is a `tbody`, so that a row and the line under it are measured as one. */
export function TableBody<T>({ scroller, label, head, rows, columns, idOf, onOpen, detail }: Props<T>) {
  const [active, setActive] = useState(0);
  const long = rows.length > LONG;
  const virtual = useVirtualizer({
    count: long ? rows.length : 0,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 12,
  });

  const go = (to: number) => {
    const index = Math.max(0, Math.min(rows.length - 1, to));
    setActive(index);
    const focus = () => scroller.current?.querySelector<HTMLElement>(`[data-row="${index}"]`)?.focus();
    if (long) virtual.scrollToIndex(index);
    focus();
    // A row far away is only drawn after scrolling.
    if (long) requestAnimationFrame(focus);
  };
  const onKey = (event: KeyboardEvent, index: number) => {
    if (event.target !== event.currentTarget) return;
    const to = { ArrowDown: index + 1, ArrowUp: index - 1, PageDown: index + 15, PageUp: index - 15, Home: 0 }[
      event.key
    ];
    if (event.key === 'Enter' && rows[index] !== undefined) onOpen?.(rows[index]);
    else if (to !== undefined) go(to);
    else if (event.key === 'End') go(rows.length - 1);
    else return;
    event.preventDefault();
  };

  const draw = (row: T, index: number, ref?: (node: Element | null) => void) => {
    const more = detail?.(row);
    return (
      <tbody key={idOf(row)} ref={ref} data-index={index}>
        <tr
          data-row={index}
          data-open={onOpen ? '' : undefined}
          tabIndex={index === Math.min(active, rows.length - 1) ? 0 : -1}
          onFocus={event => event.target === event.currentTarget && setActive(index)}
          onKeyDown={event => onKey(event, index)}
          onClick={event => onOpen && !onControl(event) && onOpen(row)}
        >
          {columns.map(column => (
            <td key={column.key} data-align={column.align}>
              {column.render(row)}
            </td>
          ))}
        </tr>
        {more && (
          <tr className="detail">
            <td colSpan={columns.length}>{more}</td>
          </tr>
        )}
      </tbody>
    );
  };

  // A column without a width gets what is left, but never less than a few words.
  const least = columns.reduce((sum, { width }) => sum + (width ? Number.parseFloat(width) : LEAST), 0);
  const items = virtual.getVirtualItems();
  const before = items[0]?.start ?? 0;
  const after = virtual.getTotalSize() - (items.at(-1)?.end ?? 0);
  return (
    <div ref={scroller} className="table-scroll" data-long={long ? '' : undefined}>
      <table aria-label={label} aria-rowcount={rows.length + 1} style={{ minWidth: least }}>
        <colgroup>
          {columns.map(column => (
            <col key={column.key} style={column.width ? { width: column.width } : undefined} />
          ))}
        </colgroup>
        <thead>
          <tr>{head}</tr>
        </thead>
        {long && <Gap height={before} />}
        {long
          ? items.map(item => draw(rows[item.index] as T, item.index, virtual.measureElement))
          : rows.map((row, index) => draw(row, index))}
        {long && <Gap height={after} />}
      </table>
      {rows.length === 0 && <p className="no-rows">Nothing matches.</p>}
    </div>
  );
}

function Gap({ height }: { height: number }) {
  if (height <= 0) return null;
  return (
    <tbody aria-hidden="true">
      <tr style={{ height }} />
    </tbody>
  );
}

/** A click on a link, button or field inside the row is meant for that; so is selecting text. */
function onControl(event: MouseEvent): boolean {
  if (window.getSelection()?.toString()) return true;
  return (event.target as Element).closest('a, button, input, select, textarea, label, [role="menu"]') !== null;
}
