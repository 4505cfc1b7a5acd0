import { write } from '../api/call.ts';
import * as native from '../api/handlers/real-servers.ts';
import { patchVirtualService } from '../api/handlers/virtual-services.ts';
import { validated } from '../api/validated.ts';
import type { Edit } from '../schema/config.ts';
import { createOf, patchOf } from '../schema/derive.ts';
import type { Changed } from '../schema/endpoints.ts';
import type { RealServer } from '../schema/real-server.ts';
import { canonical, isAddress } from '../schema/rules.ts';
import { type Ask, type Command, callOf, treeOf } from './command.ts';
import { decoded } from './decode.ts';
import { type Data, done, type Reply } from './reply.ts';
import { serverView, slotView } from './service-view.ts';
import { memberOf, observedIn, serviceOf, treeFor } from './tree.ts';
import { Refused, unknown } from './wire.ts';

const PLACE = ['vs', 'port?', 'prot?', 'rs', 'rsport?'] as const;
const newServer = createOf('realServer', ['virtualService']);
const serverPatch = patchOf('realServer', ['virtualService']);
const servicePatch = patchOf('virtualService');

/** Real Servers have their address and port told by other parameters, and their owner by `vs`. */
const specials = { VSIndex: () => ({}), Addr: () => ({}), Port: () => ({}), MatchRules: () => ({}) } as const;

/** The member as `showrs` shows it. */
function shown(ask: Ask, id: { server: number } | { sub: number }): Data {
  const tree = treeFor(treeOf(ask));
  const observed = observedIn(ask.status);
  if ('sub' in id) {
    const sub = tree.services.get(id.sub);
    if (!sub) throw unknown('RS');
    return { SubVS: [slotView(sub, tree, observed)] };
  }
  const server = tree.config.realServers.find(rs => rs.id === id.server);
  if (!server) throw unknown('RS');
  return { Rs: [serverView(server, tree, observed)] };
}

async function add(ask: Ask): Promise<Reply> {
  const { params } = ask;
  const config = treeOf(ask);
  const vs = serviceOf(config, params);
  const address = params.need('rs', 'Address');
  if (!isAddress(address)) throw new Refused(422, `rs: ${address.slice(0, 64)} is not an address`);
  const port = Number(params.need('rsport'));
  if (treeFor(config).subs.has(vs.id)) throw new Refused(422, "Couldn't create RS");
  params.given.set('address', 'rs').set('port', 'rsport');
  const body = validated(newServer, { ...decoded('realServer', params, config, specials), address, port });
  const targets = params.flag('addtoallsubvs') && vs.parent > 0 ? (treeFor(config).subs.get(vs.parent) ?? []) : [];
  let id = 0;
  for (const target of [vs, ...targets.filter(sub => sub.id !== vs.id)]) {
    const made = (await native.createRealServer(callOf(ask, target.id, body))) as Changed<RealServer>;
    if (target.id === vs.id) id = made.object?.id ?? 0;
  }
  return { data: shown(ask, { server: id }) };
}

async function modify(ask: Ask): Promise<Reply> {
  const { params } = ask;
  const config = treeOf(ask);
  const { server, sub } = memberOf(config, serviceOf(config, params), params);
  if (sub) {
    const enabled = params.flag('Enable');
    const weight = params.whole('Weight');
    const limit = params.whole('Limit');
    const critical = params.flag('Critical');
    params.given.set('subWeight', 'Weight').set('subLimit', 'Limit').set('subCritical', 'Critical');
    const body = {
      ...(enabled !== undefined && { enabled }),
      ...(weight !== undefined && { subWeight: weight }),
      ...(limit !== undefined && { subLimit: limit }),
      ...(critical !== undefined && { subCritical: critical }),
    };
    if (Object.keys(body).length > 0) await patchVirtualService(callOf(ask, sub.id, validated(servicePatch, body)));
    return { data: shown(ask, { sub: sub.id }), text: done.text as string, textIn1: true };
  }
  const port = params.whole('newport');
  params.given.set('port', 'newport');
  const body = { ...decoded('realServer', params, config, specials), ...(port !== undefined && { port }) };
  if (Object.keys(body).length > 0) await native.patchRealServer(callOf(ask, server.id, validated(serverPatch, body)));
  return { data: shown(ask, { server: server.id }), text: done.text as string, textIn1: true };
}

const setState =
  (state: RealServer['state']) =>
  async (ask: Ask): Promise<Reply> => {
    const { params } = ask;
    const address = params.need('rs', 'Address', 'dnsname');
    if (!isAddress(address)) throw unknown('RS');
    const port = params.get('rsport', 'port');
    const ids = treeOf(ask)
      .realServers.filter(rs => canonical(rs.address) === canonical(address) && (!port || String(rs.port) === port))
      .map(rs => rs.id);
    if (ids.length === 0) throw unknown('RS');
    await native.setServerState(callOf(ask, 0, { ids, state }));
    return done;
  };

async function remove(ask: Ask): Promise<Reply> {
  const config = treeOf(ask);
  const { server, sub } = memberOf(config, serviceOf(config, ask.params), ask.params);
  if (server) {
    await native.deleteRealServer(callOf(ask, server.id, {}));
    return done;
  }
  await write(
    callOf(ask, sub.id, {}),
    now => [
      ...now.realServers
        .filter(rs => rs.virtualService === sub.id)
        .map((rs): Edit => ({ op: 'delete', kind: 'realServer', id: rs.id })),
      { op: 'delete', kind: 'virtualService', id: sub.id },
    ],
    () => undefined,
  );
  return done;
}

export const realServerCommands = {
  showrs: {
    role: 'read-only',
    about: 'One Real Server, or a SubVS in its parent.',
    params: PLACE,
    run: ask => {
      const config = treeOf(ask);
      const { server, sub } = memberOf(config, serviceOf(config, ask.params), ask.params);
      return { data: shown(ask, server ? { server: server.id } : { sub: sub.id }) };
    },
  },
  addrs: {
    role: 'administrator',
    about: 'Add a Real Server.',
    params: [...PLACE, 'weight?', 'limit?', 'enable?', 'critical?', 'follow?', 'addtoallsubvs?'],
    run: add,
  },
  modrs: {
    role: 'administrator',
    about: 'Change a Real Server, or a SubVS in its parent.',
    params: [...PLACE, 'newport?', 'weight?', 'limit?', 'enable?', 'critical?', 'follow?'],
    run: modify,
  },
  delrs: { role: 'administrator', about: 'Delete a Real Server.', params: PLACE, run: remove },
  enablers: {
    role: 'operator',
    about: 'Enable a server in every service.',
    params: ['rs', 'rsport?'],
    run: setState('enabled'),
  },
  disablers: {
    role: 'operator',
    about: 'Disable a server in every service.',
    params: ['rs', 'rsport?'],
    run: setState('disabled'),
  },
} as const satisfies Record<string, Command>;
