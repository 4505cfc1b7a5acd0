import { endpoint } from '../schema/rules.ts';
import type { VirtualService } from '../schema/virtual-service.ts';
import { checkOf } from './haproxy/checks.ts';
import { requestSafety, responseSafety } from './haproxy/http-safety.ts';
import { tlsBind } from './haproxy/tls.ts';
import { unavailableLines } from './haproxy/unavailable.ts';
import { quoted, word } from './word.ts';

/** What one property gives to its service's sections. `server` are words for each of its server lines. */
export interface Lines {
  bind?: string[];
  frontend?: string[];
  backend?: string[];
  server?: string[];
}

/** Said by another property's entry, or not the engine's business. */
const elsewhere = (): Lines => ({});

const http = (vs: VirtualService, lines: Lines): Lines => (vs.type === 'http' ? lines : {});

/** One entry per property, in the order in which the lines are written. A property without an entry does not build. */
export const virtualServiceLines = {
  id: elsewhere,
  name: elsewhere,
  enabled: elsewhere,
  protocol: elsewhere,
  type: vs => ({
    // Idle client connections live on through a reload until their next response: without the option a request sent
    // in that moment would be lost.
    frontend: [
      `mode ${word(vs.type)}`,
      ...(vs.type === 'http' ? ['option idle-close-on-response', ...requestSafety] : []),
    ],
    backend: [`mode ${word(vs.type)}`, ...(vs.type === 'http' ? responseSafety : [])],
  }),
  address: vs => ({
    bind: [word(vs.address.includes(':') ? `ipv6@${endpoint(vs.address, vs.port)}` : endpoint(vs.address, vs.port))],
  }),
  port: elsewhere,

  tls: vs => ({ bind: tlsBind(vs) }),
  certificates: elsewhere,
  tlsMinimum: elsewhere,
  reencrypt: vs => (vs.reencrypt ? { server: reencrypted(vs) } : {}),

  scheduling: vs => ({ backend: balance[vs.scheduling] }),
  persistence: vs => persistence(vs),
  persistenceTimeout: elsewhere,
  idleTimeout: vs => ({
    frontend: [...timeouts(vs, ['client', 'client-fin']), ...keepAlive(vs)],
    backend: timeouts(vs, ['server', 'server-fin', 'tunnel']),
  }),

  forwardedHeader: vs => http(vs, forwarded(vs)),

  unavailableAction: vs => http(vs, { backend: unavailableLines(vs) }),
  unavailableCode: elsewhere,
  unavailableMessage: elsewhere,
  redirectCode: elsewhere,
  redirectUrl: elsewhere,

  checkType: vs => checkOf(vs),
  checkPort: elsewhere,
  checkMethod: elsewhere,
  checkUrl: elsewhere,
  checkHost: elsewhere,
  checkCodes: elsewhere,
  checkInterval: elsewhere,
  checkTimeout: elsewhere,
  checkRetries: elsewhere,
} satisfies { [K in keyof VirtualService]: (vs: VirtualService) => Lines };

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

/** Half-closed connections too: who has sent all it had may still wait long for the answer. */
const timeouts = (vs: VirtualService, names: string[]) => names.map(name => `timeout ${name} ${word(vs.idleTimeout)}s`);

const keepAlive = (vs: VirtualService) =>
  vs.type === 'http' ? [`timeout http-keep-alive ${word(Math.min(60, vs.idleTimeout))}s`] : [];

/** SNI towards the server: the host the client asked for, without its port. */
function reencrypted(vs: VirtualService): string[] {
  const sni = vs.type === 'http' ? 'req.hdr(host),host_only' : 'ssl_fc_sni';
  return ['ssl', 'verify', 'none', 'sni', word(sni)];
}
