import type { LinkState, NetworkState } from '../../../server/schema/network/state.ts';
import type { Field } from '../tui/form.ts';
import { type Answers, type Name, portsOf, withPrefix } from './answers.ts';

export interface Step {
  id: 'welcome' | 'eth0' | 'eth1' | 'gateway' | 'names' | 'time' | 'password' | 'summary';
  title: string;
  words: (answers: Answers, machine: NetworkState, again?: boolean) => readonly (string | readonly string[])[];
  fields: readonly (Field & { name: Name })[];
  /** Left out on a machine that has no use for it. */
  when?: (machine: NetworkState) => boolean;
}

const text = (name: Name, label: string, hint = ''): Field & { name: Name } => ({ name, label, kind: 'text', hint });
const secret = (name: Name, label: string): Field & { name: Name } => ({ name, label, kind: 'secret' });

/** The questions, in the order of a LoadMaster's. */
export const steps: readonly Step[] = [
  {
    id: 'welcome',
    title: 'Ballast - first set-up',
    words: (_, machine, again) => [
      again
        ? 'The questions of the first set-up again, answered with what is in force. Services stay. Nothing is changed before you have seen the summary.'
        : 'This machine becomes a load balancer. A few questions follow: addresses, names, time and a password. Nothing is changed before you have seen the summary.',
      [
        'Network ports found:',
        ...(portsOf(machine).length > 0
          ? portsOf(machine).map(portLine)
          : ['  none: add a network card to the machine']),
      ],
    ],
    fields: [],
  },
  {
    id: 'eth0',
    title: 'Eth0 - network and management',
    words: (_, machine) => [
      'The address of the console, and in a one-arm set-up of the services too. What DHCP offered is filled in; here it becomes fixed.',
      portWords(machine, 0),
    ],
    fields: [
      text('eth0Address4', 'IPv4 address', 'such as 192.168.1.101/24'),
      text('eth0Address6', 'IPv6 address', 'none'),
    ],
  },
  {
    id: 'eth1',
    title: 'Eth1 - second network',
    words: (_, machine) => [
      'For a two-arm set-up: the network of the servers. Leave both empty when one network is all there is.',
      portWords(machine, 1),
    ],
    fields: [text('eth1Address4', 'IPv4 address', 'not used'), text('eth1Address6', 'IPv6 address', 'not used')],
    when: machine => portsOf(machine).length > 1,
  },
  {
    id: 'gateway',
    title: 'Default gateway',
    words: answers => [
      'The router to all other networks. It must be in the subnet of one of the addresses:',
      addressesOf(answers).map(line => `  ${line}`),
    ],
    fields: [text('gateway4', 'IPv4 gateway', 'none'), text('gateway6', 'IPv6 gateway', 'none')],
  },
  {
    id: 'names',
    title: 'Names',
    words: () => ['Up to three name servers and six search domains, with blanks between them.'],
    fields: [
      text('hostName', 'Host name', 'such as lb-1'),
      text('dns', 'Name servers', 'none'),
      text('search', 'Search domains', 'none'),
    ],
  },
  {
    id: 'time',
    title: 'Time',
    words: () => [
      'Certificates and logs need the right time. Without servers of your own those of Debian are asked.',
      [`Now, by this machine's clock: ${new Date().toISOString().slice(0, 16).replace('T', ' ')} UTC`],
    ],
    fields: [
      text('ntp', 'Time servers', "Debian's"),
      text('timeZone', 'Time zone', 'such as Europe/Berlin; empty: UTC'),
    ],
  },
  {
    id: 'password',
    title: 'Password',
    words: (_answers, _machine, again) => [
      again
        ? 'For the user bal. Leave both empty to keep the password there is.'
        : 'For the user bal, who may do everything, in the browser and at this console. There is no other password.',
    ],
    fields: [secret('password', 'Password'), secret('again', 'The same again')],
  },
  {
    id: 'summary',
    title: 'Summary',
    words: (answers, machine) => ['This will be set:', summary(answers, machine)],
    fields: [],
  },
];

/** Name, MAC address and link of a port, as one line. */
export function portLine({ name, mac, link, speed }: LinkState): string {
  const state =
    link === 'up'
      ? `link up${speed ? `, ${speed} Mbit/s` : ''}`
      : link === 'no-carrier'
        ? 'no link: is the cable plugged in?'
        : 'down';
  return `  ${name.padEnd(10)} ${mac}  ${state}`;
}

function portWords(machine: NetworkState, at: 0 | 1): readonly string[] {
  const port = portsOf(machine)[at];
  return [port ? portLine(port) : '  this machine has no such port'];
}

const addressesOf = ({ eth0Address4, eth0Address6, eth1Address4, eth1Address6 }: Answers) =>
  [eth0Address4, eth0Address6, eth1Address4, eth1Address6].map(withPrefix).filter(Boolean);

function summary(answers: Answers, machine: NetworkState): readonly string[] {
  const [eth0, eth1] = portsOf(machine);
  const of = (...values: string[]) =>
    values
      .map(value => value.trim())
      .filter(Boolean)
      .join(', ') || 'none';
  const row = (label: string, value: string) => `  ${label.padEnd(16)}${value}`;
  return [
    row(`Eth0 (${eth0?.name ?? '-'})`, of(withPrefix(answers.eth0Address4), withPrefix(answers.eth0Address6))),
    ...(eth1
      ? [row(`Eth1 (${eth1.name})`, of(withPrefix(answers.eth1Address4), withPrefix(answers.eth1Address6)))]
      : []),
    row('Gateway', of(answers.gateway4, answers.gateway6)),
    row('Host name', of(answers.hostName)),
    row('Name servers', of(answers.dns)),
    row('Search domains', of(answers.search)),
    row('Time servers', answers.ntp.trim() || "Debian's"),
    row('Time zone', answers.timeZone.trim() || 'UTC'),
    row('User', answers.password === '' ? 'bal, the password stays' : 'bal, with the password you chose'),
  ];
}
