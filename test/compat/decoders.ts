import assert from 'node:assert/strict';

/**
 * Readers as strict as the languages that real clients are written in: Go's encoding/json into typed structures, and
 * Python's xmltodict with its one-or-many quirk.
 */

type GoType = 'string' | 'int' | 'bool' | 'strings' | 'objects';
export type GoStruct = Readonly<Record<string, GoType>>;

const words = (text: string, type: GoType): GoStruct => Object.fromEntries(text.split(/\s+/).map(name => [name, type]));
const VS_INTS =
  'Index MasterVS MasterVSID Idletime ServerInit QoS StartTLSMode ClientCert SecurityHeaderOptions AddVia CachePercent ' +
  'PortFollow FollowVSID NRequestRules NResponseRules StandbyPort Verify ResponseRemapMsgFormat InterceptMode ' +
  'AlertThreshold ESPLogs InputAuthMode OutputAuthMode SameSite MatchLen NumberOfRSs NRules CheckUseGet RsMinimum ' +
  'ChkInterval ChkTimeout ChkRetryCount Layer';
const VS_STRINGS =
  'NickName VSAddress VSPort Protocol VStype Schedule PersistTimeout Persist Cookie QueryTag CheckType CheckHost ' +
  'CheckUrl CheckPort CheckCodes CheckPattern CheckHeaders CheckPostData ErrorCode ErrorUrl SSLRewrite TLSType CertFile ' +
  'CipherSet RuleList AltAddress ExtraPorts ExtraHdrKey ExtraHdrValue StandbyAddr ReverseSNIHostname';
const VS_BOOLS =
  'Enable ForceL7 ForceL4 SubnetOriginating Transparent UseforSnat RefreshPersist Cache Compress AllowHTTP2 ' +
  'SSLAcceleration SSLReverse SSLReencrypt PassSni PassCipher OCSPVerify NeedHostName HTTPReschedule Intercept EspEnabled ' +
  'VerifyBearer CheckUse1.1 EnhancedHealthChecks MultiConnect';

/** A service as the Go client with the most fields declares it. */
export const goService: GoStruct = {
  ...words(VS_INTS, 'int'),
  ...words(VS_STRINGS, 'string'),
  ...words(VS_BOOLS, 'bool'),
  ...words('InterceptOpts OwaspOpts RequestRules ResponseRules MatchRules MatchBodyRules PreProcessRules', 'strings'),
  ...words('Rs SubVS', 'objects'),
};

export const goServer: GoStruct = {
  ...words('VSIndex RsIndex Port Weight Limit RateLimit Follow Nrules', 'int'),
  ...words('Status Addr DnsName Forward Name', 'string'),
  ...words('Enable Critical', 'bool'),
  ...words('MatchRules', 'strings'),
};

export const goRule: GoStruct = {
  ...words('Name Pattern MatchType Header Replacement HeaderValue', 'string'),
  ...words('MustFail NoCase IncHost IncQuery Negate CaseIndependent IncludeHost IncludeQuery AddHost', 'bool'),
  ...words('SetFlagOnMatch OnlyOnFlag OnlyOnNoFlag', 'int'),
};

const isOf: Record<GoType, (value: unknown) => boolean> = {
  string: value => typeof value === 'string',
  int: value => Number.isInteger(value) && Math.abs(value as number) < 2 ** 31,
  bool: value => typeof value === 'boolean',
  strings: value => Array.isArray(value) && value.every(each => typeof each === 'string'),
  objects: value => Array.isArray(value) && value.every(each => typeof each === 'object' && each !== null),
};

/**
 * As json.Unmarshal into a structure does: keys in any case, a value of another type is an error, what is not there has
 * the zero value. Returns the object by the structure's spelling.
 */
export function goDecoded<T = Record<string, unknown>>(value: unknown, struct: GoStruct, what = 'object'): T {
  assert.ok(typeof value === 'object' && value !== null && !Array.isArray(value), `${what} is an object`);
  const byLower = new Map(Object.keys(struct).map(name => [name.toLowerCase(), name]));
  const zero: Record<GoType, unknown> = { string: '', int: 0, bool: false, strings: null, objects: null };
  const decoded: Record<string, unknown> = Object.fromEntries(
    Object.entries(struct).map(([name, type]) => [name, zero[type]]),
  );
  for (const [key, each] of Object.entries(value)) {
    const name = byLower.get(key.toLowerCase());
    if (name === undefined || each === null) continue;
    const type = struct[name] as GoType;
    assert.ok(isOf[type](each), `${what}: ${key} is ${JSON.stringify(each)}, and the client reads it as ${type}`);
    decoded[name] = each;
  }
  return decoded as T;
}

export type Xml = string | null | { [name: string]: Xml | Xml[] };

/** As xmltodict.parse: a name that comes once is a value, one that comes more often a list; empty is None. */
export function xmlToDict(text: string): { Response: { [name: string]: Xml | Xml[] } } {
  const declared = /^<\?xml version="1.0" encoding="ISO-8859-1"\?>\n/.exec(text);
  assert.ok(declared, `the declaration: ${text.slice(0, 60)}`);
  let at = declared[0].length;
  const fail = (why: string) => assert.fail(`${why} at ${at}: ${text.slice(at, at + 60)}`);

  function element(): [string, Xml] {
    const open = /^<([A-Za-z][\w.-]*)((?: [\w-]+="[^"<&]*")*)>/.exec(text.slice(at, at + 400));
    if (!open) return fail('no element');
    const [all, name = '', attributes = ''] = open;
    at += all.length;
    const children: { [name: string]: Xml | Xml[] } = {};
    for (const [, key, value] of attributes.matchAll(/ ([\w-]+)="([^"]*)"/g)) children[`@${key}`] = value as string;
    let plain = '';
    for (;;) {
      const next = text.indexOf('<', at);
      if (next < 0) fail('no end');
      plain += text.slice(at, next);
      at = next;
      if (text.startsWith('</', at)) break;
      const [child, value] = element();
      const known = children[child];
      if (known === undefined) children[child] = value;
      else children[child] = Array.isArray(known) ? [...known, value] : [known, value];
    }
    const close = `</${name}>`;
    if (!text.startsWith(close, at)) fail(`${close} is missing`);
    at += close.length;
    const trimmed = entities(plain.trim());
    if (Object.keys(children).length > 0) {
      assert.equal(trimmed, '', `text beside elements in ${name}`);
      return [name, children];
    }
    return [name, trimmed === '' ? null : trimmed];
  }

  const [name, value] = element();
  assert.equal(text.slice(at).trim(), '', 'nothing comes after the document');
  assert.equal(name, 'Response');
  return { Response: value as { [name: string]: Xml } };
}

function entities(text: string): string {
  assert.doesNotMatch(text, /&(?!#\d+;|#x[0-9a-f]+;|amp;|lt;|gt;|quot;|apos;)/i, 'a bare ampersand');
  return text.replace(/&(?:#(\d+)|amp|lt|gt|quot|apos);/g, (whole, code) =>
    code
      ? String.fromCodePoint(Number(code))
      : ({ '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"' }[whole as '&lt;'] ?? "'"),
  );
}

/** One, many or none, as clients for which that matters make a list of it. */
export const listed = (value: Xml | Xml[] | undefined): Xml[] =>
  value === undefined || value === null ? [] : Array.isArray(value) ? value : [value];
