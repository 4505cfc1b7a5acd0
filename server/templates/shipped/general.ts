import { given, inputs, type Shipped, type Stated, service, shipped } from '../builder.ts';
import { address, certificate, ownConnections, samePort, servers, spread } from './common.ts';

/** What is balanced most often beside mail. */
const base = [inputs.address, inputs.servers];
const port = (label: string, help: string, usual?: number) =>
  ({ name: 'port', label, kind: 'port', help, ...(usual !== undefined && { default: usual }) }) as const;
const serverPort = (usual: number) =>
  ({
    name: 'serverPort',
    label: 'Port of the Real Servers',
    kind: 'port',
    help: 'Where servers listen.',
    default: usual,
  }) as const;

const redirector: Stated = {
  name: ['HTTP redirect', 'Sends browsers to HTTPS.'],
  ...address,
  port: [80, 'Where browsers go first when nobody types https.'],
  type: ['http', 'A redirect is an HTTP answer.'],
  unavailableAction: ['redirect', 'It has no servers and never will: every request is sent to HTTPS.'],
  redirectUrl: ['https://%h%s', 'The same host and path, over TLS.'],
  redirectCode: [302, 'Asked again each time, so that it can be taken back.'],
  checkType: ['none', 'Nothing to check.'],
};

const page: Stated = {
  checkMethod: ['GET', 'Some applications answer HEAD with an error.'],
  checkUrl: [given('checkUrl'), 'The page you gave.'],
  checkHost: [given('host'), 'Sites that share a server are told apart by it.'],
};
const checkUrl = {
  name: 'checkUrl',
  label: 'Checked Page',
  kind: 'text',
  help: 'A path that answers 200 while the application works.',
  default: '/',
} as const;

const web: Stated = {
  type: ['http', 'Requests are read: cookies, headers and limits by request become possible.'],
  scheduling: ['least-connection', 'Requests differ much in cost: the server with the fewest open ones gets the next.'],
};

const directory: Stated = {
  ...address,
  type: ['tcp', 'LDAP is no HTTP.'],
  scheduling: ['least-connection', 'Clients keep connections open for long: counting open ones spreads them best.'],
  idleTimeout: [900, 'Active Directory itself ends a silent connection after 15 minutes.'],
  checkType: [
    'ldap',
    'Binds without a name, which every directory answers: a server that only takes connections is not enough.',
  ],
};

const terminal: Stated = {
  persistence: [
    'rdp-login-or-source-ip',
    'A person whose connection broke finds the session again: by log-in name where the client sends it, else by address.',
  ],
  persistenceTimeout: [3600, 'Long enough for a lunch break.'],
};

