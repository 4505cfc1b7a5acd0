import type { TemplateService } from '../../schema/template-file.ts';
import { given, inputs, named, type Shipped, type Stated, service, shipped } from '../builder.ts';
import { address, certificate, ownConnections, samePort, servers, spread } from './common.ts';

/**
 * Exchange 2010: the server that answers a mailbox keeps its session in memory, so a client must meet the same one
 * again. Values are those of the vendor's guides for it (loadmaster-features.md 6.1 to 6.3).
 */
const GROUP = 'Exchange 2010';
const HOUR = 3600;

const notes = [
  'The internalURL and externalURL of every virtual directory must name the balanced host name on every Client Access server.',
  'Inside, the host name must resolve to the virtual address (split DNS).',
  'Under Settings switch on “Drop Connections on RS Failure” and “Drop at Drain Time End”: Outlook then reconnects at once instead of hanging.',
  'Make the CAS array object before the databases, or they keep the name of one server.',
];

const sticky: Stated = {
  persistence: [
    'source-ip',
    'TLS is not opened here, so the client’s address is all there is to know it by. Behind one proxy all clients meet one server.',
  ],
  persistenceTimeout: [HOUR, 'Exchange sessions pause for longer than the default of six minutes.'],
};

const cookie: Stated = {
  persistence: [
    'super-http',
    'OWA, ECP and EWS break when a client changes servers; the log-in header or a cookie tells clients behind one proxy apart.',
  ],
  persistenceTimeout: [HOUR, 'Exchange sessions pause for longer than the default of six minutes.'],
};

const patient: Stated = {
  idleTimeout: [1800, 'ActiveSync holds a request open for up to half an hour.'],
};

const owa: Stated = {
  checkMethod: ['GET', 'OWA answers GET as it does a browser.'],
  checkUrl: ['/owa', 'OWA is what most people notice first; it answers 200, 301, 302 or 401 while it works.'],
  checkHost: [given('host'), 'OWA answers for the host name clients use.'],
};

export const redirector = (): TemplateService =>
  service({
    name: ['Exchange HTTP redirect', 'As the vendor’s template calls it.'],
    ...address,
    port: [80, 'Where browsers go first when nobody types https.'],
    type: ['http', 'A redirect is an HTTP answer.'],
    unavailableAction: ['redirect', 'It has no servers and never will: every request is sent to HTTPS.'],
    redirectUrl: ['https://%h%s', 'The same host and path, over TLS.'],
    redirectCode: [302, 'Asked again each time, so that it can be taken back.'],
    checkType: ['none', 'Nothing to check.'],
  });

const https = (name: string): Stated => ({
  name: [name, 'As the vendor’s template calls it.'],
  ...address,
  port: [443, 'OWA, ECP, EWS, ActiveSync, OAB, Outlook Anywhere and Autodiscover all live here.'],
});

const passThrough = service(
  {
    ...https('Exchange HTTPS'),
    type: ['tcp', 'TLS goes through to the servers as it comes: nothing of it can be read here.'],
    ...spread,
    ...sticky,
    ...patient,
    checkType: ['https', 'Asks the service itself: a server whose OWA is dead is skipped although it answers a ping.'],
    ...owa,
  },
  { servers: samePort },
);

const offloaded = service(
  {
    ...https('Exchange HTTPS Offloaded'),
    type: ['http', 'Requests are read here.'],
    ...certificate,
    ...spread,
    ...cookie,
    ...ownConnections,
    ...patient,
    checkType: ['http', 'Servers get plain HTTP, so that is what is checked.'],
    ...owa,
  },
  { servers: servers('Offloaded: TLS ends here and servers are asked over plain HTTP.', 80) },
);

const reencrypted = service(
  {
    ...https('Exchange HTTPS Re-encrypted'),
    type: ['http', 'Requests are read here.'],
    ...certificate,
    reencrypt: [true, 'The way to the servers is encrypted too, and nothing has to be changed on them.'],
    serverTlsMinimum: ['TLSv1.0', 'Windows 2008 speaks nothing newer without an update.'],
    ...spread,
    ...cookie,
    ...ownConnections,
    ...patient,
    checkType: ['https', 'Servers are asked the way clients’ requests reach them.'],
    ...owa,
  },
  { servers: samePort },
);

