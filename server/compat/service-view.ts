import { kinds, settingsOf } from '../schema/config.ts';
import { metaOf } from '../schema/fields.ts';
import type { RealServer } from '../schema/real-server.ts';
import type { ServerState, ServiceState } from '../schema/status.ts';
import type { VirtualService } from '../schema/virtual-service.ts';
import { encoded } from './decode.ts';
import type { Data, Value } from './reply.ts';
import { type Observed, slotOf, type Tree } from './tree.ts';

const SERVICE_STATES: Record<ServiceState, string> = {
  up: 'Up',
  degraded: 'Up',
  down: 'Down',
  sorry: 'Down',
  redirect: 'Redirect',
  disabled: 'Disabled',
  unchecked: 'Unchecked',
  pending: 'Down',
};

const SERVER_STATES: Record<ServerState, string> = {
  up: 'Up',
  down: 'Down',
  drain: 'Disabled',
  disabled: 'Disabled',
  unchecked: 'Up',
  pending: 'Down',
};

/** Bits of TlsType: the versions that are not spoken. SSL 3 never is. */
const VERSION_BITS = { 'TLSv1.0': 2, 'TLSv1.1': 4, 'TLSv1.2': 8, 'TLSv1.3': 16 } as const;
export const tlsVersions = Object.keys(VERSION_BITS) as (keyof typeof VERSION_BITS)[];

export const tlsTypeOf = ({ tlsMinimum, tlsMaximum }: VirtualService): number =>
  1 +
  tlsVersions
    .filter((_, at) => at < tlsVersions.indexOf(tlsMinimum as never) || at > tlsVersions.indexOf(tlsMaximum as never))
    .reduce((bits, version) => bits + VERSION_BITS[version], 0);

const properties = kinds.virtualService.schema.properties as Record<string, object>;
const onWire = (vs: VirtualService, property: keyof VirtualService): string =>
  String(encoded(vs[property], metaOf(properties[property] ?? {})));
const unlessEmpty = (text: string): string | undefined => (text === '' ? undefined : text);
const number = (text: string): number => Number(text) || 0;

