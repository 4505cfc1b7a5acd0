import type uPlot from 'uplot';
import { bare } from './format.ts';

interface Wanted {
  /** A single one has a band up to its peaks, which are the last series then. */
  lines: number;
  height: number;
  unit: (value: number) => string;
}

/** How a graph of averages over a long time is drawn; colours are those of theme.css at that moment. */
export function historyOptions(node: HTMLElement, { lines, height, unit }: Wanted): uPlot.Options {
  const style = getComputedStyle(node);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  const axis = {
    stroke: colour('--quiet'),
    font: `11px ${style.fontFamily}`,
    ticks: { show: false },
    grid: { stroke: colour('--hairline'), width: 1 },
  };
  const line = (stroke: string, width: number): uPlot.Series => ({ stroke, width, points: alone(stroke) });
  return {
    width: node.clientWidth,
    height,
    padding: [8, 12, 0, 0],
    legend: { show: false },
    // One moment in all graphs of the page.
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 5 }, sync: { key: 'history' } },
    scales: { x: { time: true }, y: { range: (_, __, top) => [0, Math.max(1, top * 1.1)] } },
    axes: [
      {
        ...axis,
        ...{ size: 22, gap: 3, space: 70, grid: { show: false } },
        values: (_, ticks, __, ___, step) => ticks.map(tick => tickText(tick, step)),
      },
      { ...axis, size: 52, gap: 4, space: 34, values: (_, ticks) => ticks.map(each => bare(unit(each))) },
    ],
    series: [
      {},
      ...Array.from({ length: lines }, (_, i) => line(colour(`--series-${i}`), 1.5)),
      ...(lines === 1 ? [line(`${colour('--series-0')}80`, 1)] : []),
    ],
    ...(lines === 1 && { bands: [{ series: [2, 1] as [number, number], fill: colour('--series-fill') }] }),
  };
}

/** A period between two that were not measured is no line, such as the first day in a year: it gets a point. */
const alone = (fill: string): uPlot.Series.Points => ({
  show: true,
  size: 4,
  fill,
  filter: (drawn, series) => {
    const values = drawn.data[series] ?? [];
    const there = (i: number) => values[i] !== null && values[i] !== undefined;
    return [...values.keys()].filter(i => there(i) && !there(i - 1) && !there(i + 1));
  },
});

const DAY = 86_400;

/** A day at midnight, else the time; `step` in seconds. */
function tickText(seconds: number, step: number): string {
  const date = new Date(seconds * 1000);
  const midnight = date.getHours() === 0 && date.getMinutes() === 0 && date.getSeconds() === 0;
  if (step >= DAY || midnight) return date.toLocaleDateString('sv').slice(5);
  return date.toLocaleTimeString('sv').slice(0, step < 60 ? 8 : 5);
}
