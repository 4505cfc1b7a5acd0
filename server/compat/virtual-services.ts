import { write } from '../api/call.ts';
import { selfSigned } from '../api/certificates/self-signed.ts';
import { exportTemplate } from '../api/handlers/templates.ts';
import * as native from '../api/handlers/virtual-services.ts';
import { validated } from '../api/validated.ts';
import type { Config, Edit } from '../schema/config.ts';
import { createOf, fill, wholeOf } from '../schema/derive.ts';
import type { Changed } from '../schema/endpoints.ts';
import { isAddress } from '../schema/rules.ts';
import type { VirtualService } from '../schema/virtual-service.ts';
import { type Ask, type Command, callOf, treeOf } from './command.ts';
import { type Data, done } from './reply.ts';
import { beginning, placeOf, serviceChange } from './service-decode.ts';
import { serviceView } from './service-view.ts';
import { observedIn, serviceOf, treeFor } from './tree.ts';
import { type Params, Refused } from './wire.ts';

const PLACE = ['vs', 'port?', 'prot?'] as const;
const serviceSchema = wholeOf('virtualService');
const newService = createOf('virtualService');

const shown = (ask: Ask, id: number): Data => {
  const tree = treeFor(treeOf(ask));
  const vs = tree.services.get(id);
  if (!vs) throw new Refused(422, 'Unknown VS');
  return serviceView(vs, tree, observedIn(ask.status));
};

/** A service that terminates TLS without a certificate gets one of its own. */
async function certificateFor(params: Params, vs: VirtualService | undefined) {
  const tls = params.flag('SSLAcceleration') ?? vs?.tls ?? false;
  const named = (params.get('CertFile') ?? '') !== '' || (vs?.certificates.length ?? 0) > 0;
  if (!tls || named) return undefined;
  return selfSigned({ commonName: vs?.address ?? params.get('vs') ?? 'ballast' } as never, Date.now());
}

type Reserve = Parameters<Parameters<typeof write>[1]>[1];

/** The certificate as an edit, with its number put into the service. */
function withCertificate(
  vs: VirtualService,
  material: Awaited<ReturnType<typeof certificateFor>>,
  reserve: Reserve,
): { vs: VirtualService; edits: Edit[] } {
  if (!material) return { vs, edits: [] };
  const [id = 0] = reserve('certificate', 1);
  const name = `${vs.id}-${Date.now().toString(16)}`.padStart(32, '0');
  return {
    vs: { ...vs, certificates: [id] },
    edits: [{ op: 'create', kind: 'certificate', value: fill('certificate', { ...material, id, name }) }],
  };
}

async function addService(ask: Ask): Promise<Data> {
  const { params } = ask;
  const address = params.need('vs', 'Address');
  if (!isAddress(address)) throw new Refused(400, 'vs: Address Value missing');
  // A bare service where a template was asked for would be worse than none.
  if (params.get('template')) throw new Refused(422, 'template: templates ask questions that addvs cannot carry');
  const port = params.need('port');
  if (!/^(?:\d{1,5}|\*)$/.test(port)) throw new Refused(400, 'port: String Value missing');
  const protocol = (params.get('prot') || 'tcp').toLowerCase();
  if (protocol !== 'tcp' && protocol !== 'udp') throw new Refused(400, 'prot: String Value missing');
  params.given.set('address', 'vs').set('port', 'port').set('protocol', 'prot');
  const material = await certificateFor(params, undefined);
  const where = placeOf(port);
  const place = {
    address,
    ...beginning(where.port ?? 0, protocol),
    ...where,
    // Every port there is can only be had below HTTP.
    ...(where.wildcardPort && { layer: 'l4' as const, type: 'tcp' as const, checkType: 'icmp' as const }),
  };
  let made = 0;
  await write(
    callOf(ask, 0, {}),
    (config, reserve) => {
      const [id = 0] = reserve('virtualService', 1);
      made = id;
      const first = fill('virtualService', { ...place, id });
      const { id: _, ...wanted } = settled({ ...first, ...serviceChange(params, config, first) });
      const whole = { ...validated(newService, wanted), id } as VirtualService;
      const { vs, edits } = withCertificate(whole, material, reserve);
      return [...edits, { op: 'create', kind: 'virtualService', value: vs }];
    },
    () => undefined,
  );
  return shown(ask, made);
}

/** Layer 4 relays bytes whatever the type says; what only Layer 7 can do is off there. */
const settled = (vs: VirtualService): VirtualService => (vs.layer === 'l4' ? { ...vs, type: 'tcp' } : vs);

async function modifyService(ask: Ask): Promise<Data> {
  const { params } = ask;
  const { id } = serviceOf(treeOf(ask), params);
  if (params.has('createsubvs')) return addSub(ask, id);
  const material = await certificateFor(params, treeFor(treeOf(ask)).services.get(id));
  await write(
    callOf(ask, id, {}),
    (config, reserve) => {
      const before = treeFor(config).services.get(id);
      if (!before) throw new Refused(422, 'Unknown VS');
      const wanted = settled({ ...before, ...serviceChange(params, config, before) });
      const { vs, edits } = withCertificate(validated(serviceSchema, wanted), material, reserve);
      const { address, port } = vs;
      const subs = config.virtualServices.filter(
        each => each.parent === id && (each.address !== address || each.port !== port),
      );
      return [
        ...edits,
        { op: 'replace', kind: 'virtualService', id, value: vs },
        ...subs.map(
          (sub): Edit => ({ op: 'replace', kind: 'virtualService', id: sub.id, value: { ...sub, address, port } }),
        ),
      ];
    },
    () => undefined,
  );
  return shown(ask, id);
}

