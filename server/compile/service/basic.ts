import { endpoint } from '../../schema/rules.ts';
import type { basicFields } from '../../schema/service/basic.ts';
import { requestSafety, responseSafety } from '../haproxy/http-safety.ts';
import { elsewhere, type LinesOf } from '../lines.ts';
import { word } from '../word.ts';

/** One entry per property of schema/service/basic.ts, in the order in which the lines are written. */
export const basicLines = {
  name: elsewhere,
  enabled: elsewhere,
  protocol: elsewhere,
  parent: elsewhere,
  type: vs => ({
    // Idle client connections live on through a reload until their next response: without the option a request sent
    // in that moment would be lost.
    frontend: [`mode ${word(vs.type)}`, ...(vs.type === 'http' ? ['option idle-close-on-response'] : [])],
    ...(vs.type === 'http' && { safety: [...requestSafety] }),
    backend: [`mode ${word(vs.type)}`, ...(vs.type === 'http' ? responseSafety : [])],
  }),
  address: vs => ({
    listen: [word(vs.address.includes(':') ? `ipv6@${endpoint(vs.address, vs.port)}` : endpoint(vs.address, vs.port))],
  }),
  port: elsewhere,
} satisfies { [K in keyof typeof basicFields]: LinesOf };
