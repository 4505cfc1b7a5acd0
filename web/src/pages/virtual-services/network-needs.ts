import type { Needs } from '../../form/blocks.ts';

/** What the kernel does, and what only HAProxy does. */
export const networkNeeds: Needs = {
  forwarding: { of: 'layer', among: ['l4'] },
  sourceNat: { of: 'layer', among: ['l4'] },
  wildcardPort: { of: 'layer', among: ['l4'] },
  transparent: { of: 'layer', among: ['l7'] },
  subnetOriginating: { of: 'layer', among: ['l7'] },
  alternateAddress: { of: 'layer', among: ['l7'] },
  connectionRateLimit: { of: 'layer', among: ['l7'] },
  concurrentLimit: { of: 'layer', among: ['l7'] },
  tos: { of: 'layer', among: ['l7'] },
  sorryAddress: { of: 'layer', among: ['l7'] },
  sorryPort: { of: 'layer', among: ['l7'] },
  bandwidthLimit: { of: 'type', among: ['http'] },
  requestRateLimit: { of: 'type', among: ['http'] },
  addedHeader: { of: 'type', among: ['http'] },
  addedHeaderValue: { of: 'type', among: ['http'] },
  copiedHeader: { of: 'type', among: ['http'] },
  copiedHeaderTo: { of: 'type', among: ['http'] },
  connectionReuse: { of: 'type', among: ['http'] },
  reschedule: { of: 'type', among: ['http'] },
  statusMap: { of: 'type', among: ['http'] },
  compression: { of: 'type', among: ['http'] },
  caching: { of: 'type', among: ['http'] },
  cachePercent: { of: 'caching', among: [true] },
  unavailablePage: { of: 'unavailableAction', among: ['error'] },
};