/** What a client sees of a service, names and order as a LoadMaster has them. */
export function serviceView(vs: VirtualService, tree: Tree, observed: Observed): Data {
  const { config } = tree;
  const sub = vs.parent > 0;
  const parent = sub ? tree.services.get(vs.parent) : undefined;
  const subs = tree.subs.get(vs.id) ?? [];
  const servers = tree.servers.get(vs.id) ?? [];
  const nameOf = (id: number) => tree.rules.get(id)?.name ?? String(id);
  const isBody = (id: number) => tree.rules.get(id)?.type === 'replace-body';
  const pre = vs.preRules.map(nameOf);
  const request = vs.requestRules.map(nameOf);
  const response = vs.responseRules.filter(id => !isBody(id)).map(nameOf);
  const body = vs.responseRules.filter(isBody).map(nameOf);
  const list = (names: string[]): Value => (names.length === 0 ? undefined : names);
  const l4 = vs.layer === 'l4';
  const redirected = vs.unavailableAction === 'redirect';
  return {
    Status: SERVICE_STATES[observed.services.get(vs.id)?.state ?? 'pending'],
    Index: vs.id,
    VSAddress: sub ? undefined : vs.address,
    VSPort: sub ? '0' : vs.wildcardPort ? '*' : String(vs.port),
    Layer: l4 ? 4 : 7,
    NickName: unlessEmpty(vs.name),
    Enable: vs.enabled,
    SSLAcceleration: vs.tls,
    SSLReverse: vs.reverse,
    SSLReencrypt: vs.reencrypt,
    InterceptMode: 0,
    Intercept: false,
    InterceptOpts: ['opnormal', vs.type === 'http' ? 'auditrelevant' : 'auditnone', 'reqdatadisable', 'resdatadisable'],
    AlertThreshold: 0,
    OwaspOpts: ['opnormal', 'auditnone', 'reqdatadisable', 'resdatadisable'],
    BlockingParanoia: 0,
    IPReputationBlocking: false,
    ExecutingParanoia: 0,
    AnomalyScoringThreshold: 0,
    PCRELimit: 0,
    JSONDLimit: 0,
    BodyLimit: 0,
    Transactionlimit: 0,
    Transparent: l4 ? !vs.sourceNat : vs.transparent,
    SubnetOriginating: vs.subnetOriginating,
    ServerInit: 0,
    StartTLSMode: 0,
    Idletime: vs.idleTimeout || settingsOf(config).idleTimeout,
    Cache: vs.caching,
    CachePercent: vs.caching ? vs.cachePercent : undefined,
    Compress: vs.compression,
    Verify: 0,
    UseforSnat: vs.serverNat,
    ForceL4: l4,
    ForceL7: !l4,
    MultiConnect: vs.connectionReuse === 'always',
    ClientCert: clientCertOf(vs),
    SecurityHeaderOptions: SECURITY_HEADERS[vs.securityHeaders] ?? 0,
    SameSite: 0,
    VerifyBearer: false,
    ErrorCode: redirected || vs.unavailableCode === 503 ? '0' : String(vs.unavailableCode),
    ErrorUrl: redirected ? vs.redirectUrl : undefined,
    'CheckUse1.1': vs.checkHost !== '',
    MatchLen: vs.checkMatchLength,
    CheckUseGet: number(onWire(vs, 'checkMethod')),
    SSLRewrite: { none: '0', http: '1', https: '2' }[vs.rewriteLocation as 'none'],
    VStype: vs.type === 'http' ? 'http' : 'gen',
    FollowVSID: vs.followService,
    Protocol: parent?.protocol ?? vs.protocol,
    Schedule: onWire(vs, 'scheduling'),
    Adaptive: vs.scheduling === 'adaptive' ? 'http_rs' : undefined,
    AdaptiveURL: unlessEmpty(vs.adaptiveUrl),
    AdaptivePort: vs.adaptiveUrl === '' ? undefined : vs.adaptivePort,
    AdaptiveInterval: vs.adaptiveUrl === '' ? undefined : vs.adaptiveInterval,
    AdaptiveMinPercent: vs.adaptiveUrl === '' ? undefined : vs.adaptiveMinPercent,
    CheckType: onWire(vs, 'checkType'),
    Persist: vs.persistence === 'none' ? undefined : onWire(vs, 'persistence'),
    PersistTimeout: vs.persistence === 'none' ? '0' : String(vs.persistenceTimeout),
    Cookie: unlessEmpty(vs.persistence === 'header' ? vs.persistenceHeader : vs.persistenceCookie),
    QueryTag: unlessEmpty(vs.persistenceQuery),
    CheckPort: String(vs.checkPort),
    CheckCodes: unlessEmpty(vs.checkCodes),
    CheckHost: unlessEmpty(vs.checkHost),
    CheckUrl: vs.checkUrl === '/' ? undefined : vs.checkUrl,
    CheckHeaders: unlessEmpty(vs.checkHeaders.join('|')),
    CheckPostData: unlessEmpty(vs.checkBody),
    CheckPattern: unlessEmpty(vs.checkPattern),
    HTTPReschedule: vs.reschedule,
    NRules: (vs.rules.length || 0) + servers.reduce((sum, rs) => sum + rs.rules.length, 0),
    NRequestRules: request.length,
    NResponseRules: response.length,
    NMatchBodyRules: body.length,
    NPreProcessRules: pre.length,
    PreProcessRules: list(pre),
    // Where one client looks for the rules before the choice of a server.
    MatchRules: list(pre),
    RequestRules: list(request),
    ResponseRules: list(response),
    MatchBodyRules: list(body),
    ResponseBodyRules: list(body),
    EspEnabled: false,
    InputAuthMode: 0,
    OutputAuthMode: 0,
    MasterVS: subs.length,
    MasterVSID: vs.parent,
    IsTransparent: (l4 ? !vs.sourceNat : vs.transparent) ? 1 : 2,
    AddVia: number(onWire(vs, 'forwardedHeader')),
    QoS: number(onWire(vs, 'tos')),
    TlsType: vs.tls ? String(tlsTypeOf(vs)) : '0',
    CertFile:
      vs.tls && vs.certificates.length > 0 ? vs.certificates.map(id => tree.certificates.get(id)).join(' ') : undefined,
    CipherSet: vs.tls ? cipherSetOf(vs, tree) : undefined,
    NeedHostName: vs.sniRequired,
    OCSPVerify: false,
    AllowHTTP2: vs.tls && vs.http2,
    PassCipher: vs.passCipher,
    PassSni: vs.passServerName,
    ReverseSNIHostname: unlessEmpty(vs.serverName),
    ChkInterval: vs.checkInterval,
    ChkTimeout: vs.checkTimeout,
    ChkRetryCount: vs.checkRetries,
    Bandwidth: vs.bandwidthLimit,
    ConnsPerSecLimit: vs.connectionRateLimit,
    RequestsPerSecLimit: vs.requestRateLimit,
    MaxConnsLimit: vs.concurrentLimit,
    RefreshPersist: vs.refreshPersistence,
    EnhancedHealthChecks: vs.enhancedChecks,
    RsMinimum: vs.minimumServers > 1 ? vs.minimumServers : 0,
    AltAddress: unlessEmpty(vs.alternateAddress),
    ExtraPorts: unlessEmpty(vs.extraPorts.join(' ')),
    ExtraHdrKey: unlessEmpty(vs.addedHeader),
    ExtraHdrValue: unlessEmpty(vs.addedHeaderValue),
    CopyHdrFrom: unlessEmpty(vs.copiedHeader),
    CopyHdrTo: unlessEmpty(vs.copiedHeaderTo),
    StandbyAddr: unlessEmpty(vs.sorryAddress),
    StandbyPort: vs.sorryAddress === '' ? undefined : vs.sorryPort || vs.port,
    NumberOfRSs: subs.length + servers.length,
    Rs: servers.length > 0 ? servers.map(rs => serverView(rs, tree, observed)) : undefined,
    SubVS: subs.length > 0 ? subs.map(each => slotView(each, tree, observed)) : undefined,
  };
}

