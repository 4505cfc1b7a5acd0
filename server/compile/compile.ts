import type { Config, Facts } from '../schema/config.ts';
import type { RealServer } from '../schema/real-server.ts';
import { canonical } from '../schema/rules.ts';
import type { VirtualService } from '../schema/virtual-service.ts';
import { globalSections } from './haproxy/global.ts';
import { tlsFiles } from './haproxy/tls.ts';
import type { Place, ProxySet, Section, Server } from './proxy.ts';
import { realServerLines } from './real-server-lines.ts';
import { type Lines, virtualServiceLines } from './virtual-service-lines.ts';
import { word } from './word.ts';

export interface Compiled {
  proxy: ProxySet;
  /** Service addresses the machine must hold; sorted, each once. */
  addresses: string[];
}

/**
 * The whole appliance. Same input, same output. The config must have passed problemsOf(): what it forbids throws
 * here or is refused by the engine.
 */
export function compile(config: Config, _facts: Facts, place: Place): Compiled {
  const services = config.virtualServices.filter(vs => vs.enabled).sort((a, b) => a.id - b.id);
  const servers = Map.groupBy(config.realServers, rs => rs.virtualService);
  return {
    proxy: {
      sections: [...globalSections(place), ...services.flatMap(vs => serviceSections(vs, servers.get(vs.id) ?? []))],
      files: tlsFiles(config),
    },
    addresses: [...new Set(services.map(vs => canonical(vs.address)))].sort(),
  };
}

function serviceSections(vs: VirtualService, servers: readonly RealServer[]): Section[] {
  const all: Lines[] = Object.values(virtualServiceLines).map(lines => lines(vs));
  const gathered = (part: keyof Lines) => all.flatMap(lines => lines[part] ?? []);
  const name = `vs${vs.id}`;
  const sorted = servers.toSorted((a, b) => a.id - b.id);
  return [
    {
      kind: 'frontend',
      name,
      lines: [`bind ${gathered('bind').join(' ')}`, ...gathered('frontend'), `default_backend ${name}`],
      servers: [],
    },
    {
      kind: 'backend',
      name,
      lines: gathered('backend'),
      servers: sorted.map(rs => serverOf(rs, sorted, vs, gathered('server'))),
    },
  ];
}

function serverOf(rs: RealServer, peers: readonly RealServer[], vs: VirtualService, options: string[]): Server {
  const facets = Object.values(realServerLines).map(facet => facet(rs, peers, vs));
  const cookie = vs.persistence === 'active-cookie';
  return {
    ...(Object.assign({}, ...facets) as Omit<Server, 'options' | 'dynamic'>),
    // A number of its own: HAProxy hashes by it, and one counted by position would move clients of every server
    // behind a removed one.
    options: ['id', word(rs.id), ...options, ...(cookie ? ['cookie', word(`s${rs.id}`)] : [])],
    // HAProxy 2.6 refuses `cookie` on a server added at runtime.
    dynamic: !cookie,
  };
}
