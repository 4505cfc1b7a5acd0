import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Appliance, password } from '../support/appliance.ts';
import { makePem } from '../support/pem.ts';
import { freePort } from '../support/ports.ts';
import { LoadMasterClient } from './client.ts';
import { type GoStruct, goDecoded, goRule, goServer, goService } from './decoders.ts';

/**
 * Clients of version 2, each by the calls it makes and the types it decodes: made, read back, changed, read back, found
 * by its number, deleted, deleted again; lists with nothing, one and many.
 */

type Reply = Record<string, unknown> & { code: number; status: string; message?: string };
type Service = Record<string, never> & { Index: number; Enable: boolean; Rs: object[] | null; SubVS: object[] | null };
type Server = { RsIndex: number; VSIndex: number; Addr: string; Port: number; Weight: number; Enable: boolean };

const vs = '127.0.0.1';
let appliance: Appliance;
let client: LoadMasterClient;
let key: string;
before(async () => {
  appliance = await Appliance.start();
  client = new LoadMasterClient(appliance);
  key = ((await client.v2('addapikey')) as never as { apikeys: [string] }).apikeys[0];
});
after(() => appliance.stop());

/** A POST of JSON without a type, as Go's http.NewRequest sends it. Every client reads the code from the HTTP status. */
async function post(path: string, body: object): Promise<Reply> {
  const answer = await client.send(path, JSON.stringify(body));
  const reply = JSON.parse(answer.text) as Reply;
  assert.equal(reply.code, answer.status);
  assert.equal(Object.keys(reply).at(-1), 'status', 'status comes last');
  assert.equal(reply.status, answer.status < 400 ? 'ok' : 'fail');
  return reply;
}
const serviceOf = (reply: Reply) => goDecoded<Service>(reply, goService, 'the service');
/** Their state is a living thing: two answers may differ in it. */
const serversOf = (reply: Reply, least = 1) => {
  assert.ok(Array.isArray(reply.Rs) && reply.Rs.length >= least, `Rs: ${JSON.stringify(reply)}`);
  return reply.Rs.map(each => ({ ...goDecoded<Server>(each, goServer, 'the server'), Status: '' }));
};
const ok = (reply: Reply): Reply => {
  assert.equal(reply.code, 200, reply.message);
  return reply;
};
const refused = (reply: Reply, message: string) => assert.deepEqual([reply.code, reply.message], [422, message]);

test('kreemer, Go client and Terraform provider: services', async () => {
  const call = (cmd: string, body: object = {}) => post('/accessv2', { apikey: key, cmd, ...body });
  const none = ok(await call('listvs'));
  assert.ok(none.VS === undefined || (Array.isArray(none.VS) && none.VS.length === 0), 'nothing, or an empty list');
  const port = String(await freePort());
  const made = serviceOf(
    ok(await call('addvs', { vs, port, prot: 'tcp', NickName: 'one', VStype: 'gen', Enable: false })),
  );
  assert.equal(made.Enable, false);
  for (const each of [await call('showvs', { vs: String(made.Index) }), await call('showvs', { vs: made.Index })])
    assert.deepEqual(serviceOf(ok(each)), made);
  const one = ok(await call('listvs')).VS as object[];
  assert.equal(one.length, 1, 'a list of one is a list');
  assert.deepEqual(goDecoded(one[0], goService), made);

  const changed = serviceOf(ok(await call('modvs', { vs: String(made.Index), NickName: 'renamed', VStype: 'http' })));
  assert.deepEqual([changed.Index, changed.NickName, changed.VStype], [made.Index, 'renamed', 'http']);
  assert.deepEqual(serviceOf(ok(await call('showvs', { vs: String(made.Index) }))), changed);
  // The restart action.
  assert.equal(serviceOf(ok(await call('modvs', { vs: String(made.Index), Enable: false }))).Enable, false);
  assert.equal(serviceOf(ok(await call('modvs', { vs: String(made.Index), Enable: true }))).Enable, true);

  const second = serviceOf(ok(await call('addvs', { vs, port: String(await freePort()), prot: 'udp' })));
  assert.deepEqual([second.Layer, second.ForceL4, second.Transparent, second.CheckType], [4, true, true, 'icmp']);
  const many = ok(await call('listvs')).VS as object[];
  assert.deepEqual(
    many.map(each => goDecoded<Service>(each, goService).Index),
    [made.Index, second.Index],
  );
  for (const { Index } of [second, made]) {
    ok(await call('delvs', { vs: String(Index) }));
    refused(await call('delvs', { vs: String(Index) }), 'Unknown VS');
    refused(await call('showvs', { vs: String(Index) }), 'Unknown VS');
  }
});

