import type { RealServer } from '../../../../server/schema/real-server.ts';
import { endpoint } from '../../../../server/schema/rules.ts';
import type { ServiceStatus } from '../../../../server/schema/status.ts';
import type { VirtualService } from '../../../../server/schema/virtual-service.ts';
import { useServiceStatus, useStatus } from '../../api/queries.ts';
import { plural } from '../../parts/format.ts';
import { Since } from '../../parts/since.tsx';
import { wordOf } from '../../parts/state-badge.tsx';
import { nobodyWords } from './consequences.ts';
import { spoken } from './layer.ts';

/** How the service does and what it is, in one line. */
export function Sentence({ vs, servers }: { vs: VirtualService; servers: RealServer[] }) {
  const status = useServiceStatus(vs.id);
  const away = useStatus(live =>
    (['drain', 'disabled'] as const)
      .map(state => [servers.filter(rs => live.servers.get(rs.id)?.state === state).length, wordOf(state)] as const)
      .filter(([n]) => n > 0)
      .map(([n, word]) => `, ${n} ${word}`)
      .join(''),
  );
  return (
    <>
      {status && (
        <span className="service-state">
          {stateWords(servers.length, status, away ?? '')} for <Since time={status.since} />
          {isUnable(status.state, servers.length) && `: ${nobodyWords(vs)}`}.
        </span>
      )}{' '}
      {spoken(vs)} on <span className="figure">{endpoint(vs.address, vs.port)}</span>, operating at Layer{' '}
      {vs.layer === 'l4' ? 4 : 7}, number {vs.id}.
    </>
  );
}

function stateWords(
  servers: number,
  status: ServiceStatus,
  /** Who does not take part, such as ", 1 disabled". */
  away: string,
): string {
  const { state, serversUp } = status;
  if (state === 'disabled') return 'Disabled, takes no traffic';
  if (state === 'pending') return 'Not in effect yet';
  if (servers === 0) return 'No Real Server';
  if (state === 'up' && away) return `${plural(serversUp, 'server')} up${away}`;
  if (state === 'up') return servers === 1 ? 'Its server is up' : `All ${servers} servers are up`;
  if (state === 'unchecked') return `${plural(servers, 'server')} presumed up, checks are off`;
  if (state === 'degraded') return `${serversUp} of ${servers} servers ${serversUp === 1 ? 'is' : 'are'} up${away}`;
  return `No server can take a request${away}`;
}

/** Do clients meet nobody? */
const isUnable = (state: ServiceStatus['state'], servers: number): boolean =>
  state === 'down' ||
  state === 'redirect' ||
  state === 'sorry' ||
  (servers === 0 && state !== 'disabled' && state !== 'pending');
