import { ActionIcon, Button, Group } from '@mantine/core';
import { IconActivityHeartbeat, IconPencil, IconTrash } from '@tabler/icons-react';
import type { RealServer } from '../../../../server/schema/real-server.ts';
import { endpoint } from '../../../../server/schema/rules.ts';
import type { ServerStatus } from '../../../../server/schema/status.ts';
import type { VirtualService } from '../../../../server/schema/virtual-service.ts';
import { useMutate } from '../../api/mutate.tsx';
import { useServerStatus } from '../../api/queries.ts';
import { recentOf } from '../../api/recent.ts';
import type { Column } from '../../parts/data-table.tsx';
import { count, rate } from '../../parts/format.ts';
import { Sparkline } from '../../parts/sparkline.tsx';
import { StateBadge } from '../../parts/state-badge.tsx';
import { labelOf } from '../../parts/value.ts';
import type { Doing } from './servers-panel.tsx';
import { WeightCell } from './weight-cell.tsx';

interface Context {
  vs: VirtualService;
  administrator: boolean;
  operator: boolean;
  onDo: (doing: Doing) => void;
  /** What says least goes, so that the table needs no sideways scrolling. */
  narrow: boolean;
}

export function serverColumns(context: Context): Column<RealServer>[] {
  const { vs, administrator, narrow } = context;
  const figure = (
    key: string,
    title: string,
    width: string,
    of: (status: ServerStatus) => string,
  ): Column<RealServer> => ({
    key,
    title,
    width,
    align: 'right',
    render: rs => <Figure id={rs.id} of={of} />,
  });
  return [
    { key: 'state', title: 'State', width: '100px', render: rs => <State id={rs.id} /> },
    {
      key: 'server',
      title: 'Address',
      sort: rs => endpoint(rs.address, rs.port),
      render: rs => (
        <span id={`server-${rs.id}`} className="figure row-name">
          {endpoint(rs.address, rs.port)}
        </span>
      ),
    },
    figure('connections', 'Connections', '102px', status => count(status.connections)),
    {
      key: 'load',
      title: vs.type === 'http' ? 'Requests' : 'New connections',
      width: narrow ? '76px' : '166px',
      render: rs => <Load id={rs.id} narrow={narrow} />,
    },
    // Beside an address and what can be done there is no room for everything.
    ...(narrow ? [] : [figure('time', 'Response', '78px', responseWords)]),
    {
      key: 'weight',
      title: labelOf('realServer', 'weight'),
      width: narrow ? '78px' : '84px',
      align: 'right',
      sort: rs => rs.weight,
      render: rs => <WeightCell rs={rs} used={vs.scheduling.startsWith('weighted')} may={administrator} />,
    },
    ...(vs.contentSwitching ? [rulesColumn(context)] : []),
    ...(narrow ? [] : [limit]),
    {
      key: 'acts',
      title: 'Operation',
      width: administrator ? '262px' : '196px',
      render: rs => <Acts rs={rs} {...context} />,
    },
  ];
}

/** Average time to answer; a dash before the first request. */
function responseWords({ responseTime, totalRequests, totalConnections }: ServerStatus): string {
  if (responseTime === null || totalRequests + totalConnections === 0) return '–';
  return responseTime < 1 ? '< 1 ms' : `${Math.round(responseTime)} ms`;
}

/** Rules by which requests come here; a server without any gets none. */
const rulesColumn = ({ administrator, onDo }: Context): Column<RealServer> => ({
  key: 'rules',
  title: 'Rules',
  width: '96px',
  sort: rs => rs.rules.length + Number(rs.defaultRule),
  render: rs => {
    const words = [...(rs.rules.length > 0 ? [String(rs.rules.length)] : []), ...(rs.defaultRule ? ['default'] : [])];
    return (
      <Button
        {...small}
        disabled={!administrator}
        aria-label={`Rules of ${endpoint(rs.address, rs.port)}`}
        onClick={() => onDo({ what: 'rules', rs })}
      >
        {words.join(' + ') || 'None'}
      </Button>
    );
  },
});

const limit: Column<RealServer> = {
  key: 'limit',
  title: 'Limit',
  width: '72px',
  align: 'right',
  sort: rs => rs.connectionLimit,
  render: rs => <span className="figure">{rs.connectionLimit === 0 ? '–' : count(rs.connectionLimit)}</span>,
};

function State({ id }: { id: number }) {
  return <StateBadge state={useServerStatus(id)?.state ?? 'pending'} />;
}

function Figure({ id, of }: { id: number; of: (status: ServerStatus) => string }) {
  const status = useServerStatus(id);
  return <span className="figure">{status ? of(status) : '–'}</span>;
}

function Load({ id, narrow }: { id: number; narrow: boolean }) {
  const status = useServerStatus(id);
  if (!status) return null;
  return (
    <span className="load">
      {!narrow && <Sparkline values={recentOf('server', id)} />}
      <span className="figure">{rate(status.requestRate || status.connectionRate)}</span>
    </span>
  );
}

function Acts({ rs, administrator, operator, onDo }: Context & { rs: RealServer }) {
  const name = endpoint(rs.address, rs.port);
  const enable = useMutate('setServerState', { done: `Enabled ${name}` });
  const checks = (
    <ActionIcon
      {...icon}
      title="Health checks"
      aria-label={`Health checks of ${name}`}
      onClick={() => onDo({ what: 'checks', rs })}
    >
      <IconActivityHeartbeat size={14} />
    </ActionIcon>
  );
  if (!operator) return checks;
  return (
    <Group gap={4} wrap="nowrap" className="acts">
      {checks}
      {rs.state !== 'enabled' && (
        <Button
          {...small}
          loading={enable.busy}
          aria-label={`Enable ${name}`}
          onClick={() => void enable.run({ body: { ids: [rs.id], state: 'enabled' } })}
        >
          Enable
        </Button>
      )}
      {rs.state === 'enabled' && (
        <Button {...small} aria-label={`Drain ${name}`} onClick={() => onDo({ what: 'drain', rs })}>
          Drain
        </Button>
      )}
      {rs.state !== 'disabled' && (
        <Button {...small} aria-label={`Disable ${name}`} onClick={() => onDo({ what: 'disabled', rs })}>
          Disable
        </Button>
      )}
      {administrator && (
        <>
          <ActionIcon {...icon} ml="auto" aria-label={`Modify ${name}`} onClick={() => onDo({ what: 'modify', rs })}>
            <IconPencil size={14} />
          </ActionIcon>
          <ActionIcon {...icon} aria-label={`Delete ${name}`} onClick={() => onDo({ what: 'delete', rs })}>
            <IconTrash size={14} />
          </ActionIcon>
        </>
      )}
    </Group>
  );
}

const small = { size: 'compact-xs', variant: 'default' } as const;
const icon = { size: 'sm', variant: 'subtle', color: 'gray' } as const;