test('kreemer: SubVSs and Real Servers', async () => {
  const call = (cmd: string, body: object = {}) => post('/accessv2', { apikey: key, cmd, ...body });
  const { Index } = serviceOf(
    ok(await call('addvs', { vs, port: String(await freePort()), prot: 'tcp', VStype: 'http' })),
  );
  const parent = ok(await call('modvs', { vs: String(Index), createsubvs: '' }));
  const slots = parent.SubVS as object[];
  assert.ok(slots.length > 0);
  const slot = goDecoded<{ VSIndex: number }>(slots.at(-1), goServer);
  const sub = serviceOf(ok(await call('modvs', { vs: String(slot.VSIndex), NickName: 'sub', VStype: 'http' })));
  assert.deepEqual([sub.Index, sub.MasterVSID, sub.NickName], [slot.VSIndex, Index, 'sub']);
  assert.deepEqual(serviceOf(ok(await call('showvs', { vs: String(slot.VSIndex) }))), sub);

  const of = { vs: String(slot.VSIndex) };
  const given = {
    rs: '127.0.0.9',
    rsport: '8080',
    weight: 500,
    forward: 'nat',
    enable: true,
    limit: 0,
    critical: false,
    follow: 0,
  };
  const [server] = serversOf(ok(await call('addrs', { ...of, ...given })));
  assert.ok(server);
  assert.deepEqual([server.Addr, server.Port, server.Weight, server.VSIndex], ['127.0.0.9', 8080, 500, slot.VSIndex]);
  const rs = `!${server.RsIndex}`;
  assert.deepEqual(serversOf(ok(await call('showrs', { ...of, rs }))), [server]);
  const [changed] = serversOf(ok(await call('modrs', { ...of, rs, weight: 700, enable: false })));
  assert.deepEqual([changed?.Weight, changed?.Enable, changed?.RsIndex], [700, false, server.RsIndex]);
  assert.deepEqual(serversOf(ok(await call('showrs', { ...of, rs }))), [changed]);
  ok(await call('delrs', { ...of, rs }));
  refused(await call('delrs', { ...of, rs }), 'Unknown RS');
  refused(await call('showrs', { ...of, rs }), 'Unknown RS');
  // Deleting a sub_virtual_service only reads: it goes with its parent.
  ok(await call('delvs', { vs: String(Index) }));
  refused(await call('showvs', { vs: String(slot.VSIndex) }), 'Unknown VS');
});

const GROUPS = [
  'MatchContentRule',
  'AddHeaderRule',
  'DeleteHeaderRule',
  'ReplaceHeaderRule',
  'ModifyURLRule',
  'ReplaceBodyRule',
] as const;