export const general: Shipped[] = [
  shipped('web-https', 'Web', {
    name: 'Web: HTTPS with redirect',
    comment: 'HTTPS with TLS ended here, HTTP to the servers, and a redirect from port 80.',
    inputs: [...base, inputs.certificate, inputs.host, checkUrl, serverPort(80)],
    services: [
      service(redirector),
      service(
        {
          name: ['Web HTTPS', 'What it is.'],
          ...address,
          port: [443, 'The port of HTTPS.'],
          ...web,
          ...certificate,
          persistence: [
            'active-cookie',
            'A session stays on its server, and clients behind one address are told apart.',
          ],
          persistenceTimeout: [1800, 'Half an hour, as most applications keep sessions.'],
          checkType: ['http', 'Servers get plain HTTP, so that is what is checked.'],
          ...page,
        },
        { servers: servers('The port you gave.', 'serverPort') },
      ),
    ],
  }),
  shipped('web-https-reencrypted', 'Web', {
    name: 'Web: HTTPS re-encrypted with redirect',
    comment: 'TLS ended here and opened anew to the servers, and a redirect from port 80.',
    inputs: [...base, inputs.certificate, inputs.host, checkUrl, serverPort(443)],
    services: [
      service(redirector),
      service(
        {
          name: ['Web HTTPS', 'What it is.'],
          ...address,
          port: [443, 'The port of HTTPS.'],
          ...web,
          ...certificate,
          reencrypt: [true, 'The way to the servers is encrypted too.'],
          persistence: [
            'active-cookie',
            'A session stays on its server, and clients behind one address are told apart.',
          ],
          persistenceTimeout: [1800, 'Half an hour, as most applications keep sessions.'],
          checkType: ['https', 'Servers are asked the way clients’ requests reach them.'],
          ...page,
        },
        { servers: servers('The port you gave.', 'serverPort') },
      ),
    ],
  }),
  shipped('web-http', 'Web', {
    name: 'Web: HTTP',
    comment: 'Plain HTTP on port 80.',
    inputs: [...base, inputs.host, checkUrl, serverPort(80)],
    services: [
      service(
        {
          name: ['Web HTTP', 'What it is.'],
          ...address,
          port: [80, 'The port of HTTP.'],
          ...web,
          persistence: [
            'active-cookie',
            'A session stays on its server, and clients behind one address are told apart.',
          ],
          persistenceTimeout: [1800, 'Half an hour, as most applications keep sessions.'],
          checkType: ['http', 'Asks the application, not only the port.'],
          ...page,
        },
        { servers: servers('The port you gave.', 'serverPort') },
      ),
    ],
  }),
  shipped('web-redirect', 'Web', {
    name: 'Web: redirect to HTTPS',
    comment: 'Sends requests on port 80 to HTTPS, host and path kept.',
    inputs: [inputs.address],
    services: [service(redirector)],
  }),
  shipped('rdp', 'Remote Desktop', {
    name: 'Remote Desktop (RDP)',
    comment: 'Session hosts on port 3389.',
    inputs: base,
    services: [
      service(
        {
          name: ['Remote Desktop', 'What it is.'],
          ...address,
          port: [3389, 'The port of RDP.'],
          type: ['tcp', 'RDP is relayed as it comes.'],
          scheduling: ['least-connection', 'A session is a connection: hosts with fewer people get the next one.'],
          ...terminal,
          idleTimeout: [86_400, 'A session nobody touches says nothing for hours and must not be cut.'],
          checkType: ['rdp', 'Begins a handshake: a host whose port is open and whose service hangs is skipped.'],
        },
        { servers: samePort },
      ),
    ],
  }),
  shipped('rd-gateway', 'Remote Desktop', {
    name: 'Remote Desktop Gateway',
    comment: 'RD Gateway and RD Web on port 443, re-encrypted, with a redirect from port 80.',
    notes: ['RDP over UDP (3391) needs a UDP service, which comes with the network.'],
    inputs: [...base, inputs.certificate, inputs.host],
    services: [
      service(redirector),
      service(
        {
          name: ['RD Gateway', 'What it is.'],
          ...address,
          port: [443, 'The port of the gateway.'],
          type: ['http', 'The gateway speaks HTTP, with RDP inside.'],
          ...certificate,
          reencrypt: [true, 'The gateway wants TLS.'],
          ...ownConnections,
          scheduling: ['least-connection', 'A tunnel stays open for as long as its session: open ones are counted.'],
          persistence: [
            'source-ip',
            'A session’s tunnels must all meet one gateway, and its clients give no cookie back.',
          ],
          persistenceTimeout: [3600, 'Long enough for a lunch break.'],
          idleTimeout: [7200, 'A session nobody touches says nothing for long and must not be cut.'],
          checkType: ['https', 'Servers are asked the way clients’ requests reach them.'],
          checkMethod: ['GET', 'The gateway answers GET.'],
          checkUrl: ['/rpc', 'The gateway answers 401 here while it works.'],
          checkHost: [given('host'), 'Asked for as clients do.'],
        },
        { servers: samePort },
      ),
    ],
  }),
  shipped('ldap', 'Directory', {
    name: 'LDAP and LDAPS',
    comment: 'Ports 389 and 636, TLS passed through.',
    inputs: base,
    services: [
      service({ name: ['LDAP', 'What it is.'], port: [389, 'The port of LDAP.'], ...directory }, { servers: samePort }),
      service(
        {
          name: ['LDAPS', 'What it is.'],
          port: [636, 'The port of LDAP over TLS.'],
          ...directory,
          checkTls: [true, 'Servers speak TLS on this port from the first byte.'],
        },
        { servers: samePort },
      ),
    ],
  }),
  shipped('ldaps-offloaded', 'Directory', {
    name: 'LDAPS Offloaded',
    comment: 'TLS of port 636 ends here; servers get LDAP on port 389.',
    inputs: [...base, inputs.certificate],
    services: [
      service(
        {
          name: ['LDAPS Offloaded', 'What it is.'],
          port: [636, 'The port of LDAP over TLS.'],
          ...directory,
          tls: [true, 'TLS ends here: one certificate to renew, and servers need none.'],
          certificates: [given('certificate'), 'The certificate you chose, shown to clients.'],
        },
        { servers: servers('TLS ends here, so servers are asked on their plain port.', 389) },
      ),
    ],
  }),
  shipped('dns', 'Network', {
    name: 'DNS over TCP',
    comment: 'The TCP part of DNS on port 53: zone transfers and answers too long for UDP.',
    notes: ['Most questions come by UDP. UDP services come with the network; until then this is the TCP part only.'],
    inputs: base,
    services: [
      service(
        {
          name: ['DNS over TCP', 'What it is.'],
          ...address,
          port: [53, 'The port of DNS.'],
          type: ['tcp', 'DNS is no HTTP.'],
          ...spread,
          idleTimeout: [30, 'A question is answered at once; servers close silent connections soon too.'],
          checkType: ['dns', 'Asks a question: any valid answer will do.'],
        },
        { servers: samePort },
      ),
    ],
  }),
  shipped('syslog', 'Network', {
    name: 'Syslog over TCP',
    comment: 'Log messages over TCP; port 514 unless told otherwise.',
    notes: ['A sender keeps one connection for all its messages: it stays on its server until that connection ends.'],
    inputs: [...base, port('Port', 'The port senders connect to: 514, 601, or 6514 for TLS passed through.', 514)],
    services: [
      service(
        {
          name: ['Syslog', 'What it is.'],
          ...address,
          port: [given('port'), 'The port you gave.'],
          type: ['tcp', 'Syslog is no HTTP.'],
          scheduling: ['least-connection', 'A sender is a connection: counting open ones spreads senders evenly.'],
          idleTimeout: [
            86_400,
            'A quiet machine logs nothing for hours, and a cut connection would lose its next message.',
          ],
          checkType: ['tcp', 'Collectors answer nothing: taking connections is all they show.'],
        },
        { servers: samePort },
      ),
    ],
  }),
  shipped('tcp', 'Network', {
    name: 'Any TCP service',
    comment: 'Relays bytes as they come, TLS too.',
    inputs: [...base, port('Port', 'The port clients connect to.'), { ...serverName(), default: '' }],
    services: [
      service(
        {
          name: [given('name'), 'The name you gave.'],
          ...address,
          port: [given('port'), 'The port you gave.'],
          type: ['tcp', 'Nothing of the protocol is known.'],
          scheduling: ['least-connection', 'Nothing is known of how long connections last: open ones are counted.'],
          checkType: ['tcp', 'Nothing is known of the protocol: a server that takes connections is up.'],
        },
        { servers: samePort },
      ),
    ],
  }),
];

function serverName() {
  return { name: 'name', label: 'Service Name', kind: 'text', help: 'What people call the service.' } as const;
}
