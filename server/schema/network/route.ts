import Type, { type Static } from 'typebox';
import { address, id, optionalRef, text } from '../fields.ts';
import { HELD } from './interface.ts';

/** A way to a network that lies behind another gateway than the default one. */
export const route = Type.Object(
  {
    id: id(),
    destination: text({
      label: 'Destination',
      help: 'The network with its prefix, such as 10.20.0.0/16.',
      group: 'basic',
      compat: 'dest',
      max: 49,
      pattern: HELD,
    }),
    gateway: address({
      label: 'Gateway',
      help: 'The router that leads there. It must be in the subnet of an interface.',
      group: 'basic',
      compat: 'gateway',
    }),
    interface: optionalRef({
      label: 'Interface',
      help: 'Only needed when the gateway is a link-local address.',
      group: 'basic',
      refers: 'interface',
    }),
  },
  { additionalProperties: false, title: 'Route' },
);

export type NetworkRoute = Static<typeof route>;
