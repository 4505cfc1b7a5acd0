import Type, { type Static } from 'typebox';
import { choice, id, lines, optionalRef, refs, text, whole } from '../fields.ts';

/** As the kernel takes it: at most 15 bytes. */
export const LINK_NAME = '^[A-Za-z][A-Za-z0-9._-]{0,14}$';
/** An address with the length of its prefix; the rules say more. */
export const HELD = '^[0-9A-Fa-f:.]{2,45}/[0-9]{1,3}$';

/** A network interface of the machine: a port, a VLAN on one, or a bond of several. */
export const networkInterface = Type.Object(
  {
    id: id(),
    name: text({
      label: 'Name',
      help: 'As the system calls it, such as eth0. A VLAN or bond is made by this name.',
      group: 'basic',
      max: 15,
      pattern: LINK_NAME,
    }),
    type: choice({
      label: 'Type',
      help: 'A port is there already. A VLAN is made on another interface, a bond joins several ports.',
      group: 'basic',
      default: 'port',
      options: [
        { value: 'port', label: 'Port' },
        { value: 'vlan', label: 'VLAN' },
        { value: 'bond', label: 'Bond' },
      ],
    }),
    addresses: lines({
      label: 'Addresses',
      help: 'One to a line with its prefix, such as 10.0.0.5/24 or 2001:db8::5/64. The first of each family is the main one.',
      group: 'basic',
      compat: 'addr',
      max: 256,
      longest: 49,
      pattern: HELD,
    }),
    mtu: whole({
      label: 'MTU',
      help: 'The largest packet in bytes, 512 to 9216; at least 1280 with IPv6. 0: as the interface has it.',
      group: 'basic',
      compat: 'mtu',
      default: 0,
      min: 0,
      max: 9216,
    }),
    parent: optionalRef({
      label: 'On Interface',
      help: 'The port or bond that carries the VLAN.',
      group: 'basic',
      refers: 'interface',
    }),
    vlanId: whole({
      label: 'VLAN Id',
      help: 'The number that frames of the VLAN carry, 1 to 4094.',
      group: 'basic',
      compat: 'vlanid',
      default: 0,
      min: 0,
      max: 4094,
    }),
    members: refs({
      label: 'Members',
      help: 'The ports that are joined. They have no addresses of their own.',
      group: 'basic',
      refers: 'interface',
      max: 8,
    }),
    bondMode: choice({
      label: 'Bonding Mode',
      help: 'Active-backup works with every switch; 802.3ad shares the load and needs a switch that is set up for it.',
      group: 'basic',
      compat: 'bondmode',
      default: 'active-backup',
      options: [
        { value: 'active-backup', label: 'Active-backup', compat: '1' },
        { value: '802.3ad', label: '802.3ad (LACP)', compat: '4' },
      ],
    }),
  },
  { additionalProperties: false, title: 'Interface' },
);

export type NetworkInterface = Static<typeof networkInterface>;
