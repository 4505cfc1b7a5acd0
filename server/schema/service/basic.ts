import { address, choice, flag, lines, optionalRef, port, text } from '../fields.ts';

/** What the service is called and where clients find it. */
export const basicFields = {
  name: text({
    label: 'Service Name',
    help: 'What people call this service. Shown only here, never sent to anyone.',
    group: 'basic',
    compat: 'NickName',
    default: '',
    max: 64,
  }),
  address: address({
    label: 'Virtual Address',
    help: 'The IPv4 or IPv6 address clients connect to. Ballast adds it to the interface of its subnet if the machine has not got it.',
    group: 'basic',
    compat: 'VSAddress',
  }),
  port: port({
    label: 'Port',
    help: 'The port clients connect to.',
    group: 'basic',
    compat: 'VSPort',
  }),
  extraPorts: lines({
    label: 'Extra Ports',
    help: 'Further ports, one or a range such as 8000-8080 to a line. The Real Server is asked on its port moved by as much.',
    group: 'basic',
    compat: 'ExtraPorts',
    max: 64,
    longest: 11,
    pattern: '^[1-9][0-9]{0,4}(?:-[1-9][0-9]{0,4})?$',
  }),
  alternateAddress: text({
    label: 'Alternate Address',
    help: 'A second Virtual Address of the same service, such as an IPv6 one. Empty: none.',
    group: 'basic',
    compat: 'AltAddress',
    default: '',
    max: 45,
    pattern: '^(?:[0-9A-Fa-f:.]{2,45})?$',
  }),
  protocol: choice({
    label: 'Protocol',
    help: 'The transport clients use.',
    group: 'basic',
    compat: 'Protocol',
    default: 'tcp',
    options: [
      { value: 'tcp', label: 'TCP', compat: 'tcp' },
      { value: 'udp', label: 'UDP', compat: 'udp' },
    ],
  }),
  enabled: flag({
    label: 'Active',
    help: 'Off: the service keeps its settings and takes no traffic.',
    group: 'basic',
    compat: 'Enable',
    default: true,
  }),
  type: choice({
    label: 'Service Type',
    help: 'HTTP reads requests, which cookies, headers and redirects need. Generic relays bytes of any TCP protocol.',
    group: 'basic',
    compat: 'VStype',
    default: 'http',
    options: [
      { value: 'http', label: 'HTTP/HTTPS', compat: 'http' },
      { value: 'tcp', label: 'Generic TCP', compat: 'gen' },
    ],
  }),
  parent: optionalRef({
    label: 'Parent Service',
    help: 'The service this SubVS belongs to, which has the address, TLS and the rules that choose among its SubVSs. 0: a service of its own.',
    group: 'basic',
    refers: 'virtualService',
  }),
};
