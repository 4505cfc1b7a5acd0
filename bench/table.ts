import type { ChangeFigures } from './changes.ts';
import type { Layer4Results } from './layer4.ts';
import { type Figures, median } from './load.ts';

export interface Results {
  /** ISO 8601. */
  time: string;
  machine: { cores: number; cpu: string; kernel: string };
  versions: { haproxy: string; nginx: string };
  rounds: number;
  /** Length of a round. */
  seconds: number;
  traffic: { name: string; rounds: Record<'ballast' | 'haproxy' | 'nginx', Figures[]> }[];
  layer4: Layer4Results;
  changes: ChangeFigures;
}

/** The results as text, ratios of medians first. */
export function table(results: Results): string {
  const rows = [
    ['', 'Ballast', 'bare HAProxy', 'nginx', 'Ballast : HAProxy', 'Ballast : nginx', 'errors'],
    ...results.traffic.flatMap(({ name, rounds }) => {
      const errors = Object.entries(rounds)
        .map(([target, figures]) => [target, figures.reduce((sum, f) => sum + f.errors, 0)] as const)
        .filter(([, count]) => count > 0)
        .map(([target, count]) => `${target} ${count}`)
        .join(', ');
      const rate = line(`${name}, requests/s`, rounds, f => f.rate, 0);
      const slow = line(`${name}, p99 ms`, rounds, f => f.p99, 2);
      return slow
        ? [
            [...(rate as string[]), errors || 'none'],
            [...slow, ''],
          ]
        : [[...(rate as string[]), errors || 'none']];
    }),
  ];
  const packets = [
    ['', 'Ballast', 'straight', 'nftlb', 'HAProxy tcp', 'Ballast : straight', 'Ballast : nftlb'],
    ...results.layer4.map(({ name, rounds }) => {
      const [ballast = 0, ...others] = (['ballast', 'straight', 'nftlb', 'haproxy'] as const).map(target =>
        median(rounds[target].map(Number)),
      );
      const ratios = others.slice(0, 2).map(other => (ballast / other).toFixed(2));
      return [name, ...[ballast, ...others].map(value => (value > 0 ? value.toFixed(0) : '-')), ...ratios];
    }),
  ];
  const { firstRequest, created, disabled } = results.changes;
  const ms = (values: number[]) =>
    `median ${(median(values) * 1_000).toFixed(1)} ms, slowest ${(Math.max(...values) * 1_000).toFixed(1)} ms of ${values.length}`;
  return [
    `Medians of ${results.rounds} interleaved rounds of ${results.seconds} s; ${results.machine.cores} cores (${results.machine.cpu}), Linux ${results.machine.kernel}`,
    `${results.versions.haproxy}; ${results.versions.nginx}`,
    '',
    ...columns(rows),
    '',
    ...columns(packets),
    '',
    `New service, POST to first served request   ${ms(firstRequest)}   (aim: 150 ms)`,
    `New service, POST to the API's answer       ${ms(created)}`,
    `Server disable, to answer and engine        ${ms(disabled)}   (aim: 20 ms)`,
  ].join('\n');
}

/** Cells in columns: words to the left, figures to the right. */
function columns(rows: readonly string[][]): string[] {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map(row => row[column]?.length ?? 0))) ?? [];
  return rows.map(row =>
    row.map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))).join('  '),
  );
}

/** One row, or none when a target does not tell this figure. */
function line(
  name: string,
  rounds: Results['traffic'][number]['rounds'],
  of: (f: Figures) => number | null,
  digits: number,
) {
  const medians = [rounds.ballast, rounds.haproxy, rounds.nginx].map(figures => {
    const values = figures.map(of).filter(value => value !== null);
    return values.length > 0 ? median(values) : Number.NaN;
  });
  const [ballast, haproxy, nginx] = medians as [number, number, number];
  if (Number.isNaN(ballast)) return undefined;
  return [
    name,
    ...medians.map(value => value.toFixed(digits)),
    (ballast / haproxy).toFixed(2),
    (ballast / nginx).toFixed(2),
  ];
}
