import type { Guard } from './network-set.ts';

/** Of the kinds without which IP does not work (RFC 4890, 4.4); echo so that a machine can be found. */
const ICMP = 'destination-unreachable, time-exceeded, parameter-problem, echo-request, echo-reply';
const ICMPV6 =
  'destination-unreachable, packet-too-big, time-exceeded, parameter-problem, echo-request, echo-reply, ' +
  'nd-router-solicit, nd-router-advert, nd-neighbor-solicit, nd-neighbor-advert, mld-listener-query, mld-listener-report, mld-listener-done, mld2-listener-report';
/** Of RFC 5798: units of a pair hear each other by it. */
const VRRP = 112;

/**
 * The packet filter of the machine itself, as one transaction that replaces whatever the table held. Connections that
 * are open go on; of new ones to the management ports only those that are allowed come in. All else is not its business.
 */
export function guardText(table: string, guard: Guard): string {
  const { ports, links, networks, block, allow, services, places } = guard;
  const sets = [
    ...pair('block', block),
    ...pair('allow', allow),
    ...pair('networks', networks),
    ...pair('services', services),
  ];
  const from = (name: string, verdict: string, negated = false) =>
    ['ip', 'ip6'].map(
      family => `    ${family} saddr ${negated ? '!= ' : ''}@${name}${family === 'ip' ? 4 : 6} ${verdict}`,
    );
  const rules = [
    '    iifname "lo" accept',
    '    ct state established,related accept',
    `    icmp type { ${ICMP} } accept`,
    `    icmpv6 type { ${ICMPV6} } accept`,
    `    ip protocol ${VRRP} accept`,
    `    ip6 nexthdr ${VRRP} accept`,
    `    tcp dport != { ${ports.join(', ')} } accept`,
    `    meta l4proto != tcp accept`,
    ...places.map(
      ({ address, port }) => `    ${address.includes(':') ? 'ip6' : 'ip'} daddr ${address} tcp dport ${port} accept`,
    ),
    ...from('block', 'drop'),
    ...(allow.length > 0 ? from('allow', 'drop', true) : []),
    '    ip daddr @services4 drop',
    '    ip6 daddr @services6 drop',
    ...(networks.length > 0 ? from('networks', 'drop', true) : []),
    `    iifname { ${links.map(link => `"${link}"`).join(', ')} } accept`,
    '    counter drop',
  ];
  return [
    `table inet ${table}`,
    `delete table inet ${table}`,
    `table inet ${table} {`,
    ...sets,
    '  chain input {',
    '    type filter hook input priority filter - 5; policy accept;',
    ...rules,
    '  }',
    '}',
    '',
  ].join('\n');
}

/** A set for each family; nft takes no empty list of elements. */
const pair = (name: string, all: readonly string[]): string[] =>
  ([4, 6] as const).flatMap(family => {
    const elements = all.filter(one => one.includes(':') === (family === 6));
    return [
      `  set ${name}${family} {`,
      `    type ipv${family}_addr`,
      '    flags interval',
      '    auto-merge',
      ...(elements.length > 0 ? [`    elements = { ${elements.join(', ')} }`] : []),
      '  }',
    ];
  });
