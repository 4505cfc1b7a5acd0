import { Button, Group } from '@mantine/core';
import { Link } from 'react-router';
import type { RealServer } from '../../../../server/schema/real-server.ts';
import { titleOf } from '../../../../server/schema/rules.ts';
import type { VirtualService } from '../../../../server/schema/virtual-service.ts';
import { useServerStatus, useStatus } from '../../api/queries.ts';
import { count, rate } from '../../parts/format.ts';
import { Since } from '../../parts/since.tsx';
import { StateBadge } from '../../parts/state-badge.tsx';
import { type Host, loadOf, stateOf } from './hosts.ts';

export function HostState({ host }: { host: Host }) {
  return <StateBadge state={useStatus(live => stateOf(host, live)) ?? 'pending'} />;
}

export function Connections({ host }: { host: Host }) {
  return <span className="figure">{count(useStatus(live => loadOf(host, live).connections) ?? 0)}</span>;
}

export function Rate({ host }: { host: Host }) {
  return <span className="figure">{rate(useStatus(live => loadOf(host, live).rate) ?? 0)}</span>;
}

const MOST = 6;

/** Every service the machine works for, with its state in each and why it is down there. */
export function Members({ host }: { host: Host }) {
  const drawn = host.members.slice(0, MOST);
  return (
    <div className="members">
      {drawn.map(({ rs, vs }) => (
        <Member key={rs.id} rs={rs} vs={vs} />
      ))}
      {host.members.length > MOST && <span className="quiet">and {host.members.length - MOST} more</span>}
    </div>
  );
}

function Member({ rs, vs }: { rs: RealServer; vs: VirtualService }) {
  const status = useServerStatus(rs.id);
  const state = status?.state ?? 'pending';
  return (
    <span className="member">
      <StateBadge state={state} bare />
      <Link to={`/virtual-services/${vs.id}#server-${rs.id}`}>{titleOf(vs)}</Link>
      <span className="quiet figure">:{rs.port}</span>
      {status && state === 'down' && (
        <span className="member-why">
          {status.reason}, <Since time={status.since} />
        </span>
      )}
      {(state === 'drain' || state === 'disabled') && (
        <span className="quiet">{state === 'drain' ? 'draining' : state}</span>
      )}
    </span>
  );
}

/** What can be done with the machine in all its services at once. */
export function Acts({ host, onAct }: { host: Host; onAct: (act: RealServer['state']) => void }) {
  const states = new Set(host.members.map(({ rs }) => rs.state));
  const every = (state: RealServer['state']) => states.size === 1 && states.has(state);
  return (
    <Group gap={4} wrap="nowrap">
      {!every('enabled') && (
        <Button {...small} aria-label={`Enable ${host.address} in every service`} onClick={() => onAct('enabled')}>
          Enable
        </Button>
      )}
      {!every('drain') && !every('disabled') && (
        <Button {...small} aria-label={`Drain ${host.address} in every service`} onClick={() => onAct('drain')}>
          Drain
        </Button>
      )}
      {!every('disabled') && (
        <Button {...small} aria-label={`Disable ${host.address} in every service`} onClick={() => onAct('disabled')}>
          Disable
        </Button>
      )}
    </Group>
  );
}

const small = { size: 'compact-xs', variant: 'default' } as const;
