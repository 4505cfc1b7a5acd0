import ipaddr from 'ipaddr.js';
import { type Config, type Facts, type Kind, kinds } from './config.ts';
import { listOf } from './derive.ts';
import { Fault } from './faults.ts';
import { metaOf } from './fields.ts';
import { acmeProblems } from './problems/acme.ts';
import { backupProblems } from './problems/backup.ts';
import { contentProblems } from './problems/content.ts';
import { healthProblems } from './problems/health.ts';
import { limitsProblems } from './problems/limits.ts';
import { mailProblems } from './problems/mail.ts';
import { networkProblems } from './problems/network.ts';
import { boxProblems } from './problems/network-box.ts';
import { sslProblems } from './problems/ssl.ts';
import { standardProblems } from './problems/standard.ts';
import { syslogProblems } from './problems/syslog.ts';
import type { RealServer } from './real-server.ts';
import type { VirtualService } from './virtual-service.ts';

/** A rule that a config breaks: which object, and the fault with its field. */
export interface Problem {
  kind: Kind;
  id: number;
  fault: Fault;
}

/**
 * Rules between properties and between objects. Pure: forms run them while people type, the API before it
 * stores. Returns every broken rule; an empty list means the config may be compiled.
 */
export function problemsOf(config: Config, facts: Facts): Problem[] {
  return [
    ...serviceProblems(config, facts),
    ...serverProblems(config, facts),
    ...certificateProblems(config),
    ...sslProblems(config),
    ...acmeProblems(config),
    ...contentProblems(config),
    ...limitsProblems(config, facts),
    ...networkProblems(config),
    ...boxProblems(config),
    ...nameProblems(config),
    ...referenceProblems(config),
    ...healthProblems(config),
    ...standardProblems(config, facts),
    ...backupProblems(config, facts),
    ...syslogProblems(config),
    ...mailProblems(config),
  ];
}

/** What people choose by its name has one of its own. */
function nameProblems(config: Config): Problem[] {
  return NAMED.flatMap(kind => {
    const seen = new Set<string>();
    return (listOf(config, kind) as { id: number; name: string }[]).flatMap(({ id, name }) => {
      const again = seen.has(name);
      seen.add(name);
      const what = kinds[kind].label.toLowerCase();
      return again ? [{ kind, id, fault: new Fault('NAME_TAKEN', { what, name }, '/name') }] : [];
    });
  });
}

const NAMED = ['authority', 'cipherSet', 'acmeAccount', 'contentRule', 'template', 'interface'] as const;

/** Every property that refers to another object names one that is there; 0 names none where the schema allows it. */
function referenceProblems(config: Config): Problem[] {
  const known = new Map(
    (Object.keys(kinds) as Kind[]).map(kind => [kind, new Set(listOf(config, kind).map(o => o.id))]),
  );
  return (Object.keys(kinds) as Kind[]).flatMap(kind =>
    references[kind].flatMap(({ name, refers }) =>
      listOf(config, kind).flatMap(object => {
        const value = (object as unknown as Record<string, unknown>)[name];
        const missing = [value].flat().find(id => id !== 0 && !known.get(refers)?.has(id as number));
        if (missing === undefined) return [];
        const what = kinds[refers].label;
        return [
          { kind, id: object.id, fault: new Fault('UNKNOWN_REFERENCE', { what, id: missing as number }, `/${name}`) },
        ];
      }),
    ),
  );
}

/** The properties of each kind that refer to others; those with sentences of their own are left out. */
const references = Object.fromEntries(
  (Object.keys(kinds) as Kind[]).map(kind => [
    kind,
    Object.entries(kinds[kind].schema.properties as Record<string, object>).flatMap(([name, schema]) => {
      const { refers } = metaOf(schema);
      const own = `${kind}.${name}`;
      return refers &&
        own !== 'virtualService.certificates' &&
        own !== 'realServer.virtualService' &&
        own !== 'realServer.follow'
        ? [{ name, refers }]
        : [];
    }),
  ]),
) as Record<Kind, { name: string; refers: Kind }[]>;

