import { flag, lines, optionalRef, refs, seconds, text } from '../fields.ts';
import { NETWORK_LINE } from '../service/limits.ts';

const NAME = '[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?';
const DOMAIN = `^${NAME}(?:\\.${NAME})*$`;
const ADDRESS = '[0-9A-Fa-f:.]{2,45}';

/** Those of the appliance's settings that make its network; a part of the object in settings.ts. */
export const networkSettings = {
  gateway4: text({
    label: 'IPv4 Default Gateway',
    help: 'The router to everywhere else. It must be in the subnet of an interface. Empty: none of ours.',
    group: 'gateways',
    compat: 'dfltgw',
    default: '',
    max: 15,
    pattern: '^(?:[0-9.]{7,15})?$',
  }),
  gateway6: text({
    label: 'IPv6 Default Gateway',
    help: 'The router to everywhere else. Empty: none of ours.',
    group: 'gateways',
    compat: 'dfltgwv6',
    default: '',
    max: 45,
    pattern: '^(?:[0-9A-Fa-f:]{2,45})?$',
  }),
  gateway6Interface: optionalRef({
    label: 'Interface of the IPv6 Gateway',
    help: 'Only needed when that gateway is a link-local address.',
    group: 'gateways',
    refers: 'interface',
  }),
  hostName: text({
    label: 'Host Name',
    help: 'What the appliance calls itself, without a domain. Empty: it stays as it is.',
    group: 'names',
    compat: 'hostname',
    default: '',
    max: 63,
    pattern: `^(?:${NAME})?$`,
  }),
  dnsServers: lines({
    label: 'DNS Name Servers',
    help: 'Their addresses, one to a line, asked in this order.',
    group: 'names',
    compat: 'nameserver',
    max: 3,
    longest: 45,
    pattern: `^${ADDRESS}$`,
  }),
  searchDomains: lines({
    label: 'DNS Search Domains',
    help: 'Tried behind a name that has no dot, in this order.',
    group: 'names',
    compat: 'searchlist',
    max: 6,
    longest: 253,
    pattern: DOMAIN,
  }),
  hosts: lines({
    label: 'Local Hosts',
    help: 'Names that need no DNS, one address to a line with its names: “10.0.0.7 owa-1 owa-1.example.net”.',
    group: 'names',
    max: 256,
    longest: 512,
    pattern: `^${ADDRESS}(?: ${DOMAIN.slice(1, -1)}){1,8}$`,
  }),
  ntpServers: lines({
    label: 'NTP Servers',
    help: 'Names or addresses of the servers that tell the time. None: the system’s own.',
    group: 'time',
    compat: 'ntphost',
    max: 8,
    longest: 253,
    pattern: `^(?:${DOMAIN.slice(1, -1)}|${ADDRESS})$`,
  }),
  timeZone: text({
    label: 'Time Zone',
    help: 'For the clock of logs and the machine’s own console, such as Europe/Berlin. Empty: it stays as it is.',
    group: 'time',
    compat: 'timezone',
    default: '',
    max: 64,
    pattern: '^(?:[A-Za-z0-9_+-]+(?:/[A-Za-z0-9_+-]+){0,2})?$',
  }),
  managementFilter: flag({
    label: 'Guard the Management Access',
    help: 'New connections to the console’s port are refused but for those allowed here. Service addresses never answer it.',
    group: 'management',
    default: false,
  }),
  managementInterfaces: refs({
    label: 'Allowed Interfaces',
    help: 'Where management may come in. At least one while the guard is on.',
    group: 'management',
    refers: 'interface',
    max: 32,
  }),
  managementNetworks: lines({
    label: 'Allowed Networks',
    help: 'Where management may come from, one address or network to a line. None: from everywhere on those interfaces.',
    group: 'management',
    max: 256,
    longest: 128,
    pattern: NETWORK_LINE,
  }),
  managementSsh: flag({
    label: 'SSH Too',
    help: 'The same holds for SSH, port 22. Off: SSH is not guarded.',
    group: 'management',
    default: false,
  }),
  loadMasterApi: flag({
    label: 'LoadMaster API',
    help: 'Tools written for a LoadMaster may use /access and /accessv2, with an API key or a user’s name and password.',
    group: 'management',
    compat: 'enableapi',
    default: true,
  }),
  confirmTime: seconds({
    label: 'Time to Confirm',
    help: 'A change that could cut you off is undone after this long unless you confirm it over a new connection.',
    group: 'management',
    default: 60,
    min: 5,
    max: 600,
  }),
};
