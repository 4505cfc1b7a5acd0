import type { Edit } from '../../schema/config.ts';
import { fill } from '../../schema/derive.ts';
import type { NewRealServer } from '../../schema/endpoints.ts';
import type { VirtualService } from '../../schema/virtual-service.ts';
import { type Call, need, readTree, write } from '../call.ts';

export const listVirtualServices = (call: Call) => readTree(call).virtualServices;

export const getVirtualService = (call: Call) => need(readTree(call), 'virtualService', call.id);

export function createVirtualService(call: Call) {
  const { realServers = [], ...properties } = call.body as { realServers?: NewRealServer[] };
  let made = 0;
  let numbers: number[] = [];
  return write(
    call,
    (_config, reserve) => {
      const [id = 0] = reserve('virtualService', 1);
      made = id;
      numbers = realServers.length > 0 ? reserve('realServer', realServers.length) : [];
      return [
        { op: 'create', kind: 'virtualService', value: fill('virtualService', { ...properties, id }) },
        ...realServers.map(
          (server, at): Edit => ({
            op: 'create',
            kind: 'realServer',
            value: fill('realServer', { ...server, id: numbers[at], virtualService: id }),
          }),
        ),
      ];
    },
    config => need(config, 'virtualService', made),
    ({ kind, id, fault }) =>
      kind === 'realServer' && numbers.includes(id) ? `/realServers/${numbers.indexOf(id)}${fault.at}` : undefined,
  );
}

const change = (call: Call, properties: Partial<VirtualService>) =>
  write(
    call,
    config => [
      {
        op: 'replace',
        kind: 'virtualService',
        id: call.id,
        value: { ...need(config, 'virtualService', call.id), ...properties },
      },
    ],
    config => need(config, 'virtualService', call.id),
  );

export const patchVirtualService = (call: Call) => change(call, call.body);

export const enableVirtualService = (call: Call) => change(call, { enabled: call.body.enabled });

export const deleteVirtualService = (call: Call) =>
  write(
    call,
    config => {
      need(config, 'virtualService', call.id);
      const servers = config.realServers.filter(server => server.virtualService === call.id);
      return [
        ...servers.map((server): Edit => ({ op: 'delete', kind: 'realServer', id: server.id })),
        { op: 'delete', kind: 'virtualService', id: call.id },
      ];
    },
    () => undefined,
  );

export function duplicateVirtualService(call: Call) {
  const { address, port, name = '' } = call.body as { address: string; port: number; name?: string };
  let made = 0;
  return write(
    call,
    (config, reserve) => {
      const original = need(config, 'virtualService', call.id);
      const servers = config.realServers.filter(server => server.virtualService === call.id);
      const [id = 0] = reserve('virtualService', 1);
      made = id;
      const numbers = servers.length > 0 ? reserve('realServer', servers.length) : [];
      return [
        { op: 'create', kind: 'virtualService', value: { ...original, id, address, port, name } },
        ...servers.map(
          (server, at): Edit => ({
            op: 'create',
            kind: 'realServer',
            value: { ...server, id: numbers[at] ?? 0, virtualService: id },
          }),
        ),
      ];
    },
    config => need(config, 'virtualService', made),
  );
}
