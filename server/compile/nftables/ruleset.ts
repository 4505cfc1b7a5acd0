import type { Outbound, PacketServer, PacketService } from './packets.ts';

/**
 * Text for `nft -f -`: every transaction is one such text, taken whole or not at all. Names and numbers only, nothing
 * a person wrote. Forms proven on kernels 6.1 and later with nftables 1.0.6; what a rule may hold in one line is told
 * in nft(8).
 */

/** What is known of a server beside its configuration: may it take anybody, and how much of its weight counts now. */
export interface Live {
  up: boolean;
  /** Of new clients, relative to the others of the service. */
  share: number;
}

/** Set in the mark of a packet that is routed to a server as it is; the rest is the server's number. */
const ROUTED = 0x08000000;

/** Set in a connection's mark when it is ours, and when its source is replaced; below them the number of the server. */
const OURS = 0x40000000;
const MASKED = 0x80000000;

/** The mark of connections to a server: by it they are counted, listed and ended. */
export const markOf = (service: PacketService, server: Pick<PacketServer, 'id'>): number =>
  service.forwarding === 'route' ? ROUTED + server.id : ((service.sourceNat ? MASKED : 0) + OURS + server.id) >>> 0;

/** Set in the mark of a connection that HAProxy opened from the address of its client. */
const BORROWED = 0x20000000;
/** Mark of a packet that is for us although its address is another's. */
export const FOR_US = 0x10000000;

export const serverOfMark = (mark: number): number | undefined =>
  (mark & (OURS | ROUTED)) !== 0 ? mark & (ROUTED - 1) : undefined;

/** The table with its base chains. Harmless to say again: what is there stays, connections included. */
export function baseText(table: string): string {
  const t = `inet ${table}`;
  return [
    `add table ${t}`,
    ...(['ip', 'ip6'] as const).map(
      family => `add map ${t} ${family}_services { typeof ${family} daddr . meta l4proto . th dport : verdict ; }`,
    ),
    ...(['ip', 'ip6'] as const).map(
      family => `add map ${t} ${family}_direct { typeof ${family} daddr . meta l4proto . th dport : verdict ; }`,
    ),
    ...(['ip', 'ip6'] as const).map(
      family => `add map ${t} ${family}_wildcards { typeof ${family} daddr . meta l4proto : verdict ; }`,
    ),
    `add chain ${t} early { type filter hook prerouting priority raw ; policy accept ; }`,
    `flush chain ${t} early`,
    ...(['ip', 'ip6'] as const).map(
      family => `add rule ${t} early ${family} daddr . meta l4proto . th dport vmap @${family}_direct`,
    ),
    ...COUNTED.map(what => `add set ${t} ${what} { type mark ; size 262144 ; flags dynamic ; }`),
    `add chain ${t} pre { type nat hook prerouting priority dstnat ; policy accept ; }`,
    `add chain ${t} own { type nat hook output priority -100 ; policy accept ; }`,
    `add chain ${t} post { type nat hook postrouting priority srcnat ; policy accept ; }`,
    `add chain ${t} count { type filter hook postrouting priority -1 ; policy accept ; }`,
    ...['pre', 'own', 'post', 'count'].map(chain => `flush chain ${t} ${chain}`),
    ...['pre', 'own'].flatMap(chain =>
      (['ip', 'ip6'] as const).map(
        family => `add rule ${t} ${chain} ${family} daddr . meta l4proto . th dport vmap @${family}_services`,
      ),
    ),
    // A service of one port goes before one of all.
    ...['pre', 'own'].flatMap(chain =>
      (['ip', 'ip6'] as const).map(
        family => `add rule ${t} ${chain} ${family} daddr . meta l4proto vmap @${family}_wildcards`,
      ),
    ),
    `add rule ${t} post ct mark & ${hex(MASKED)} != 0 ct status dnat masquerade`,
    ...transparencyLines(t),
    ...outboundLines(t),
    ...droppedLines(t),
    `add rule ${t} count ct mark & ${hex(OURS)} == 0 return`,
    `add rule ${t} count ct direction original update @in { ct mark counter }`,
    `add rule ${t} count ct direction reply update @out { ct mark counter }`,
    '',
  ].join('\n');
}

/**
 * Answers to an address that HAProxy borrowed from a client come back to HAProxy, by a mark that a routing rule of ours
 * turns into local delivery. A client in the servers' own network would get them directly and refuse them: its
 * connections are source-NATed. The set `beside` holds the networks of each interface.
 */
