import { choice, flag } from '../fields.ts';

/** How packets get to the Real Servers and back. */
export const networkFields = {
  layer: choice({
    label: 'Layer',
    help: 'Layer 7 ends the client’s connection here and opens another to the server. Layer 4 forwards packets in the kernel; UDP needs it.',
    group: 'standard',
    compat: 'ForceL4',
    default: 'l7',
    options: [
      { value: 'l7', label: 'Layer 7', compat: 'N' },
      { value: 'l4', label: 'Layer 4', compat: 'Y' },
    ],
  }),
  forwarding: choice({
    label: 'Forwarding Method',
    help: 'Layer 4. NAT: through here both ways. Direct return: servers hold the Virtual Address on their loopback and answer clients themselves.',
    group: 'standard',
    compat: 'Forward',
    default: 'nat',
    options: [
      { value: 'nat', label: 'NAT', compat: 'nat' },
      { value: 'route', label: 'Direct return', compat: 'route' },
    ],
  }),
  transparent: flag({
    label: 'L7 Transparency',
    help: 'Real Servers see the address of the client. Their way back must lead through this machine; clients beside them are source-NATed instead.',
    group: 'standard',
    compat: 'Transparent',
    default: false,
  }),
  subnetOriginating: flag({
    label: 'Subnet Originating Requests',
    help: 'Servers see the address of the interface they are reached by. Off: the Virtual Address. No effect with L7 Transparency.',
    group: 'standard',
    compat: 'SubnetOriginating',
    default: true,
  }),
  sourceNat: flag({
    label: 'Source NAT',
    help: 'Layer 4: Real Servers see this machine instead of the client, so that answers come back here although their gateway is another.',
    group: 'standard',
    default: false,
  }),
  wildcardPort: flag({
    label: 'Wildcard Port',
    help: 'Layer 4: every port of the Virtual Address, but those of other services, the console’s and 22. Servers get the port the client asked for.',
    group: 'standard',
    default: false,
  }),
  serverNat: flag({
    label: 'Use Address for Server NAT',
    help: 'Connections that these servers start themselves leave with the Virtual Address, such as mail that must come from it.',
    group: 'standard',
    compat: 'UseforSnat',
    default: false,
  }),
};
