import type { advancedFields } from '../../schema/service/advanced.ts';
import type { VirtualService } from '../../schema/virtual-service.ts';
import { http, type Lines, type LinesOf } from '../lines.ts';
import { quoted } from '../word.ts';

/** One entry per property of schema/service/advanced.ts, in the order in which the lines are written. */
export const advancedLines = {
  forwardedHeader: vs => http(vs, forwarded(vs)),
} satisfies { [K in keyof typeof advancedFields]: LinesOf };

/** What a client sends under these names was removed by the safety rules. */
function forwarded(vs: VirtualService): Lines {
  switch (vs.forwardedHeader) {
    case 'x-forwarded-for':
      return { frontend: ['option forwardfor'] };
    case 'x-clientside': {
      // A service has clients of its own family only; without brackets nobody could tell an IPv6 address from its port.
      const ends = vs.address.includes(':') ? '[%ci]:%cp -> [%[dst]]:%[dst_port]' : '%ci:%cp -> %[dst]:%[dst_port]';
      return { backend: [`http-request set-header x-clientside ${quoted(ends)}`] };
    }
    case 'none':
      return {};
  }
}
