import { useComputedColorScheme } from '@mantine/core';
import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { bare, duration } from './format.ts';

export interface Series {
  label: string;
  values: readonly number[];
}

interface Props {
  title: string;
  /** Prints a value with its unit: `rate`, `bits`, `percent` … of format.ts. */
  unit: (value: number) => string;
  /** Milliseconds since 1970, as long as each series. */
  time: readonly number[];
  series: readonly Series[];
  height?: number;
  /** Top of the scale when it is known, such as 100 for a percentage. */
  max?: number;
}

/** A small graph with axes; its figures stand above it and are told to screen readers as one sentence. */
export function LiveGraph({ title, unit, time, series, height = 92, max }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const scheme = useComputedColorScheme('light');
  const shape = series.map(s => s.label).join('|');
  const data = [time.map(t => t / 1000), ...series.map(s => s.values)] as unknown as uPlot.AlignedData;
  const latest = useRef(data);
  latest.current = data;

  // biome-ignore lint/correctness/useExhaustiveDependencies: colours are read from CSS, so the scheme is a reason to draw anew
  useEffect(() => {
    const node = box.current;
    if (!node) return;
    const drawn = new uPlot(optionsOf(node, shape.split('|'), unit, height, max), latest.current, node);
    plot.current = drawn;
    const watch = new ResizeObserver(() => drawn.setSize({ width: node.clientWidth, height }));
    watch.observe(node);
    return () => {
      watch.disconnect();
      drawn.destroy();
      plot.current = undefined;
    };
  }, [scheme, shape, unit, height, max]);

  useEffect(() => {
    plot.current?.setData(latest.current);
  });

  return (
    <figure className="live-graph">
      <figcaption>
        <span className="graph-title">{title}</span>
        {series.map((s, i) => (
          <span
            key={s.label}
            className="graph-value figure"
            data-series={i}
            data-many={series.length > 1 ? '' : undefined}
          >
            {series.length > 1 && <span className="quiet">{s.label} </span>}
            {unit(s.values.at(-1) ?? 0)}
          </span>
        ))}
      </figcaption>
      <div ref={box} role="img" aria-label={told(title, unit, time, series)} style={{ height }} />
    </figure>
  );
}

function told(title: string, unit: Props['unit'], time: readonly number[], series: readonly Series[]): string {
  if (time.length === 0) return `${title}: nothing measured yet.`;
  const span = duration((time.at(-1) ?? 0) - (time[0] ?? 0));
  const parts = series.map(s => {
    const highest = unit(s.values.reduce((a, b) => Math.max(a, b), 0));
    return `${s.label} now ${unit(s.values.at(-1) ?? 0)}, highest ${highest}`;
  });
  return `${title}, last ${span}: ${parts.join('; ')}.`;
}

function optionsOf(
  node: HTMLElement,
  labels: string[],
  unit: Props['unit'],
  height: number,
  max?: number,
): uPlot.Options {
  const style = getComputedStyle(node);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  const axis = {
    stroke: colour('--quiet'),
    font: `11px ${style.fontFamily}`,
    ticks: { show: false },
    grid: { stroke: colour('--hairline'), width: 1 },
  };
  return {
    width: node.clientWidth,
    height,
    padding: [6, 18, 0, 0],
    legend: { show: false },
    cursor: { show: false },
    scales: { x: { time: true }, y: { range: (_, __, top) => [0, max ?? Math.max(1, top * 1.1)] } },
    axes: [
      { ...axis, size: 20, gap: 2, space: 60, grid: { show: false }, values: (_, ticks) => ticks.map(clock) },
      { ...axis, size: 46, gap: 4, space: 26, values: (_, ticks) => ticks.map(tick => bare(unit(tick))) },
    ],
    series: [
      {},
      ...labels.map((label, i) => ({
        label,
        stroke: colour(`--series-${i}`),
        width: 1.4,
        ...(i === 0 && { fill: colour('--series-fill') }),
        points: { show: false },
      })),
    ],
  };
}

const clock = (seconds: number): string =>
  new Date(seconds * 1000).toLocaleTimeString('sv', { hour: '2-digit', minute: '2-digit' });
