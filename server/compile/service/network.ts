import { endpoint } from '../../schema/rules.ts';
import type { networkFields } from '../../schema/service/network.ts';
import { elsewhere, type LinesOf } from '../lines.ts';
import { word } from '../word.ts';

/** One entry per property of schema/service/network.ts, in the order in which the lines are written. */
export const networkLines = {
  layer: elsewhere,
  forwarding: elsewhere,
  transparent: vs =>
    // The kernel brings the answers back: compile/nftables/transparency.ts.
    vs.transparent ? { backend: ['source 0.0.0.0 usesrc clientip'] } : {},
  subnetOriginating: vs =>
    vs.transparent || vs.subnetOriginating ? {} : { backend: [`source ${word(endpoint(vs.address, 0))}`] },
  sourceNat: elsewhere,
  wildcardPort: elsewhere,
  serverNat: elsewhere,
} satisfies { [K in keyof typeof networkFields]: LinesOf };
