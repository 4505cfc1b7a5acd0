import { useComputedColorScheme } from '@mantine/core';
import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { bare, dateTimeOf, timeOf } from './format.ts';
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

/** A large graph of averages; of a single line the peaks too, as a band. Gaps stay gaps. */
export function HistoryGraph({ title, unit, time, lines }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const scheme = useComputedColorScheme('light');
  const drawn = lines.slice(0, MOST_LINES);
  const single = drawn.length === 1 ? drawn[0] : undefined;
  const key = JSON.stringify([
    time[0],
    time.at(-1),
    time.length,
    drawn.map(line => line.label),
    drawn.map(line => line.average.at(-1)),
  ]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the key stands for the data; colours are read from CSS
  useEffect(() => {
    const node = box.current;
    if (!node) return;
    const style = getComputedStyle(node);
    const colour = (name: string) => style.getPropertyValue(name).trim();
    const axis = {
      stroke: colour('--quiet'),
      font: `11px ${style.fontFamily}`,
      ticks: { show: false },
      grid: { stroke: colour('--hairline'), width: 1 },
    };
    const long = (time.at(-1) ?? 0) - (time[0] ?? 0) > 2 * 86_400_000;
    const tick = (seconds: number) =>
      long ? dateTimeOf(seconds * 1000).slice(5, 10) : timeOf(seconds * 1000).slice(0, 5);
    const values = drawn.map(line => line.average);
    const plot = new uPlot(
      {
        width: node.clientWidth,
        height: HEIGHT,
        padding: [8, 12, 0, 0],
        legend: { show: false },
        cursor: { show: false },
        scales: { x: { time: true }, y: { range: (_, __, top) => [0, Math.max(1, top * 1.1)] } },
        axes: [
          { ...axis, size: 22, gap: 3, space: 70, grid: { show: false }, values: (_, ticks) => ticks.map(tick) },
          { ...axis, size: 52, gap: 4, space: 34, values: (_, ticks) => ticks.map(each => bare(unit(each))) },
        ],
        series: [
          {},
          ...drawn.map((line, i) => ({
            label: line.label,
            stroke: colour(`--series-${i}`),
            width: 1.5,
            points: { show: false },
          })),
          ...(single
            ? [{ label: 'highest', stroke: `${colour('--series-0')}80`, width: 1, points: { show: false } }]
            : []),
        ],
        ...(single && { bands: [{ series: [2, 1] as [number, number], fill: colour('--series-fill') }] }),
      },
      [time.map(each => each / 1000), ...values, ...(single ? [single.highest] : [])] as unknown as uPlot.AlignedData,
      node,
    );
    const watch = new ResizeObserver(() => plot.setSize({ width: node.clientWidth, height: HEIGHT }));
    watch.observe(node);
    return () => {
      watch.disconnect();
      plot.destroy();
    };
  }, [scheme, key, unit]);

  return (
    <figure className="history-graph">
      <figcaption>
        <span className="graph-title">{title}</span>
        {drawn.map((line, i) => (
          <span key={line.label} className="graph-key">
            <i data-series={i} aria-hidden="true" />
            {line.label}
            <span className="quiet figure"> {figures(line, unit)}</span>
          </span>
        ))}
      </figcaption>
      <div ref={box} role="img" aria-label={told(title, unit, drawn)} style={{ height: HEIGHT }} />
    </figure>
  );
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
