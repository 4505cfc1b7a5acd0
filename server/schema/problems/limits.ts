import type { Config, Facts } from '../config.ts';
import { Fault } from '../faults.ts';
import { limitRuleFaults } from '../limit-rules.ts';
import { extraPortsOf, isNetwork, MOST_EXTRA_PORTS, networksOf, portRanges } from '../networks.ts';
import { canonical, isAddress, type Problem, titleOf, whyNot } from '../rules.ts';
import type { VirtualService } from '../virtual-service.ts';

/** Rules of limits, access lists, added headers, the sorry server and further places to listen. */
export function limitsProblems(config: Config, facts: Facts): Problem[] {
  return [
    ...config.virtualServices.flatMap(vs =>
      [...faultsOf(vs, facts), ...placeFaults(vs, facts)].map(fault => ({
        kind: 'virtualService' as const,
        id: vs.id,
        fault,
      })),
    ),
    ...takenPlaces(config),
    ...config.settings.flatMap(settings =>
      [
        ...listFaults(settings.blockList, 'Block List', '/blockList'),
        ...listFaults(settings.allowList, 'Allow List', '/allowList'),
        ...limitRuleFaults(settings.limitRules),
        ...listFaults(settings.clientLimits, 'Limits of Single Clients', '/clientLimits'),
      ].map(fault => ({ kind: 'settings' as const, id: settings.id, fault })),
    ),
  ];
}

/** Header names that frame a message or that Ballast itself answers for. CGI-like servers take `_` for `-`. */
const RESERVED =
  /^(?:host|connection|content-length|transfer-encoding|te|trailer|upgrade|keep-alive|expect|cookie|proxy-connection|http2-settings)$/i;

/**
 * Codes whose answers have no body, whatever their Content-Length says (RFC 9110, 8.6): under another code the client
 * would take the next answer for the body.
 */
const BODYLESS = /\b(?:204|205|304)\b/;

/** What fits into HAProxy's buffer beside the headers: of a larger page it sends nothing at all. */
const MOST_PAGE_BYTES = 12_000;
const bytesOf = (text: string): number => new TextEncoder().encode(text).length;

function faultsOf(vs: VirtualService, facts: Facts): Fault[] {
  const faults: Fault[] = [];
  const needs = (label: string, what: string, at: string) =>
    faults.push(new Fault('NEEDS', { label, needs: what }, at));
  const http = 'the service type HTTP/HTTPS';
  if (vs.type !== 'http') {
    if (vs.requestRateLimit > 0) needs('A limit of requests', http, '/requestRateLimit');
    if (vs.bandwidthLimit > 0) needs('A limit of bandwidth', http, '/bandwidthLimit');
    if (vs.compression) needs('Compression', http, '/compression');
    if (vs.caching) needs('Caching', http, '/caching');
    if (vs.reschedule) needs('Rescheduling', http, '/reschedule');
    if (vs.statusMap.length > 0) needs('Remapping codes', http, '/statusMap');
    if (vs.addedHeader !== '') needs('Adding a header', http, '/addedHeader');
    if (vs.copiedHeader !== '') needs('Copying a header', http, '/copiedHeader');
  }
  for (const [name, at] of [
    [vs.addedHeader, '/addedHeader'],
    [vs.copiedHeader, '/copiedHeader'],
    [vs.copiedHeaderTo, '/copiedHeaderTo'],
  ] as const)
    if (RESERVED.test(name.replaceAll('_', '-')))
      faults.push(
        new Fault('INVALID', { label: name, reason: 'is a header that frames requests: choose another' }, at),
      );
  const bodyless = vs.statusMap.find(line => BODYLESS.test(line));
  if (bodyless !== undefined)
    faults.push(
      new Fault(
        'INVALID',
        { label: 'Response Codes Remapped', reason: `may not have a code without a body: “${bodyless}”` },
        '/statusMap',
      ),
    );
  if (bytesOf(vs.unavailablePage) > MOST_PAGE_BYTES)
    faults.push(
      new Fault(
        'INVALID',
        {
          label: 'Error Page',
          reason: `may have ${MOST_PAGE_BYTES} bytes at most; letters beyond ASCII have two to four`,
        },
        '/unavailablePage',
      ),
    );
  if (vs.copiedHeader !== '' && vs.copiedHeaderTo === '')
    needs('Copying a header', 'the name of the header that gets the copy', '/copiedHeaderTo');
  if (vs.addedHeader !== '' && vs.addedHeaderValue === '') needs('Adding a header', 'a value', '/addedHeaderValue');
  faults.push(
    ...listFaults(vs.blockList, 'Block List', '/blockList'),
    ...listFaults(vs.allowList, 'Allow List', '/allowList'),
  );
  const sorry = vs.sorryAddress === '' ? undefined : whyNot(vs.sorryAddress, facts);
  if (sorry) faults.push(new Fault('BAD_ADDRESS', { address: vs.sorryAddress, reason: sorry }, '/sorryAddress'));
  return faults;
}

