import type { Config } from '../schema/config.ts';
import { endpoint, titleOf } from '../schema/rules.ts';
import type { ServiceState, Status, Traffic } from '../schema/status.ts';

/** Media type of the text below: Prometheus' exposition format. */
export const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

type Labels = Record<string, string>;
type Sample = [labels: Labels, value: number];

/** Clients get what they want. */
const SERVES = new Set<ServiceState>(['up', 'degraded', 'unchecked']);

/** What a monitor wants to know of services, servers and the machine, as Prometheus reads it. Every name begins with `ballast_`. */
export function metricsText(status: Status, config: Config): string {
  const services = new Map(config.virtualServices.map(vs => [vs.id, vs]));
  const servers = new Map(config.realServers.map(rs => [rs.id, rs]));
  const service = (id: number): Labels => {
    const vs = services.get(id);
    return { service: vs ? titleOf(vs) : '', service_id: String(id) };
  };
  const server = (id: number, of: number): Labels => {
    const rs = servers.get(id);
    return { ...service(of), server: rs ? endpoint(rs.address, rs.port) : '', server_id: String(id) };
  };
  const ofServices = (value: (s: Status['services'][number]) => number): Sample[] =>
    status.services.map(s => [service(s.id), value(s)]);
  const ofServers = (value: (s: Status['servers'][number]) => number): Sample[] =>
    status.servers.map(s => [server(s.id, s.virtualService), value(s)]);
  const { system, engine, apply } = status;

  return [
    family('up', 'gauge', 'HAProxy runs.', [[{}, Number(engine.running)]]),
    family('revision', 'gauge', 'Revision of the configuration in effect.', [[{}, apply.applied]]),
    family('engine_reloads_total', 'counter', 'Reloads of HAProxy since it started.', [[{}, engine.reloads]]),
    family(
      'service_up',
      'gauge',
      'A Real Server takes requests.',
      ofServices(s => Number(SERVES.has(s.state))),
    ),
    family(
      'service_servers_up',
      'gauge',
      'Real Servers that can be used.',
      ofServices(s => s.serversUp),
    ),
    family(
      'service_servers',
      'gauge',
      'Real Servers.',
      ofServices(s => s.serversTotal),
    ),
    family(
      'service_unavailable_total',
      'counter',
      'Requests that found no server.',
      ofServices(s => s.unavailable),
    ),
    ...traffic('service', ofServices),
    family(
      'server_up',
      'gauge',
      'Usable: up, or not checked.',
      ofServers(s => Number(/^(?:up|unchecked)$/.test(s.state))),
    ),
    ...traffic('server', ofServers),
    family(
      'server_check_seconds',
      'gauge',
      'Duration of the last health check.',
      status.servers.flatMap((s): Sample[] =>
        s.checkTime === null ? [] : [[server(s.id, s.virtualService), s.checkTime / 1_000]],
      ),
    ),
    family('cpu_percent', 'gauge', 'Processors in use, of the whole machine.', [[{}, system.cpu]]),
    family('memory_used_bytes', 'gauge', 'Memory in use.', [[{}, system.memoryUsed]]),
    family('memory_total_bytes', 'gauge', 'Memory there is.', [[{}, system.memoryTotal]]),
    family('network_in_bytes_per_second', 'gauge', 'All interfaces but loopback.', [[{}, system.networkIn]]),
    family('network_out_bytes_per_second', 'gauge', 'All interfaces but loopback.', [[{}, system.networkOut]]),
    family('tls_handshakes_per_second', 'gauge', 'TLS handshakes with clients.', [[{}, system.tlsRate]]),
  ].join('');
}

function traffic(what: 'service' | 'server', of: (value: (t: Traffic) => number) => Sample[]): string[] {
  return [
    family(
      `${what}_connections`,
      'gauge',
      'Open connections.',
      of(t => t.connections),
    ),
    family(
      `${what}_connections_total`,
      'counter',
      'Connections so far.',
      of(t => t.totalConnections),
    ),
    family(
      `${what}_requests_total`,
      'counter',
      'Requests so far.',
      of(t => t.totalRequests),
    ),
    family(
      `${what}_in_bytes_total`,
      'counter',
      'Bytes from clients.',
      of(t => t.totalIn),
    ),
    family(
      `${what}_out_bytes_total`,
      'counter',
      'Bytes to clients.',
      of(t => t.totalOut),
    ),
  ];
}

function family(name: string, type: 'gauge' | 'counter', help: string, samples: readonly Sample[]): string {
  const full = `ballast_${name}`;
  const lines = samples.map(([labels, value]) => `${full}${labelText(labels)} ${Number.isFinite(value) ? value : 0}`);
  return [`# HELP ${full} ${help}`, `# TYPE ${full} ${type}`, ...lines, ''].join('\n');
}

function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

/** A label's value may hold anything; these three are written otherwise. */
const escaped = (value: string) => value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
