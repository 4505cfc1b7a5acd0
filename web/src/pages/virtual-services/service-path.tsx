import { Tooltip } from '@mantine/core';
import type { ReactNode } from 'react';
import type { CertificateView } from '../../../../server/schema/endpoints.ts';
import type { RealServer } from '../../../../server/schema/real-server.ts';
import { endpoint } from '../../../../server/schema/rules.ts';
import type { VirtualService } from '../../../../server/schema/virtual-service.ts';
import { useServerStatus, useServiceStatus, useStatus } from '../../api/queries.ts';
import { bits, bytes, count, plural, rate } from '../../parts/format.ts';
import { Since } from '../../parts/since.tsx';
import { badness, StateMark } from '../../parts/state-badge.tsx';
import { valueWords } from '../../parts/value.ts';
import { nobodyWords } from './consequences.ts';
import { spoken, spokenBehind } from './layer.ts';

interface Props {
  vs: VirtualService;
  servers: RealServer[];
  certificates: readonly CertificateView[];
  /** Goes to a bar, a setting or a server of this page. */
  onOpen: (anchor: string) => void;
}

const MOST = 5;

/** The way of a request, live: clients, the service, how a server is chosen, the servers. */
export function ServicePath({ vs, servers, certificates, onOpen }: Props) {
  const status = useServiceStatus(vs.id);
  // Those in trouble must be among the few that are drawn.
  const order = useStatus(live =>
    servers
      .toSorted((a, b) => badnessOf(live.servers.get(a.id)?.state) - badnessOf(live.servers.get(b.id)?.state))
      .slice(0, MOST)
      .map(rs => rs.id)
      .join(),
  );
  const first = new Set(order?.split(',').map(Number));
  const drawn = servers.length <= MOST ? servers : servers.filter(rs => first.has(rs.id));
  const words = (name: 'scheduling' | 'persistence') => valueWords('virtualService', name, vs[name], () => undefined);
  const names = vs.certificates.map(id => certificates.find(c => c.id === id)?.name ?? `number ${id}`);
  const able = !status || status.serversUp > 0 || status.state === 'unchecked';

  return (
    <section className="path" aria-label="The way of a request" data-off={vs.enabled ? undefined : ''}>
      <Part
        title="clients"
        line={vs.enabled ? (status ? rate(status.requestRate || status.connectionRate) : '–') : 'refused'}
        hint={status && `${count(status.connections)} connections open, ${count(status.totalRequests)} requests so far`}
        onClick={() => onOpen('load')}
      />
      <Arrow />
      <Part
        title={<span className="figure">{endpoint(vs.address, vs.port)}</span>}
        line={
          spoken(vs) +
          (vs.tls ? ` · ${names[0] ?? 'no certificate'}${names.length > 1 ? ` +${names.length - 1}` : ''}` : '')
        }
        hint={
          status &&
          `${bits(status.inRate)} in, ${bits(status.outRate)} out; ${bytes(status.totalIn)} and ${bytes(status.totalOut)} so far`
        }
        onClick={() => onOpen(vs.tls ? 'ssl' : 'basic')}
      />
      <Arrow />
      <Part
        title={words('scheduling')}
        line={vs.persistence === 'none' ? 'no persistence' : words('persistence').toLowerCase()}
        hint="How a server is chosen"
        onClick={() => onOpen('standard')}
      />
      <Arrow label={vs.tls || vs.reverse || vs.type === 'tcp' ? spokenBehind(vs) : undefined} />
      <ul className="path-servers">
        {servers.length === 0 && <li className="path-none">no Real Server</li>}
        {drawn.map(rs => (
          <Server key={rs.id} rs={rs} onOpen={onOpen} />
        ))}
        {servers.length > drawn.length && (
          <li>
            <button type="button" className="path-server quiet" onClick={() => onOpen('real-servers')}>
              and {plural(servers.length - drawn.length, 'more server')}
            </button>
          </li>
        )}
        {!able && vs.enabled && (
          <li className="path-none">
            <StateMark state={vs.unavailableAction === 'redirect' ? 'redirect' : 'down'} /> {nobodyWords(vs)}
          </li>
        )}
      </ul>
    </section>
  );
}

const badnessOf = (state: keyof typeof badness | undefined) => badness[state ?? 'pending'];

interface PartProps {
  title: ReactNode;
  line: string;
  hint: string | undefined;
  onClick: () => void;
}

function Part({ title, line, hint, onClick }: PartProps) {
  return (
    <Tooltip label={hint} disabled={!hint} openDelay={150}>
      <button type="button" className="path-part" onClick={onClick}>
        <span className="path-title">{title}</span>
        <span className="path-line figure">{line}</span>
      </button>
    </Tooltip>
  );
}

function Arrow({ label }: { label?: string | undefined }) {
  return (
    <span className="path-arrow" aria-hidden="true">
      {label && <span>{label}</span>}
      <svg viewBox="0 0 34 10" width="34" height="10" aria-hidden="true">
        <path d="M0 5H30M26 1.5 30.5 5 26 8.5" />
      </svg>
    </span>
  );
}

function Server({ rs, onOpen }: { rs: RealServer; onOpen: Props['onOpen'] }) {
  const status = useServerStatus(rs.id);
  const state = status?.state ?? 'pending';
  const hint =
    status &&
    (status.reason ||
      `${count(status.connections)} connections${status.responseTime === null || status.totalRequests + status.totalConnections === 0 ? '' : `, answers in ${Math.round(status.responseTime)} ms`}`);
  return (
    <li>
      <Tooltip label={hint} disabled={!hint} openDelay={150}>
        <button type="button" className="path-server" onClick={() => onOpen(`server-${rs.id}`)}>
          <StateMark state={state} />
          <span className="figure">{endpoint(rs.address, rs.port)}</span>
          <span className="path-rate figure">
            {status && (state === 'up' || state === 'unchecked' || state === 'drain') ? (
              rate(status.requestRate || status.connectionRate)
            ) : status ? (
              <Since time={status.since} />
            ) : (
              '–'
            )}
          </span>
        </button>
      </Tooltip>
    </li>
  );
}
