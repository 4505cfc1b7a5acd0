import { type Config, type Facts, settingsOf } from '../schema/config.ts';
import type { RealServer } from '../schema/real-server.ts';
import { canonical } from '../schema/rules.ts';
import type { VirtualService } from '../schema/virtual-service.ts';
import { globalSections } from './haproxy/global.ts';
import { tlsFiles } from './haproxy/tls.ts';
import type { Lines, World } from './lines.ts';
import { type PacketSet, packetSet } from './nftables/packets.ts';
import type { Place, ProxySet, Section, Server } from './proxy.ts';
import { realServerLines } from './real-server-lines.ts';
import { healthLines } from './service/health.ts';
import { virtualServiceLines } from './virtual-service-lines.ts';
import { word } from './word.ts';

export interface Compiled {
  proxy: ProxySet;
  /** Service addresses the machine must hold; sorted, each once. */
  addresses: string[];
  /** What the kernel forwards by itself. */
  packets: PacketSet;
}

/**
 * The whole appliance. Same input, same output. The config must have passed problemsOf(): what it forbids throws
 * here or is refused by the engine.
 */
export function compile(config: Config, _facts: Facts, place: Place): Compiled {
  const enabled = config.virtualServices.filter(vs => vs.enabled).sort((a, b) => a.id - b.id);
  const servers = Map.groupBy(config.realServers, rs => rs.virtualService);
  const subs = Map.groupBy(enabled, vs => vs.parent);
  const worldOf = (vs: VirtualService): World => ({
    config,
    settings: settingsOf(config),
    place,
    servers: (servers.get(vs.id) ?? []).toSorted((a, b) => a.id - b.id),
    subs: subs.get(vs.id) ?? [],
  });
  const tops = subs.get(0) ?? [];
  const packets = packetSet(config);
  return {
    proxy: {
      sections: [
        ...globalSections(place, packets.transparent),
        ...tops.flatMap(vs => [
          ...(vs.layer === 'l4' ? checkSections(vs, worldOf(vs)) : serviceSections(vs, worldOf(vs))),
          ...(subs.get(vs.id) ?? []).flatMap(sub => backendSections(sub, worldOf(sub))),
        ]),
      ],
      files: tlsFiles(config),
    },
    packets,
    addresses: [...new Set(tops.map(vs => canonical(vs.address)))].sort(),
  };
}

/** Everything the properties of a service say, part by part. */
function gather(vs: VirtualService, world: World) {
  const all: Lines[] = Object.values(virtualServiceLines).map(lines => lines(vs, world));
  return {
    words: (part: Exclude<keyof Lines, 'sections'>) => all.flatMap(lines => lines[part] ?? []),
    sections: all.flatMap(lines => lines.sections ?? []),
  };
}

function serviceSections(vs: VirtualService, world: World): Section[] {
  const { words } = gather(vs, world);
  const name = `vs${vs.id}`;
  const frontend: Section = {
    kind: 'frontend',
    name,
    lines: [
      ...words('listen').map(place => `bind ${[place, ...words('bind')].join(' ')}`),
      ...words('frontend'),
      ...words('guard'),
      ...words('safety'),
      ...words('route'),
      `default_backend ${name}`,
    ],
    servers: [],
  };
  return [frontend, ...backendSections(vs, world)];
}

/** A service the kernel forwards: HAProxy only checks its servers. */
function checkSections(vs: VirtualService, world: World): Section[] {
  if (vs.checkType === 'none') return [];
  const checks = healthLines.checkType(vs);
  return [
    {
      kind: 'backend',
      name: `vs${vs.id}`,
      lines: ['mode tcp', ...(checks.backend ?? [])],
      servers: world.servers.map(rs => serverOf(rs, world.servers, vs, checks.server ?? [])),
    },
  ];
}

/** The backend of a service or SubVS, and what else it needs. */
function backendSections(vs: VirtualService, world: World): Section[] {
  const { words, sections } = gather(vs, world);
  return [
    {
      kind: 'backend',
      name: `vs${vs.id}`,
      lines: words('backend'),
      servers: world.servers.map(rs => serverOf(rs, world.servers, vs, words('server'))),
    },
    ...sections,
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
