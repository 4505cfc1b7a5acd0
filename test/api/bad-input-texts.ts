import { type BadInput, type Ground, type Row, table } from './bad-input-ground.ts';

/** What could end a line, a word or a quotation in an engine's file, in every field of text that reaches one. */
export function texts({ service, server }: Ground): BadInput[] {
  const breaks: [string, string][] = [
    ['a line feed', '\n'],
    ['a carriage return', '\r'],
    ['a last line feed', 'x\n'],
    ['NUL', '\0'],
    ['a tabulator', '\t'],
    ['escape', '\x1b[2J'],
    ['delete', '\x7f'],
    ['a directive', '\n  server evil 10.6.6.6:80'],
  ];
  /** In names only: what makes one name look like another. */
  const unseen: [string, string][] = [
    ['text turned round', '\u202efdp.'],
    ['an isolate', '\u2066x'],
    ['a mark of direction', '\u200f'],
    ['a space of no width', '\u200b'],
    ['a byte order mark', '\ufeff'],
    ['a soft hyphen', '\u00ad'],
    ['a line separator', '\u2028'],
    ['a C1 control', '\u0085'],
  ];
  const ends: [string, string][] = [
    ...breaks,
    ['a blank', ' x'],
    ['a last blank', 'x '],
    ['an umlaut', 'ü'],
    ['an emoji', '😀'],
    ['a no-break space', '\u00a0'],
    ['a line separator', '\u2028'],
    ['half a character', '\ud800'],
  ];
  const signs: [string, string][] = [
    ['a double quote', '"'],
    ['a single quote', "'"],
    ['a backslash', '\\'],
    ['a dollar', '$HOME'],
    ['a hash', '#'],
    ['a semicolon', ';x'],
    ['a per cent', '%[env(PATH)]'],
  ];
  const fields: [field: string, start: string, bad: [string, string][]][] = [
    ['name', 'web', [...breaks, ...unseen]],
    ['redirectUrl', 'https://a.example/', ends],
    ['checkUrl', '/health', ends],
    ['checkHost', 'a.example', [...ends, ...signs]],
    ['checkCodes', '301', [...ends, ...signs]],
    ['address', '192.0.2.77', [...ends, ...signs]],
    // Line feeds and tabulators are what a message may have.
    ['unavailableMessage', 'Sorry', breaks.filter(([, text]) => !/[\n\t]/.test(text))],
  ];
  return [
    ...fields.flatMap(([field, start, bad]) =>
      table(
        'PATCH',
        `/api/virtual-services/${service}`,
        bad.map(([name, text]): Row => [`${field} with ${name}`, { [field]: start + text }, 'INVALID', `/${field}`]),
      ),
    ),
    ...table(
      'PATCH',
      `/api/real-servers/${server}`,
      [...ends, ...signs].map(
        ([name, text]): Row => [`address with ${name}`, { address: `192.0.2.77${text}` }, 'INVALID', '/address'],
      ),
    ),
    ...table(
      'POST',
      `/api/virtual-services/${service}/duplicate`,
      [...breaks, ...unseen].map(
        ([name, text]): Row => [
          `name with ${name}`,
          { address: '192.0.2.77', port: 80, name: text },
          'INVALID',
          '/name',
        ],
      ),
    ),
  ];
}

/** Texts that some reader takes for an address, and addresses that make no sense. */
export function addresses({ service, server, port, loopback }: Ground): BadInput[] {
  const unreadable = [
    'localhost',
    'example.com',
    '0x7f.1',
    '0x7f000001',
    '010.0.0.1',
    '192.0.2.010',
    '2130706433',
    '127.1',
    '192.0.2',
    '192.0.2.256',
    '192.0.2.1.1',
    '192.0.2.1/24',
    '192.0.2.1:80',
    '[2001:db8::1]',
    '[2001:db8::1]:80',
    'fe80::1%eth0',
    '2001:db8::1%1',
    '2001:db8:::1',
    '2001:db8::1::2',
    '12345::1',
    '::ffff:192.0.2.256',
    'unix@/tmp/x',
    '/run/haproxy.sock',
    'fd@3',
    'abns@x',
    'ipv4@192.0.2.1',
    '*',
    '٣.0.0.1',
    '',
    '-',
  ];
  const senseless: [string, RegExp][] = [
    ['0.0.0.0', /every address/],
    ['::', /every address/],
    ['224.0.0.1', /one host/],
    ['ff02::1', /one host/],
    ['255.255.255.255', /one host/],
    ['169.254.169.254', /link-local/],
    ['fe80::1', /link-local/],
    ['::ffff:169.254.1.1', /link-local/],
    ...(loopback
      ? []
      : ([
          ['127.0.0.1', /loopback/],
          ['127.255.0.9', /loopback/],
          ['::1', /loopback/],
          ['::ffff:127.0.0.1', /loopback/],
        ] as [string, RegExp][])),
  ];
  const rows = (extra: object): Row[] => [
    ...unreadable.map((address): Row => [`address “${address}”`, { ...extra, address }, 'INVALID', '/address']),
    ...senseless.map(
      ([address, says]): Row => [`address ${address}`, { ...extra, address }, 'BAD_ADDRESS', '/address', says],
    ),
  ];
  return [
    ...table('POST', '/api/virtual-services', rows({ port: port + 2 })),
    ...table('PATCH', `/api/virtual-services/${service}`, rows({})),
    ...table('POST', `/api/virtual-services/${service}/real-servers`, rows({ port: 8081 })),
    ...table('PATCH', `/api/real-servers/${server}`, rows({})),
    ...table('POST', `/api/virtual-services/${service}/duplicate`, [
      ...unreadable.map(
        (address): Row => [`address “${address}”`, { address, port: port + 2 }, 'BAD_ADDRESS', '/address'],
      ),
      ...senseless.map(
        ([address]): Row => [`address ${address}`, { address, port: port + 2 }, 'BAD_ADDRESS', '/address'],
      ),
    ]),
  ];
}

