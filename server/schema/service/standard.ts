import { choice, seconds } from '../fields.ts';

/** How a client gets to its Real Server and how long that holds. */
export const standardFields = {
  scheduling: choice({
    label: 'Scheduling Method',
    help: 'How a Real Server is chosen for a client that persistence does not already send to one.',
    group: 'standard',
    compat: 'Schedule',
    default: 'round-robin',
    options: [
      { value: 'round-robin', label: 'Round robin', compat: 'rr' },
      { value: 'weighted-round-robin', label: 'Weighted round robin', compat: 'wrr' },
      { value: 'least-connection', label: 'Least connection', compat: 'lc' },
      { value: 'weighted-least-connection', label: 'Weighted least connection', compat: 'wlc' },
      { value: 'source-ip-hash', label: 'Source IP hash', compat: 'sh' },
    ],
  }),
  persistence: choice({
    label: 'Persistence Mode',
    help: 'How a returning client finds the Real Server it used before. Active cookie works only where Ballast reads the requests.',
    group: 'standard',
    compat: 'Persist',
    default: 'none',
    options: [
      { value: 'none', label: 'None', compat: 'none' },
      { value: 'source-ip', label: 'Source IP address', compat: 'src' },
      { value: 'active-cookie', label: 'Active cookie', compat: 'active-cookie' },
    ],
  }),
  persistenceTimeout: seconds({
    label: 'Persistence Timeout',
    help: 'How long after its last use an entry is remembered.',
    group: 'standard',
    compat: 'PersistTimeout',
    default: 360,
    min: 1,
    max: 604_800,
  }),
  idleTimeout: seconds({
    label: 'Idle Connection Timeout',
    help: 'A connection on which nothing was sent for this long is closed.',
    group: 'standard',
    compat: 'Idletime',
    default: 660,
    min: 1,
    max: 86_400,
  }),
};
