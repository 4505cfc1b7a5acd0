import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { root } from '../scripts/source-files.ts';
import { type Kind, kinds } from '../server/schema/config.ts';

/** docs/loadmaster-properties.md: a LoadMaster's properties and ours, held against the schema. */

const text = readFileSync(join(root, 'docs/loadmaster-properties.md'), 'utf8');
const rows = text
  .split('\n')
  .filter(line => line.startsWith('| ') && !/^\| LoadMaster \|/.test(line))
  .map(line => line.split('|').map(cell => cell.trim()))
  .map(([, what = '', api = '', state = '', ours = '', remarks = '']) => ({ what, api, state, ours, remarks }));

const PREFIXES: Record<string, Kind> = {
  rs: 'realServer',
  settings: 'settings',
  rule: 'contentRule',
  interface: 'interface',
  route: 'route',
};
const propertiesOf = (kind: Kind) => Object.keys(kinds[kind].schema.properties);
const named = rows.flatMap(row =>
  [...row.ours.matchAll(/`([^`]+)`/g)].map(([, name = '']) => {
    const [prefix, property] = name.includes('.') ? name.split('.') : ['', name];
    return {
      kind: prefix ? PREFIXES[prefix as string] : ('virtualService' as const),
      property: property as string,
      name,
    };
  }),
);

test('every row says what became of it, and why where it is not done', () => {
  assert.ok(rows.length > 80, `${rows.length} rows`);
  for (const { what, state, ours, remarks } of rows) {
    assert.match(state, what === '(ours)' ? /^$/ : /^(?:done|part|no)$/, what);
    if (state === 'no' || state === 'part' || what === '(ours)')
      assert.ok(remarks.length > 10, `${what} has no reason`);
    if (state === 'part') assert.notEqual(ours, '', what);
  }
});

test('what is named here exists', () => {
  for (const { kind, property, name } of named)
    assert.ok(kind && propertiesOf(kind).includes(property), `\`${name}\` is no property`);
});

test('no property of ours is missing', () => {
  const known = new Set(named.map(({ kind, property }) => `${kind}.${property}`));
  const missing = (['virtualService', ...Object.values(PREFIXES)] as Kind[]).flatMap(kind =>
    propertiesOf(kind)
      .filter(property => property !== 'id' && !known.has(`${kind}.${property}`))
      .map(property => `${kind}.${property}`),
  );
  assert.deepEqual(missing, []);
});

/** API names of the LoadMaster's screens (Virtual Service properties and L7 configuration). */
const NAMES =
  `NickName AltAddress VStype Enable ForceL7 Transparent SubnetOriginating ExtraPorts ServerInit StartTLSMode
Persist PersistTimeout Cookie QueryTag RefreshPersist Schedule AdaptiveURL AdaptivePort AdaptiveInterval
AdaptiveMinPercent Idletime QoS UseforSnat SSLAcceleration SSLReencrypt SSLReverse TLSType NeedHostName CertFile
IntermediateCerts ReverseSNIHostname PassSni CipherSet Ciphers Tls13CipherSet PassCipher ClientCert OCSPVerify
SecurityHeaderOptions SSLRewrite RSRulePrecedence RequestRules ResponseRules AllowHTTP2 Cache CachePercent Compress Verify
MultiConnect ExtraHdrKey ExtraHdrValue CopyHdrFrom CopyHdrTo AddVia StandbyAddr StandbyPort ErrorCode ErrorUrl DefaultGW
LocalBindAddrs FollowVSID ResponseStatusRemap HTTPReschedule Bandwidth Intercept InterceptMode ESPEnabled InputAuthMode
CheckType CheckPort ChkInterval ChkTimeout ChkRetryCount CheckUrl CheckUseGet CheckUse1.1 CheckHost CheckPattern CheckCodes
CheckHeaders CheckPostData MatchLen LdapEndpoint EnhancedHealthChecks RsMinimum non_local Addr Port Forward Weight Limit
RateLimit Critical Follow localbind alwayspersist addcookieport rfcconform closeonerror droponfail dropatdrainend
authtimeout clienttokentimeout finalpersist expect100 allowemptyposts AllowEmptyHttpHeaders ForceFullRSMatch slowstart
ShareSubVSPersist conntimeout`.split(/\s+/);

test('every API name of a LoadMaster’s properties stands in a row', () => {
  const listed = new Set(rows.flatMap(({ api }) => api.split(/[, ]+/)));
  assert.deepEqual(
    NAMES.filter(name => !listed.has(name)),
    [],
  );
});
