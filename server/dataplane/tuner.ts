import type { ProxySet } from '../compile/proxy.ts';
import { type Config, settingsOf } from '../schema/config.ts';
import type { RealServer } from '../schema/real-server.ts';
import type { ServerStatus } from '../schema/status.ts';
import type { VirtualService } from '../schema/virtual-service.ts';
import { byLoad, byResponse, type Weighed } from './live-weights.ts';
import { AGENT_DISABLED, AGENT_DOWN, Loads, type Question } from './loads.ts';
import type { Observation } from './observe.ts';

/** Milliseconds from one look at the checks' durations to the next. */
const RESPONSE_EVERY = 15_000;
/** Of a new duration this part counts, so that one slow check does not turn everything over. */
const FRESH = 0.5;

/** What runs, as far as weights are concerned. */
interface Running {
  config: Config;
  proxy: ProxySet;
}

/**
 * The scheduling methods whose weights change by themselves: adaptive and weighted response time. Says which runtime
 * commands make the engine agree; a new worker or a new set has the configured weights and is told again.
 */
export class Tuner {
  readonly #loads: Loads;
  readonly #times = new Map<number, number>();
  readonly #told = new Map<string, number>();
  #config: Config | undefined;
  #told_to: unknown[] = [];
  #timesAt = 0;

  /** `changed` is called when a server reports another load. */
  constructor(changed: () => void) {
    this.#loads = new Loads(changed);
  }

  /** What a server's agent said last; undefined without one or without a usable answer. */
  load = (realServer: number): number | undefined => this.#loads.of(realServer);

  stop(): void {
    this.#loads.stop();
  }

  /** Takes what runs and what was seen of it; returns the commands that are missing. */
  commands({ config, proxy }: Running, seen: Observation, servers: readonly ServerStatus[], now: number): string[] {
    if (config !== this.#config) {
      this.#config = config;
      this.#loads.ask(questions(config));
    }
    this.#measure(config, servers, now);
    if (this.#told_to[0] !== seen.info.pid || this.#told_to[1] !== proxy) this.#told.clear();
    this.#told_to = [seen.info.pid, proxy];
    const services = new Map(config.virtualServices.map(vs => [vs.id, vs]));
    const owners = new Map(config.realServers.map(rs => [`rs${rs.id}`, rs]));
    const status = new Map(seen.stats.map(row => [`${row.proxy}/${row.name}`, row.status]));
    return proxy.sections
      .filter(section => section.kind === 'backend')
      .flatMap(section => {
        const members = section.servers.flatMap(server => {
          const rs = owners.get(server.name);
          const vs = rs && services.get(rs.virtualService);
          if (!rs || !vs || !TUNED.has(vs.scheduling) || server.admin !== 'ready') return [];
          return [{ rs, vs, base: server.weight, place: `${section.name}/${server.name}` }];
        });
        return members[0] ? this.#backend(members, members[0].vs, config, status) : [];
      });
  }

  #backend(members: Member[], vs: VirtualService, config: Config, status: ReadonlyMap<string, string>): string[] {
    const adaptive = vs.scheduling === 'adaptive';
    const out = new Set(members.filter(({ rs }) => adaptive && isOut(this.#loads.of(rs.id))));
    // A draining server has weight 0 and keeps it.
    const weighed = members
      .filter(member => !out.has(member) && member.base > 0)
      .map(({ rs, place, base }): Weighed => {
        const value = adaptive ? this.#loads.of(rs.id) : this.#times.get(rs.id);
        return { server: place, base, value };
      });
    const weights = adaptive ? byLoad(weighed, adaptiveOf(vs, config).minPercent) : byResponse(weighed);
    return [
      ...members.flatMap(member => {
        const stopped = status.get(member.place)?.startsWith('MAINT');
        if (stopped === undefined || !adaptive || stopped === out.has(member)) return [];
        return [`set server ${member.place} state ${stopped ? 'ready' : 'maint'}`];
      }),
      ...[...weights].flatMap(([place, weight]) => {
        if (this.#told.get(place) === weight) return [];
        this.#told.set(place, weight);
        return [`set server ${place} weight ${weight}`];
      }),
    ];
  }

  #measure(config: Config, servers: readonly ServerStatus[], now: number): void {
    const first = servers.some(({ id, checkTime }) => checkTime !== null && !this.#times.has(id));
    if (!first && now - this.#timesAt < RESPONSE_EVERY) return;
    this.#timesAt = now;
    const tuned = new Set(
      config.virtualServices.filter(vs => vs.scheduling === 'weighted-response-time').map(vs => vs.id),
    );
    for (const { id, virtualService, checkTime, state } of servers) {
      if (!tuned.has(virtualService) || checkTime === null || (state !== 'up' && state !== 'drain')) continue;
      const before = this.#times.get(id);
      this.#times.set(id, before === undefined ? checkTime : before + FRESH * (checkTime - before));
    }
    const there = new Set(servers.map(server => server.id));
    for (const id of this.#times.keys()) if (!there.has(id)) this.#times.delete(id);
  }
}

interface Member {
  rs: RealServer;
  vs: VirtualService;
  base: number;
  place: string;
}

const TUNED = new Set<VirtualService['scheduling']>(['adaptive', 'weighted-response-time']);
const isOut = (load: number | undefined) => load === AGENT_DOWN || load === AGENT_DISABLED;

/** Where and how often the servers of a service are asked: all of it its own, or all of it the settings’. */
function adaptiveOf(vs: VirtualService, config: Config) {
  const from = vs.adaptiveUrl === '' ? settingsOf(config) : vs;
  return {
    url: from.adaptiveUrl,
    port: from.adaptivePort,
    interval: from.adaptiveInterval * 1_000,
    minPercent: from.adaptiveMinPercent,
  };
}

function questions(config: Config): Question[] {
  const adaptive = new Map(
    config.virtualServices
      .filter(vs => vs.enabled && vs.scheduling === 'adaptive')
      .map(vs => [vs.id, adaptiveOf(vs, config)]),
  );
  return config.realServers.flatMap(rs => {
    const from = adaptive.get(rs.virtualService);
    if (!from || rs.state === 'disabled') return [];
    return [{ realServer: rs.id, address: rs.address, port: from.port, url: from.url, interval: from.interval }];
  });
}
