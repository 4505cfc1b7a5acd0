import { dateTimeOf, duration, exactly, timeOf } from './format.ts';
import { useNow } from './now.ts';

const DAY = 86_400_000;

/** How long ago, in words; the moment itself with its zone on hover. */
export function Since({ time }: { time: number }) {
  const now = useNow();
  return (
    <time dateTime={new Date(time).toISOString()} title={exactly(time)} className="figure">
      {duration(Math.max(now, Date.now() - 5_000) - time)}
    </time>
  );
}

/** A moment: the time of day when it is today, else day and time; the zone on hover. */
export function Moment({ time }: { time: number }) {
  if (time === 0) return <span className="quiet">before the first change</span>;
  const today = Date.now() - time < DAY && new Date(time).getDate() === new Date().getDate();
  return (
    <time dateTime={new Date(time).toISOString()} title={exactly(time)} className="figure">
      {today ? timeOf(time) : dateTimeOf(time)}
    </time>
  );
}