function serviceProblems(config: Config, facts: Facts): Problem[] {
  const problems: Problem[] = [];
  const certificates = new Map(config.certificates.map(c => [c.id, c]));
  const taken = new Map<string, VirtualService>();
  for (const vs of config.virtualServices) {
    const bad = (fault: Fault) => problems.push({ kind: 'virtualService', id: vs.id, fault });

    // A SubVS has the place of its parent.
    if (vs.parent === 0) placeProblems(vs, facts).forEach(bad);

    const key = `${canonical(vs.address)} ${vs.port} ${vs.protocol}`;
    const other = vs.parent === 0 ? taken.get(key) : undefined;
    if (other) bad(new Fault('ADDRESS_TAKEN', { address: vs.address, port: vs.port, by: titleOf(other) }, '/port'));
    else if (vs.parent === 0) taken.set(key, vs);

    for (const id of vs.certificates) {
      const certificate = certificates.get(id);
      if (!certificate) bad(new Fault('UNKNOWN_REFERENCE', { what: 'certificate', id }, '/certificates'));
      else if (!certificate.chain)
        bad(
          new Fault(
            'NEEDS',
            { label: `“${certificate.name}”`, needs: 'its signing request answered first' },
            '/certificates',
          ),
        );
    }
    if (vs.tls && vs.certificates.length === 0)
      bad(new Fault('NEEDS', { label: 'SSL Acceleration', needs: 'at least one certificate' }, '/certificates'));
    if (vs.unavailableAction === 'redirect' && vs.type !== 'http')
      bad(new Fault('NEEDS', { label: 'A redirect', needs: 'the service type HTTP/HTTPS' }, '/unavailableAction'));
    if (vs.unavailableAction === 'redirect' && vs.redirectUrl === '')
      bad(new Fault('NEEDS', { label: 'A redirect', needs: 'a Redirect URL' }, '/redirectUrl'));
  }
  return problems;
}

function placeProblems(vs: VirtualService, facts: Facts): Fault[] {
  const reason = whyNot(vs.address, facts);
  return [
    ...(reason ? [new Fault('BAD_ADDRESS', { address: vs.address, reason }, '/address')] : []),
    ...(vs.port === facts.managementPort ? [new Fault('MANAGEMENT_PORT', { port: vs.port }, '/port')] : []),
  ];
}

function serverProblems(config: Config, facts: Facts): Problem[] {
  const problems: Problem[] = [];
  const services = new Map(config.virtualServices.map(vs => [vs.id, vs]));
  const taken = new Set<string>();
  for (const rs of config.realServers) {
    const bad = (fault: Fault) => problems.push({ kind: 'realServer', id: rs.id, fault });
    const vs = services.get(rs.virtualService);
    if (!vs) {
      bad(new Fault('UNKNOWN_REFERENCE', { what: 'Virtual Service', id: rs.virtualService }, '/virtualService'));
      continue;
    }
    const reason = whyNotReal(rs, vs, facts);
    if (reason) bad(new Fault('BAD_ADDRESS', { address: rs.address, reason }, '/address'));
    const key = `${rs.virtualService} ${canonical(rs.address)} ${rs.port}`;
    if (taken.has(key)) bad(new Fault('SERVER_TAKEN', { address: rs.address, port: rs.port }, '/address'));
    taken.add(key);
  }
  return problems;
}

function certificateProblems(config: Config): Problem[] {
  const problems: Problem[] = [];
  const names = new Set<string>();
  for (const certificate of config.certificates) {
    const bad = (fault: Fault) => problems.push({ kind: 'certificate', id: certificate.id, fault });
    if (names.has(certificate.name))
      bad(new Fault('NAME_TAKEN', { what: 'certificate', name: certificate.name }, '/name'));
    names.add(certificate.name);
    if (certificate.chain && !certificate.key) bad(new Fault('KEY_MISSING', {}, '/key'));
  }
  return problems;
}

/** Four decimal parts without leading zeros: has one spelling only, and is what nearly all addresses are. */
const PLAIN_IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)\.){3}(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)$/;

/** One spelling per address, so that `::1` and `0:0::1` meet. The input must be an address. */
export function canonical(address: string): string {
  if (PLAIN_IPV4.test(address)) return address;
  return ipaddr.isValid(address) ? ipaddr.process(address).toString() : address;
}

/** Is this text an IPv4 address of four decimal parts or an IPv6 address without zone? */
export function isAddress(value: string): boolean {
  if (PLAIN_IPV4.test(value)) return true;
  return ipaddr.IPv4.isValidFourPartDecimal(value) || (ipaddr.IPv6.isValid(value) && !value.includes('%'));
}

/** How people see a service: its name, or else its address and port. */
export function titleOf(vs: VirtualService): string {
  return vs.name || endpoint(vs.address, vs.port);
}

/** `192.0.2.1:80` or `[2001:db8::1]:80`. */
export function endpoint(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

export function whyNot(address: string, facts: Facts): string | undefined {
  if (!isAddress(address)) return 'is not an IPv4 or IPv6 address';
  const range = ipaddr.process(address).range();
  if (range === 'unspecified') return 'stands for every address: name one';
  if (range === 'multicast' || range === 'broadcast') return 'is not the address of one host';
  if (range === 'linkLocal') return 'is link-local: it means something else on every interface';
  if (range === 'loopback' && !facts.loopback) return 'is a loopback address, which no other machine can reach';
  return undefined;
}

function whyNotReal(rs: RealServer, vs: VirtualService, facts: Facts): string | undefined {
  const reason = whyNot(rs.address, facts);
  if (reason) return reason;
  if (canonical(rs.address) === canonical(vs.address) && rs.port === vs.port)
    return 'with this port is the Virtual Service itself: requests would go round in circles';
  return undefined;
}
