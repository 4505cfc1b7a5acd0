import { choice, flag, whole } from './fields.ts';

/**
 * What tools written for a LoadMaster set of a pair of units. Kept for them and given back; a pair cannot be made yet, and
 * nothing reads these.
 */
export const highAvailability = {
  haMode: choice({
    label: 'HA Mode',
    help: 'Which unit of a pair this is. Kept for tools that set it: pairs cannot be made yet.',
    group: 'ha',
    compat: 'hamode',
    default: 'single',
    options: [
      { value: 'single', label: 'Single', compat: '0' },
      { value: 'first', label: 'First of a pair', compat: '1' },
      { value: 'second', label: 'Second of a pair', compat: '2' },
    ],
  }),
  haTimeout: whole({
    label: 'HA Timeout',
    help: 'Steps of three seconds without a word after which the other unit takes over. Kept for tools that set it.',
    group: 'ha',
    compat: 'hatimeout',
    default: 3,
    min: 1,
    max: 5,
  }),
  haWait: whole({
    label: 'HA Initial Wait',
    help: 'Seconds after its start that a unit waits before it becomes active. Kept for tools that set it.',
    group: 'ha',
    compat: 'hawait',
    default: 0,
    min: 0,
    max: 200,
  }),
  haVirtualId: whole({
    label: 'HA Virtual ID',
    help: 'Tells this pair from others in the same network. Kept for tools that set it.',
    group: 'ha',
    compat: 'havhid',
    default: 1,
    min: 1,
    max: 255,
  }),
  haPreferred: choice({
    label: 'Preferred Unit',
    help: 'The unit that is active whenever it can be. Kept for tools that set it.',
    group: 'ha',
    compat: 'haprefered',
    default: 'none',
    options: [
      { value: 'none', label: 'None', compat: '0' },
      { value: 'first', label: 'First', compat: '1' },
      { value: 'second', label: 'Second', compat: '2' },
    ],
  }),
  haSyncL4: flag({
    label: 'Inter HA L4 TCP Connection Updates',
    help: 'Layer 4 connections are told to the other unit. Kept for tools that set it.',
    group: 'ha',
    compat: 'hal4update',
    default: false,
  }),
  haSyncL7: flag({
    label: 'Inter HA L7 Persistence Updates',
    help: 'Persistence entries are told to the other unit. Kept for tools that set it.',
    group: 'ha',
    compat: 'hal7update',
    default: false,
  }),
  haVirtualMac: flag({
    label: 'Use Virtual MAC Addresses',
    help: 'Shared addresses have a MAC address of their own. Kept for tools that set it.',
    group: 'ha',
    compat: 'vmac',
    default: false,
  }),
};
