import { type Config, type Facts, settingsOf } from '../schema/config.ts';
import { placesOf } from '../schema/networks.ts';
import { setsCookie } from '../schema/persistence.ts';
import type { RealServer } from '../schema/real-server.ts';
import { canonical } from '../schema/rules.ts';
import type { VirtualService } from '../schema/virtual-service.ts';
import { clientBandwidth } from './haproxy/bandwidth.ts';
import { challengeFiles } from './haproxy/challenges.ts';
import { checkLines, checkWords } from './haproxy/checks.ts';
import { clientFiles, clientSections } from './haproxy/client-limits.ts';
import { globalSections } from './haproxy/global.ts';
import { limitRuleSections } from './haproxy/limit-rules.ts';
import { cookieWords, serverNumbers } from './haproxy/persistence.ts';
import { ruleBackends } from './haproxy/switching.ts';
import { tlsFiles } from './haproxy/tls.ts';
import type { Lines, World } from './lines.ts';
import { type PacketSet, packetSet } from './nftables/packets.ts';
import type { Place, ProxySet, Section, Server } from './proxy.ts';
import { realServerLines } from './real-server-lines.ts';
import { accessFiles } from './service/limits.ts';
import { sorryServers } from './service/unavailable.ts';
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
export function compile(config: Config, facts: Facts, place: Place): Compiled {
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
  const packets = packetSet(config, facts);
  return {
    proxy: {
      sections: [
        ...globalSections(place, settingsOf(config), packets.transparent),
        ...clientSections(settingsOf(config)),
        ...limitRuleSections(settingsOf(config)),
        ...clientBandwidth(settingsOf(config), place),
        ...tops.flatMap(vs => [
          ...(vs.layer === 'l4' ? checkSections(vs, worldOf(vs)) : serviceSections(vs, worldOf(vs))),
          ...(subs.get(vs.id) ?? []).flatMap(sub => backendSections(below(sub, vs), worldOf(sub))),
        ]),
      ],
      files: {
        ...tlsFiles(config),
        ...challengeFiles(config.virtualServices),
        ...accessFiles(settingsOf(config), tops),
        ...clientFiles(settingsOf(config)),
      },
    },
    packets,
    addresses: [...new Set(tops.flatMap(placesOf).map(place => canonical(place.address)))].sort(),
  };
}

/** A SubVS as clients meet it: at its parent's place, over its parent's TLS. */
const below = (sub: VirtualService, { address, port, tls }: VirtualService): VirtualService => ({
  ...sub,
  address,
  port,
  tls,
});

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
      // HAProxy runs rules of connections before those of requests, and warns where they stand otherwise.
      ...words('guard').toSorted((a, b) => Number(b.startsWith('tcp-')) - Number(a.startsWith('tcp-'))),
      ...words('safety'),
      ...words('first'),
      ...words('route'),
      `default_backend ${name}`,
    ],
    servers: [],
  };
  const [main, ...more] = backendSections(vs, world) as [Section, ...Section[]];
  return [frontend, main, ...ruleBackends(vs, world, main), ...more];
}

/** A service the kernel forwards: HAProxy only checks its servers. */
function checkSections(vs: VirtualService, world: World): Section[] {
  if (vs.checkType === 'none') return [];
  const { config, servers, settings } = world;
  return [
    {
      kind: 'backend',
      name: `vs${vs.id}`,
      lines: ['mode tcp', ...checkLines(vs, settings)],
      servers: servers.map(rs =>
        serverOf(rs, servers, vs, ['id', word(rs.id), ...checkWords(rs, vs, config, settings)]),
      ),
    },
  ];
}

/** The backend of a service or SubVS, and what else it needs. */
function backendSections(vs: VirtualService, world: World): Section[] {
  const { words, sections } = gather(vs, world);
  const numbers = serverNumbers(vs, world);
  return [
    {
      kind: 'backend',
      name: `vs${vs.id}`,
      lines: [...words('backend'), ...words('last')],
      servers: [
        ...world.servers.map(rs =>
          serverOf(rs, world.servers, vs, [
            'id',
            word(numbers.get(rs.id) as number),
            ...words('server'),
            ...checkWords(rs, vs, world.config, world.settings),
          ]),
        ),
        ...sorryServers(vs, words('server')),
      ],
    },
    ...sections,
  ];
}

function serverOf(rs: RealServer, peers: readonly RealServer[], vs: VirtualService, options: string[]): Server {
  const facets = Object.values(realServerLines).map(facet => facet(rs, peers, vs));
  return {
    ...(Object.assign({}, ...facets) as Omit<Server, 'options' | 'dynamic'>),
    options: [...options, ...cookieWords(vs, rs.id)],
    // HAProxy 2.6 refuses these on a server added at runtime, and to follow one that was.
    dynamic: !setsCookie(vs.persistence) && !options.includes('track') && !options.includes('slowstart'),
  };
}
