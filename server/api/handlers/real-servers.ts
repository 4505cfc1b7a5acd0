import type { Config, Edit } from '../../schema/config.ts';
import { fill } from '../../schema/derive.ts';
import { Fault } from '../../schema/faults.ts';
import type { RealServer } from '../../schema/real-server.ts';
import { canonical, endpoint } from '../../schema/rules.ts';
import { type Call, need, readTree, write } from '../call.ts';

export function listRealServers(call: Call) {
  const config = readTree(call);
  const service = call.query.virtualService as number | undefined;
  if (service === undefined) return config.realServers;
  need(config, 'virtualService', service);
  return config.realServers.filter(server => server.virtualService === service);
}

export const getRealServer = (call: Call) => need(readTree(call), 'realServer', call.id);

export function createRealServer(call: Call) {
  let made = 0;
  return write(
    call,
    (config, reserve) => {
      need(config, 'virtualService', call.id);
      const [id = 0] = reserve('realServer', 1);
      made = id;
      return [
        { op: 'create', kind: 'realServer', value: fill('realServer', { ...call.body, id, virtualService: call.id }) },
      ];
    },
    config => need(config, 'realServer', made),
  );
}

export const patchRealServer = (call: Call) =>
  write(
    call,
    config => [
      {
        op: 'replace',
        kind: 'realServer',
        id: call.id,
        value: { ...need(config, 'realServer', call.id), ...call.body },
      },
    ],
    config => need(config, 'realServer', call.id),
  );

export const deleteRealServer = (call: Call) =>
  write(
    call,
    config => {
      const rs = need(config, 'realServer', call.id);
      const [follower] = config.realServers.filter(other => other.follow === call.id);
      if (follower)
        throw new Fault('IN_USE', {
          name: endpoint(rs.address, rs.port),
          by: `${endpoint(follower.address, follower.port)}, whose health check is on it`,
        });
      return [{ op: 'delete', kind: 'realServer', id: call.id }];
    },
    () => undefined,
  );

export function setServerState(call: Call) {
  const { ids, address, state } = call.body as { ids?: number[]; address?: string; state: RealServer['state'] };
  if ((ids === undefined) === (address === undefined))
    throw new Fault('NEEDS', { label: 'This call', needs: 'either “ids” or “address”' }, '/ids');
  const chosen = (config: Config): RealServer[] => {
    if (ids) {
      // A search of the whole list for each of 20,000 numbers would hold up every other call.
      const byId = new Map(config.realServers.map(server => [server.id, server]));
      return ids.map(id => byId.get(id) ?? need(config, 'realServer', id));
    }
    const found = config.realServers.filter(server => canonical(server.address) === canonical(address ?? ''));
    if (found.length === 0)
      throw new Fault(
        'BAD_ADDRESS',
        { address: address ?? '', reason: 'is the address of no Real Server' },
        '/address',
      );
    return found;
  };
  return write(
    call,
    config =>
      chosen(config)
        .filter(server => server.state !== state)
        .map((server): Edit => ({ op: 'replace', kind: 'realServer', id: server.id, value: { ...server, state } })),
    chosen,
  );
}
