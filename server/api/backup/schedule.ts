import type { Settings } from '../../schema/settings.ts';

const WEEK = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];

type When = Pick<Settings, 'backupDay' | 'backupHour' | 'backupMinute' | 'timeZone'>;

/** The last moment at or before `now` at which a backup was due, ms UTC. */
export const lastDue = (when: When, now: number): number =>
  moments(when, now, -33, 1).findLast(time => time <= now) as number;

/** The first moment after `now` at which one is due, ms UTC. */
export const nextDue = (when: When, now: number): number =>
  moments(when, now, -1, 33).find(time => time > now) as number;

/** Due moments of the days around now. A time that the clock leaps over is taken an hour off; one it passes twice counts once. */
function moments(
  { backupDay, backupHour, backupMinute, timeZone }: When,
  now: number,
  from: number,
  to: number,
): number[] {
  const clock = clockIn(timeZone);
  const today = clock(now);
  // By the calendar, not by 24 hours: a day in spring is shorter.
  const days = Array.from(
    { length: to - from + 1 },
    (_, i) => new Date(Date.UTC(today.getUTCFullYear(), today.getUTCMonth(), today.getUTCDate() + from + i)),
  );
  return days
    .filter(
      day =>
        backupDay === 'daily' ||
        (backupDay === 'monthly' ? day.getUTCDate() === 1 : WEEK[day.getUTCDay()] === backupDay),
    )
    .map(day => {
      const wall = Date.UTC(day.getUTCFullYear(), day.getUTCMonth(), day.getUTCDate(), backupHour, backupMinute);
      const first = wall - (clock(wall).getTime() - wall);
      return wall - (clock(first).getTime() - first);
    });
}

/** What the clock on the wall shows at a moment, as if it were UTC. */
function clockIn(timeZone: string): (time: number) => Date {
  const zone = timeZone || Intl.DateTimeFormat().resolvedOptions().timeZone;
  const parts = {
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  };
  const make = (name: string) =>
    new Intl.DateTimeFormat('sv', { ...parts, timeZone: name } as Intl.DateTimeFormatOptions);
  let format: Intl.DateTimeFormat;
  try {
    format = make(zone);
  } catch {
    format = make('UTC');
  }
  return time => new Date(`${format.format(Math.floor(time / 1000) * 1000).replace(' ', 'T')}Z`);
}
