import { plainHandlers } from '../api/handlers/plain.ts';
import { patchSettings } from '../api/handlers/settings.ts';
import { validated } from '../api/validated.ts';
import { settingsOf } from '../schema/config.ts';
import { createOf, patchOf } from '../schema/derive.ts';
import type { NetworkInterface } from '../schema/network/interface.ts';
import { canonical, isAddress } from '../schema/rules.ts';
import { type Ask, type Command, callOf, treeOf } from './command.ts';
import { done, type Reply, YesNo } from './reply.ts';
import { Refused } from './wire.ts';

const newInterface = createOf('interface');
const newRoute = createOf('route');
const settingsPatch = patchOf('settings');
const interfacePatch = patchOf('interface');

/** What a change of the network came to. It is undone by itself unless somebody confirms it in the console. */
function told(result: unknown, text = done.text): Reply {
  const { outcome } = result as { outcome?: { unconfirmed?: boolean } };
  return {
    text: outcome?.unconfirmed ? `${text}; it is undone unless it is confirmed in the console` : (text as string),
  };
}

const TYPES = { port: 'Port', vlan: 'VLAN', bond: 'Bonded' } as const;

const interfaceIn = (ask: Ask): NetworkInterface => {
  const id = Number(ask.params.get('interface', 'iface') ?? ask.params.need('interface'));
  const found = treeOf(ask).interfaces.find(each => each.id === id);
  if (!found) throw new Refused(422, 'Unknown interface');
  return found;
};

function showInterfaces(ask: Ask): Reply {
  const { interfaces } = treeOf(ask);
  const asked = ask.params.get('interface', 'iface') ? [interfaceIn(ask)] : interfaces;
  return {
    data: {
      Interface: asked.map(each => ({
        Id: each.id,
        Name: each.name,
        IPAddress: each.addresses[0] ?? '',
        Mtu: String(each.mtu || 1500),
        InterfaceType: TYPES[each.type],
        GeoTrafficEnable: false,
        DefaultInterface: new YesNo(each.id === interfaces[0]?.id),
        AdditionalAddresses: each.addresses.slice(1),
      })),
    },
  };
}

async function change(
  ask: Ask,
  { id }: NetworkInterface,
  body: Partial<NetworkInterface>,
  text?: string,
): Promise<Reply> {
  ask.params.given.set('addresses', 'addr').set('mtu', 'mtu').set('bondMode', 'bondmode');
  return told(await plainHandlers.patchInterface(callOf(ask, id, validated(interfacePatch, body))), text);
}

function modify(ask: Ask): Promise<Reply> {
  const now = interfaceIn(ask);
  const { params } = ask;
  const addr = params.get('addr');
  const mtu = params.whole('mtu');
  const mode = params.get('bondmode');
  if (addr !== undefined && addr !== now.addresses[0])
    return change(ask, now, { addresses: [addr, ...now.addresses.slice(1)] }, 'Address changed');
  if (mtu !== undefined && mtu !== now.mtu) return change(ask, now, { mtu });
  if (mode === '1' || mode === '4') return change(ask, now, { bondMode: mode === '1' ? 'active-backup' : '802.3ad' });
  throw new Refused(422, 'Nothing Modified');
}

function addAddress(ask: Ask): Promise<Reply> {
  const now = interfaceIn(ask);
  return change(ask, now, { addresses: [...now.addresses, ask.params.need('addr', 'Address')] });
}

function removeAddress(ask: Ask): Promise<Reply> {
  const now = interfaceIn(ask);
  const addr = ask.params.need('addr', 'Address');
  if (!now.addresses.slice(1).includes(addr)) throw new Refused(422, 'Invalid address');
  return change(ask, now, { addresses: now.addresses.filter(each => each !== addr) });
}

async function addRoute(ask: Ask): Promise<Reply> {
  const destination = ask.params.need('dest', 'Address');
  const gateway = ask.params.need('gateway', 'Address');
  ask.params.given.set('destination', 'dest').set('gateway', 'gateway');
  return told(await plainHandlers.createRoute(callOf(ask, 0, validated(newRoute, { destination, gateway }))));
}

async function removeRoute(ask: Ask): Promise<Reply> {
  const dest = ask.params.need('dest', 'Address');
  const route = treeOf(ask).routes.find(each => each.destination === dest);
  if (!route) throw new Refused(422, 'Unknown route');
  return told(await plainHandlers.deleteRoute(callOf(ask, route.id, {})));
}

const hostOf = (line: string) => {
  const [HostIPAddress = '', ...names] = line.split(' ');
  return { HostIPAddress, HostFqdn: names.join(' ') };
};

async function setHosts(ask: Ask, hosts: string[]): Promise<Reply> {
  ask.params.given.set('hosts', 'hostfqdn');
  return told(await patchSettings(callOf(ask, 0, validated(settingsPatch, { hosts }))));
}