const transparencyLines = (t: string): string[] => [
  `add set ${t} ip_beside { typeof oifname . ip saddr ; flags interval ; }`,
  `add set ${t} ip6_beside { typeof oifname . ip6 saddr ; flags interval ; }`,
  `add counter ${t} beside`,
  `add chain ${t} borrow { type filter hook output priority mangle ; policy accept ; }`,
  `add chain ${t} divert { type filter hook prerouting priority -90 ; policy accept ; }`,
  `flush chain ${t} borrow`,
  `flush chain ${t} divert`,
  `add rule ${t} borrow meta l4proto tcp ct state new fib saddr type != local ct mark set ${hex(BORROWED)}`,
  `add rule ${t} divert ct mark & ${hex(BORROWED)} != 0 ct direction reply meta mark set ${hex(FOR_US)}`,
  ...['ip', 'ip6'].map(
    family =>
      `add rule ${t} post ct mark & ${hex(BORROWED)} != 0 oifname . ${family} saddr @${family}_beside counter name beside masquerade`,
  ),
];

/** Connections that are none of ours and come from a Real Server leave with another address. */
const outboundLines = (t: string): string[] =>
  (['ip', 'ip6'] as const).flatMap(family => [
    `add map ${t} ${family}_outbound { typeof ${family} saddr : ${family} daddr ; }`,
    `add set ${t} ${family}_leaving { typeof ${family} saddr ; }`,
    `add rule ${t} post ct mark & ${hex((MASKED | OURS | BORROWED) >>> 0)} == 0 snat ${family} to ${family} saddr map @${family}_outbound`,
    `add rule ${t} post ct mark & ${hex((MASKED | OURS | BORROWED) >>> 0)} == 0 ${family} saddr @${family}_leaving masquerade`,
  ]);

/** Both ends of a connection that somebody dropped are told at their next packet: else the kernel would take it up again. */
const droppedLines = (t: string): string[] => [
  `add chain ${t} ended { type filter hook forward priority -5 ; policy accept ; }`,
  `flush chain ${t} ended`,
  ...(['ip', 'ip6'] as const).flatMap(family => [
    `add set ${t} ${family}_dropped { typeof ${family} saddr . meta l4proto . th sport ; flags timeout ; }`,
    ...['saddr . meta l4proto . th sport', 'daddr . meta l4proto . th dport'].flatMap(end => [
      `add rule ${t} ended ${family} ${end} @${family}_dropped meta l4proto tcp reject with tcp reset`,
      `add rule ${t} ended ${family} ${end} @${family}_dropped reject`,
    ]),
  ]),
];

/** Ends the connection of a client's address and port; `seconds`: how long its ends may take to notice. */
export function dropText(
  table: string,
  protocol: 'tcp' | 'udp',
  client: string,
  port: number,
  seconds: number,
): string {
  const family = client.includes(':') ? 'ip6' : 'ip';
  return `add element inet ${table} ${family}_dropped { ${client} . ${protocol} . ${port} timeout ${seconds}s }\n`;
}

/** Which servers leave with which address, in place of those that were said before. */
export function outboundText(table: string, outbound: readonly Outbound[]): string {
  const t = `inet ${table}`;
  return (['ip', 'ip6'] as const)
    .flatMap(family => {
      const own = outbound.filter(({ server }) => server.includes(':') === (family === 'ip6'));
      const named = own.filter(({ as }) => as !== undefined).map(({ server, as }) => `${server} : ${as}`);
      const others = own.filter(({ as }) => as === undefined).map(({ server }) => server);
      return [
        `flush map ${t} ${family}_outbound`,
        `flush set ${t} ${family}_leaving`,
        ...(named.length > 0 ? [`add element ${t} ${family}_outbound { ${named.join(', ')} }`] : []),
        ...(others.length > 0 ? [`add element ${t} ${family}_leaving { ${others.join(', ')} }`] : []),
      ];
    })
    .concat('')
    .join('\n');
}

/** The networks that lie on each interface, in place of those that were said before. */
export function besideText(table: string, networks: readonly { link: string; network: string }[]): string {
  const t = `inet ${table}`;
  return (['ip', 'ip6'] as const)
    .flatMap(family => {
      const own = networks.filter(({ network }) => network.includes(':') === (family === 'ip6'));
      const elements = own.map(({ link, network }) => `"${link}" . ${network}`).join(', ');
      return [
        `flush set ${t} ${family}_beside`,
        ...(own.length > 0 ? [`add element ${t} ${family}_beside { ${elements} }`] : []),
      ];
    })
    .concat('')
    .join('\n');
}

/** A service from nothing, or over an older form of itself that has the same place (address, protocol, port). */
export function serviceText(table: string, service: PacketService, live: ReadonlyMap<number, Live>): string {
  const t = `inet ${table}`;
  const chain = `vs_${service.id}`;
  return [
    ...tableLines(t, service, live),
    ...listLines(t, service),
    `add chain ${t} ${chain}`,
    `flush chain ${t} ${chain}`,
    ...[...sparedRules(service), ...accessRules(service), ...rules(service, live)].map(
      rule => `add rule ${t} ${chain} ${rule}`,
    ),
    `add element ${t} ${placesOf(service)} { ${places(service, ` : goto ${chain}`)} }`,
    '',
  ].join('\n');
}

