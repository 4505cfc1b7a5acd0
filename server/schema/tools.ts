import Type, { type Static } from 'typebox';

const closed = { additionalProperties: false } as const;

/** An address or a name; never anything that a program could take for an option. */
const host = Type.String({
  title: 'Host',
  description: 'An address or a name',
  pattern: '^[A-Za-z0-9][A-Za-z0-9.:_-]{0,252}$|^::[0-9A-Fa-f:.]{0,43}$',
});
const source = Type.Optional(
  Type.String({ title: 'From', description: 'An address of this machine', pattern: '^[0-9A-Fa-f:.]{2,45}$' }),
);
const port = Type.Integer({ title: 'Port', minimum: 1, maximum: 65_535 });
export const lookupTypes = ['A', 'AAAA', 'CNAME', 'MX', 'NS', 'PTR', 'SOA', 'SRV', 'TXT'] as const;

/** What can be run: all bounded in time and in what they send. */
export const toolRequest = Type.Union([
  Type.Object(
    {
      tool: Type.Literal('ping'),
      host,
      source,
      count: Type.Integer({ title: 'Packets', minimum: 1, maximum: 100 }),
      size: Type.Integer({ title: 'Bytes of each', minimum: 0, maximum: 8_972 }),
    },
    closed,
  ),
  Type.Object({ tool: Type.Literal('traceroute'), host, source }, closed),
  Type.Object(
    {
      tool: Type.Literal('lookup'),
      host,
      type: Type.Unsafe<(typeof lookupTypes)[number]>({ title: 'Type', enum: [...lookupTypes] }),
      server: Type.Optional(Type.String({ title: 'Name server', pattern: '^[0-9A-Fa-f:.]{2,45}$' })),
    },
    closed,
  ),
  Type.Object({ tool: Type.Literal('connect'), host, port, source }, closed),
  Type.Object(
    {
      tool: Type.Literal('capture'),
      link: Type.String({ title: 'Interface', pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,14}$' }),
      address: Type.Optional(Type.String({ title: 'Address', pattern: '^[0-9A-Fa-f:.]{2,45}$' })),
      port: Type.Optional(port),
      protocol: Type.Optional(
        Type.Unsafe<'tcp' | 'udp' | 'icmp' | 'arp'>({ title: 'Protocol', enum: ['tcp', 'udp', 'icmp', 'arp'] }),
      ),
      packets: Type.Integer({ title: 'Packets', minimum: 1, maximum: 200_000 }),
      seconds: Type.Integer({ title: 'Seconds', minimum: 1, maximum: 600 }),
    },
    closed,
  ),
]);
export type ToolRequest = Static<typeof toolRequest>;
export type Tool = ToolRequest['tool'];

/** One run of a tool, as far as it is. */
export interface ToolRun {
  id: number;
  request: ToolRequest;
  state: 'running' | 'done' | 'failed' | 'cancelled';
  started: number;
  /** What it said so far. */
  lines: string[];
  /** Bytes that were captured; undefined for other tools. */
  captured?: number;
}

/** A connection that passes through this machine now. */
export interface Connection {
  /** What to name when it shall be dropped. */
  key: string;
  layer: 'l4' | 'l7';
  protocol: 'tcp' | 'udp';
  virtualService: number;
  /** 0: none was chosen yet. */
  realServer: number;
  client: string;
  /** Such as ESTABLISHED; empty for Layer 7. */
  state: string;
  /** Seconds it has lasted; null where the kernel does not tell. */
  age: number | null;
}

export interface ConnectionList {
  total: number;
  connections: Connection[];
}

/** A machine beside us, as ARP or neighbour discovery knows it. */
export interface Neighbour {
  address: string;
  link: string;
  mac: string;
  /** Such as reachable, stale or failed. */
  state: string;
}

export const dropRequest = Type.Object(
  {
    key: Type.String({
      pattern: '^(?:0x[0-9a-f]{1,16}|(?:tcp|udp) [0-9A-Fa-f:.]{2,45} [0-9]{1,5} [0-9A-Fa-f:.]{2,45} [0-9]{1,5})$',
    }),
  },
  closed,
);

const opaque = <T>(description: string) =>
  Type.Unsafe<T>({ type: ['object', 'array'], additionalProperties: true, description });
const common = { tag: 'Network' } as const;

/** Calls of the tools. */
export const toolCalls = {
  runTool: {
    ...common,
    method: 'POST',
    path: '/api/tools',
    role: 'operator',
    summary: 'Run ping, traceroute, a name look-up, a TCP connection or (administrators) a packet capture.',
    body: toolRequest,
    reply: opaque<ToolRun>('The run'),
  },
  getToolRun: {
    ...common,
    method: 'GET',
    path: '/api/tools/:id',
    role: 'operator',
    summary: 'What a run has said so far.',
    reply: opaque<ToolRun>('The run'),
  },
  stopTool: {
    ...common,
    method: 'DELETE',
    path: '/api/tools/:id',
    role: 'operator',
    summary: 'End a run; what was captured stays until it is fetched.',
    reply: opaque<ToolRun>('The run'),
  },
  getCapture: {
    ...common,
    method: 'GET',
    path: '/api/tools/:id/capture',
    role: 'administrator',
    summary: 'The packets of a capture as a pcap file; it is removed afterwards.',
    reply: Type.Unsafe<Blob>({ type: 'string', description: 'pcap' }),
  },
  listConnections: {
    ...common,
    method: 'GET',
    path: '/api/connections',
    role: 'read-only',
    summary: 'Open connections, of one service or of all.',
    query: Type.Object(
      {
        virtualService: Type.Optional(Type.Integer({ minimum: 1 })),
        search: Type.Optional(Type.String({ maxLength: 64, description: 'A part of the client’s address' })),
      },
      closed,
    ),
    reply: opaque<ConnectionList>('Connections, 1,000 at most'),
  },
  dropConnection: {
    ...common,
    method: 'POST',
    path: '/api/connections/drop',
    role: 'operator',
    summary: 'End one connection.',
    body: dropRequest,
    reply: opaque<{ dropped: boolean }>('Whether there was one'),
  },
  listNeighbours: {
    ...common,
    method: 'GET',
    path: '/api/network/neighbours',
    role: 'read-only',
    summary: 'Machines beside this one (ARP and neighbour discovery).',
    reply: opaque<Neighbour[]>('Neighbours'),
  },
} as const;
