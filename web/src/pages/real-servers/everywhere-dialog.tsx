import type { RealServer } from '../../../../server/schema/real-server.ts';
import { titleOf } from '../../../../server/schema/rules.ts';
import type { VirtualService } from '../../../../server/schema/virtual-service.ts';
import { call } from '../../api/call.ts';
import { useMutate } from '../../api/mutate.tsx';
import { useStatus } from '../../api/queries.ts';
import { ConfirmDialog } from '../../parts/confirm-dialog.tsx';
import { plural } from '../../parts/format.ts';
import { leavingWords, listed } from '../virtual-services/consequences.ts';
import type { Host } from './hosts.ts';

interface Props {
  hosts: readonly Host[];
  act: RealServer['state'];
  /** All there are, for who is left. */
  servers: readonly RealServer[];
  onClose: () => void;
  onDone: () => void;
}

const VERBS = { enabled: 'Enable', drain: 'Drain', disabled: 'Disable' } as const;
const DONE = { enabled: 'Enabled', drain: 'Draining', disabled: 'Disabled' } as const;
const MOST = 12;

/** Acts on machines in every service, after a plan: for each service who is left. */
export function EverywhereDialog({ hosts, act, servers, onClose, onDone }: Props) {
  const live = useStatus();
  const who = listed(hosts.map(host => host.address));
  const set = useMutate('setServerState', { done: `${DONE[act]} ${who} in every service` });
  const members = hosts.flatMap(host => host.members).filter(({ rs }) => rs.state !== act);
  const body = { ids: members.map(({ rs }) => rs.id), state: act };
  const services = [...new Map(members.map(({ vs }) => [vs.id, vs])).values()];
  const leaving = new Set(body.ids);

  const wordsOf = (vs: VirtualService) =>
    leavingWords(
      vs,
      servers.filter(rs => rs.virtualService === vs.id),
      leaving,
      id => live?.servers.get(id),
      act,
    ).join(' ');
  const isLeft = (vs: VirtualService) =>
    servers.some(
      rs =>
        rs.virtualService === vs.id &&
        rs.state === 'enabled' &&
        !leaving.has(rs.id) &&
        live?.servers.get(rs.id)?.state !== 'down',
    );
  // Where nobody is left comes first.
  const plan = services
    .map(vs => ({ vs, words: wordsOf(vs), bare: act !== 'enabled' && vs.enabled && !isLeft(vs) }))
    .toSorted((a, b) => Number(b.bare) - Number(a.bare));

  return (
    <ConfirmDialog
      opened
      onClose={onClose}
      title={`${VERBS[act]} ${who} in every service?`}
      act={
        hosts.length === 1 ? `${VERBS[act]} ${who}` : `${VERBS[act]} ${plural(hosts.length, 'address', 'addresses')}`
      }
      {...(body.ids.length > 0 && { preview: () => call('setServerState', { body, dryRun: true }) })}
      run={async () => {
        if (body.ids.length === 0) return true;
        const reply = await set.run({ body });
        if (reply) onDone();
        return reply;
      }}
    >
      {plan.length === 0 && <p>Nothing to do: that is how it is already.</p>}
      {act === 'enabled' ? (
        plan.length > 0 && (
          <p>Takes new clients again in {listed(plan.map(({ vs }) => titleOf(vs)))} as soon as its check succeeds.</p>
        )
      ) : (
        <dl className="plan">
          {plan.slice(0, MOST).map(({ vs, words, bare }) => (
            <div key={vs.id}>
              <dt>{titleOf(vs)}</dt>
              <dd className="figure" data-tone={bare ? 'bad' : undefined}>
                {bare && '✕ '}
                {words}
              </dd>
            </div>
          ))}
          {plan.length > MOST && <p className="quiet">and in {plural(plan.length - MOST, 'more service')}.</p>}
        </dl>
      )}
    </ConfirmDialog>
  );
}