async function changeHost(ask: Ask, on: boolean): Promise<Reply> {
  const address = ask.params.need('hostip', 'Address');
  if (!isAddress(address)) throw new Refused(422, 'hostip: Invalid address');
  const { hosts } = settingsOf(treeOf(ask));
  const others = hosts.filter(line => canonical(hostOf(line).HostIPAddress) !== canonical(address));
  if (on) return setHosts(ask, [...others, `${address} ${ask.params.need('hostfqdn')}`]);
  if (others.length === hosts.length) throw new Refused(422, 'hostip: no such entry');
  return setHosts(ask, others);
}

/** Makes a VLAN or bond; clients read its number as the fifth word. */
async function make(ask: Ask, body: Partial<NetworkInterface>, what: string): Promise<Reply> {
  const made = (await plainHandlers.createInterface(callOf(ask, 0, validated(newInterface, body as never)))) as {
    object?: NetworkInterface;
  };
  return told(made, `${what} ${body.name} has number ${made.object?.id}`);
}

function addVlan(ask: Ask): Promise<Reply> {
  const parent = interfaceIn(ask);
  const vlanId = ask.params.whole('vlanid') ?? Number(ask.params.need('vlanid'));
  ask.params.given.set('vlanId', 'vlanid');
  return make(ask, { name: `${parent.name}.${vlanId}`, type: 'vlan', parent: parent.id, vlanId }, 'VLAN');
}

/** A bond begins with the port it is made of, and takes over its addresses. */
async function createBond(ask: Ask): Promise<Reply> {
  const port = interfaceIn(ask);
  const { interfaces } = treeOf(ask);
  const free = Array.from({ length: 32 }, (_, at) => `bond${at}`).find(name => interfaces.every(i => i.name !== name));
  if (port.type !== 'port' || !free) throw new Refused(422, 'Not a port');
  await change(ask, port, { addresses: [] });
  return make(ask, { name: free, type: 'bond', members: [port.id], addresses: port.addresses }, 'Bond');
}

function bondIn(ask: Ask): NetworkInterface {
  const id = Number(ask.params.need('bond'));
  const found = treeOf(ask).interfaces.find(each => each.id === id && each.type === 'bond');
  if (!found) throw new Refused(422, 'Unknown bond');
  return found;
}

const setMember = (on: boolean) => (ask: Ask) => {
  const port = interfaceIn(ask);
  const bond = bondIn(ask);
  if (bond.members.includes(port.id) === on) throw new Refused(422, 'Nothing Modified');
  return change(ask, bond, { members: on ? [...bond.members, port.id] : bond.members.filter(id => id !== port.id) });
};

const removeMade = (type: 'vlan' | 'bond') => async (ask: Ask) => {
  const found = interfaceIn(ask);
  if (found.type !== type) throw new Refused(422, 'Unknown interface');
  return told(await plainHandlers.deleteInterface(callOf(ask, found.id, {})));
};

export const networkCommands: Readonly<Record<string, Command>> = {
  showiface: { role: 'read-only', about: 'Interfaces.', params: ['interface?'], run: showInterfaces },
  modiface: {
    role: 'administrator',
    about: 'Change an interface.',
    params: ['interface', 'addr?', 'mtu?', 'bondmode?'],
    run: modify,
  },
  addadditional: {
    role: 'administrator',
    about: 'Another address of an interface.',
    params: ['interface', 'addr'],
    run: addAddress,
  },
  deladditional: {
    role: 'administrator',
    about: 'Take an address off.',
    params: ['interface', 'addr'],
    run: removeAddress,
  },
  addvlan: { role: 'administrator', about: 'Make a VLAN.', params: ['interface', 'vlanid'], run: addVlan },
  delvlan: { role: 'administrator', about: 'Delete a VLAN.', params: ['interface'], run: removeMade('vlan') },
  createbond: {
    role: 'administrator',
    about: 'Make a bond of a port, which gives it its addresses.',
    params: ['interface'],
    run: createBond,
  },
  unbond: { role: 'administrator', about: 'Delete a bond.', params: ['interface'], run: removeMade('bond') },
  addbond: {
    role: 'administrator',
    about: 'Add a port to a bond.',
    params: ['interface', 'bond'],
    run: setMember(true),
  },
  delbond: {
    role: 'administrator',
    about: 'Take a port out of a bond.',
    params: ['interface', 'bond'],
    run: setMember(false),
  },
  showroute: {
    role: 'read-only',
    about: 'Routes.',
    params: [],
    run: ask => ({
      data: {
        Route: treeOf(ask).routes.map(({ destination, gateway }) => ({ Destination: destination, Gateway: gateway })),
      },
    }),
  },
  addroute: { role: 'administrator', about: 'Add a route.', params: ['dest', 'gateway'], run: addRoute },
  delroute: { role: 'administrator', about: 'Delete a route.', params: ['dest'], run: removeRoute },
  gethosts: {
    role: 'read-only',
    about: 'Names that need no DNS.',
    params: [],
    run: ask => ({ data: { HostsEntry: settingsOf(treeOf(ask)).hosts.map(hostOf) } }),
  },
  addhostsentry: {
    role: 'administrator',
    about: 'Add a name.',
    params: ['hostip', 'hostfqdn'],
    run: ask => changeHost(ask, true),
  },
  delhostsentry: {
    role: 'administrator',
    about: 'Delete a name.',
    params: ['hostip'],
    run: ask => changeHost(ask, false),
  },
};
