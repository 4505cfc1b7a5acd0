import type { Config } from '../schema/config.ts';
import type { VirtualService } from '../schema/virtual-service.ts';
import { builtInSets } from './cipher-sets.ts';
import { words } from './command.ts';
import { decoded, type Special } from './decode.ts';
import { tlsVersions } from './service-view.ts';
import { flagOf, own, type Params, Refused, unknown, wholeOf } from './wire.ts';

const HTTP_PORTS = [80, 443, 8080, 8443];
const invalid = (name: string) => new Refused(422, `${name}: Invalid value`);

/** Parameters of a service that are more, or less, than one value of one property of ours. */
const specials: Readonly<Record<string, Special>> = {
  // The place of a service is told by other parameters.
  VSAddress: text => (text === '' ? {} : { address: text }),
  VSPort: text => (text === '' || text === '0' ? {} : placeOf(text)),
  Protocol: () => ({}),
  VStype: text => {
    if (text === '') return {};
    const type = own(
      { gen: 'tcp', ts: 'tcp', tls: 'tcp', log: 'tcp', http: 'http', http2: 'http' },
      text.toLowerCase(),
    );
    if (!type) throw invalid('VStype');
    return { type, ...(text.toLowerCase() === 'http2' && { http2: true }) };
  },
  ForceL4: text => (text !== '' && flagOf(text, 'ForceL4') ? { layer: 'l4' } : {}),
  ForceL7: text => (text === '' ? {} : { layer: flagOf(text, 'ForceL7') ? 'l7' : 'l4' }),
  PersistTimeout: text => {
    const seconds = text === '' ? 0 : wholeOf(text, 'PersistTimeout');
    if (seconds < 0) throw invalid('PersistTimeout');
    return seconds < 60 ? {} : { persistenceTimeout: Math.floor(seconds / 60) * 60 };
  },
  CertFile: (text, config) => ({
    certificates: words(text.replaceAll('+', ' ')).map(name => certificateIn(name, config)),
  }),
  TLSType: text => {
    const bits = text === '' ? 0 : wholeOf(text, 'TlsType');
    const spoken = tlsVersions.filter((_, at) => (bits & (2 << at)) === 0);
    const [first, last] = [spoken[0], spoken.at(-1)];
    // Ballast speaks every version between the oldest and the newest.
    const between = first && last ? tlsVersions.indexOf(last) - tlsVersions.indexOf(first) + 1 : -1;
    if (bits < 0 || bits > 31 || !first || !last || between !== spoken.length) throw invalid('TlsType');
    return { tlsMinimum: first, tlsMaximum: last };
  },
  CipherSet: (text, config) => {
    if (text === '') return {};
    const named = own(builtInSets, text.toLowerCase());
    if (named !== undefined) return { cipherSet: named, customCipherSet: 0 };
    const mine = config.cipherSets.find(set => set.name === text);
    if (!mine) throw unknown('cipher set');
    return { cipherSet: 'custom', customCipherSet: mine.id };
  },
  ClientCert: text => {
    if (text === '') return {};
    const headers = ['none', 'none', 'facts', 'der', 'der', 'pem', 'pem'][wholeOf(text, 'ClientCert')];
    if (headers === undefined) throw invalid('ClientCert');
    return { clientCertificates: text === '0' ? 'none' : 'required', clientHeaders: headers };
  },
  SecurityHeaderOptions: text => {
    if (text === '') return {};
    const value = own(
      { 0: 'none', 1: 'host', 2: 'subdomains', 6: 'preload' },
      String(wholeOf(text, 'SecurityHeaderOptions')),
    );
    if (!value) throw invalid('SecurityHeaderOptions');
    return { securityHeaders: value };
  },
  SSLRewrite: text => {
    const value = own(
      { '': 'none', '0': 'none', none: 'none', '1': 'http', http: 'http', '2': 'https', https: 'https' },
      text,
    );
    if (!value) throw invalid('SSLRewrite');
    return { rewriteLocation: value };
  },
  AddVia: text => {
    if (text === '') return {};
    // 0 is what the appliance adds by itself: X-Forwarded-For.
    const value = [
      'x-forwarded-for',
      'x-forwarded-for-via',
      'none',
      'x-clientside-via',
      'x-clientside',
      'x-forwarded-for',
      'via',
    ][wholeOf(text, 'AddVia')];
    if (!value) throw invalid('AddVia');
    return { forwardedHeader: value };
  },
  MultiConnect: text => ({ connectionReuse: flagOf(text, 'MultiConnect') ? 'always' : 'safe' }),
  ErrorCode: text => ({ unavailableCode: text === '' || text === '0' ? 503 : wholeOf(text, 'ErrorCode') }),
  ErrorUrl: text => ({ redirectUrl: text, unavailableAction: text === '' ? 'error' : 'redirect' }),
  CheckUrl: text => ({ checkUrl: text === '' ? '/' : text }),
  CheckHeaders: text => ({
    checkHeaders: (text.includes('|') ? text.split('|') : text.split(/ +(?=[A-Za-z0-9-]+:)/))
      .map(line => line.trim().replace(/^([^:]+): */, '$1: '))
      .filter(line => line !== ''),
  }),
  RsMinimum: text => (text === '' ? {} : { minimumServers: Math.max(1, wholeOf(text, 'RsMinimum')) }),
  ExtraPorts: text => ({ extraPorts: words(text) }),
};

