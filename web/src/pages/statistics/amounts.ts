import type { HistoryValues } from '../../../../server/schema/status.ts';

/** A time line: periods of `step` milliseconds that begin at `time`, of which so many seconds each were measured. */
export interface TimeLine {
  step: number;
  time: readonly number[];
  measured: readonly number[];
}

/** Of each period that lies in the last `seconds` before `now` how many measured seconds lie there. */
function* within(line: TimeLine, seconds: number, now: number): Generator<[at: number, seconds: number]> {
  const from = now - seconds * 1_000;
  for (const [at, start] of line.time.entries()) {
    // The newest period is not over yet.
    const end = Math.min(start + line.step, Math.max(now, start + 1));
    const overlap = end - Math.max(start, from);
    if (overlap > 0) yield [at, ((line.measured[at] ?? 0) * overlap) / (end - start)];
  }
}

/** How much came in the last `seconds`, out of rates per second. Where nothing was measured nothing came. */
export function amountOver(line: TimeLine, values: HistoryValues, seconds: number, now: number): number {
  let sum = 0;
  for (const [at, length] of within(line, seconds, now)) sum += (values.average[at] ?? 0) * length;
  return sum;
}

/** Average and peak of the last `seconds`; undefined when nothing was measured. */
export function levelOver(
  line: TimeLine,
  values: HistoryValues,
  seconds: number,
  now: number,
): { average: number; highest: number } | undefined {
  let all = 0;
  let highest = 0;
  for (const [at, length] of within(line, seconds, now)) {
    all += length;
    if (length > 0) highest = Math.max(highest, values.highest[at] ?? 0);
  }
  return all > 0 ? { average: amountOver(line, values, seconds, now) / all, highest } : undefined;
}