test('kreemer: the six kinds of content rules, and where they are attached', async () => {
  const call = (cmd: string, body: object = {}) => post('/accessv2', { apikey: key, cmd, ...body });
  const empty = ok(await call('showrule'));
  for (const group of GROUPS) assert.ok(empty[group] === undefined || (empty[group] as object[]).length === 0, group);
  const inputs = [
    {
      pattern: '^/a',
      matchtype: 'regex',
      header: '',
      inchost: false,
      nocase: true,
      negate: false,
      incquery: false,
      setonmatch: 0,
      onlyonflag: 0,
      onlyonnoflag: 0,
      mustfail: false,
    },
    { header: 'X-Added', replacement: 'value' },
    { pattern: 'X-Gone' },
    { header: 'X-Old', pattern: 'old', replacement: 'new' },
    { pattern: '^/a(.*)$', replacement: '/b\\1' },
    { pattern: 'from', replacement: 'to' },
  ];
  for (const [type, input] of inputs.entries()) {
    const group = GROUPS[type] as string;
    const name = `rule_${type}`;
    const first = ok(await call('addrule', { name, type: String(type), ...input }))[group] as object[];
    assert.equal(first.length, 1, `${group}: the rule alone`);
    const made = goDecoded(first[0], goRule, group);
    assert.equal(made.Name, name);
    const shown = ok(await call('showrule', { name }))[group] as object[];
    assert.deepEqual(
      shown.map(each => goDecoded(each, goRule)),
      [made],
    );
    const after = ok(
      await call('modrule', {
        name,
        ...input,
        ...('pattern' in input && { pattern: input.pattern.replace('a', 'c') }),
      }),
    )[group] as object[];
    assert.equal(after.length, 1);
    assert.deepEqual((ok(await call('showrule', { name }))[group] as object[])[0], after[0]);
  }
  assert.equal((ok(await call('showrule')).MatchContentRule as object[]).length, 1);

  const { Index } = serviceOf(
    ok(await call('addvs', { vs, port: String(await freePort()), prot: 'tcp', VStype: 'http' })),
  );
  const of = { vs: String(Index) };
  for (const [verb, rule, property] of [
    ['requestrule', 'rule_1', 'RequestRules'],
    ['responserule', 'rule_2', 'ResponseRules'],
    ['prerule', 'rule_0', 'PreProcessRules'],
  ] as const) {
    ok(await call(`add${verb}`, { ...of, rule }));
    assert.deepEqual(serviceOf(ok(await call('showvs', of)))[property], [rule]);
    ok(await call(`del${verb}`, { ...of, rule }));
    assert.equal(serviceOf(ok(await call('showvs', of)))[property], null);
  }
  const [server] = serversOf(ok(await call('addrs', { ...of, rs: '127.0.0.9', rsport: '80' })));
  const rs = `!${server?.RsIndex}`;
  ok(await call('addrsrule', { ...of, rs, rule: 'rule_0' }));
  assert.deepEqual((serversOf(ok(await call('showrs', { ...of, rs })))[0] as { MatchRules?: string[] }).MatchRules, [
    'rule_0',
  ]);
  assert.equal((await call('addrsrule', { ...of, rs, rule: 'rule_1' })).code, 422, 'no rule that chooses');
  ok(await call('delrsrule', { ...of, rs, rule: 'rule_0' }));
  ok(await call('delvs', of));
  for (const type of inputs.keys()) {
    ok(await call('delrule', { name: `rule_${type}` }));
    assert.equal((await call('delrule', { name: `rule_${type}` })).code, 422);
  }
});

test('kreemer: certificates, access lists, files of the WAF, keys, a copy', async () => {
  const call = (cmd: string, body: object = {}) => post('/accessv2', { apikey: key, cmd, ...body });
  const certificate: GoStruct = { name: 'string', type: 'string', modulus: 'string' };
  assert.deepEqual(ok(await call('listcert')).cert ?? [], []);
  const { chain, key: secret } = await makePem('kreemer.example');
  const data = Buffer.from(chain + secret).toString('base64');
  for (const cert of ['first', 'second']) {
    ok(await call('addcert', { cert, data, password: '', replace: '0' }));
    assert.equal((await call('addcert', { cert, data, password: '', replace: '0' })).code, 422, 'there already');
    ok(await call('addcert', { cert, data, password: '', replace: '1' }));
  }
  const names = (ok(await call('listcert')).cert as object[]).map(each => goDecoded(each, certificate).name);
  assert.deepEqual(names, ['first', 'second']);
  assert.match(String(ok(await call('readcert', { cert: 'first' })).certificate), /^-----BEGIN CERTIFICATE-----/);
  for (const cert of ['first', 'second']) ok(await call('delcert', { cert }));
  assert.equal((await call('delcert', { cert: 'first' })).code, 422);
  assert.deepEqual(ok(await call('listintermediate')).cert ?? [], []);

  const entries = async () =>
    (ok(await call('aclcontrol', { list: 'block' })).IP as { addr: string; comment: string }[]) ?? [];
  assert.deepEqual(await entries(), []);
  for (const addr of ['192.168.1.1/32', '192.168.2.0/24'])
    ok(await call('aclcontrol', { add: 'block', addr, comment: 'why' }));
  assert.deepEqual(await entries(), [
    { addr: '192.168.1.1/32', comment: 'why' },
    { addr: '192.168.2.0/24', comment: 'why' },
  ]);
  for (const addr of ['192.168.1.1/32', '192.168.2.0/24']) ok(await call('aclcontrol', { del: 'block', addr }));

  const file = Buffer.from('SecRule ARGS "é" "id:1,deny"\r\n').toString('base64');
  ok(await call('addowaspcustomrule', { filename: 'test', data: file }));
  const down = ok(await call('downloadowaspcustomrule', { filename: 'test' }));
  assert.equal(Buffer.from(String(down.data), 'base64').toString().trimEnd(), 'SecRule ARGS "é" "id:1,deny"');
  ok(await call('delowaspcustomrule', { filename: 'test' }));
  assert.equal((await call('downloadowaspcustomrule', { filename: 'test' })).code, 404);

  const { apikeys } = ok(await call('addapikey')) as never as { apikeys: string[] };
  assert.equal(apikeys.length, 1);
  ok(await call('delapikey', { key: apikeys[0] }));
  assert.equal((await call('delapikey', { key: apikeys[0] })).code, 422);

  const copy = String(ok(await call('backup')).data);
  ok(await call('addrule', { name: 'later', type: '0', pattern: 'x' }));
  ok(await call('restore', { data: copy, type: '15' }));
  assert.equal(ok(await call('showrule')).MatchContentRule, undefined);
});

