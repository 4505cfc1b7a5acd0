import type { Answers } from '../control.ts';
import type { TrafficMeters } from '../traffic.ts';
import type { Histories } from './histories.ts';

/** What the door answers about what was measured. */
export const historyAnswers = (
  histories: Histories,
  meters: TrafficMeters,
): Pick<Answers, 'history' | 'series' | 'resetStatistics'> => ({
  history: (of, seconds) => histories.read(of, seconds, Date.now()),
  series: ({ of, seconds, points, values }) =>
    histories.series(of.split(','), seconds, points, values === '' ? [] : values.split(','), Date.now()),
  resetStatistics: () => {
    histories.clear();
    meters.reset();
  },
});
