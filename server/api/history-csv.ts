import type { HistorySeries } from '../schema/status.ts';

/**
 * The series as CSV (RFC 4180): a line for each object and period, averages and peaks in columns. Periods in which
 * nothing was measured have empty fields.
 */
export function historyCsv({ time, objects }: HistorySeries, nameOf: (of: string) => string): string {
  const measures = [...new Set(objects.flatMap(({ values }) => Object.keys(values)))];
  const head = ['time', 'object', 'name', ...measures.flatMap(name => [name, `${name} highest`])];
  const lines = objects.flatMap(({ of, values }) =>
    time.map((start, at) => [
      new Date(start).toISOString(),
      of,
      nameOf(of),
      ...measures.flatMap(name => [values[name]?.average[at] ?? '', values[name]?.highest[at] ?? '']),
    ]),
  );
  return [head, ...lines].map(line => `${line.map(field).join(',')}\r\n`).join('');
}

function field(value: string | number): string {
  if (typeof value === 'number') return String(value);
  // A spreadsheet would take a name that begins so for a formula.
  const safe = /^[=+\-@\t]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