/** Takes a service away. Its connections go on until they end: they do not need it any more. */
export function withoutText(table: string, service: PacketService): string {
  const t = `inet ${table}`;
  return [
    `delete element ${t} ${placesOf(service)} { ${places(service)} }`,
    `flush chain ${t} vs_${service.id}`,
    `delete chain ${t} vs_${service.id}`,
    ...tablesOf(service).map(({ name }) => `delete map ${t} ${name}`),
    ...listsOf(service).map(({ name }) => `delete set ${t} ${name}`),
    ...(tablesOf(service).length > 0 ? [`delete set ${t} ${membersOf(service)}`] : []),
    '',
  ].join('\n');
}

const places = ({ address, protocol, ports, everyPortBut }: PacketService, then = '') =>
  everyPortBut
    ? `${address} . ${protocol}${then}`
    : ports.map(port => `${address} . ${protocol} . ${port}${then}`).join(', ');
const hex = (mark: number) => `0x${mark.toString(16)}`;

const placesOf = ({ family, forwarding, everyPortBut }: PacketService) =>
  `${family}_${everyPortBut ? 'wildcards' : forwarding === 'route' ? 'direct' : 'services'}`;

/** What persistence goes by. */
const clientOf = ({ family, mask }: PacketService) => `${family} saddr${mask ? ` & ${mask}` : ''}`;

/** A table of another time-out or netmask is another table. */
const entriesOf = ({ id, persistence, mask }: PacketService) =>
  `p_${id}_${persistence}${mask ? `_${mask.replaceAll(/[.:]/g, '_')}` : ''}`;
const flowsOf = (service: PacketService) => `f_${service.id}_${service.idle}`;
const membersOf = (service: PacketService) => `u_${service.id}`;

/** What the kernel remembers of a service: where clients were sent, and with direct return where each flow goes. */
function tablesOf(service: PacketService): { name: string; key: string; seconds: number }[] {
  const { family, persistence, idle } = service;
  const of = service.forwarding === 'route' ? 'meta mark' : 'ct mark';
  return [
    ...(persistence > 0 ? [{ name: entriesOf(service), key: `${family} saddr : ${of}`, seconds: persistence }] : []),
    ...(service.forwarding === 'route'
      ? [{ name: flowsOf(service), key: `${family} saddr . th sport : ${of}`, seconds: idle }]
      : []),
  ];
}

/** Sets of marks, each element with its own counter, made by the kernel when a server's first packet passes. */
export const COUNTED = ['connections', 'in', 'out'] as const;

/** Who was sent where, and which servers may still be sent anybody. */
function tableLines(t: string, service: PacketService, live: ReadonlyMap<number, Live>): string[] {
  const tables = tablesOf(service);
  if (tables.length === 0) return [];
  const members = service.servers.filter(server => live.get(server.id)?.up ?? true).map(s => hex(markOf(service, s)));
  return [
    ...tables.map(
      ({ name, key, seconds }) =>
        `add map ${t} ${name} { typeof ${key} ; flags dynamic,timeout ; timeout ${seconds}s ; size 262144 ; }`,
    ),
    `add set ${t} ${membersOf(service)} { type mark ; }`,
    `flush set ${t} ${membersOf(service)}`,
    ...(members.length > 0 ? [`add element ${t} ${membersOf(service)} { ${members.join(', ')} }`] : []),
  ];
}

/** Who is refused, and those but whom everybody is. */
const listsOf = ({ id, block, allow, allowEverywhere }: PacketService) =>
  [
    { name: `b_${id}`, networks: block, but: '' },
    { name: `a_${id}`, networks: allow, but: '!= ' },
    { name: `g_${id}`, networks: allowEverywhere, but: '!= ' },
  ].filter(({ networks }) => networks.length > 0);

const listLines = (t: string, service: PacketService): string[] =>
  listsOf(service).flatMap(({ name, networks }) => [
    `add set ${t} ${name} { typeof ${service.family} saddr ; flags interval ; auto-merge ; }`,
    `flush set ${t} ${name}`,
    `add element ${t} ${name} { ${networks.join(', ')} }`,
  ]);

const sparedRules = ({ everyPortBut = [] }: PacketService): string[] =>
  everyPortBut.length > 0 ? [`th dport { ${everyPortBut.join(', ')} } accept`] : [];

const accessRules = (service: PacketService): string[] =>
  listsOf(service).map(({ name, but }) => `${service.family} saddr ${but}@${name} drop`);

