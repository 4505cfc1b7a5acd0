import type { Config, Edit } from '../../schema/config.ts';
import { fill } from '../../schema/derive.ts';
import type { NewRealServer } from '../../schema/endpoints.ts';
import { testRules as judged, type RuleTest } from '../../schema/rule-test.ts';
import type { VirtualService } from '../../schema/virtual-service.ts';
import { type Call, need, readTree, write } from '../call.ts';

export const listVirtualServices = (call: Call) => readTree(call).virtualServices;

export const getVirtualService = (call: Call) => need(readTree(call), 'virtualService', call.id);

export const createVirtualService = (call: Call) => create(call, () => ({}));

export const createSubService = (call: Call) =>
  create(call, config => {
    const { id: parent, address, port } = need(config, 'virtualService', call.id);
    return { parent, address, port };
  });

/** `place` is what the body does not say. */
function create(call: Call, place: (config: Config) => Partial<VirtualService>) {
  const { realServers = [], ...properties } = call.body as { realServers?: NewRealServer[] };
  let made = 0;
  let numbers: number[] = [];
  return write(
    call,
    (config, reserve) => {
      const [id = 0] = reserve('virtualService', 1);
      made = id;
      numbers = realServers.length > 0 ? reserve('realServer', realServers.length) : [];
      return [
        {
          op: 'create',
          kind: 'virtualService',
          value: fill('virtualService', { ...properties, ...place(config), id }),
        },
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
    config => {
      const vs = { ...need(config, 'virtualService', call.id), ...properties };
      const { address, port } = vs;
      return [
        { op: 'replace', kind: 'virtualService', id: call.id, value: vs },
        // A SubVS has the place of its parent.
        ...subsOf(config, call.id)
          .filter(sub => sub.address !== address || sub.port !== port)
          .map(
            (sub): Edit => ({ op: 'replace', kind: 'virtualService', id: sub.id, value: { ...sub, address, port } }),
          ),
      ];
    },
    config => need(config, 'virtualService', call.id),
  );

const subsOf = (config: Config, id: number) => config.virtualServices.filter(sub => sub.parent === id);

export const patchVirtualService = (call: Call) => change(call, call.body);

export const enableVirtualService = (call: Call) => change(call, { enabled: call.body.enabled });

export const deleteVirtualService = (call: Call) =>
  write(
    call,
    config => {
      need(config, 'virtualService', call.id);
      const services = [...subsOf(config, call.id).map(sub => sub.id), call.id];
      const servers = config.realServers.filter(server => services.includes(server.virtualService));
      return [
        ...servers.map((server): Edit => ({ op: 'delete', kind: 'realServer', id: server.id })),
        ...services.map((id): Edit => ({ op: 'delete', kind: 'virtualService', id })),
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
      const subs = subsOf(config, call.id);
      const numbers = reserve('virtualService', 1 + subs.length);
      made = numbers[0] ?? 0;
      // The copy of a SubVS stands beside it, at the place of their parent.
      const place = original.parent > 0 ? { address: original.address, port: original.port } : { address, port };
      const copies = new Map([[original.id, made], ...subs.map((sub, at) => [sub.id, numbers[at + 1] ?? 0] as const)]);
      const servers = config.realServers.filter(server => copies.has(server.virtualService));
      const serverNumbers = servers.length > 0 ? reserve('realServer', servers.length) : [];
      return [
        { op: 'create', kind: 'virtualService', value: { ...original, ...place, id: made, name } },
        ...subs.map(
          (sub): Edit => ({
            op: 'create',
            kind: 'virtualService',
            value: { ...sub, ...place, id: copies.get(sub.id) ?? 0, parent: made },
          }),
        ),
        ...servers.map(
          (server, at): Edit => ({
            op: 'create',
            kind: 'realServer',
            value: { ...server, id: serverNumbers[at] ?? 0, virtualService: copies.get(server.virtualService) ?? 0 },
          }),
        ),
      ];
    },
    config => need(config, 'virtualService', made),
  );
}

/** The rules by themselves, and what the engine remembers of the client. */
export async function testRules(call: Call): Promise<RuleTest> {
  const config = readTree(call);
  const result = judged(config, need(config, 'virtualService', call.id), call.body);
  const { persistence, servers } = result;
  if (result.result !== 'forwarded' || persistence.words !== '') return result;
  const table = await call.services.dataPlane
    .persistence(persistence.service, persistence.key, TESTED_ENTRIES)
    .catch(() => undefined);
  // A service that follows another keeps its entries there, in a table of that name.
  const entry = table?.entries.find(
    one => servers.includes(one.realServer) && (table.owner !== persistence.service || one.table === persistence.table),
  );
  const words = !table
    ? 'The engine could not be asked what it remembers.'
    : entry
      ? `The engine remembers the client for another ${entry.expires} s.`
      : 'The engine does not remember the client: a server is scheduled.';
  return { ...result, persistence: { ...persistence, server: entry?.realServer ?? 0, words } };
}

/** A short key may be part of others. */
const TESTED_ENTRIES = 50;
