import type { standardFields } from '../../schema/service/standard.ts';
import type { VirtualService } from '../../schema/virtual-service.ts';
import { elsewhere, type Lines, type LinesOf } from '../lines.ts';
import { word } from '../word.ts';

/** One entry per property of schema/service/standard.ts, in the order in which the lines are written. */
export const standardLines = {
  scheduling: vs => ({ backend: balance[vs.scheduling] }),
  persistence: vs => persistence(vs),
  persistenceTimeout: elsewhere,
  idleTimeout: vs => ({
    frontend: [...timeouts(vs, ['client', 'client-fin']), ...keepAlive(vs)],
    backend: timeouts(vs, ['server', 'server-fin', 'tunnel']),
  }),
} satisfies { [K in keyof typeof standardFields]: LinesOf };

/** The methods without weights get equal ones from real-server-lines.ts. */
const balance: Record<VirtualService['scheduling'], string[]> = {
  'round-robin': ['balance roundrobin'],
  'weighted-round-robin': ['balance roundrobin'],
  'least-connection': ['balance leastconn'],
  'weighted-least-connection': ['balance leastconn'],
  'source-ip-hash': ['balance source', 'hash-type consistent'],
};

function persistence(vs: VirtualService): Lines {
  const seconds = word(vs.persistenceTimeout);
  switch (vs.persistence) {
    case 'none':
      return {};
    case 'source-ip':
      // Type ipv6 holds both families.
      return { backend: [`stick-table type ipv6 size 200k expire ${seconds}s peers tables`, 'stick on src'] };
    case 'active-cookie': {
      const secure = vs.tls ? ' secure' : '';
      return {
        backend: [`cookie BALLAST${word(vs.id)} insert indirect nocache httponly${secure} maxidle ${seconds}s`],
      };
    }
  }
}

/** Half-closed connections too: who has sent all it had may still wait long for the answer. */
const timeouts = (vs: VirtualService, names: string[]) => names.map(name => `timeout ${name} ${word(vs.idleTimeout)}s`);

const keepAlive = (vs: VirtualService) =>
  vs.type === 'http' ? [`timeout http-keep-alive ${word(Math.min(60, vs.idleTimeout))}s`] : [];
