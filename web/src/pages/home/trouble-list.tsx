import { Link } from 'react-router';
import { count } from '../../parts/format.ts';
import { Panel } from '../../parts/panel.tsx';
import { Since } from '../../parts/since.tsx';
import { StateBadge } from '../../parts/state-badge.tsx';
import type { Trouble } from './condition.ts';

const MOST = 10;
const MOST_SERVERS = 4;

/** Only what is wrong, newest first. Nothing at all when nothing is. */
export function TroubleList({ troubles }: { troubles: Trouble[] }) {
  if (troubles.length === 0) return null;
  return (
    <Panel title="What is wrong" aside={<span className="quiet">newest first</span>}>
      <ul className="troubles">
        {troubles.slice(0, MOST).map(trouble => (
          <Item key={trouble.id} trouble={trouble} />
        ))}
      </ul>
      {troubles.length > MOST && (
        <p className="home-more">
          <Link to="/virtual-services">and {count(troubles.length - MOST)} more services</Link>
        </p>
      )}
    </Panel>
  );
}

function Item({ trouble }: { trouble: Trouble }) {
  const { servers } = trouble;
  return (
    <li>
      <div className="trouble-line">
        <StateBadge state={trouble.state} />
        <Link to={`/virtual-services/${trouble.id}`}>{trouble.title}</Link>
        {trouble.title !== trouble.place && <span className="quiet figure">{trouble.place}</span>}
        <span className="trouble-reason">{trouble.reason}</span>
        <span className="quiet home-ago">
          for <Since time={trouble.since} />
        </span>
      </div>
      {servers.slice(0, MOST_SERVERS).map(server => (
        <div key={server.id} className="trouble-line member">
          <StateBadge state="down" />
          <Link to={`/virtual-services/${trouble.id}#server-${server.id}`} className="figure">
            {server.title}
          </Link>
          <span className="trouble-reason">{server.reason}</span>
          <span className="quiet home-ago">
            for <Since time={server.since} />
          </span>
        </div>
      ))}
      {servers.length > MOST_SERVERS && (
        <div className="trouble-line member quiet">and {count(servers.length - MOST_SERVERS)} more servers down</div>
      )}
    </li>
  );
}
