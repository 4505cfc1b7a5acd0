import type { Edit } from '../../schema/config.ts';
import { settingsOf } from '../../schema/config.ts';
import type { Settled } from '../../schema/control.ts';
import { Fault } from '../../schema/faults.ts';
import type { NetworkChange } from '../../schema/network/calls.ts';
import type { NetworkView } from '../../schema/network/state.ts';
import { canonical } from '../../schema/rules.ts';
import { type Call, need, write } from '../call.ts';
import { connectionOf } from '../connections.ts';

export const getNetworkState = async ({ services, request }: Call): Promise<NetworkView> => ({
  ...(await services.dataPlane.network()),
  caller: { from: canonical(request.ip ?? ''), at: canonical(connectionOf(request).address) },
});

export const changeNetwork = (call: Call) => {
  const { interfaces = {}, settings } = call.body as NetworkChange;
  return write(
    call,
    config => [
      ...Object.entries(interfaces).map(
        ([id, patch]): Edit => ({
          op: 'replace',
          kind: 'interface',
          id: Number(id),
          value: { ...need(config, 'interface', Number(id)), ...patch },
        }),
      ),
      ...(settings
        ? [{ op: 'replace', kind: 'settings', id: 1, value: { ...settingsOf(config), ...settings } } as const]
        : []),
    ],
    () => undefined,
    ({ kind, id, fault }) =>
      kind === 'interface' ? `/interfaces/${id}${fault.at ?? ''}` : `/settings${fault.at ?? ''}`,
  );
};

export const confirmNetwork = async (call: Call) =>
  settled(call, await call.services.dataPlane.confirmNetwork(connectionOf(call.request)));

export const undoNetwork = async (call: Call) => settled(call, await call.services.dataPlane.undoNetwork());

/** History learns what became of the revision before the caller does. */
async function settled({ services, reply }: Call, result: Settled): Promise<{ revision: number }> {
  if ('fault' in result) {
    // What comes next over this connection would be as old.
    reply.header('connection', 'close');
    const fault = new Fault(result.fault.code, {}, result.fault.at);
    fault.message = result.fault.message;
    throw fault;
  }
  await services.committer().heal();
  return result;
}
