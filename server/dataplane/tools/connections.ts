import type { PacketService } from '../../compile/nftables/packets.ts';
import { markOf } from '../../compile/nftables/ruleset.ts';
import type { Connection, ConnectionList, Neighbour } from '../../schema/tools.ts';
import { ask } from '../haproxy-socket.ts';
import { run } from '../host.ts';
import type { Packets } from '../packets.ts';

const MOST = 1_000;

/** Open connections through HAProxy and through the kernel, oldest first, those of one service when one is named. */
export async function listConnections(
  socket: string,
  services: readonly PacketService[],
  { virtualService, search = '' }: { virtualService?: number; search?: string },
): Promise<ConnectionList> {
  const [sessions, flows] = await Promise.all([
    ask(socket, 'show sess').catch(() => ''),
    services.length > 0 ? run('conntrack', ['-L', '--mark', '0x40000000/0x40000000']) : { out: '' },
  ]);
  const all = [...parseSessions(sessions), ...parseFlows(flows.out, services)].filter(
    one => (virtualService === undefined || one.virtualService === virtualService) && one.client.includes(search),
  );
  all.sort((a, b) => (b.age ?? 0) - (a.age ?? 0));
  return { total: all.length, connections: all.slice(0, MOST) };
}

/** Ends one connection; false when there is no such one any more. The key has passed its schema. */
export async function dropConnection(socket: string, packets: Pick<Packets, 'drop'>, key: string): Promise<boolean> {
  if (key.startsWith('0x')) return (await ask(socket, `shutdown session ${key}`)).trim() === '';
  const [protocol = '', source = '', sport = '', target = '', dport = ''] = key.split(' ');
  const family = source.includes(':') ? 'ipv6' : 'ipv4';
  const words = ['-D', '-f', family, '-p', protocol, '-s', source, '-d', target, '--sport', sport, '--dport', dport];
  if ((await run('conntrack', ['-L', ...words.slice(1)])).out.trim() === '') return false;
  await packets.drop(protocol as 'tcp' | 'udp', source, Number(sport));
  await run('conntrack', words);
  return true;
}

/** Of `show sess` the lines of services. */
export function parseSessions(text: string): Connection[] {
  return text.split('\n').flatMap(line => {
    const found = /^(0x[0-9a-f]+): proto=tcpv[46] src=(\S+) fe=vs(\d+) be=(\S+) srv=(\S+) .*?\bage=(\S+)/.exec(line);
    if (!found) return [];
    const [, key = '', client = '', frontend, backend = '', server = '', age = ''] = found;
    // A SubVS is the backend of its parent's frontend.
    const service = Number(/^vs(\d+)/.exec(backend)?.[1] ?? frontend);
    return [
      {
        ...{ key, layer: 'l7' as const, protocol: 'tcp' as const, virtualService: service, client, state: '' },
        ...{ realServer: Number(/^rs(\d+)$/.exec(server)?.[1] ?? 0), age: secondsOf(age) },
      },
    ];
  });
}

/** `1d2h`, `3m4s`, `5s`. */
const secondsOf = (text: string): number =>
  [...text.matchAll(/(\d+)([dhms])/g)].reduce(
    (sum, [, count, unit]) => sum + Number(count) * ({ d: 86_400, h: 3_600, m: 60, s: 1 }[unit ?? 's'] ?? 0),
    0,
  );

/** Of `conntrack -L` the connections of services, by the marks of their servers. */
export function parseFlows(text: string, services: readonly PacketService[]): Connection[] {
  const byMark = new Map(
    services.flatMap(service => service.servers.map(server => [markOf(service, server), { service, server }] as const)),
  );
  return text.split('\n').flatMap(line => {
    const found =
      /^(tcp|udp)\s+\d+\s+\d+\s+(?:([A-Z_]+)\s+)?src=(\S+) dst=(\S+) sport=(\d+) dport=(\d+) .*\bmark=(\d+)/.exec(line);
    const of = found && byMark.get(Number(found[7]));
    if (!found || !of) return [];
    const [, protocol = 'tcp', state = '', source = '', target = '', sport = '', dport = ''] = found;
    if (/TIME_WAIT|CLOSE|LAST_ACK/.test(state)) return [];
    return [
      {
        key: `${protocol} ${source} ${sport} ${target} ${dport}`,
        ...{ layer: 'l4' as const, protocol: protocol as 'tcp' | 'udp', virtualService: of.service.id },
        ...{ realServer: of.server.id, client: source.includes(':') ? `[${source}]:${sport}` : `${source}:${sport}` },
        ...{ state, age: null },
      },
    ];
  });
}

/** Machines beside us, of both families. */
export async function listNeighbours(): Promise<Neighbour[]> {
  const ran = await run('ip', ['-j', 'neighbour', 'show']);
  if (ran.code !== 0) throw new Error(`the neighbours could not be read: ${ran.said}`);
  const raw = JSON.parse(ran.out || '[]') as { dst: string; dev: string; lladdr?: string; state?: string[] }[];
  return raw.map(({ dst, dev, lladdr = '', state = [] }) => ({
    address: dst,
    link: dev,
    mac: lladdr,
    state: state.join(', ').toLowerCase(),
  }));
}
