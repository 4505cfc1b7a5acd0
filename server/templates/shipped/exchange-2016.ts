import type { TemplateRule, TemplateService } from '../../schema/template-file.ts';
import { given, inputs, named, type Shipped, type Stated, service, shipped } from '../builder.ts';
import { address, certificate, ownConnections, samePort, servers } from './common.ts';
import { redirector } from './exchange-2010.ts';

/**
 * Exchange 2013, 2016, 2019 and Subscription Edition: servers pass requests on to where the mailbox is, so no client
 * needs the same server again. One SubVS for each workload with the check that Exchange itself offers for it
 * (loadmaster-features.md 6.4, 6.6).
 */
const GROUP = 'Exchange 2013 and later';

interface Workload {
  key: string;
  /** As the vendor's template calls it. */
  name: string;
  /** The virtual directory. */
  path: string;
  what: string;
  /** Not in Exchange 2013. */
  since2016?: true;
}

const workloads: readonly Workload[] = [
  { key: 'owa', name: 'OWA', path: '/owa', what: 'Outlook on the web' },
  { key: 'ecp', name: 'ECP', path: '/ecp', what: 'the admin center and people’s options' },
  { key: 'ews', name: 'EWS', path: '/ews', what: 'web services: free/busy, Mac clients, meeting rooms' },
  {
    key: 'activesync',
    name: 'ActiveSync',
    path: '/Microsoft-Server-ActiveSync',
    what: 'phones',
  },
  { key: 'oab', name: 'OAB', path: '/oab', what: 'the offline address book' },
  { key: 'rpc', name: 'RPC', path: '/rpc', what: 'Outlook Anywhere' },
  { key: 'mapi', name: 'MAPI', path: '/mapi', what: 'Outlook' },
  { key: 'autodiscover', name: 'Autodiscover', path: '/autodiscover', what: 'how clients find everything else' },
  { key: 'powershell', name: 'PowerShell', path: '/powershell', what: 'remote administration' },
  { key: 'api', name: 'API', path: '/api', what: 'the REST interface', since2016: true },
];

const rulesOf = (all: readonly Workload[]): TemplateRule[] =>
  all.map(({ key, path }) => ({
    name: `exchange-${key}`,
    type: 'match',
    source: 'url',
    matchType: 'regex',
    // Not /owa-something: the path ends there or goes on with a slash, a dot (autodiscover.xml) or a query.
    pattern: `^${path.toLowerCase()}(?:[/.?].*)?$`,
    ignoreCase: true,
  }));

const workload = (
  { key, name, path, what }: Workload,
  to: { check: 'http' | 'https'; values: Stated; servers: TemplateService['servers'] },
): TemplateService =>
  service(
    {
      name: [`Exchange ${name}`, `Requests for ${what}.`],
      type: ['http', 'It gets requests of its parent.'],
      rules: [named(`exchange-${key}`), `Requests whose path is ${path} or below come here.`],
      ...(key === 'owa' && {
        defaultRule: [true, 'Browsers that ask for “/” are sent on to OWA by the server.'] as const,
      }),
      scheduling: ['round-robin', 'Any server will do; they take turns.'],
      persistence: ['none', 'Since Exchange 2013 servers pass requests on to where the mailbox is.'],
      ...to.values,
      ...ownConnections,
      checkType: [to.check, 'Servers are asked the way clients’ requests reach them.'],
      checkMethod: ['GET', 'The page’s text says whether the workload is well.'],
      checkUrl: [
        `${path}/healthcheck.htm`,
        `Exchange itself answers 200 only while ${what === 'Outlook' ? 'this workload' : name} is well on that server, so a sick workload leaves only this SubVS.`,
      ],
      checkHost: [given('host'), 'Asked for as clients do.'],
      checkPattern: ['200 OK', 'The page says “200 OK”, then the name of the server.'],
    },
    { ...(to.servers && { servers: to.servers }) },
  );

const parent = (name: string, rules: TemplateRule[], subServices: TemplateService[]) =>
  service(
    {
      name: [name, 'As the vendor’s template calls it.'],
      ...address,
      port: [443, 'All clients of Exchange come here.'],
      type: ['http', 'Requests are read, so that each finds its workload.'],
      ...certificate,
      contentSwitching: [true, 'The path of a request chooses the workload.'],
      rulePrecedence: [
        named(...rules.map(rule => rule.name)),
        'No path belongs to two workloads, so the order only says which is tried first.',
      ],
      idleTimeout: [1800, 'ActiveSync and Outlook hold requests open for up to half an hour.'],
    },
    { subServices },
  );

const notes = [
  'The internalURL and externalURL of every virtual directory must name the host name on every server; PowerShell keeps the server’s own name.',
  'Inside, the host name must resolve to the virtual address (split DNS).',
];

const all = [inputs.address, inputs.servers, inputs.certificate, inputs.host];

const variants = (edition: string, key: string, mine: readonly Workload[] = workloads): Shipped[] => [
  shipped(`exchange-${key}-reencrypted`, GROUP, {
    name: `Exchange ${edition} HTTPS Re-encrypted`,
    comment: 'One address, a SubVS for each workload, TLS to the servers; port 80 redirects.',
    notes: [...notes, 'With Extended Protection the same certificate must be here and on the servers.'],
    inputs: all,
    rules: rulesOf(mine),
    services: [
      redirector(),
      parent(
        `Exchange ${edition} HTTPS Re-encrypted`,
        rulesOf(mine),
        mine.map(each =>
          workload(each, {
            check: 'https',
            servers: samePort,
            values: {
              reencrypt: [true, 'Servers want TLS, and with Extended Protection nothing else.'],
            },
          }),
        ),
      ),
    ],
  }),
  shipped(`exchange-${key}-offloaded`, GROUP, {
    name: `Exchange ${edition} HTTPS Offloaded`,
    comment: 'One address, a SubVS for each workload, HTTP to the servers; port 80 redirects.',
    notes: [
      ...notes,
      'SSL offloading must be switched on for every virtual directory on every server; it is not allowed with Extended Protection.',
    ],
    inputs: all,
    rules: rulesOf(mine),
    services: [
      redirector(),
      parent(
        `Exchange ${edition} HTTPS Offloaded`,
        rulesOf(mine),
        mine.map(each =>
          workload(each, {
            check: 'http',
            servers: servers('Offloaded: TLS ends here and servers are asked over plain HTTP.', 80),
            values: {},
          }),
        ),
      ),
    ],
  }),
];

export const exchange2016: Shipped[] = [
  ...variants(
    '2013',
    '2013',
    workloads.filter(each => !each.since2016),
  ),
  ...variants('2016', '2016'),
  ...variants('2019', '2019'),
  ...variants('SE', 'se'),
];
