import type { RealServer } from '../../../../server/schema/real-server.ts';
import { endpoint, titleOf } from '../../../../server/schema/rules.ts';
import type { VirtualService } from '../../../../server/schema/virtual-service.ts';
import { call } from '../../api/call.ts';
import { useMutate } from '../../api/mutate.tsx';
import { useStatus } from '../../api/queries.ts';
import { ConfirmDialog } from '../../parts/confirm-dialog.tsx';
import { type Act, leavingWords } from './consequences.ts';

interface Props {
  vs: VirtualService;
  servers: readonly RealServer[];
  rs: RealServer;
  onClose: () => void;
}

/** Draining or disabling one server of one service: whom it meets and who takes over. */
export function ActDialog({ vs, servers, rs, act, onClose }: Props & { act: Exclude<Act, 'enabled'> }) {
  const name = endpoint(rs.address, rs.port);
  const verb = act === 'drain' ? 'Drain' : 'Disable';
  const set = useMutate('setServerState', { done: `${act === 'drain' ? 'Draining' : 'Disabled'} ${name}` });
  const body = { ids: [rs.id], state: act };
  return (
    <ConfirmDialog
      opened
      onClose={onClose}
      title={`${verb} ${name} in “${titleOf(vs)}”?`}
      act={`${verb} ${name}`}
      preview={() => call('setServerState', { body, dryRun: true })}
      run={() => set.run({ body })}
    >
      <Consequences vs={vs} servers={servers} rs={rs} act={act} />
    </ConfirmDialog>
  );
}

export function DeleteServerDialog({ vs, servers, rs, onClose }: Props) {
  const name = endpoint(rs.address, rs.port);
  const remove = useMutate('deleteRealServer', { done: `Deleted ${name}` });
  return (
    <ConfirmDialog
      opened
      onClose={onClose}
      title={`Delete ${name} from “${titleOf(vs)}”?`}
      act={`Delete ${name}`}
      danger
      preview={() => call('deleteRealServer', { params: { id: rs.id }, dryRun: true })}
      run={() => remove.run({ params: { id: rs.id } })}
    >
      <Consequences vs={vs} servers={servers} rs={rs} act="disabled" />
    </ConfirmDialog>
  );
}

function Consequences({ vs, servers, rs, act }: Omit<Props, 'onClose'> & { act: Act }) {
  const live = useStatus();
  const words = leavingWords(vs, servers, new Set([rs.id]), id => live?.servers.get(id), act);
  return <p className="figure">{words.join(' ')}</p>;
}
