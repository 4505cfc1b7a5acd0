import type { RealServer } from '../../schema/real-server.ts';
import type { VirtualService } from '../../schema/virtual-service.ts';
import type { Lines, World } from '../lines.ts';
import type { Section } from '../proxy.ts';
import { word } from '../word.ts';
import { checkWords } from './checks.ts';

/**
 * Enhanced Options: with too few servers up, or a critical one down, the service is as good as without any. Its
 * backend then refuses, and so clients meet whatever the service does when no server is available.
 */
export function enoughLines(vs: VirtualService, world: World): Lines {
  if (world.subs.length > 0) return vs.enhancedChecks && vs.type === 'http' ? ofSubs(vs, world) : {};
  return {
    backend: tooFew(vs, world.servers, world).flatMap(condition => instead(vs).map(act => `${act} if ${condition}`)),
    sections: world.servers.filter(rs => isCritical(rs, vs)).flatMap(rs => watchOf(rs, vs, world)),
  };
}

/** What becomes of clients: the sorry server takes even those whom a cookie sends elsewhere; without one they are refused. */
function instead(vs: VirtualService): string[] {
  if (vs.sorryAddress !== '') return ['ignore-persist', 'use-server sorry'];
  return [vs.type === 'http' ? 'http-request deny deny_status 503' : 'tcp-request content reject'];
}

/** Conditions, each of which alone makes a service with Real Servers of its own count as down though a server is up. */
function tooFew(vs: VirtualService, servers: readonly RealServer[], world: World): string[] {
  if (!vs.enhancedChecks) return [];
  return [
    ...(vs.minimumServers > 1 ? [`{ nbsrv(vs${word(vs.id)}) lt ${word(vs.minimumServers)} }`] : []),
    ...servers
      .filter(rs => isCritical(rs, vs))
      .map(rs =>
        checkedByItself(rs, vs, world)
          ? `!{ srv_is_up(vs${word(vs.id)}/rs${word(rs.id)}) }`
          : `{ nbsrv(rs${word(rs.id)}) lt 1 }`,
      ),
  ];
}

const isCritical = (rs: RealServer, vs: VirtualService) => vs.enhancedChecks && rs.critical && rs.state !== 'disabled';

const checkedByItself = (rs: RealServer, vs: VirtualService, { config, settings }: World) => {
  const words = checkWords(rs, vs, config, settings);
  return words.length === 0 || words[0] === 'check';
};

/** Of a server without a check of its own srv_is_up always says yes; a backend that holds nothing but it counts rightly. */
function watchOf(rs: RealServer, vs: VirtualService, world: World): Section[] {
  if (checkedByItself(rs, vs, world)) return [];
  return [
    {
      kind: 'backend',
      name: `rs${rs.id}`,
      lines: ['mode tcp'],
      servers: [
        {
          name: `rs${rs.id}`,
          address: rs.address,
          port: rs.port,
          weight: 1,
          maxconn: 0,
          admin: 'ready',
          options: ['track', word(`vs${vs.id}/rs${rs.id}`)],
          dynamic: false,
        },
      ],
    },
  ];
}

/** A service of SubVSs: they are its members. The parent's own backend has no server and so refuses. */
function ofSubs(vs: VirtualService, world: World): Lines {
  const down = (sub: VirtualService) => {
    const servers = world.config.realServers.filter(rs => rs.virtualService === sub.id);
    return [`{ nbsrv(vs${word(sub.id)}) lt 1 }`, ...tooFew(sub, servers, world)];
  };
  const counted = vs.minimumServers > 1;
  return {
    guard: counted
      ? [
          'http-request set-var(txn.subs) int(0)',
          ...world.subs.map(sub => {
            const up = down(sub).map(condition => (condition.startsWith('!') ? condition.slice(1) : `!${condition}`));
            return `http-request set-var(txn.subs) var(txn.subs),add(1) if ${up.join(' ')}`;
          }),
        ]
      : [],
    first: [
      ...(counted ? [`use_backend vs${word(vs.id)} if { var(txn.subs) -m int lt ${word(vs.minimumServers)} }`] : []),
      ...world.subs
        .filter(sub => sub.subCritical)
        .flatMap(sub => down(sub).map(condition => `use_backend vs${word(vs.id)} if ${condition}`)),
    ],
  };
}