function listFaults(lines: readonly string[], label: string, at: string): Fault[] {
  const wrong = networksOf(lines).find(network => !isNetwork(network));
  return wrong === undefined
    ? []
    : [new Fault('INVALID', { label, reason: `has a line that is no address or network: “${wrong}”` }, at)];
}

function placeFaults(vs: VirtualService, facts: Facts): Fault[] {
  if (vs.parent > 0) return [];
  const faults: Fault[] = [];
  const wrong = portRanges(vs.extraPorts).find(([from, to]) => to > 65_535 || to < from);
  if (wrong)
    return [new Fault('INVALID', { label: 'Extra Ports', reason: `has no port ${wrong.join('-')}` }, '/extraPorts')];
  const ports = extraPortsOf(vs.extraPorts);
  if (ports.length > MOST_EXTRA_PORTS)
    faults.push(
      new Fault('INVALID', { label: 'Extra Ports', reason: `may be ${MOST_EXTRA_PORTS} at most` }, '/extraPorts'),
    );
  if (new Set([vs.port, ...ports]).size !== ports.length + 1)
    faults.push(new Fault('INVALID', { label: 'Extra Ports', reason: 'names a port twice' }, '/extraPorts'));
  if (ports.includes(facts.managementPort))
    faults.push(new Fault('MANAGEMENT_PORT', { port: facts.managementPort }, '/extraPorts'));
  if (vs.alternateAddress !== '') {
    const reason = isAddress(vs.alternateAddress)
      ? whyNot(vs.alternateAddress, facts)
      : 'is not an IPv4 or IPv6 address';
    if (reason) faults.push(new Fault('BAD_ADDRESS', { address: vs.alternateAddress, reason }, '/alternateAddress'));
    else if (canonical(vs.alternateAddress) === canonical(vs.address))
      faults.push(
        new Fault(
          'INVALID',
          { label: 'Alternate Address', reason: 'is the Virtual Address itself' },
          '/alternateAddress',
        ),
      );
  }
  return faults;
}

/** Extra ports and alternate addresses are places like any other: nobody else may have them. */
function takenPlaces(config: Config): Problem[] {
  const holders = new Map<string, VirtualService>();
  const tops = config.virtualServices.filter(vs => vs.parent === 0);
  for (const vs of tops) holders.set(`${canonical(vs.address)} ${vs.port} ${vs.protocol}`, vs);
  return tops.flatMap(vs =>
    furtherPlaces(vs).flatMap(({ address, port, at }) => {
      const key = `${canonical(address)} ${port} ${vs.protocol}`;
      const other = holders.get(key);
      holders.set(key, other ?? vs);
      return other && other.id !== vs.id
        ? [
            {
              kind: 'virtualService' as const,
              id: vs.id,
              fault: new Fault('ADDRESS_TAKEN', { address, port, by: titleOf(other) }, at),
            },
          ]
        : [];
    }),
  );
}

/** Places of a service beside its own, and the property that names each. */
function furtherPlaces(vs: VirtualService): { address: string; port: number; at: string }[] {
  const ports = extraPortsOf(vs.extraPorts).slice(0, MOST_EXTRA_PORTS);
  return [
    ...ports.map(port => ({ address: vs.address, port, at: '/extraPorts' })),
    ...(isAddress(vs.alternateAddress)
      ? [vs.port, ...ports].map(port => ({ address: vs.alternateAddress, port, at: '/alternateAddress' }))
      : []),
  ];
}