const ruleLists = new Set(['preRules', 'rulePrecedence', 'requestRules', 'responseRules', 'rules']);

function certificateIn(name: string, config: Config): number {
  const found = config.certificates.find(certificate => certificate.name === name);
  if (!found) throw unknown('certificate');
  return found.id;
}

/** What the parameters change of a service. `before` is the service as it is, or as it begins. */
export function serviceChange(params: Params, config: Config, before: VirtualService): Partial<VirtualService> {
  const change = Object.fromEntries(
    Object.entries(decoded('virtualService', params, config, specials)).filter(([name]) => !ruleLists.has(name)),
  ) as Partial<VirtualService>;
  const after = { ...before, ...change };
  const cookie = params.get('Cookie');
  if (cookie !== undefined && after.persistence === 'header') {
    change.persistenceHeader = cookie;
    change.persistenceCookie = before.persistenceCookie;
  }
  // A time without a mode switches source address persistence on.
  if (change.persistenceTimeout !== undefined && after.persistence === 'none' && !params.has('Persist'))
    change.persistence = 'source-ip';
  // Layer 4 is transparent by itself: there the same switch, turned off, is Source NAT.
  if (after.layer === 'l4') {
    if (change.transparent !== undefined) change.sourceNat = !change.transparent;
    change.transparent = false;
  } else if (before.sourceNat) change.sourceNat = false;
  // A SubVS has its parent's place.
  if (before.parent > 0)
    for (const name of ['address', 'port', 'tls', 'protocol', 'layer'] as const) delete change[name];
  return { ...change, ...precedence(params, config, { ...before, ...change }) };
}

/** `*` is every port; the number that such a service has besides is of no account. */
export function placeOf(port: string): Partial<VirtualService> {
  return port === '*' ? { port: 1, wildcardPort: true } : { port: wholeOf(port, 'port'), wildcardPort: false };
}

/** How a service begins that a client makes with just a place: as on a LoadMaster. */
export function beginning(port: number, protocol: string): Partial<VirtualService> {
  if (protocol === 'udp') return { protocol: 'udp', layer: 'l4', type: 'tcp', checkType: 'icmp' };
  const http = HTTP_PORTS.includes(port);
  return { type: http ? 'http' : 'tcp', checkType: port === 80 || port === 8080 ? 'http' : 'tcp', http2: false };
}

const LISTS = {
  PreProcPrecedence: 'preRules',
  RequestPrecedence: 'requestRules',
  ResponsePrecedence: 'responseRules',
  MatchBodyPrecedence: 'responseRules',
  RSRulePrecedence: 'rulePrecedence',
} as const;

/** `…Precedence` names a rule, `…PrecedencePos` its new place in its list, from 1 on. */
function precedence(params: Params, config: Config, vs: VirtualService): Partial<VirtualService> {
  const change: Partial<VirtualService> = {};
  for (const [parameter, property] of Object.entries(LISTS)) {
    const name = params.get(parameter);
    if (name === undefined || name === '') continue;
    const rule = config.contentRules.find(each => each.name === name);
    if (!rule) throw new Refused(422, 'Rule not found');
    const place = Math.max(1, params.whole(`${parameter}Pos`) ?? 1);
    const others = vs[property].filter(id => id !== rule.id);
    if (others.length === vs[property].length && property !== 'rulePrecedence')
      throw new Refused(422, 'Rule not found');
    change[property] = others.toSpliced(place - 1, 0, rule.id);
  }
  return change;
}