const rpc: Stated = {
  ...address,
  type: ['tcp', 'RPC is no HTTP.'],
  ...spread,
  persistence: ['source-ip', 'Outlook opens several sessions, which must all meet one server.'],
  persistenceTimeout: [HOUR, 'Outlook pauses for longer than the default of six minutes.'],
  idleTimeout: [86_400, 'Outlook keeps its sessions open all day.'],
  checkType: ['tcp', 'A server that does not take connections on this port is skipped.'],
};

const rpcPort = (name: string, label: string, port: number, help: string) => ({
  name,
  label,
  kind: 'port' as const,
  help,
  default: port,
});

const mapiStatic: TemplateService[] = [
  service(
    {
      name: ['RPC Endpoint Mapper', 'Tells clients at which port a service is.'],
      port: [135, 'The port of the endpoint mapper, the same everywhere.'],
      ...rpc,
    },
    { key: 'mapper', servers: samePort },
  ),
  service(
    {
      name: ['RPC Client Access', 'Outlook’s mailbox sessions.'],
      port: [given('clientAccessPort'), 'The static port set on every server.'],
      ...rpc,
      followService: [named('mapper'), 'One server for all three ports: they share one table of persistence.'],
    },
    { servers: servers('The static port set on every server.', 'clientAccessPort') },
  ),
  service(
    {
      name: ['Exchange Address Book', 'Outlook’s directory.'],
      port: [given('addressBookPort'), 'The static port set on every server.'],
      ...rpc,
      followService: [named('mapper'), 'One server for all three ports: they share one table of persistence.'],
    },
    { servers: servers('The static port set on every server.', 'addressBookPort') },
  ),
];

const { host } = inputs;
const base = [inputs.address, inputs.servers];
const httpsNotes = [...notes, 'OWA and ECP authentication must be the same on every server.'];

export const exchange2010: Shipped[] = [
  shipped('exchange-2010-https', GROUP, {
    name: 'Exchange 2010 HTTPS',
    comment: 'TLS passes through to the servers; port 80 redirects to it.',
    notes: httpsNotes,
    inputs: [...base, host],
    services: [redirector(), passThrough],
  }),
  shipped('exchange-2010-https-offloaded', GROUP, {
    name: 'Exchange 2010 HTTPS Offloaded',
    comment: 'TLS ends here, servers get HTTP on port 80; port 80 here redirects.',
    notes: [
      ...httpsNotes,
      'SSL offloading must be switched on in IIS and Exchange for every virtual directory on every server.',
    ],
    inputs: [...base, inputs.certificate, host],
    services: [redirector(), offloaded],
  }),
  shipped('exchange-2010-https-reencrypted', GROUP, {
    name: 'Exchange 2010 HTTPS Re-encrypted',
    comment: 'TLS ends here and a new TLS connection goes to the servers; port 80 redirects.',
    notes: httpsNotes,
    inputs: [...base, inputs.certificate, host],
    services: [redirector(), reencrypted],
  }),
  shipped('exchange-2010-mapi-static', GROUP, {
    name: 'Exchange 2010 MAPI (static ports)',
    comment: 'Outlook over RPC: the endpoint mapper and two static ports that follow one table.',
    notes: [
      ...notes,
      'On every server set MSExchangeRPC\\ParametersSystem “TCP/IP Port” and MSExchangeAB\\Parameters “RpcTcpPort” to these ports; 59531 to 60554 are advised.',
      'Public folders go straight to their mailbox server and past any load balancer.',
    ],
    inputs: [
      ...base,
      rpcPort('clientAccessPort', 'Client Access Port', 59_531, 'MSExchangeRPC\\ParametersSystem, “TCP/IP Port”.'),
      rpcPort('addressBookPort', 'Address Book Port', 59_532, 'MSExchangeAB\\Parameters, “RpcTcpPort”.'),
    ],
    services: mapiStatic,
  }),
];
