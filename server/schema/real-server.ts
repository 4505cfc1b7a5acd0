import Type, { type Static } from 'typebox';
import { address, choice, flag, id, optionalRef, port, ref, refs, whole } from './fields.ts';

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
      help: 'Draining: only clients that persistence sends here still come. Disabled: they too only until the Connection Drain Time of the settings is over.',
      group: 'basic',
      compat: 'Enable',
      default: 'enabled',
      options: [
        { value: 'enabled', label: 'Enabled', compat: 'Y' },
        { value: 'drain', label: 'Draining' },
        { value: 'disabled', label: 'Disabled', compat: 'N' },
      ],
    }),
    rules: refs({
      label: 'Content Rules',
      help: 'With Content Switching on, requests for which one of these rules decides go to this server and others that carry it.',
      group: 'content',
      compat: 'MatchRules',
      refers: 'contentRule',
      max: 1024,
    }),
    defaultRule: flag({
      label: 'Default Rule',
      help: 'With Content Switching on, requests that no rule matches go to this server and others that have this on.',
      group: 'content',
      default: false,
    }),
    critical: flag({
      label: 'Critical',
      help: 'With the service’s Enhanced Options on: while this server is down the service counts as down. Not while it is disabled.',
      group: 'health',
      compat: 'Critical',
      default: false,
    }),
    follow: optionalRef({
      label: 'Healthcheck On',
      help: 'Another Real Server whose health this one has, instead of a check of its own. Disabling that server stops this one too.',
      group: 'health',
      compat: 'Follow',
      refers: 'realServer',
    }),
  },
  { additionalProperties: false, title: 'Real Server' },
);

export type RealServer = Static<typeof realServer>;
