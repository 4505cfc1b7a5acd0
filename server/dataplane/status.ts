import { type Checked, type CheckResult, isProbed, judgeOf } from '../schema/check.ts';
import { type Config, settingsOf } from '../schema/config.ts';
import type { RealServer } from '../schema/real-server.ts';
import { endpoint, titleOf } from '../schema/rules.ts';
import type { Settings } from '../schema/settings.ts';
import type { Occurrence, ServerState, ServerStatus, ServiceState, ServiceStatus, Traffic } from '../schema/status.ts';
import type { VirtualService } from '../schema/virtual-service.ts';
import { checkName, downReason } from './down-reason.ts';
import { AGENT_DOWN } from './loads.ts';
import type { Observation, ProxyStat } from './observe.ts';
import { withSubs } from './sub-services.ts';
import { still, type TrafficMeters } from './traffic.ts';

export interface Objects {
  services: ServiceStatus[];
  servers: ServerStatus[];
}

/**
 * Joins what is configured with what was seen. The only state it needs is the previous answer, for “since when”,
 * and the meters, for rates. Without an observation everything that should run is pending, or down when it is known
 * that the engine does not run.
 */
export function join(
  config: Config,
  seen: Observation | undefined,
  previous: Objects,
  meters: TrafficMeters,
  now: number,
  running = true,
  told: Told = () => undefined,
  load: Load = () => undefined,
): Objects {
  const settings = settingsOf(config);
  if (seen) meters.worker(seen.info.pid);
  const rows = new Map(seen?.stats.map(stat => [`${stat.proxy}/${stat.name}`, stat]));
  const traffic = (key: string, row: ProxyStat | undefined, last: Traffic | undefined): Traffic =>
    row && seen
      ? meters.read(key, seen.time, {
          connections: row.current,
          totalConnections: row.total,
          totalRequests: row.requests,
          totalIn: row.in,
          totalOut: row.out,
        })
      : still(last);
  const unavailable = (id: number) => {
    const row = rows.get(`vs${id}/BACKEND`);
    // Between two workers the last figure stands.
    return row && seen
      ? meters.total(`unavailable:${id}`, seen.time, row.failed)
      : (servicesBefore.get(id)?.unavailable ?? 0);
  };
  const serversBefore = new Map(previous.servers.map(server => [server.id, server]));
  const servicesBefore = new Map(previous.services.map(service => [service.id, service]));
  const byService = Map.groupBy(config.realServers, rs => rs.virtualService);

  const services: ServiceStatus[] = [];
  const servers: ServerStatus[] = [];
  const off = new Set(config.virtualServices.filter(vs => !vs.enabled).map(vs => vs.id));
  for (const stored of config.virtualServices) {
    // A SubVS goes with its parent.
    const vs = off.has(stored.parent) ? { ...stored, enabled: false } : stored;
    const members = (byService.get(vs.id) ?? []).map(rs => {
      const row = rows.get(`vs${vs.id}/rs${rs.id}`);
      const judge = judgeOf(rs, vs, config);
      const probe = judge && isProbed(judge.vs.checkType) ? told(judge.rs.id) : undefined;
      const state = serverState(rs, vs, row, running, judge, probe, load(rs.id));
      const before = serversBefore.get(rs.id);
      const numbers = traffic(`server:${rs.id}`, row, before);
      return {
        id: rs.id,
        virtualService: vs.id,
        state,
        since: before?.state === state ? before.since : now,
        reason:
          state !== 'down'
            ? ''
            : !row
              ? NOT_RUNNING
              : row.status.startsWith('MAINT')
                ? AGENT_SAYS
                : whyDown(row, rs, judge, probe, settings),
        // Of a TCP service HAProxy counts sessions, not requests.
        ...numbers,
        responseTime: row?.responseTime ?? null,
        checkTime:
          probe?.duration ?? (row && row.checkStatus !== '' && row.checkStatus !== 'INI' ? row.checkDuration : null),
      };
    });
    servers.push(...members);
    // A SubVS has a backend only.
    const front = rows.get(`vs${vs.id}/${vs.parent > 0 ? 'BACKEND' : 'FRONTEND'}`);
    const short = running ? shortOf(vs, members, config) : '';
    const state = running ? serviceState(vs, members, front !== undefined, short) : vs.enabled ? 'down' : 'disabled';
    const before = servicesBefore.get(vs.id);
    services.push({
      id: vs.id,
      state,
      since: before?.state === state ? before.since : now,
      reason: running || !vs.enabled ? short || serviceReason(state, members, config) : NOT_RUNNING,
      serversUp: members.filter(member => usable(member.state)).length,
      serversTotal: members.length,
      unavailable: unavailable(vs.id),
      ...traffic(`service:${vs.id}`, front, before),
    });
  }
  // While nothing runs there is nothing to see, and nothing to forget.
  meters.keep(
    new Set([
      ...services.flatMap(s => [`service:${s.id}`, `unavailable:${s.id}`]),
      ...servers.map(s => `server:${s.id}`),
    ]),
  );
  return { services: withSubs(config, services, servicesBefore, now), servers };
}

const NOT_RUNNING = 'HAProxy does not run';

const AGENT_SAYS = `its agent reports ${AGENT_DOWN}: down`;

/** The load that a server's agent reported last. */
export type Load = (server: number) => number | undefined;

