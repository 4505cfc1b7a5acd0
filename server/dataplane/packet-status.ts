import type { PacketService } from '../compile/nftables/packets.ts';
import type { Live } from '../compile/nftables/ruleset.ts';
import type { ProxyStat } from './observe.ts';
import type { PacketCounters } from './packets.ts';

/** Slots that least connections has to give away: more follow the counts more closely. */
const FINENESS = 60;

/**
 * What the kernel is told of every Layer 4 server: health as HAProxy's checks see it, and the share of new clients.
 * The kernel cannot choose by open connections itself, so those who have fewer for their weight get more of the next.
 */
export function liveOf(
  services: readonly PacketService[],
  stats: readonly ProxyStat[],
  open: ReadonlyMap<number, number>,
): Map<number, Live> {
  const rows = new Map(stats.map(row => [`${row.proxy}/${row.name}`, row]));
  const live = new Map<number, Live>();
  for (const service of services) {
    const state = service.servers.map(server => ({
      server,
      up: !/^(?:DOWN|MAINT)/.test(rows.get(`vs${service.id}/rs${server.id}`)?.status ?? ''),
      load: (open.get(server.id) ?? 0) / server.weight,
    }));
    const most = Math.max(0, ...state.filter(({ up }) => up).map(({ load }) => load));
    const wants = (load: number, weight: number) => (most + 1 / weight - load) * weight;
    const all = state.filter(({ up }) => up).reduce((sum, { load, server }) => sum + wants(load, server.weight), 0);
    for (const { server, up, load } of state)
      live.set(server.id, {
        up,
        share:
          service.choose === 'least connections' && up
            ? Math.max(1, Math.round((wants(load, server.weight) / all) * FINENESS))
            : server.weight,
      });
  }
  return live;
}

/** HAProxy's rows, where those of Layer 4 services show what the kernel has counted. */
export function withPackets(
  stats: readonly ProxyStat[],
  services: readonly PacketService[],
  counters: ReadonlyMap<number, PacketCounters>,
  open: ReadonlyMap<number, number>,
): ProxyStat[] {
  if (services.length === 0) return [...stats];
  const known = new Map(stats.map(row => [`${row.proxy}/${row.name}`, row]));
  for (const { id, servers } of services) {
    const proxy = `vs${id}`;
    const front = { ...BLANK, proxy, name: 'FRONTEND', status: 'OPEN' };
    for (const server of servers) {
      const name = `rs${server.id}`;
      const { connections: total, in: bytesIn, out } = counters.get(server.id) ?? NOTHING;
      const row = { ...(known.get(`${proxy}/${name}`) ?? { ...BLANK, proxy, name, status: 'no check' }) };
      Object.assign(row, { current: open.get(server.id) ?? 0, total, in: bytesIn, out, responseTime: null });
      known.set(`${proxy}/${name}`, row);
      front.current += row.current;
      front.total += row.total;
      front.in += row.in;
      front.out += row.out;
    }
    known.set(`${proxy}/FRONTEND`, front);
  }
  return [...known.values()];
}

const NOTHING: PacketCounters = { connections: 0, in: 0, out: 0 };

const BLANK: ProxyStat = {
  proxy: '',
  name: '',
  status: '',
  current: 0,
  total: 0,
  requests: 0,
  in: 0,
  out: 0,
  lastChange: 0,
  checkStatus: '',
  checkCode: 0,
  checkDuration: 0,
  checkFailures: 0,
  lastCheck: '',
  responseTime: null,
  failed: 0,
};
