import { statfsSync } from 'node:fs';
import { type Ask, type Command, treeOf } from './command.ts';
import type { Data, Reply } from './reply.ts';
import { observedIn } from './tree.ts';

const MB = 1024 * 1024;
const GB = 1024 * MB;
const whole = (value: number | undefined): number => Math.max(0, Math.round(value ?? 0));
const percent = (part: number, all: number): number => (all > 0 ? Math.round((100 * part) / all) : 0);

function disk(): Data {
  const { blocks, bavail, bsize } = statfsSync('/');
  const total = blocks * bsize;
  const free = bavail * bsize;
  const gb = (bytes: number) => (bytes / GB).toFixed(2);
  return {
    name: '/',
    GBtotal: gb(total),
    GBused: gb(total - free),
    percentused: percent(total - free, total),
    GBfree: gb(free),
    percentfree: percent(free, total),
  };
}

/** Every number whole and there: clients read them as integers. Bits are what was sent both ways. */
function stats(ask: Ask): Reply {
  const config = treeOf(ask);
  const { status, version } = ask;
  const observed = observedIn(status);
  const system = status?.system;
  const busy = whole(system?.cpu);
  const used = system?.memoryUsed ?? 0;
  const memory = system?.memoryTotal ?? 0;
  const links = (status?.links ?? []).map((link, at) => ({
    Name: link.name,
    ifaceID: at,
    speed: 0,
    in: (link.inRate * 8) / 1e6,
    inbytes: whole(link.inRate),
    inbytesTotal: whole(link.totalIn),
    out: (link.outRate * 8) / 1e6,
    outbytes: whole(link.outRate),
    outbytesTotal: whole(link.totalOut),
  }));
  const time = status?.time ?? Date.now();
  const bytesOf = (traffic: { totalIn: number; totalOut: number } | undefined) =>
    whole((traffic?.totalIn ?? 0) + (traffic?.totalOut ?? 0));
  const rate = whole((system?.inRate ?? 0) + (system?.outRate ?? 0));
  const Vs = config.virtualServices.map(vs => {
    const seen = observed.services.get(vs.id);
    const bytes = bytesOf(seen);
    return {
      VSAddress: vs.address,
      VSPort: vs.parent > 0 || vs.wildcardPort ? 0 : vs.port,
      VSProt: vs.protocol,
      Index: vs.id,
      Status:
        seen?.state === 'disabled' || !vs.enabled
          ? 'disabled'
          : ['up', 'degraded', 'unchecked'].includes(seen?.state ?? '')
            ? 'up'
            : 'down',
      ErrorCode: 0,
      Enable: Number(vs.enabled),
      TotalConns: whole(seen?.totalConnections),
      TotalPkts: 0,
      TotalBytes: bytes,
      TotalBits: bytes * 8,
      ActiveConns: whole(seen?.connections),
      BytesRead: whole(seen?.totalIn),
      BytesWritten: whole(seen?.totalOut),
      ConnsPerSec: whole(seen?.connectionRate),
      ConnsRateBlocked: 0,
      RequestsRateBlocked: 0,
      MaxConnsBlocked: 0,
      WafEnable: 0,
      InterceptMode: 0,
    };
  });
  const Rs = config.realServers.map(rs => {
    const seen = observed.servers.get(rs.id);
    const bytes = bytesOf(seen);
    return {
      VSIndex: rs.virtualService,
      RSIndex: rs.id,
      Addr: rs.address,
      Port: rs.port,
      Enable: Number(rs.state === 'enabled'),
      Weight: rs.weight,
      ActivConns: whole(seen?.connections),
      Persist: 0,
      Conns: whole(seen?.totalConnections),
      Pkts: 0,
      Bytes: bytes,
      Bits: bytes * 8,
      BytesRead: whole(seen?.totalIn),
      BytesWritten: whole(seen?.totalOut),
      ConnsPerSec: whole(seen?.connectionRate),
    };
  });
  return {
    data: {
      CPU: { total: { User: busy, System: 0, Idle: 100 - busy, IOWaiting: 0 } },
      Memory: {
        MBtotal: whole(memory / MB),
        memused: whole(used / 1024),
        MBused: whole(used / MB),
        percentmemused: percent(used, memory),
        memfree: whole((memory - used) / 1024),
        MBfree: whole((memory - used) / MB),
        percentmemfree: percent(memory - used, memory),
      },
      Network:
        version === 2
          ? { Interface: links }
          : Object.fromEntries(
              links.map(({ Name, ...rest }) => [
                elementName(Name),
                { ...rest, in: rest.in.toFixed(1), out: rest.out.toFixed(1) },
              ]),
            ),
      DiskUsage: { partition: [disk()] },
      VStotals: {
        ConnsPerSec: whole(system?.connectionRate),
        TotalConns: whole(system?.totalConnections),
        BitsPerSec: rate * 8,
        TotalBits: bytesOf(system) * 8,
        BytesPerSec: rate,
        TotalBytes: bytesOf(system),
        PktsPerSec: 0,
        TotalPackets: 0,
      },
      Vs,
      Rs,
      TPS: { Total: whole(system?.requestRate), SSL: whole(system?.tlsRate) },
      Timestamp: { Sec: Math.floor(time / 1000), Usec: (time % 1000) * 1000, Period: 1_000_000 },
      ChangeTime: Math.floor((status?.apply.since ?? 0) / 1000),
    },
  };
}

/** An interface's name as an element: `eth0.5` and the like have a dot, which XML allows; nothing else may slip in. */
const elementName = (name: string): string =>
  /^[A-Za-z_][\w.-]*$/.test(name) ? name : `if_${name.replaceAll(/[^\w.-]/g, '_')}`;

export const statsCommands: Readonly<Record<string, Command>> = {
  stats: { role: 'read-only', about: 'Counters of machine, services and servers.', params: [], run: stats },
};
