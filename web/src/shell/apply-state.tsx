import { Anchor, Popover } from '@mantine/core';
import { Link } from 'react-router';
import { useConnection, useStatus } from '../api/queries.ts';
import { timeOf } from '../parts/format.ts';

/** Always in sight: whether what is stored is what runs, and whether what is on screen is still true. */
export function ApplyState() {
  const connection = useConnection();
  const apply = useStatus(live => live.apply);
  const engine = useStatus(live => live.engine);

  if (connection.state === 'lost' || connection.state === 'quiet') {
    const who = connection.state === 'lost' ? 'Connection to the appliance lost' : 'The data plane does not answer';
    const from = connection.heard ? `, values from ${timeOf(connection.heard)}` : '';
    return <State tone="bad">{who + from}</State>;
  }
  if (!apply || !engine) return <State tone="off">Connecting…</State>;
  if (!engine.running) return <State tone="bad">The engine is not running</State>;
  if (apply.state === 'applying') return <State tone="info">Applying rev {apply.head}…</State>;
  if (apply.state === 'live') return <State tone="good">All changes live · rev {apply.applied}</State>;
  return (
    <State tone="bad">
      Rev {apply.head} refused:{' '}
      <Popover width={380} shadow="md" withArrow>
        <Popover.Target>
          <Anchor component="button" type="button" inherit c="inherit" td="underline">
            see why
          </Anchor>
        </Popover.Target>
        <Popover.Dropdown>
          <p>{apply.fault?.message ?? 'The engine did not take it.'}</p>
          <p className="quiet">
            Rev {apply.applied} still serves. <Link to="/history">History</Link>
          </p>
        </Popover.Dropdown>
      </Popover>
    </State>
  );
}

function State({ tone, children }: { tone: string; children: React.ReactNode }) {
  return (
    <div className="apply-state" data-tone={tone} role="status">
      <span className="dot" aria-hidden="true" />
      <span className="words">{children}</span>
    </div>
  );
}
