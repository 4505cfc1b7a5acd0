import { lines, whole } from '../fields.ts';

/** An address or network, and behind a blank whatever people want to remember of it. */
export const NETWORK_LINE = '^[0-9A-Fa-f:.]{2,45}(?:/[0-9]{1,3})?(?: [^\\u0000-\\u001f\\u007f]*)?$';

/** How much a service, a client or a server may take, and who may come at all. */
export const limitsFields = {
  connectionRateLimit: whole({
    label: 'Connections per Second',
    help: 'New connections beyond this are refused. 0: no limit.',
    group: 'limits',
    compat: 'ConnsPerSecLimit',
    unit: 'per second',
    default: 0,
    min: 0,
    max: 1_000_000,
  }),
  requestRateLimit: whole({
    label: 'HTTP Requests per Second',
    help: 'Requests beyond this are answered 429 Too Many Requests. 0: no limit.',
    group: 'limits',
    compat: 'RequestsPerSecLimit',
    unit: 'per second',
    default: 0,
    min: 0,
    max: 1_000_000,
  }),
  concurrentLimit: whole({
    label: 'Concurrent Connections',
    help: 'While this many are open, new connections are refused. 0: no limit.',
    group: 'limits',
    compat: 'MaxConnsLimit',
    unit: 'connections',
    default: 0,
    min: 0,
    max: 1_000_000,
  }),
  bandwidthLimit: whole({
    label: 'Bandwidth',
    help: 'What all clients together may send, and as much again receive; then they are slowed down. HTTP only, from HAProxy 2.7 on. 0: no limit.',
    group: 'limits',
    compat: 'Bandwidth',
    unit: 'kbit/s',
    default: 0,
    min: 0,
    max: 16_000_000,
  }),
  blockList: lines({
    label: 'Block List',
    help: 'Clients with these addresses or networks are refused, one to a line; behind a blank a comment. Looked at before the allow list.',
    group: 'limits',
    max: 2048,
    longest: 128,
    pattern: NETWORK_LINE,
  }),
  allowList: lines({
    label: 'Allow List',
    help: 'If there are any, only clients with these addresses or networks may come.',
    group: 'limits',
    max: 2048,
    longest: 128,
    pattern: NETWORK_LINE,
  }),
};