/** Properties and objects that do not go together. */
export function relations(ground: Ground): BadInput[] {
  const { address, otherAddress, address6, address6Again, serverAddress, port, consolePort, service, tcpService } =
    ground;
  const taken = { address, port };
  return [
    ...table('POST', '/api/virtual-services', [
      ['an address taken', taken, 'ADDRESS_TAKEN', '/port', /already used by web/],
      ['an address taken, in IPv6 clothes', { address: `::ffff:${address}`, port }, 'ADDRESS_TAKEN', '/port'],
      [
        'an IPv6 address taken, spelled otherwise',
        { address: address6Again, port: port + 1 },
        'ADDRESS_TAKEN',
        '/port',
      ],
      [
        'an IPv6 address taken, in capitals',
        { address: address6.toUpperCase(), port: port + 1 },
        'ADDRESS_TAKEN',
        '/port',
      ],
      [
        'the port of the console',
        { address: otherAddress, port: consolePort },
        'MANAGEMENT_PORT',
        '/port',
        /port of this console/,
      ],
      ['TLS without a certificate', { address: otherAddress, port, tls: true }, 'NEEDS', '/certificates'],
      [
        'a certificate that is not there',
        { address: otherAddress, port, certificates: [424_242] },
        'UNKNOWN_REFERENCE',
        '/certificates',
      ],
      [
        'a certificate that is only asked for',
        { address: otherAddress, port, tls: true, certificates: [ground.request] },
        'NEEDS',
        '/certificates',
      ],
      ['reencrypt without TLS', { address: otherAddress, port, reencrypt: true }, 'NEEDS', '/reencrypt'],
      [
        'a cookie in TCP',
        { address: otherAddress, port, type: 'tcp', persistence: 'active-cookie' },
        'NEEDS',
        '/persistence',
      ],
      [
        'a redirect in TCP',
        { address: otherAddress, port, type: 'tcp', unavailableAction: 'redirect', redirectUrl: 'https://a.example/' },
        'NEEDS',
        '/unavailableAction',
      ],
      [
        'a redirect to nowhere',
        { address: otherAddress, port, unavailableAction: 'redirect' },
        'NEEDS',
        '/redirectUrl',
      ],
      [
        'a timeout longer than the interval',
        { address: otherAddress, port, checkInterval: 3 },
        'NEEDS',
        '/checkInterval',
      ],
      [
        'a server that is the service',
        { address: otherAddress, port, realServers: [{ address: otherAddress, port }] },
        'BAD_ADDRESS',
        '/realServers/0/address',
        /round in circles/,
      ],
      [
        'a server twice',
        { address: otherAddress, port, realServers: [1, 2].map(() => ({ address: serverAddress, port: 80 })) },
        'SERVER_TAKEN',
        '/realServers/1/address',
      ],
    ]),
    ...table('PATCH', `/api/virtual-services/${service}`, [
      ['the port of the console', { port: consolePort }, 'MANAGEMENT_PORT', '/port'],
      ['the place of another', { address: address6, port: port + 1 }, 'ADDRESS_TAKEN', '/port'],
      ['its last certificate taken off', { certificates: [] }, 'NEEDS', '/certificates'],
      [
        'the address of its server',
        { address: serverAddress, port: 8080 },
        'BAD_ADDRESS',
        '/address',
        /round in circles/,
      ],
      [
        'a certificate that is not there',
        { certificates: [ground.certificateInUse, 424_242] },
        'UNKNOWN_REFERENCE',
        '/certificates',
      ],
    ]),
    ...table('PATCH', `/api/virtual-services/${tcpService}`, [
      ['a cookie', { persistence: 'active-cookie' }, 'NEEDS', '/persistence'],
    ]),
    ...table('POST', `/api/virtual-services/${service}/real-servers`, [
      ['a server it has', { address: serverAddress, port: 8080 }, 'SERVER_TAKEN', '/address'],
      [
        'a server it has, in IPv6 clothes',
        { address: `::ffff:${serverAddress}`, port: 8080 },
        'SERVER_TAKEN',
        '/address',
      ],
      ['the service itself', taken, 'BAD_ADDRESS', '/address', /round in circles/],
      ['no port', { address: serverAddress }, 'INVALID', '/port'],
    ]),
    ...table('POST', `/api/virtual-services/${service}/duplicate`, [
      ['onto itself', taken, 'ADDRESS_TAKEN', '/port'],
      ['onto the console', { address: otherAddress, port: consolePort }, 'MANAGEMENT_PORT', '/port'],
      ['without a port', { address: otherAddress }, 'INVALID', '/port'],
      ['with more than a copy takes', { address: otherAddress, port, tls: false }, 'INVALID', '/tls'],
    ]),
  ];
}