/** Answers with the parent, the new SubVS last of its list; what comes along is for the SubVS. */
async function addSub(ask: Ask, parent: number): Promise<Data> {
  await write(
    callOf(ask, parent, {}),
    (config, reserve) => {
      const over = treeFor(config).services.get(parent);
      if (!over) throw new Refused(422, 'Unknown VS');
      if (over.parent > 0 || config.realServers.some(rs => rs.virtualService === parent))
        throw new Refused(422, "Couldn't create SubVS");
      const [id = 0] = reserve('virtualService', 1);
      const { address, port, protocol, type, checkType } = over;
      const first = fill('virtualService', { id, parent, address, port, protocol, type, checkType, http2: false });
      const value = validated(serviceSchema, { ...first, ...serviceChange(ask.params, config, first) });
      return [{ op: 'create', kind: 'virtualService', value }];
    },
    () => undefined,
  );
  return shown(ask, parent);
}

async function duplicate(ask: Ask): Promise<Data> {
  const { params } = ask;
  const original = serviceOf(treeOf(ask), params);
  const body =
    original.parent > 0
      ? { address: original.address, port: original.port, name: '' }
      : {
          address: params.need('newvs', 'Address'),
          port: Number(params.need('newport')),
          name: params.get('NickName') ?? '',
        };
  if (!isAddress(body.address)) throw new Refused(400, 'newvs: Address Value missing');
  if (!Number.isInteger(body.port) || body.port < 1 || body.port > 65_535)
    throw new Refused(400, 'newport: String Value missing');
  const made = (await native.duplicateVirtualService(callOf(ask, original.id, body))) as Changed<VirtualService>;
  return shown(ask, made.object?.id ?? 0);
}

/** Services of their own first, then SubVSs, each by its number. */
function all(ask: Ask): Data {
  const tree = treeFor(treeOf(ask));
  const observed = observedIn(ask.status);
  const order = tree.config.virtualServices.toSorted(
    (a, b) => Number(a.parent > 0) - Number(b.parent > 0) || a.id - b.id,
  );
  return { VS: order.map(vs => serviceView(vs, tree, observed)) };
}

async function errorPage(ask: Ask) {
  const vs = serviceOf(treeOf(ask), ask.params);
  const body = validated(serviceSchema, {
    ...vs,
    unavailablePage: ask.file.toString(),
    unavailableAction: 'error' as const,
  });
  await native.patchVirtualService(
    callOf(ask, vs.id, { unavailablePage: body.unavailablePage, unavailableAction: body.unavailableAction }),
  );
  return done;
}

function counts(config: Config, ask: Ask): Data {
  const { services, servers } = observedIn(ask.status);
  const count = (list: readonly { id: number; off: boolean }[], up: (id: number) => boolean): Data => {
    const disabled = list.filter(each => each.off).length;
    const well = list.filter(each => !each.off && up(each.id)).length;
    return { Total: list.length, Up: well, Down: list.length - disabled - well, Disabled: disabled };
  };
  const serviceUp = (id: number) => ['up', 'degraded', 'unchecked'].includes(services.get(id)?.state ?? '');
  const of = (sub: boolean) =>
    config.virtualServices.filter(vs => vs.parent > 0 === sub).map(({ id, enabled }) => ({ id, off: !enabled }));
  return {
    VSs: count(of(false), serviceUp),
    SubVSs: count(of(true), serviceUp),
    RSs: count(
      config.realServers.map(({ id, state }) => ({ id, off: state !== 'enabled' })),
      id => ['up', 'unchecked'].includes(servers.get(id)?.state ?? ''),
    ),
  };
}

export const serviceCommands = {
  listvs: { role: 'read-only', about: 'Every service and SubVS.', params: [], run: ask => ({ data: all(ask) }) },
  showvs: {
    role: 'read-only',
    about: 'One service.',
    params: PLACE,
    run: ask => ({ data: shown(ask, serviceOf(treeOf(ask), ask.params).id) }),
  },
  addvs: {
    role: 'administrator',
    about: 'Add a service, with any of its properties.',
    params: [
      'vs',
      'port',
      'prot',
      'NickName?',
      'VStype?',
      'Schedule?',
      'Persist?',
      'SSLAcceleration?',
      'CertFile?',
      'CheckType?',
    ],
    run: async ask => ({ data: await addService(ask) }),
  },
  modvs: {
    role: 'administrator',
    about: 'Change a service; createsubvs adds a SubVS.',
    params: [...PLACE, 'createsubvs?', 'vsaddress?', 'vsport?', 'NickName?', 'Enable?'],
    run: async ask => ({ data: await modifyService(ask) }),
  },
  delvs: {
    role: 'administrator',
    about: 'Delete a service with all below it.',
    params: PLACE,
    run: async ask => {
      await native.deleteVirtualService(callOf(ask, serviceOf(treeOf(ask), ask.params).id, {}));
      return done;
    },
  },
  dupvs: {
    role: 'administrator',
    about: 'Copy a service to another place.',
    params: [...PLACE, 'newvs', 'newport'],
    run: async ask => ({ data: await duplicate(ask) }),
  },
  vstotals: {
    role: 'read-only',
    about: 'How many services and servers are up.',
    params: [],
    run: ask => ({ data: counts(treeOf(ask), ask) }),
  },
  uploadvserrfile: {
    role: 'administrator',
    about: 'The page clients get when no server is available.',
    params: [...PLACE, 'data'],
    run: errorPage,
  },
  exportvstmplt: {
    role: 'read-only',
    about: 'A service as a template.',
    params: PLACE,
    run: ask => {
      const vs = serviceOf(treeOf(ask), ask.params);
      const file = exportTemplate(callOf(ask, vs.id, {}));
      return { file: { body: Buffer.from(JSON.stringify(file, null, 2)) } };
    },
  },
} as const satisfies Record<string, Command>;
