import Type, { type Static } from 'typebox';
import { address, choice, id, port, ref, whole } from './fields.ts';

/** Every property of a Real Server: one entry each. A Real Server belongs to one Virtual Service. */
export const realServer = Type.Object(
  {
    id: id(),
    virtualService: ref({
      label: 'Virtual Service',
      help: 'The service this server works for.',
      group: 'basic',
      compat: 'VSIndex',
      refers: 'virtualService',
    }),
    address: address({
      label: 'Real Server Address',
      help: 'The IPv4 or IPv6 address of the server.',
      group: 'basic',
      compat: 'Addr',
    }),
    port: port({
      label: 'Port',
      help: 'The port the server listens on.',
      group: 'basic',
      compat: 'Port',
    }),
    weight: whole({
      label: 'Weight',
      help: 'The server’s share under the weighted scheduling methods, relative to the other servers.',
      group: 'basic',
      compat: 'Weight',
      default: 1000,
      min: 1,
      max: 65_535,
    }),
    connectionLimit: whole({
      label: 'Connection Limit',
      help: 'At this many open connections the server gets no more. 0: no limit.',
      group: 'basic',
      compat: 'Limit',
      unit: 'connections',
      default: 0,
      min: 0,
      max: 100_000,
    }),
    state: choice({
      label: 'State',
      help: 'Draining: only clients that persistence sends here still come. Disabled: nobody does. Open connections end by themselves in both.',
      group: 'basic',
      compat: 'Enable',
      default: 'enabled',
      options: [
        { value: 'enabled', label: 'Enabled', compat: 'Y' },
        { value: 'drain', label: 'Draining' },
        { value: 'disabled', label: 'Disabled', compat: 'N' },
      ],
    }),
  },
  { additionalProperties: false, title: 'Real Server' },
);

export type RealServer = Static<typeof realServer>;
