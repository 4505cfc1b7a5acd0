import { minPasswordLength } from '../../../server/schema/account.ts';
import { type Config, emptyConfig, kinds, settingsOf } from '../../../server/schema/config.ts';
import { fill } from '../../../server/schema/derive.ts';
import type { NetworkInterface } from '../../../server/schema/network/interface.ts';
import type { LinkState, NetworkState } from '../../../server/schema/network/state.ts';
import { boxProblems } from '../../../server/schema/problems/network-box.ts';

/** What the wizard asks, as it was typed. */
export interface Answers {
  eth0Address4: string;
  eth0Address6: string;
  eth1Address4: string;
  eth1Address6: string;
  gateway4: string;
  gateway6: string;
  hostName: string;
  dns: string;
  search: string;
  ntp: string;
  timeZone: string;
  password: string;
  again: string;
}

export type Name = keyof Answers;
export type Faults = Partial<Record<Name, string>>;

/** The ports a machine has, in the order of their names: the first is Eth0. */
export const portsOf = ({ links }: Pick<NetworkState, 'links'>): LinkState[] =>
  links
    .filter(({ kind, name, link }) => (kind === '' || kind === 'veth') && name !== 'lo' && link !== 'none')
    .sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));

/** What is proposed: what the machine has already, from DHCP or an earlier set-up. */
export function proposed(machine: NetworkState, timeZone: string): Answers {
  const [eth0, eth1] = portsOf(machine);
  const held = (link: LinkState | undefined, family: 4 | 6) => {
    const found = link?.addresses.find(
      ({ address, setBy }) =>
        address.includes(':') === (family === 6) && setBy !== 'service' && !/^fe[89ab]/i.test(address),
    );
    return found ? `${found.address}/${found.prefix}` : '';
  };
  const gateway = (family: 4 | 6) =>
    machine.routes.find(route => route.family === family && route.to === 'default')?.via ?? '';
  return {
    eth0Address4: held(eth0, 4),
    eth0Address6: held(eth0, 6),
    eth1Address4: held(eth1, 4),
    eth1Address6: held(eth1, 6),
    gateway4: gateway(4),
    gateway6: gateway(6),
    hostName: /^localhost/.test(machine.hostName) ? 'ballast' : (machine.hostName.split('.')[0] ?? ''),
    dns: machine.dnsServers
      .filter(server => !/^127\./.test(server))
      .slice(0, 3)
      .join(' '),
    search: machine.searchDomains.filter(domain => /^[\w-]/.test(domain)).join(' '),
    ntp: '',
    timeZone,
    password: '',
    again: '',
  };
}

/** `10.0.0.5 255.255.255.0`, `10.0.0.5/255.255.255.0` and `10.0.0.5/24` are the same. */
export function withPrefix(text: string): string {
  const [address = '', mask = ''] = text.trim().split(/[\s/]+/);
  const bytes = /^(?:\d{1,3}\.){3}\d{1,3}$/.test(mask) ? mask.split('.').map(Number) : undefined;
  if (!bytes) return mask === '' ? address : `${address}/${mask}`;
  const bits = bytes.map(byte => byte.toString(2).padStart(8, '0')).join('');
  // A mask with gaps stays as it is, and is then refused.
  return /^1*0*$/.test(bits) ? `${address}/${bits.replace(/0/g, '').length}` : `${address}/${mask}`;
}

const list = (text: string): string[] => text.split(/[\s,;]+/).filter(Boolean);

/** What the answers come to: the interfaces, numbered from 1, and the settings. */
export function configOf(answers: Answers, machine: NetworkState): Config {
  const config = emptyConfig();
  const ports = portsOf(machine).slice(0, 2);
  config.interfaces = ports.map(
    ({ name }, at): NetworkInterface =>
      fill('interface', {
        id: at + 1,
        name,
        addresses: [answers[`eth${at as 0 | 1}Address4`], answers[`eth${at as 0 | 1}Address6`]]
          .map(withPrefix)
          .filter(Boolean),
      }),
  );
  const linkLocal = /^fe[89ab]/i.test(answers.gateway6.trim());
  config.settings = [
    {
      ...settingsOf(config),
      gateway4: answers.gateway4.trim(),
      gateway6: answers.gateway6.trim(),
      gateway6Interface: linkLocal ? 1 : 0,
      hostName: answers.hostName.trim(),
      dnsServers: list(answers.dns),
      searchDomains: list(answers.search),
      ntpServers: list(answers.ntp),
      timeZone: answers.timeZone.trim(),
    },
  ];
  return config;
}

