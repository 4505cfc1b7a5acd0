import { Link } from 'react-router';
import type { Occurrence } from '../../../../server/schema/status.ts';
import { useOccurrences } from '../../api/queries.ts';
import { Panel } from '../../parts/panel.tsx';
import { Moment } from '../../parts/since.tsx';
import { Loaded } from '../../parts/states.tsx';

const MOST = 8;
const MARKS: Record<Occurrence['severity'], { mark: string; tone: string; word: string }> = {
  good: { mark: '●', tone: 'good', word: 'good' },
  info: { mark: '○', tone: 'off', word: 'note' },
  warning: { mark: '▲', tone: 'warn', word: 'warning' },
  bad: { mark: '✕', tone: 'bad', word: 'bad' },
};

/** What happened lately to traffic and machine, newest first. Changes have a list beside it, log-ins stand in the log. */
export function LastOccurrences() {
  const occurrences = useOccurrences();
  return (
    <Panel title="What happened">
      <Loaded query={occurrences} what="The events could not be loaded" still="The states above are current.">
        {list => {
          const shown = list.filter(({ kind }) => kind === undefined);
          return shown.length === 0 ? (
            <p className="home-none">Nothing happened yet.</p>
          ) : (
            <ul className="home-lines">
              {shown.slice(0, MOST).map(occurrence => (
                <Line key={occurrence.number} occurrence={occurrence} />
              ))}
            </ul>
          );
        }}
      </Loaded>
    </Panel>
  );
}

function Line({ occurrence }: { occurrence: Occurrence }) {
  const { mark, tone, word } = MARKS[occurrence.severity];
  const { virtualService, realServer } = occurrence;
  const to = virtualService && `/virtual-services/${virtualService}${realServer ? `#server-${realServer}` : ''}`;
  return (
    <li className="occurrence">
      <span data-tone={tone} className="severity" aria-hidden="true">
        {mark}
      </span>
      <span className="unseen">{word}:</span>
      <span className="text">{to ? <Link to={to}>{occurrence.text}</Link> : occurrence.text}</span>
      <span className="quiet home-ago">
        <Moment time={occurrence.time} />
      </span>
    </li>
  );
}
