import { useComputedColorScheme } from '@mantine/core';
import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { dateTimeOf } from './format.ts';
import { historyOptions } from './history-options.ts';
import './graphs.css';

export interface HistoryLine {
  label: string;
  /** As long as the time; null where nothing was measured. */
  average: readonly (number | null)[];
  highest: readonly (number | null)[];
}

interface Props {
  title: string;
  unit: (value: number) => string;
  /** Milliseconds since 1970. */
  time: readonly number[];
  lines: readonly HistoryLine[];
}

/** Colours there are; more lines than these are not drawn. */
export const MOST_LINES = 6;
const HEIGHT = 190;

/**
 * A large graph of averages; of a single line the peaks too, as a band. Gaps stay gaps. A moment is read by the mouse
 * or by the arrow keys.
 */
export function HistoryGraph({ title, unit, time, lines }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const [at, setAt] = useState<number>();
  const scheme = useComputedColorScheme('light');
  const drawn = lines.slice(0, MOST_LINES);
  const single = drawn.length === 1 ? drawn[0] : undefined;
  const data = [
    time.map(each => each / 1000),
    ...drawn.map(line => line.average),
    ...(single ? [single.highest] : []),
  ] as unknown as uPlot.AlignedData;
  const latest = useRef(data);
  latest.current = data;

  // biome-ignore lint/correctness/useExhaustiveDependencies: colours are read from CSS, so the scheme is a reason to draw anew
  useEffect(() => {
    const node = box.current;
    if (!node) return;
    const options = historyOptions(node, { lines: drawn.length, height: HEIGHT, unit });
    const hooks = { setCursor: [(moved: uPlot) => setAt(moved.cursor.idx ?? undefined)] };
    const made = new uPlot({ ...options, hooks }, latest.current, node);
    plot.current = made;
    const watch = new ResizeObserver(() => made.setSize({ width: node.clientWidth, height: HEIGHT }));
    watch.observe(node);
    return () => {
      watch.disconnect();
      made.destroy();
      plot.current = undefined;
    };
  }, [scheme, drawn.length, unit]);

  useEffect(() => {
    plot.current?.setData(latest.current);
  });

  const onKey = (event: KeyboardEvent) => {
    const here = at ?? time.length;
    const keys = { ArrowLeft: here - 1, ArrowRight: here + 1, PageUp: here - 10, PageDown: here + 10 };
    const to = { ...keys, Home: 0, End: time.length - 1, Escape: -1 }[event.key];
    if (to === undefined || time.length === 0) return;
    event.preventDefault();
    const index = event.key === 'Escape' ? undefined : Math.max(0, Math.min(time.length - 1, to));
    const left = index === undefined ? -10 : plot.current?.valToPos((time[index] ?? 0) / 1000, 'x');
    plot.current?.setCursor({ left: left ?? -10, top: index === undefined ? -10 : 0 });
    setAt(index);
  };
  const said = (line: HistoryLine) => (at === undefined ? figures(line, unit) : moment(line, at, unit));

  return (
    <figure className="history-graph">
      <figcaption>
        <span className="graph-title">
          {title} {at !== undefined && <span className="quiet figure">{dateTimeOf(time[at] ?? 0)}</span>}
        </span>
        {drawn.map((line, i) => (
          <span key={line.label} className="graph-key">
            <i data-series={i} aria-hidden="true" />
            {line.label}
            <span className="quiet figure"> {said(line)}</span>
          </span>
        ))}
      </figcaption>
      <div
        ref={box}
        role="slider"
        tabIndex={0}
        aria-label={told(title, unit, drawn)}
        aria-valuemin={0}
        aria-valuemax={Math.max(0, time.length - 1)}
        aria-valuenow={at ?? Math.max(0, time.length - 1)}
        aria-valuetext={
          at === undefined
            ? 'arrow keys read a moment'
            : `${dateTimeOf(time[at] ?? 0)}: ${drawn.map(line => `${line.label} ${said(line)}`).join('; ')}`
        }
        onKeyDown={onKey}
        style={{ height: HEIGHT }}
      />
    </figure>
  );
}

function moment({ average, highest }: HistoryLine, at: number, unit: Props['unit']): string {
  const value = average[at];
  if (value === null || value === undefined) return 'not measured';
  return `average ${unit(value)}, highest ${unit(highest[at] ?? value)}`;
}

function figures({ average, highest }: HistoryLine, unit: Props['unit']): string {
  const measured = average.filter(value => value !== null);
  if (measured.length === 0) return 'not measured';
  const mean = measured.reduce((sum, value) => sum + value, 0) / measured.length;
  const top = highest.reduce<number>((most, value) => Math.max(most, value ?? 0), 0);
  return `average ${unit(mean)}, highest ${unit(top)}`;
}

const told = (title: string, unit: Props['unit'], lines: readonly HistoryLine[]): string =>
  lines.length === 0
    ? `${title}: nothing chosen.`
    : `${title}: ${lines.map(line => `${line.label} ${figures(line, unit)}`).join('; ')}.`;