/** Where a rule's fault is shown. Of an interface by the family of the address at fault. */
const FIELDS: Record<string, Name> = {
  '/gateway4': 'gateway4',
  '/gateway6': 'gateway6',
  '/gateway6Interface': 'gateway6',
  '/hostName': 'hostName',
  '/dnsServers': 'dns',
  '/searchDomains': 'search',
  '/ntpServers': 'ntp',
  '/timeZone': 'timeZone',
};

const LISTS: ReadonlySet<Name> = new Set(['dns', 'search', 'ntp']);

/**
 * Everything that is wrong with the answers, by field: the API's own rules, and those of a first set-up. `again`: the
 * machine is set up already, so an empty password leaves the one it has.
 */
export function faultsOf(answers: Answers, machine: NetworkState, again = false): Faults {
  const config = configOf(answers, machine);
  const faults: Faults = again && answers.password === '' && answers.again === '' ? {} : passwordFaults(answers);
  for (const { kind, id, fault } of boxProblems(config)) {
    const family = String(fault.facts.address ?? '').includes(':') ? 6 : 4;
    const name: Name | undefined =
      kind === 'interface' ? `eth${(id - 1) as 0 | 1}Address${family}` : FIELDS[fault.at ?? ''];
    // Of a list it must be said which one is wrong.
    const short = name && !LISTS.has(name) && fault.facts.reason;
    if (name) faults[name] ??= short ? String(short) : fault.message;
  }
  for (const [name, message] of shapeFaults(config)) faults[name] ??= message;
  for (const at of [0, 1] as const)
    for (const family of [4, 6] as const) {
      const name: Name = `eth${at}Address${family}`;
      const typed = answers[name].trim();
      if (typed !== '' && typed.includes(':') !== (family === 6)) faults[name] = `is no IPv${family} address`;
    }
  if (answers.eth0Address4.trim() === '' && answers.eth0Address6.trim() === '')
    faults.eth0Address4 = 'give it an address: the console is reached there';
  return faults;
}

const SHAPES: Partial<Record<string, [Name, string]>> = {
  hostName: ['hostName', 'may have letters, digits and hyphens, up to 63'],
  gateway4: ['gateway4', 'is not an IPv4 address'],
  gateway6: ['gateway6', 'is not an IPv6 address'],
  dnsServers: ['dns', 'up to three addresses, with blanks between them'],
  searchDomains: ['search', 'up to six names of domains, with blanks between them'],
  ntpServers: ['ntp', 'up to eight names or addresses, with blanks between them'],
};

/** What the schema itself says of each value. */
function shapeFaults(config: Config): [Name, string][] {
  interface Shape {
    pattern?: string;
    maxLength?: number;
    maxItems?: number;
    items?: Shape;
  }
  const fits = (value: unknown, shape: Shape): boolean =>
    Array.isArray(value)
      ? value.length <= (shape.maxItems ?? Number.POSITIVE_INFINITY) &&
        value.every(each => fits(each, shape.items ?? {}))
      : String(value).length <= (shape.maxLength ?? Number.POSITIVE_INFINITY) &&
        (shape.pattern === undefined || new RegExp(shape.pattern, 'u').test(String(value)));
  const shapes = kinds.settings.schema.properties as unknown as Record<string, Shape>;
  const values = settingsOf(config) as unknown as Record<string, unknown>;
  return Object.entries(SHAPES).flatMap(([name, fault]) =>
    fault && !fits(values[name], shapes[name] ?? {}) ? [fault] : [],
  );
}

function passwordFaults({ password, again }: Answers): Faults {
  if (password.length < minPasswordLength)
    return { password: `at least ${minPasswordLength} letters, digits or marks` };
  return again === password ? {} : { again: 'is not the same' };
}