test('mathlu, Go client and Terraform provider: version 2', async () => {
  const call = (cmd: string, body: object = {}) =>
    post('//accessv2', { apikey: '', apiuser: 'bal', apipass: password, cmd, ...body });
  const port = await freePort();
  const made = serviceOf(
    ok(
      await call('addvs', {
        vs,
        port: String(port),
        prot: 'tcp',
        VSType: 'gen',
        ForceL7: 1,
        Enable: 'Y',
        non_local: 1,
      }),
    ),
  );
  assert.deepEqual([made.VStype, made.Layer, made.ForceL7, made.Enable], ['gen', 7, true, true]);
  assert.deepEqual(serviceOf(ok(await call('showvs', { vs: made.Index }))), made);
  const next = await freePort();
  const same = serviceOf(
    ok(await call('modvs', { vs: made.Index, vsaddress: vs, port: String(port), vsport: 0, NickName: 'x' })),
  );
  assert.equal(same.VSPort, String(port), 'a port of 0 does not rename');
  const moved = serviceOf(
    ok(await call('modvs', { vs: made.Index, vsaddress: '127.0.0.2', port: String(port), vsport: next })),
  );
  assert.deepEqual(
    [moved.Index, moved.VSAddress, moved.VSPort, moved.VStype],
    [made.Index, '127.0.0.2', String(next), 'gen'],
  );
  const [server] = serversOf(ok(await call('addrs', { vs: made.Index, rs: '127.0.0.9', rsport: 8080, non_local: 1 })));
  const rs = `!${server?.RsIndex}`;
  ok(await call('modrs', { vs: made.Index, rs, newport: 8081, non_local: 1 }));
  assert.equal(serversOf(ok(await call('showrs', { vs: made.Index, rs })))[0]?.Port, 8081);
  ok(await call('delrs', { vs: made.Index, rs }));
  ok(await call('delvs', { vs: made.Index }));
  refused(await call('delvs', { vs: made.Index }), 'Unknown VS');
});

test('pier62350, Terraform provider: by the bare number, the last server, what is not there in its words', async () => {
  const call = (cmd: string, body: object = {}) => post('/accessv2', { apikey: key, cmd, ...body });
  const { Index } = serviceOf(ok(await call('addvs', { vs, port: String(await freePort()), prot: 'tcp' })));
  const of = { vs: String(Index) };
  for (const rsport of ['8080', '8081']) {
    const server = serversOf(ok(await call('addrs', { ...of, rs: '127.0.0.9', rsport }))).at(-1);
    assert.equal(server?.Port, Number(rsport), 'the new one is the last');
  }
  const all = serviceOf(ok(await call('showvs', of))).Rs as unknown[];
  assert.equal(all.length, 2);
  const last = goDecoded<Server>(all.at(-1), goServer);
  assert.equal(serversOf(ok(await call('modrs', { ...of, rs: `!${last.RsIndex}`, weight: '5' }))).at(-1)?.Weight, 5);
  refused(await call('showrs', { ...of, rs: '!999999' }), 'Unknown RS');
  const health = ok(await call('showhealth'));
  for (const name of ['RetryInterval', 'Timeout', 'RetryCount']) assert.equal(typeof health[name], 'string', name);
  const user = ok(await call('usershow', { user: 'bal' }));
  assert.deepEqual([typeof user.Name, typeof user.Perms], ['string', 'string']);
  ok(await call('delvs', of));
});

