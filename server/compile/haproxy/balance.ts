import type { VirtualService } from '../../schema/virtual-service.ts';
import type { Lines, World } from '../lines.ts';
import { word } from '../word.ts';

/**
 * Who gets a client that persistence sends nowhere. The methods without weights get equal ones from
 * real-server-lines.ts; adaptive and response time get theirs from the data plane, live.
 */
const methods: Record<VirtualService['scheduling'], string[]> = {
  'round-robin': ['balance roundrobin'],
  'weighted-round-robin': ['balance roundrobin'],
  'least-connection': ['balance leastconn'],
  'weighted-least-connection': ['balance leastconn'],
  // The usable server with the lowest number that is not full; numbers are ranks, see serverNumbers().
  'fixed-weighting': ['balance first'],
  adaptive: ['balance roundrobin'],
  'weighted-response-time': ['balance roundrobin'],
  'source-ip-hash': ['balance source', 'hash-type consistent'],
  // Without the host, which only some clients and versions of HTTP write into the request line.
  'url-hash': ['balance uri whole path-only', 'hash-type consistent'],
};

export function balanceLines(vs: VirtualService, { settings }: World): Lines {
  const slow = vs.scheduling.endsWith('least-connection') && settings.slowStart > 0;
  return {
    backend: methods[vs.scheduling],
    server: [
      ...(slow ? ['slowstart', `${word(settings.slowStart)}s`] : []),
      ...(settings.dropOnFailure ? ['on-marked-down', 'shutdown-sessions'] : []),
    ],
  };
}
