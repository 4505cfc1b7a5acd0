import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import type { RealServer } from '../../../../server/schema/real-server.ts';
import { endpoint } from '../../../../server/schema/rules.ts';
import type { VirtualService } from '../../../../server/schema/virtual-service.ts';
import { useStatus } from '../../api/queries.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { Panel } from '../../parts/panel.tsx';
import { Since } from '../../parts/since.tsx';
import { Empty } from '../../parts/states.tsx';
import { useMay } from '../../shell/session.tsx';
import { CheckHistory } from './check-history.tsx';
import { nobodyWords } from './consequences.ts';
import { serverColumns } from './server-columns.tsx';
import { ActDialog, DeleteServerDialog } from './server-dialogs.tsx';
import { RULE_NAMES, ServerForm } from './server-form.tsx';
import { useNarrow } from './use-narrow.ts';

/** What is being done to which server. */
export interface Doing {
  what: 'modify' | 'delete' | 'drain' | 'disabled' | 'checks' | 'rules';
  rs: RealServer;
}

/** With this many servers a filter helps. */
const MANY = 12;

/** The Real Servers of a service: how each does, and what can be done with it. */
export function ServersPanel({ vs, servers }: { vs: VirtualService; servers: RealServer[] }) {
  const live = useStatus();
  const administrator = useMay('administrator');
  const operator = useMay('operator');
  const narrow = useNarrow();
  const [adding, setAdding] = useState(false);
  const [doing, setDoing] = useState<Doing>();
  const columns = useMemo(
    () => serverColumns({ vs, administrator, operator, narrow, onDo: setDoing }),
    [vs, administrator, operator, narrow],
  );
  const close = () => setDoing(undefined);
  const add = administrator && (
    <Button size="compact-xs" variant="default" leftSection={<IconPlus size={13} />} onClick={() => setAdding(true)}>
      Add New
    </Button>
  );

  return (
    <div id="real-servers">
      <Panel title="Real Servers" aside={servers.length > 0 && add}>
        <DataTable
          label="Real Servers"
          rows={servers}
          columns={columns}
          idOf={rs => rs.id}
          {...(servers.length > MANY && { textOf: (rs: RealServer) => endpoint(rs.address, rs.port) })}
          {...(administrator && { onOpen: (rs: RealServer) => setDoing({ what: 'modify', rs }) })}
          detail={rs => {
            const status = live?.servers.get(rs.id);
            if (status?.state !== 'down') return null;
            return (
              <>
                down for <Since time={status.since} />
                {status.reason && `: ${status.reason}`}
              </>
            );
          }}
          empty={
            <Empty title="No Real Server yet" action={add}>
              A Real Server does the work. Until there is one, {nobodyWords(vs)}.
            </Empty>
          }
        />
      </Panel>
      {adding && <ServerForm vs={vs} servers={servers} onClose={() => setAdding(false)} />}
      {doing?.what === 'modify' && <ServerForm vs={vs} servers={servers} rs={doing.rs} onClose={close} />}
      {doing?.what === 'rules' && (
        <ServerForm vs={vs} servers={servers} rs={doing.rs} names={RULE_NAMES} onClose={close} />
      )}
      {doing?.what === 'checks' && <CheckHistory rs={doing.rs} onClose={close} />}
      {doing?.what === 'delete' && <DeleteServerDialog vs={vs} servers={servers} rs={doing.rs} onClose={close} />}
      {(doing?.what === 'drain' || doing?.what === 'disabled') && (
        <ActDialog vs={vs} servers={servers} rs={doing.rs} act={doing.what} onClose={close} />
      )}
    </div>
  );
}