test('technicallyJack, Terraform provider: by address, port and protocol before every step', async () => {
  const call = async (cmd: string, body: object = {}) => {
    const answer = await client.send('/accessv2', JSON.stringify({ apikey: key, cmd, ...body }), {
      'content-type': 'application/json',
    });
    return JSON.parse(answer.text) as Reply;
  };
  const where = { vs, port: String(await freePort()), prot: 'tcp' };
  const absent = await call('showvs', where);
  assert.ok(absent.code === 422 && /^unknown/i.test(absent.message ?? ''));
  ok(await call('addvs', { ...where, VStype: 'http' }));
  const { Index } = serviceOf(ok(await call('showvs', where)));
  ok(await call('modvs', { vs: String(Index), VStype: 'gen' }));
  const settings = {
    NickName: 'jack',
    Schedule: 'lc',
    Persist: 'src',
    PersistTimeout: '600',
    CheckType: 'tcp',
    Idletime: '660',
  };
  ok(await call('modvs', { vs: String(Index), ...settings, VStype: 'http' }));
  const read = serviceOf(ok(await call('showvs', where)));
  assert.deepEqual(
    [read.NickName, read.Schedule, read.Persist, read.PersistTimeout, read.CheckType, read.Idletime],
    ['jack', 'lc', 'src', '600', 'tcp', 660],
  );
  const before = (ok(await call('showvs', where)).SubVS as object[] | undefined) ?? [];
  ok(await call('modvs', { vs: String(Index), CreateSubVS: '1' }));
  const slots = ok(await call('showvs', where)).SubVS as { RsIndex: number; VSIndex: number }[];
  assert.equal(slots.length, before.length + 1);
  const slot = slots.at(-1) as (typeof slots)[0];
  ok(await call('modrs', { vs: String(Index), rs: `!${slot.RsIndex}`, weight: '300', limit: '10', enable: 'Y' }));
  const again = (ok(await call('showvs', where)).SubVS as object[]).map(each =>
    goDecoded<Server & { Limit: number }>(each, goServer),
  );
  const changed = again.find(each => each.RsIndex === slot.RsIndex);
  assert.deepEqual([changed?.Weight, changed?.Limit], [300, 10]);
  assert.equal(serviceOf(ok(await call('showvs', { vs: String(slot.VSIndex) }))).MasterVSID, Index);

  const rule = {
    name: 'tfacc_rule',
    type: '0',
    pattern: '^/x',
    matchtype: 'regex',
    header: '',
    negate: '0',
    nocase: '1',
    inchost: '0',
    incquery: '0',
    setonmatch: '0',
    onlyonflag: '0',
    onlyonnoflag: '0',
    mustfail: '0',
  };
  ok(await call('addrule', rule));
  ok(await call('modrule', { ...rule, pattern: '^/y', nocase: '0' }));
  const [shown] = ok(await call('showrule', { name: rule.name })).MatchContentRule as object[];
  assert.equal(goDecoded(shown, goRule).Pattern, '^/y');
  ok(await call('delrule', { name: rule.name }));
  assert.match((await call('showrule', { name: rule.name })).message ?? '', /^unknown|not found/i);
  ok(await call('delvs', where));
  assert.match((await call('delvs', where)).message ?? '', /^unknown/i);
  assert.equal(typeof ok(await call('get', { param: 'admincert' })).admincert, 'string');
  assert.equal(typeof ok(await call('getcipherset', { name: 'Default' })).cipherset, 'string');
});

test('a monitoring product and scripts: GET of version 2', async () => {
  const get = async (cmd: string, more = '') => {
    const { status, text } = await client.send(`/accessv2?cmd=${cmd}&apikey=${key}${more}`);
    assert.equal(status, 200, text);
    return JSON.parse(text) as Record<string, never>;
  };
  const { Index } = ok(
    (await client.v2('addvs', { vs, port: await freePort(), prot: 'tcp', VStype: 'http' })) as Reply,
  );
  const stats = await get('stats');
  const network: GoStruct = { Interface: 'objects' };
  assert.ok((goDecoded<{ Interface: object[] }>(stats.Network, network).Interface ?? []).length >= 0);
  const all = (await get('listvs')).VS as { Index: number }[] | undefined;
  assert.ok(all?.some(each => each.Index === Index));
  assert.equal((await get('showvs', `&vs=${Index}`)).Index, Index);
  assert.equal(typeof (await get('getall')).hostname, 'string');
  await client.v2('delvs', { vs: Index });
});
