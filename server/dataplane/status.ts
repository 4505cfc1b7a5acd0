import type { Config } from '../schema/config.ts';
import type { RealServer } from '../schema/real-server.ts';
import { titleOf } from '../schema/rules.ts';
import type { Occurrence, ServerState, ServerStatus, ServiceState, ServiceStatus, Traffic } from '../schema/status.ts';
import type { VirtualService } from '../schema/virtual-service.ts';
import type { Observation, ProxyStat } from './observe.ts';
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
): Objects {
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
  for (const vs of config.virtualServices) {
    const members = (byService.get(vs.id) ?? []).map(rs => {
      const row = rows.get(`vs${vs.id}/rs${rs.id}`);
      const state = serverState(rs, vs, row, running);
      const before = serversBefore.get(rs.id);
      const numbers = traffic(`server:${rs.id}`, row, before);
      return {
        id: rs.id,
        virtualService: vs.id,
        state,
        since: before?.state === state ? before.since : now,
        reason: state !== 'down' ? '' : row ? downReason(row, vs, rs) : NOT_RUNNING,
        // Of a TCP service HAProxy counts sessions, not requests.
        ...numbers,
        responseTime: row?.responseTime ?? null,
        checkTime: row && row.checkStatus !== '' && row.checkStatus !== 'INI' ? row.checkDuration : null,
      };
    });
    servers.push(...members);
    const front = rows.get(`vs${vs.id}/FRONTEND`);
    const state = running ? serviceState(vs, members, front !== undefined) : vs.enabled ? 'down' : 'disabled';
    const before = servicesBefore.get(vs.id);
    services.push({
      id: vs.id,
      state,
      since: before?.state === state ? before.since : now,
      reason: running || !vs.enabled ? serviceReason(state, members, config) : NOT_RUNNING,
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
  return { services, servers };
}

const NOT_RUNNING = 'HAProxy does not run';

function serverState(rs: RealServer, vs: VirtualService, row: ProxyStat | undefined, running: boolean): ServerState {
  if (rs.state === 'disabled' || !vs.enabled) return 'disabled';
  if (!running) return 'down';
  if (!row) return 'pending';
  if (row.status.startsWith('DOWN')) return 'down';
  if (row.status.startsWith('MAINT')) return 'disabled';
  if (rs.state === 'drain') return 'drain';
  if (vs.checkType === 'none') return 'unchecked';
  // Taken for up by the engine until its first check has ended.
  return row.checkStatus === 'INI' && !row.status.startsWith('UP') ? 'pending' : 'up';
}

const usable = (state: ServerState) => state === 'up' || state === 'unchecked';

function serviceState(vs: VirtualService, members: readonly ServerStatus[], running: boolean): ServiceState {
  if (!vs.enabled) return 'disabled';
  if (!running) return 'pending';
  const wanted = members.filter(member => member.state !== 'disabled' && member.state !== 'drain');
  if (!wanted.some(member => usable(member.state))) {
    if (wanted.some(member => member.state === 'pending')) return 'pending';
    return vs.unavailableAction === 'redirect' ? 'redirect' : 'down';
  }
  if (wanted.some(member => member.state === 'down')) return 'degraded';
  return vs.checkType === 'none' ? 'unchecked' : 'up';
}

function serviceReason(state: ServiceState, members: readonly ServerStatus[], config: Config): string {
  if (state !== 'down' && state !== 'degraded' && state !== 'redirect') return '';
  if (members.length === 0) return 'there is no Real Server';
  const down = members.filter(member => member.state === 'down');
  if (down.length === 0) return 'no Real Server is enabled';
  const first = down[0] as ServerStatus;
  const rs = config.realServers.find(server => server.id === first.id);
  const name = rs ? `${rs.address} port ${rs.port}` : `Real Server ${first.id}`;
  const more = down.length > 1 ? ` and ${down.length - 1} more` : '';
  return `${name} is down${more}: ${first.reason}`;
}

/** Why a check failed, in words. Codes: management guide 2.6, 9.1, check_status. */
export function downReason(row: ProxyStat, vs: VirtualService, rs: RealServer): string {
  const port = vs.checkPort || rs.port;
  const what = vs.checkType === 'tcp' ? `check tcp port ${port}` : `check ${vs.checkType} port ${port} ${vs.checkUrl}`;
  const why = (() => {
    switch (row.checkStatus) {
      case 'L4TOUT':
        return `no connection within ${vs.checkTimeout} s`;
      case 'L6TOUT':
        return `no TLS handshake within ${vs.checkTimeout} s`;
      case 'L7TOUT':
        return `no answer within ${vs.checkTimeout} s`;
      case 'L6RSP':
        return 'TLS handshake failed';
      case 'L7STS':
        return `answered ${row.checkCode}`;
      case 'L7RSP':
        return 'the answer was not HTTP';
      case 'L4CON':
        return row.lastCheck ? lower(row.lastCheck) : 'connection failed';
      default:
        return lower(row.lastCheck) || 'the check failed';
    }
  })();
  return `${why} (${what})`;
}

const lower = (text: string) => text.charAt(0).toLowerCase() + text.slice(1);

/** Sentences about what changed since the previous status. */
export function occurrencesBetween(config: Config, before: Objects, after: Objects): Omit<Occurrence, 'time'>[] {
  const services = new Map(config.virtualServices.map(vs => [vs.id, vs]));
  const configured = new Map(config.realServers.map(rs => [rs.id, rs]));
  const old = new Map(before.servers.map(server => [server.id, server]));
  return after.servers.flatMap((server): Omit<Occurrence, 'time'>[] => {
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
