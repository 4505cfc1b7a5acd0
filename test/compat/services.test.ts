import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Appliance } from '../support/appliance.ts';
import { freePort } from '../support/ports.ts';
import { elementOf, LoadMasterClient } from './client.ts';

/** Services, Real Servers, SubVSs and content rules as clients of a LoadMaster make them, on a running appliance. */

let appliance: Appliance;
let client: LoadMasterClient;
const vs = '127.0.0.1';

before(async () => {
  appliance = await Appliance.start();
  client = new LoadMasterClient(appliance);
});
after(() => appliance.stop());

test('version 1: exact envelopes, types of content and challenge', async () => {
  const refused = await client.send('/access/listvs');
  assert.equal(refused.status, 401);
  assert.match(refused.challenge ?? '', /^Basic realm="/);
  assert.equal(refused.type, 'text/xml');
  const empty = await client.v1('listvs');
  assert.equal(
    empty.text,
    '<?xml version="1.0" encoding="ISO-8859-1"?>\n<Response stat="200" code="ok">\n<Success><Data></Data></Success>\n</Response>\n',
  );
  assert.equal(empty.type, 'text/xml');
  const missing = await client.v1('showvs', { vs: 99 });
  assert.equal(missing.status, 422);
  assert.equal(
    missing.text,
    '<?xml version="1.0" encoding="ISO-8859-1"?>\n<Response stat="422" code="fail">\n<Error>Unknown VS</Error>\n</Response>\n',
  );
  assert.equal((await client.v1('nosuch')).status, 405);
  assert.match((await client.v1('addvs', { vs, prot: 'tcp' })).text, /<Error>port: String Value missing<\/Error>/);
  assert.match((await client.v1('get')).text, /<Error>param: String Value missing<\/Error>/);
  assert.match((await client.v1('get', { param: 'nosuch' })).text, /<Error>Unknown parameter value<\/Error>/);
  assert.equal(elementOf((await client.v1('get', { param: 'BootTime' })).text, 'BootTime')?.endsWith('GMT'), true);
});

test('no cookie opens this API, and no page of another site', async () => {
  const login = await client.send('/api/session', JSON.stringify({ user: 'bal', password: client.password }), {
    'content-type': 'application/json',
  });
  const cookie = login.cookie as string;
  assert.equal((await client.send('/api/virtual-services', undefined, { cookie })).status, 200);
  for (const path of ['/access/listvs', '/access/delvs?vs=1', '/accessv2?cmd=listvs'])
    assert.equal((await client.send(path, undefined, { cookie })).status, 401, path);
  const basic = `Basic ${Buffer.from(`bal:${client.password}`).toString('base64')}`;
  const other = await client.send('/access/listvs', undefined, {
    authorization: basic,
    'sec-fetch-site': 'cross-site',
  });
  assert.equal(other.status, 403);
});

test('a double slash, any type of body, an empty key beside name and password', async () => {
  const body = JSON.stringify({ apikey: '', apiuser: 'bal', apipass: client.password, cmd: 'ListVS' });
  for (const type of ['text/xml', 'application/x-www-form-urlencoded', 'application/json'])
    assert.equal((await client.send('//accessv2', body, { 'content-type': type })).status, 200, type);
  assert.equal((await client.send('/accessv2/anything', body)).status, 200);
  assert.equal((await client.send('/accessv2', '{"cmd":')).status, 400);
});

test('a service is made, read, changed, renamed and deleted; its number stays', async () => {
  const port = String(await freePort());
  const made = await client.v2('addvs', { vs, port, prot: 'tcp', NickName: 'näme <1>', VStype: 'http', Enable: false });
  assert.deepEqual(
    [
      made.VSPort,
      made.VStype,
      made.Enable,
      made.NickName,
      made.Layer,
      made.PersistTimeout,
      made.CheckPort,
      made.TlsType,
    ],
    [port, 'http', false, 'näme <1>', 7, '0', '0', '0'],
  );
  assert.equal(Object.keys(made).at(-1), 'status');
  assert.equal(made.status, 'ok');
  const one = await client.v1('showvs', { vs, port, prot: 'tcp' });
  assert.equal(elementOf(one.text, 'NickName'), 'n&#228;me &#60;1&#62;');
  const next = await freePort();
  const renamed = await client.v2('modvs', {
    vs: made.Index,
    port: 80,
    vsaddress: '',
    vsport: next,
    Enable: 'Y',
    Persist: 'src',
    PersistTimeout: '3605',
  });
  assert.deepEqual(
    [renamed.Index, renamed.VSPort, renamed.Enable, renamed.Persist, renamed.PersistTimeout],
    [made.Index, String(next), true, 'src', '3600'],
  );
  assert.equal((await client.v2('addvs', { vs, port: next, prot: 'tcp' })).code, 422);
  assert.equal((await client.v2('modvs', { vs: made.Index, Schedule: 'nosuch' })).message, 'Schedule: Invalid value');
  assert.match((await client.v2('modvs', { vs: made.Index, NickName: 'x'.repeat(65) })).message ?? '', /^NickName: /);
  assert.equal((await client.v2('delvs', { vs: made.Index })).message, 'Command completed ok');
  assert.deepEqual(await client.v2('delvs', { vs: made.Index }), { code: 422, message: 'Unknown VS', status: 'fail' });
});

test('Real Servers: only the new one in the answer; text in version 1, both in version 2', async () => {
  const { Index } = await client.v2('addvs', { vs, port: await freePort(), prot: 'tcp' });
  const added = (await client.v2('addrs', {
    vs: Index,
    rs: '127.0.0.1',
    rsport: 8080,
    weight: '500',
    non_local: 1,
  })) as never as {
    Rs: { RsIndex: number }[];
  };
  assert.equal(added.Rs.length, 1);
  const { RsIndex, ...rest } = added.Rs[0] as { RsIndex: number };
  assert.deepEqual(rest, {
    Status: 'Down',
    VSIndex: Index,
    Addr: '127.0.0.1',
    Port: 8080,
    DnsName: '',
    Forward: 'nat',
    Weight: 500,
    Limit: 0,
    RateLimit: 0,
    Follow: 0,
    Enable: true,
    Critical: false,
    Nrules: 0,
  });
  const text = await client.v1('modrs', { vs: String(Index), rs: `!${RsIndex}`, newport: 8081, enable: 0 });
  assert.equal(elementOf(text.text, 'Success'), 'Command completed ok');
  const shown = await client.v2('modrs', { vs: String(Index), rs: `!${RsIndex}`, Weight: 7 });
  assert.equal(shown.message, 'Command completed ok');
  const [server] = shown.Rs as { Port: number; Enable: boolean; Weight: number }[];
  assert.deepEqual([server?.Port, server?.Enable, server?.Weight], [8081, false, 7]);
  assert.equal((await client.v1('enablers', { rs: '127.0.0.1', rsport: 8081 })).status, 200);
  assert.match(
    (await client.v1('showrs', { vs: String(Index), rs: '127.0.0.1', rsport: 8081 })).text,
    /<Enable>Y<\/Enable>/,
  );
  assert.equal((await client.v2('delrs', { vs: Index, rs: `!${RsIndex}` })).code, 200);
  assert.equal((await client.v2('delrs', { vs: Index, rs: `!${RsIndex}` })).message, 'Unknown RS');
  await client.v2('delvs', { vs: Index });
});

test('SubVSs: the parent answers, rules attach to their place, all goes with the parent', async () => {
  const { Index } = await client.v2('addvs', { vs, port: await freePort(), prot: 'tcp', VStype: 'http' });
  const parent = await client.v2('modvs', { vs: Index, createsubvs: '' });
  const subs = parent.SubVS as { VSIndex: number; RsIndex: number; Name: string }[];
  const sub = subs.at(-1) as (typeof subs)[0];
  assert.equal(parent.Index, Index);
  const one = await client.v2('modvs', { vs: sub.VSIndex, NickName: 'sub', VStype: 'http' });
  assert.deepEqual([one.VSAddress, one.VSPort, one.MasterVSID, one.Protocol], [undefined, '0', Index, 'tcp']);
  await client.v2('addrule', { name: 'to_sub', pattern: '^/sub', matchtype: '', header: '', setonmatch: 0 });
  assert.equal((await client.v2('addrsrule', { vs: Index, rs: `!${sub.RsIndex}`, rule: 'to_sub' })).code, 200);
  const place = await client.v2('showrs', { vs: Index, rs: `!${sub.RsIndex}` });
  assert.deepEqual((place.SubVS as { MatchRules: string[] }[])[0]?.MatchRules, ['to_sub']);
  assert.equal((await client.v2('addrs', { vs: Index, rs: '127.0.0.1', rsport: 1 })).message, "Couldn't create RS");
  assert.equal((await client.v2('addrs', { vs: sub.VSIndex, rs: '127.0.0.1', rsport: 8080 })).code, 200);
  assert.equal((await client.v2('delrule', { name: 'to_sub' })).code, 200);
  await client.v2('delvs', { vs: Index });
  assert.equal((await client.v2('showvs', { vs: sub.VSIndex })).message, 'Unknown VS');
});

test('content rules: alone in their group, whole after each change', async () => {
  const made = await client.v2('addrule', {
    name: 'r1',
    type: 0,
    pattern: '^/a',
    matchtype: '',
    header: '',
    nocase: '1',
    setonmatch: 2,
    onlyonflag: 0,
  });
  assert.deepEqual(made, {
    code: 200,
    MatchContentRule: [
      {
        Name: 'r1',
        Pattern: '^/a',
        MatchType: 'Regex',
        AddHost: false,
        Negate: false,
        CaseIndependent: true,
        IncludeQuery: false,
        Header: '',
        MustFail: false,
        SetFlagOnMatch: 2,
      },
    ],
    status: 'ok',
  });
  const changed = await client.v2('modrule', { name: 'r1', pattern: '/b', matchtype: 'prefix' });
  assert.deepEqual((changed.MatchContentRule as object[])[0], {
    Name: 'r1',
    Pattern: '/b',
    MatchType: 'prefix',
    AddHost: false,
    Negate: false,
    CaseIndependent: false,
    IncludeQuery: false,
    Header: '',
    MustFail: false,
  });
  await client.v2('addrule', { name: 'h1', type: '1', header: 'X-A', replacement: 'b' });
  const { Index } = await client.v2('addvs', { vs, port: await freePort(), prot: 'tcp', VStype: 'http' });
  await client.v2('addrs', { vs: Index, rs: vs, rsport: 8080 });
  assert.equal((await client.v2('addrsrule', { vs: Index, rs: vs, rsport: 8080, rule: 'h1' })).code, 422);
  assert.equal((await client.v2('addrequestrule', { vs: Index, rule: 'h1' })).code, 200);
  assert.equal((await client.v2('addprerule', { vs: Index, rule: 'r1' })).code, 200);
  const shown = await client.v2('showvs', { vs: Index });
  assert.deepEqual([shown.RequestRules, shown.PreProcessRules, shown.NRequestRules], [['h1'], ['r1'], 1]);
  assert.match(
    (await client.v1('showvs', { vs: String(Index) })).text,
    /<RequestRules><Name>h1<\/Name><\/RequestRules>/,
  );
  assert.equal((await client.v2('addrule', { name: 'a b', pattern: 'x' })).message, 'Cannot read rules');
  assert.equal((await client.v2('delrule', { name: 'r1' })).code, 200);
  assert.equal((await client.v2('showvs', { vs: Index })).PreProcessRules, undefined);
  assert.equal((await client.v2('showrule', { name: 'r1' })).message, 'Rule not found');
  await client.v2('delvs', { vs: Index });
});

test('parameters: named as asked, typed by version, set with either key', async () => {
  assert.equal((await client.v2('set', { param: 'finalpersist', val: '120' })).code, 200);
  assert.equal((await client.v2('get', { param: 'FinalPersist' })).FinalPersist, 120);
  assert.equal((await client.v2('get', { param: 'dropatdrainend' })).dropatdrainend, false);
  assert.match((await client.v1('get', { param: 'dropatdrainend' })).text, /<dropatdrainend>no<\/dropatdrainend>/);
  assert.match((await client.v2('set', { param: 'slowstart', value: '601' })).message ?? '', /^slowstart: /);
  assert.deepEqual(await client.v2('modhealth', { RetryInterval: 30 }), {
    code: 200,
    RetryInterval: '30',
    Timeout: '4',
    RetryCount: '2',
    status: 'ok',
  });
});