const SECURITY_HEADERS: Record<string, number> = {
  host: 1,
  'host-guards': 1,
  subdomains: 2,
  'subdomains-guards': 2,
  preload: 6,
  'preload-guards': 6,
};

function clientCertOf({ clientCertificates, clientHeaders }: VirtualService): number {
  if (clientCertificates !== 'required') return 0;
  return { none: 1, facts: 2, der: 3, pem: 5 }[clientHeaders as 'none'] ?? 1;
}

function cipherSetOf(vs: VirtualService, { config }: Tree): string {
  if (vs.cipherSet !== 'custom') return onWire(vs, 'cipherSet');
  return config.cipherSets.find(set => set.id === vs.customCipherSet)?.name ?? 'Default';
}

export function serverView(rs: RealServer, tree: Tree, observed: Observed): Data {
  return {
    Status: rs.state === 'enabled' ? SERVER_STATES[observed.servers.get(rs.id)?.state ?? 'pending'] : 'Disabled',
    VSIndex: rs.virtualService,
    RsIndex: rs.id,
    Addr: rs.address,
    Port: rs.port,
    DnsName: '',
    Forward: tree.services.get(rs.virtualService)?.forwarding ?? 'nat',
    Weight: rs.weight,
    Limit: rs.connectionLimit,
    RateLimit: 0,
    Follow: rs.follow,
    Enable: rs.state === 'enabled',
    Critical: rs.critical,
    Nrules: rs.rules.length,
    MatchRules: rs.rules.length > 0 ? rs.rules.map(id => tree.rules.get(id)?.name ?? String(id)) : undefined,
  };
}

/** A SubVS as its parent has it in the list of its members. */
export function slotView(sub: VirtualService, tree: Tree, observed: Observed): Data {
  return {
    Status: SERVICE_STATES[observed.services.get(sub.id)?.state ?? 'pending'],
    VSIndex: sub.id,
    RsIndex: slotOf(sub),
    Name: sub.name || '-',
    Forward: 'nat',
    Weight: sub.subWeight,
    Limit: sub.subLimit,
    Enable: sub.enabled,
    Critical: sub.subCritical,
    Nrules: sub.rules.length,
    MatchRules: sub.rules.length > 0 ? sub.rules.map(id => tree.rules.get(id)?.name ?? String(id)) : undefined,
  };
}
