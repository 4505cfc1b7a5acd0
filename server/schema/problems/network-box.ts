import type { Config } from '../config.ts';
import { Fault } from '../faults.ts';
import { isNetwork, networksOf } from '../networks.ts';
import { isAddress, type Problem } from '../rules.ts';
import type { Settings } from '../settings.ts';
import { linkProblems } from './network-links.ts';
import { gatewayFaults, routeProblems } from './network-routes.ts';

/** Rules of the network of the appliance itself. */
export function boxProblems(config: Config): Problem[] {
  const { interfaces, routes } = config;
  return [
    ...linkProblems(interfaces).map(({ id, fault }) => ({ kind: 'interface' as const, id, fault })),
    ...routeProblems(routes, interfaces).map(({ id, fault }) => ({ kind: 'route' as const, id, fault })),
    ...config.settings.flatMap(settings =>
      [
        ...gatewayFaults(settings.gateway4, 0, interfaces, 4, '/gateway4'),
        ...gatewayFaults(settings.gateway6, settings.gateway6Interface, interfaces, 6, '/gateway6'),
        ...nameFaults(settings),
        ...managementFaults(settings, config),
      ].map(fault => ({ kind: 'settings' as const, id: settings.id, fault })),
    ),
  ];
}

/** Rules of name servers, local hosts and time servers. */
export function nameFaults(
  settings: Pick<Settings, 'dnsServers' | 'hosts' | 'ntpServers' | 'hostName' | 'searchDomains' | 'timeZone'>,
): Fault[] {
  const bad = (address: string, at: string, reason = 'is not an IPv4 or IPv6 address') =>
    new Fault('BAD_ADDRESS', { address, reason }, at);
  return [
    ...settings.dnsServers.filter(server => !isAddress(server)).map(server => bad(server, '/dnsServers')),
    ...settings.hosts
      .map(line => line.split(' ')[0] ?? '')
      .filter(address => !isAddress(address))
      .map(address => bad(address, '/hosts')),
    // What is written like an address must be one.
    ...settings.ntpServers
      .filter(server => /^[0-9.]+$|:/.test(server) && !isAddress(server))
      .map(server => bad(server, '/ntpServers')),
    ...settings.searchDomains
      .filter(domain => domain.length > 253 || /^[0-9.]+$/.test(domain))
      .map(domain => bad(domain, '/searchDomains', 'is not the name of a domain')),
    ...(/^[0-9]+$/.test(settings.hostName)
      ? [new Fault('INVALID', { label: 'Host Name', reason: 'needs a letter' }, '/hostName')]
      : []),
    ...(settings.timeZone !== '' && !isTimeZone(settings.timeZone)
      ? [
          new Fault(
            'INVALID',
            { label: 'Time Zone', reason: 'is none that is known, such as Europe/Berlin' },
            '/timeZone',
          ),
        ]
      : []),
  ];
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

function managementFaults(settings: Settings, config: Config): Fault[] {
  const faults = networksOf(settings.managementNetworks)
    .filter(network => !isNetwork(network))
    .map(
      address => new Fault('BAD_ADDRESS', { address, reason: 'is not an address or a network' }, '/managementNetworks'),
    );
  if (!settings.managementFilter) return faults;
  const allowed = config.interfaces.filter(one => settings.managementInterfaces.includes(one.id));
  const needs = (what: string) =>
    new Fault('NEEDS', { label: 'The guard of the management access', needs: what }, '/managementInterfaces');
  if (settings.managementInterfaces.length === 0) faults.push(needs('at least one allowed interface'));
  else if (allowed.length > 0 && allowed.every(one => one.addresses.length === 0))
    faults.push(needs('an allowed interface that has an address'));
  return faults;
}
