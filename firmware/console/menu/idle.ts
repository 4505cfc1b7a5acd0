import type { NetworkState } from '../../../server/schema/network/state.ts';
import type { Status } from '../../../server/schema/status.ts';
import type { VirtualService } from '../../../server/schema/virtual-service.ts';
import { COLUMNS, type Drawn, ROWS } from '../tui/page.ts';
import { portsOf } from '../wizard/answers.ts';
import { portLine } from '../wizard/steps.ts';

/** What is known of the appliance; undefined: not known yet, or nobody answers. */
export interface Seen {
  version: string;
  port: number;
  network: NetworkState | undefined;
  status: Status | undefined;
  services: readonly VirtualService[];
  fingerprint: string | undefined;
}

const line = (left: string, right = '') => {
  const inside = COLUMNS - 3;
  return ` ${left.slice(0, inside - right.length).padEnd(inside - right.length)}${right} `;
};

/** Where the console in a browser is: one for every address that is not a service's. */
export function urlsOf({ links }: Pick<NetworkState, 'links'>, port: number): string[] {
  return links
    .flatMap(link => link.addresses)
    .filter(({ address, setBy }) => setBy !== 'service' && !/^(?:127\.|::1$|fe[89ab])/i.test(address))
    .map(
      ({ address }) => `https://${address.includes(':') ? `[${address}]` : address}${port === 443 ? '' : `:${port}`}/`,
    );
}

/** The screen nobody sits at: what somebody who comes by wants to know. Pure; nothing secret is on it. */
export function idlePage({ version, port, network, status, fingerprint }: Seen): Drawn {
  const ports = network ? portsOf(network) : [];
  const addresses = (name: string) =>
    network?.links
      .find(link => link.name === name)
      ?.addresses.filter(({ address, setBy }) => setBy !== 'service' && !/^fe[89ab]/i.test(address))
      .map(({ address, prefix }) => `${address}/${prefix}`) ?? [];
  const urls = network ? urlsOf(network, port) : [];
  const body = [
    '',
    ...(network
      ? [
          '  The console in a browser:',
          ...(urls.length ? urls.slice(0, 4).map(url => `    ${url}`) : ['    no address yet']),
        ]
      : ['  Ballast is starting, or its management does not answer. Traffic does not', '  depend on it.']),
    '',
    ...(fingerprint
      ? [
          '  Fingerprint of its certificate (SHA-256):',
          `    ${fingerprint.slice(0, 48)}`,
          `    ${fingerprint.slice(48)}`,
          '',
        ]
      : []),
    ...ports.slice(0, 4).flatMap(one => [
      portLine(one),
      ...addresses(one.name)
        .slice(0, 2)
        .map(text => `             ${text}`),
    ]),
    '',
    ...countLines(status),
  ];
  const room = ROWS - 2;
  const lines = [
    line(`Ballast ${version}`, network?.hostName ?? ''),
    ...body.slice(0, room),
    ...Array.from({ length: Math.max(0, room - body.length) }, () => ''),
    line('Enter: log in'),
  ];
  return { lines: lines.map(text => text.slice(0, COLUMNS - 1)), bars: new Set([0, lines.length - 1]) };
}

/** How many are how, in words. */
export function countLines(status: Status | undefined): string[] {
  if (!status) return [];
  const { services, servers, engine } = status;
  const of = (states: readonly string[], list: readonly { state: string }[]) =>
    list.filter(one => states.includes(one.state)).length;
  const bad = of(['down', 'sorry', 'redirect'], services);
  const degraded = of(['degraded'], services);
  return [
    `  Virtual Services  ${services.length}${services.length ? `: ${of(['up', 'unchecked'], services)} up${degraded ? `, ${degraded} degraded` : ''}${bad ? `, ${bad} down` : ''}` : ''}`,
    `  Real Servers      ${servers.length}${servers.length ? `: ${of(['up', 'unchecked'], servers)} up${of(['down'], servers) ? `, ${of(['down'], servers)} down` : ''}` : ''}`,
    ...(engine.running ? [] : ['  HAProxy does not run.']),
    ...(status.apply.state === 'refused' ? ['  The newest change is not in effect: see the console.'] : []),
    ...(status.unconfirmed ? ['  A change of the network waits to be confirmed.'] : []),
  ];
}
