import { Link } from 'react-router';
import type { Live } from '../../api/live.ts';
import { count } from '../../parts/format.ts';
import { type AnyState, badness, StateBadge } from '../../parts/state-badge.tsx';
import { countsOf } from './condition.ts';

/** How many services and servers are in each state; a state that nobody is in is left out. */
export function CountStrip({ live }: { live: Live }) {
  return (
    <div className="count-strip">
      <Counts to="/virtual-services" label="Virtual Services" counts={countsOf(live.services.values())} />
      <Counts to="/real-servers" label="Real Servers" counts={countsOf(live.servers.values())} />
    </div>
  );
}

function Counts(props: { to: string; label: string; counts: Partial<Record<AnyState, number>> }) {
  const states = (Object.keys(props.counts) as AnyState[]).sort((a, b) => badness[a] - badness[b]);
  return (
    <div>
      <Link to={props.to}>{props.label}</Link>
      {states.map(state => (
        <span key={state} className="figure counted">
          <b>{count(props.counts[state] ?? 0)}</b> <StateBadge state={state} />
        </span>
      ))}
      {states.length === 0 && <span className="quiet">none</span>}
    </div>
  );
}