/** The last result of a check that the data plane itself makes. */
export type Told = (server: number) => CheckResult | undefined;

/** `judge`: the server whose check decides; `probe`: what our own check of it said last. */
function serverState(
  rs: RealServer,
  vs: VirtualService,
  row: ProxyStat | undefined,
  running: boolean,
  judge: Checked | undefined,
  probe: CheckResult | undefined,
  reported: number | undefined,
): ServerState {
  if (rs.state === 'disabled' || !vs.enabled) return 'disabled';
  if (!running) return 'down';
  if (!row) return 'pending';
  if (row.status.startsWith('DOWN')) return 'down';
  if (row.status.startsWith('MAINT')) return reported === AGENT_DOWN ? 'down' : 'disabled';
  if (rs.state === 'drain') return 'drain';
  if (!judge) return 'unchecked';
  if (isProbed(judge.vs.checkType)) return probe ? 'up' : 'pending';
  // Taken for up by the engine until its first check has ended.
  return row.checkStatus === 'INI' && !row.status.startsWith('UP') ? 'pending' : 'up';
}

function whyDown(
  row: ProxyStat,
  rs: RealServer,
  judge: Checked | undefined,
  probe: CheckResult | undefined,
  settings: Settings,
): string {
  if (!judge) return 'its health was set by hand';
  const follows = judge.rs.id === rs.id ? '' : `follows ${endpoint(judge.rs.address, judge.rs.port)}, which is down`;
  if (!isProbed(judge.vs.checkType)) return follows || downReason(row, judge.vs, rs, settings);
  return follows || probe?.reason || `no answer (${checkName(judge.vs, rs)})`;
}

const usable = (state: ServerState) => state === 'up' || state === 'unchecked';

/** Why a service with Enhanced Options counts as down although servers are up; empty when it does not. */
function shortOf(vs: VirtualService, members: readonly ServerStatus[], config: Config): string {
  if (!vs.enabled || !vs.enhancedChecks || members.length === 0) return '';
  const critical = members
    .filter(member => member.state === 'down')
    .map(member => config.realServers.find(rs => rs.id === member.id))
    .find(rs => rs?.critical);
  if (critical) return `the critical server ${critical.address} port ${critical.port} is down`;
  const up = members.filter(member => usable(member.state)).length;
  if (up === 0 || up >= vs.minimumServers || members.some(member => member.state === 'pending')) return '';
  return `${up} of at least ${vs.minimumServers} servers ${up === 1 ? 'is' : 'are'} up`;
}

function serviceState(
  vs: VirtualService,
  members: readonly ServerStatus[],
  running: boolean,
  short: string,
): ServiceState {
  if (!vs.enabled) return 'disabled';
  if (!running) return 'pending';
  const wanted = members.filter(member => member.state !== 'disabled' && member.state !== 'drain');
  if (short !== '') return vs.unavailableAction === 'redirect' ? 'redirect' : 'down';
  if (!wanted.some(member => usable(member.state))) {
    if (wanted.some(member => member.state === 'pending')) return 'pending';
    if (vs.sorryAddress !== '') return 'sorry';
    return vs.unavailableAction === 'redirect' ? 'redirect' : 'down';
  }
  if (wanted.some(member => member.state === 'down')) return 'degraded';
  return vs.checkType === 'none' ? 'unchecked' : 'up';
}

function serviceReason(state: ServiceState, members: readonly ServerStatus[], config: Config): string {
  if (state !== 'down' && state !== 'degraded' && state !== 'redirect' && state !== 'sorry') return '';
  if (members.length === 0) return 'there is no Real Server';
  const down = members.filter(member => member.state === 'down');
  if (down.length === 0) return 'no Real Server is enabled';
  const first = down[0] as ServerStatus;
  const rs = config.realServers.find(server => server.id === first.id);
  const name = rs ? `${rs.address} port ${rs.port}` : `Real Server ${first.id}`;
  const more = down.length > 1 ? ` and ${down.length - 1} more` : '';
  return `${name} is down${more}: ${first.reason}`;
}

type Seen = Omit<Occurrence, 'time' | 'number'>;

/** Sentences about what changed since the previous status. */
export function occurrencesBetween(config: Config, before: Objects, after: Objects): Seen[] {
  const services = new Map(config.virtualServices.map(vs => [vs.id, vs]));
  const configured = new Map(config.realServers.map(rs => [rs.id, rs]));
  const old = new Map(before.servers.map(server => [server.id, server]));
  return after.servers.flatMap((server): Seen[] => {
    const was = old.get(server.id)?.state;
    const rs = configured.get(server.id);
    const vs = services.get(server.virtualService);
    // Of the engine itself there is an occurrence of its own.
    if (server.reason === NOT_RUNNING || old.get(server.id)?.reason === NOT_RUNNING) return [];
    if (!was || !rs || !vs || was === server.state) return [];
    const name = `${rs.address} port ${rs.port} of “${titleOf(vs)}”`;
    const place = { virtualService: vs.id, realServer: rs.id };
    if (server.state === 'down') return [{ severity: 'bad', text: `${name} is down: ${server.reason}`, ...place }];
    if (was === 'down' && usable(server.state)) return [{ severity: 'good', text: `${name} is up again`, ...place }];
    return [];
  });
}