function rules(service: PacketService, live: ReadonlyMap<number, Live>): string[] {
  const shares = sharesOf(service, live);
  // Nobody may take it: silence, as a machine that is off. A nat chain cannot refuse.
  if (service.servers.length === 0 || (shares.length === 0 && service.persistence === 0)) return ['drop'];
  const choose = (mark: string) => (shares.length > 0 ? `${mark} set ${choiceOf(service, shares)}` : 'drop');
  return service.forwarding === 'route'
    ? directRules(service, choose('meta mark'))
    : natRules(service, choose('ct mark'));
}

function natRules(service: PacketService, choice: string): string[] {
  const { family } = service;
  const who = clientOf(service);
  const target = service.servers.map(
    server =>
      `${hex(markOf(service, server))} : ${server.address}${service.ports.length > 1 || service.everyPortBut ? '' : ` . ${server.port}`}`,
  );
  return [
    ...(service.persistence > 0
      ? [
          `ct mark set ${who} map @${entriesOf(service)}`,
          // An entry of a server that is down is thrown away first: an update alone would keep its old value.
          `ct mark != @${membersOf(service)} delete @${entriesOf(service)} { ${who} : ct mark } ${choice}`,
          `update @${entriesOf(service)} { ${who} timeout ${service.persistence}s : ct mark }`,
        ]
      : [choice]),
    'update @connections { ct mark counter }',
    `meta l4proto ${service.protocol} dnat ${family} to ct mark map { ${target.join(', ')} }`,
    // Between two forms of the chain a packet finds nothing: it is sent again rather than refused.
    'drop',
  ];
}

/** Every packet passes here, not only the first: the answers pass elsewhere, so the kernel tracks no connection. */
function directRules(service: PacketService, choice: string): string[] {
  const { family, persistence, idle } = service;
  const who = clientOf(service);
  const flow = `${family} saddr . th sport`;
  const remember = `update @${flowsOf(service)} { ${flow} timeout ${idle}s : meta mark } update @in { meta mark counter } accept`;
  const stray = `meta mark != @${membersOf(service)}`;
  return [
    'notrack',
    `meta mark set ${flow} map @${flowsOf(service)}`,
    `meta mark @${membersOf(service)} ${remember}`,
    // A flow that is new, or whose server is down: what is known of it is thrown away, an update would keep it.
    `meta mark != 0 delete @${flowsOf(service)} { ${flow} : meta mark } meta mark set 0`,
    ...(persistence > 0
      ? [
          `meta mark set ${who} map @${entriesOf(service)}`,
          `${stray} delete @${entriesOf(service)} { ${who} : meta mark } ${choice}`,
          `update @${entriesOf(service)} { ${who} timeout ${persistence}s : meta mark }`,
        ]
      : [choice]),
    'update @connections { meta mark counter }',
    remember,
  ];
}

/** Of how many new connections one round has at most. */
const LONGEST_ROUND = 256;

/** Servers that may take new clients, with their turns in a round. */
function sharesOf(service: PacketService, live: ReadonlyMap<number, Live>): Share[] {
  const able = service.servers.filter(server => server.open && (live.get(server.id)?.up ?? true));
  const heaviest = able.toSorted((a, b) => b.weight - a.weight).slice(0, 1);
  const open = service.choose === 'heaviest' ? heaviest : able;
  const weights = open.map(server => live.get(server.id)?.share ?? server.weight);
  const divisor = weights.reduce(gcd, 0) || 1;
  const sum = weights.reduce((total, weight) => total + weight, 0) / divisor;
  const turns = weights.map(weight =>
    sum <= LONGEST_ROUND ? weight / divisor : Math.max(1, Math.round((weight / divisor / sum) * LONGEST_ROUND)),
  );
  return open.map((server, at) => ({ mark: hex(markOf(service, server)), turns: turns[at] ?? 1 }));
}

interface Share {
  mark: string;
  turns: number;
}

/** One round, in which those with many turns do not take them all at once: who is furthest behind its share is next. */
function roundOf(shares: readonly Share[]): string[] {
  const sum = shares.reduce((total, { turns }) => total + turns, 0);
  const owed = shares.map(() => 0);
  return Array.from({ length: sum }, () => {
    let next = 0;
    for (const [at, { turns }] of shares.entries()) {
      owed[at] = (owed[at] ?? 0) + turns;
      if ((owed[at] ?? 0) > (owed[next] ?? 0)) next = at;
    }
    owed[next] = (owed[next] ?? 0) - sum;
    return shares[next]?.mark ?? '';
  });
}

function choiceOf(service: PacketService, shares: readonly Share[]): string {
  const round = roundOf(shares);
  const slots = round.map((mark, at) => `${at} : ${mark}`);
  const by =
    service.choose === 'by source'
      ? `jhash ${service.family} saddr mod ${round.length} seed 0x62616c6c`
      : `numgen inc mod ${round.length}`;
  return `${by} map { ${slots.join(', ')} }`;
}

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));
