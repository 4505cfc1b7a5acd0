import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { Appliance, password } from '../support/appliance.ts';
import { makePem } from '../support/pem.ts';
import { freePort } from '../support/ports.ts';
import { type Answer, LoadMasterClient } from './client.ts';
import { listed, type Xml, xmlToDict } from './decoders.ts';

/**
 * Clients of version 1, each by the calls it makes and how it reads XML: made, read back, changed, read back, found by
 * its number, deleted, deleted again; lists with nothing, one and many.
 */

type Dict = Record<string, Xml | Xml[]>;

const vs = '127.0.0.1';
let appliance: Appliance;
let client: LoadMasterClient;
before(async () => {
  appliance = await Appliance.start();
  client = new LoadMasterClient(appliance);
});
after(() => appliance.stop());
/** One client finds nothing of another's, even when a test ended early. */
afterEach(async () => {
  for (const { id, parent } of await appliance.call('listVirtualServices'))
    if (parent === 0) await appliance.call('deleteVirtualService', { at: { id } });
});

const basic = () => `Basic ${Buffer.from(`bal:${password}`).toString('base64')}`;

/** What every reader of an envelope relies on: the type, the declaration, `stat` as the HTTP status. */
function envelope(answer: Answer): Dict {
  assert.equal(answer.type, 'text/xml');
  const { Response } = xmlToDict(answer.text);
  assert.equal(Response['@stat'], String(answer.status));
  assert.equal(Response['@code'], answer.status < 400 ? 'ok' : 'fail');
  return Response as Dict;
}
const dataOf = (response: Dict) => {
  assert.ok(response.Success, `refused: ${response.Error}`);
  const { Data } = response.Success as Dict;
  return (Data ?? {}) as Dict;
};
const text = (value: Xml | Xml[] | undefined): string => {
  assert.equal(typeof value, 'string', `a text: ${JSON.stringify(value)}`);
  return value as string;
};
const whole = (value: Xml | Xml[] | undefined): number => {
  assert.match(text(value), /^-?\d+$/, 'a number');
  return Number(value);
};

test('python-kemptech-api: lower-case names, one or many, int() over texts, modvs with the whole object', async () => {
  const get = async (cmd: string, parameters: Record<string, string | number> = {}) => {
    const answer = await client.send(`/access/${cmd}?${new URLSearchParams(parameters as never)}`, undefined, {
      authorization: basic(),
    });
    const response = envelope(answer);
    // Its errors: 401 by itself, other 4xx by the text of `Error`.
    if (answer.status >= 400) throw new Error(text(response.Error));
    return dataOf(response);
  };
  const services = async () => listed((await get('listvs')).VS).filter(each => text((each as Dict).MasterVSID) === '0');
  assert.deepEqual(await services(), []);
  const where = { vs, port: String(await freePort()), prot: 'tcp' };
  await get('addvs', where);
  const shown = await get('showvs', where);
  const index = text(shown.Index);
  assert.deepEqual(await services().then(all => all.map(each => (each as Dict).Index)), [index]);

  // Reads them with int(), then sends everything back that it knows.
  for (const name of ['CheckPort', 'PersistTimeout', 'RsMinimum']) whole(shown[name]);
  const changed = {
    ...{ vs: index, nickname: 'python', enable: 'Y', forcel7: 'Y', vstype: 'http', schedule: 'lc', transparent: 'N' },
    ...{ useforsnat: 'N', persist: 'src', persisttimeout: '600', qos: '0', idletime: '660', subnetoriginating: 'Y' },
    ...{
      errorcode: '0',
      verify: '0',
      compress: 'N',
      cache: 'N',
      sslacceleration: 'N',
      sslrewrite: '0',
      sslreverse: 'N',
    },
    ...{ sslreencrypt: 'N', starttlsmode: '0', clientcert: '0', ocspverify: 'N', needhostname: 'N', checktype: 'tcp' },
    ...{ checkport: '0', 'checkuse1.1': 'N', checkuseget: '0', rsminimum: '0', multiconnect: 'N', espenabled: 'N' },
    ...{ alertthreshold: '0', intercept: 'N', serverinit: '0', addvia: '0', rsruleprecedence: '', cachepercent: '' },
  };
  await get('modvs', changed);
  const after = await get('showvs', { vs: index });
  assert.deepEqual(
    [after.NickName, after.Schedule, after.Persist, after.PersistTimeout, after.VStype, after.Enable],
    ['python', 'lc', 'src', '600', 'http', 'Y'],
  );
  assert.deepEqual(await get('showvs', where), after, 'by its place as by its number');

  const servers = async () => listed((await get('showvs', { vs: index })).Rs) as Dict[];
  assert.deepEqual(await servers(), []);
  await get('addrs', {
    vs: index,
    rs: '127.0.0.9',
    rsport: '8080',
    weight: '500',
    enable: 'Y',
    limit: '0',
    forward: 'nat',
  });
  assert.equal((await servers()).length, 1);
  await get('addrs', { vs: index, rs: '127.0.0.9', rsport: '8081' });
  const [first, second] = await servers();
  assert.deepEqual([first?.Port, first?.Weight, second?.Port], ['8080', '500', '8081']);
  const server = (await get('showrs', { vs: index, rs: `!${text(first?.RsIndex)}` })).Rs as Dict;
  assert.deepEqual({ ...server, Status: '' }, { ...first, Status: '' });
  await get('modrs', { vs: index, rs: `!${text(first?.RsIndex)}`, weight: '7' });
  assert.equal(((await get('showrs', { vs: index, rs: '127.0.0.9', rsport: '8080' })).Rs as Dict).Weight, '7');
  for (const each of [first, second]) await get('delrs', { vs: index, rs: `!${text(each?.RsIndex)}` });
  await assert.rejects(get('delrs', { vs: index, rs: `!${text(first?.RsIndex)}` }), /^Error: Unknown RS$/);

  await get('modvs', { vs: index, createsubvs: '' });
  const [slot] = listed((await get('showvs', { vs: index })).SubVS) as Dict[];
  for (const name of ['Status', 'VSIndex', 'RsIndex', 'Name', 'Forward', 'Weight', 'Limit', 'Enable', 'Critical'])
    assert.notEqual(slot?.[name], undefined, name);
  assert.equal((await services()).length, 1, 'a SubVS is none of the services');
  assert.equal(listed((await get('listvs')).VS).length, 2);
  assert.equal(text((await get('showvs', { vs: text(slot?.VSIndex) })).MasterVSID), index);

  for (const parameter of ['hostname', 'version', 'boottime'])
    assert.notEqual((await get('get', { param: parameter }))[parameter], undefined, `named as asked: ${parameter}`);
  await get('set', { param: 'sessionmaxfailattempts', value: '5' }).catch(error =>
    assert.match(String(error), /Unknown/),
  );
  assert.ok((await get('getall')).hostname);
  await get('addrule', { name: 'python_rule', pattern: '^/p', type: '0', matchtype: 'regex' });
  const rule = (await get('showrule', { name: 'python_rule' })).MatchContentRule as Dict;
  assert.deepEqual([rule.Name, rule.Pattern], ['python_rule', '^/p']);
  await get('delrule', { name: 'python_rule' });
  await get('showhealth');
  await get('modhealth', { retryinterval: '9', timeout: '4', retrycount: '2' });
  assert.deepEqual(whole((await get('showhealth')).RetryInterval), 9);
  await get('delvs', where);
  await assert.rejects(get('delvs', where), /^Error: Unknown VS$/);
  assert.deepEqual(await services(), []);
});

test('python-kemptech-api: files as bodies, a copy, templates, access lists by version', async () => {
  const send = (cmd: string, body: string | Buffer) =>
    client.send(`/access/${cmd}`, body, {
      authorization: basic(),
      'content-type': 'application/x-www-form-urlencoded',
    });
  const get = async (cmd: string, parameters: Record<string, string> = {}) =>
    dataOf(envelope(await client.v1(cmd, parameters)));
  assert.deepEqual(listed((await get('listcert')).cert), []);
  const { chain, key } = await makePem('python.example');
  for (const name of ['one', 'two']) envelope(await send(`addcert?cert=${name}&replace=0`, chain + key));
  assert.deepEqual(
    listed((await get('listcert')).cert).map(each => (each as Dict).name),
    ['one', 'two'],
  );
  for (const name of ['one', 'two']) envelope(await client.v1('delcert', { cert: name }));
  assert.equal(envelope(await client.v1('delcert', { cert: 'one' }))['@stat'], '422');

  const copy = await client.v1('backup');
  assert.equal(copy.type, 'application/octet-stream');
  await client.v1('addrule', { name: 'later', pattern: 'x' });
  assert.equal(envelope(await send('restore?type=3', copy.body))['@stat'], '200');
  assert.equal((await get('showrule')).MatchContentRule, undefined);

  assert.match(text((await get('get', { param: 'version' })).version), /^\d+\.\d+\.\d+/);
  for (const [list, element] of [
    ['block', 'Blocklist'],
    ['black', 'Blacklist'],
  ] as const) {
    envelope(await client.v1('aclcontrol', { add: list, addr: '192.0.2.9', comment: 'x' }));
    const entries = (await get('aclcontrol', { list }))[element];
    assert.notEqual(entries, undefined, `${list} under ${element}`);
    envelope(await client.v1('aclcontrol', { del: list, addr: '192.0.2.9' }));
  }
});

test('PowerShell SDK: a challenge first, forms as text/xml, uploads sent twice, deleting by the address', async () => {
  const ask = async (cmd: string, form: Record<string, string>) => {
    const body = new URLSearchParams(form).toString();
    const type = { 'content-type': 'text/xml' };
    const challenge = await client.send(`/access/${cmd}`, body, type);
    assert.equal(challenge.status, 401);
    assert.match(challenge.challenge ?? '', /^Basic realm=/);
    return envelope(await client.send(`/access/${cmd}`, body, { ...type, authorization: basic() }));
  };
  const port = String(await freePort());
  const made = dataOf(await ask('addvs', { vs, port, prot: 'tcp', vstype: 'http', enable: '1', sslacceleration: '0' }));
  assert.deepEqual([made.VSPort, made.Enable, made.SSLAcceleration], [port, 'Y', 'N']);
  const index = text(made.Index);
  const added = dataOf(await ask('addrs', { vs: index, rs: '127.0.0.9', rsport: '80' })).Rs as Dict;
  const rs = `!${text(added.RsIndex)}`;
  const { Success } = await ask('modrs', { vs: index, rs, weight: '9' });
  assert.equal(text(Success as Xml), 'Command completed ok');
  assert.equal((dataOf(await ask('showrs', { vs: index, rs })).Rs as Dict).Weight, '9');

  // Removal by number: showvs first, and by the address when there is one. A SubVS must have none.
  await ask('modvs', { vs: index, createsubvs: '1' }).then(refused =>
    assert.equal(refused['@stat'], '422', 'it has a server'),
  );
  await ask('delrs', { vs: index, rs });
  const parent = dataOf(await ask('modvs', { vs: index, createsubvs: '1' }));
  const sub = text((listed(parent.SubVS)[0] as Dict).VSIndex);
  const child = dataOf(await ask('showvs', { vs: sub }));
  assert.ok(child.VSAddress === undefined || child.VSAddress === null);
  await ask('delvs', { vs: sub });
  assert.equal(dataOf(await ask('showvs', { vs: index })).SubVS, undefined);
  const shown = dataOf(await ask('showvs', { vs: index }));
  await ask('delvs', { vs: text(shown.VSAddress), port: text(shown.VSPort), prot: text(shown.Protocol) });
  assert.equal((await ask('delvs', { vs: index })).Error, 'Unknown VS');

  const { chain, key } = await makePem('powershell.example');
  const upload = (authorization?: string) =>
    client.send('/access/addcert?cert=posh&replace=0', chain + key, {
      'content-type': 'application/x-www-form-urlencoded',
      ...(authorization && { authorization }),
    });
  assert.equal((await upload()).status, 401, 'read to its end, then asked for who it is');
  assert.equal((await upload(basic())).status, 200);
  const read = await client.v1('readcert', { cert: 'posh' });
  assert.equal(read.status, 200);
  await client.v1('delcert', { cert: 'posh' });

  await ask('addrule', { name: 'posh_rule', pattern: '^/x', type: '0' });
  assert.ok(dataOf(await ask('showrule', {})).MatchContentRule, 'the groups stand directly under Data');
  await ask('delrule', { name: 'posh_rule' });
  const health = dataOf(await ask('showhealth', {}));
  for (const name of ['RetryInterval', 'Timeout', 'RetryCount']) whole(health[name]);
  const { version, commands } = dataOf(await ask('listapi', {}));
  assert.match(text(version), /^\d/);
  assert.ok(listed((commands as Dict).cmd).includes('addvs'));
  assert.equal(dataOf(envelope(await client.v1('aclcontrol/isenabled'))).aclstatus, 'yes');
});

test('Prometheus exporter: every integer of stats strict, every child of listvs a service', async () => {
  const access = async (cmd: string) =>
    dataOf(envelope(await client.send(`/access/${cmd}`, undefined, { authorization: basic() })));
  const count = async (n: number) => {
    const data = await access('stats');
    const totals = data.VStotals as Dict;
    for (const value of Object.values(totals)) whole(value);
    const blocks = listed(data.Vs) as Dict[];
    assert.equal(blocks.length, n);
    for (const block of blocks)
      for (const name of [
        'Index',
        'VSPort',
        'TotalConns',
        'TotalPkts',
        'TotalBytes',
        'ActiveConns',
        'BytesRead',
        'BytesWritten',
        'ConnsPerSec',
      ])
        whole(block[name]);
    for (const block of listed(data.Rs) as Dict[])
      for (const name of [
        'VSIndex',
        'RSIndex',
        'Port',
        'Conns',
        'Pkts',
        'Bytes',
        'ActivConns',
        'BytesRead',
        'BytesWritten',
        'ConnsPerSec',
      ])
        whole(block[name]);
    const listing = await access('listvs');
    for (const name of Object.keys(listing)) assert.equal(name, 'VS', 'nothing but services');
    assert.equal(listed(listing.VS).length, n);
    for (const each of listed(listing.VS) as Dict[])
      assert.match(text(each.Status), /^(Up|Down|Disabled|Unchecked|Redirect)$/);
  };
  await count(0);
  const made: string[] = [];
  for (let n = 1; n <= 2; n++) {
    const data = dataOf(
      envelope(await client.v1('addvs', { vs, port: await freePort(), prot: 'tcp', vstype: 'http' })),
    );
    made.push(text(data.Index));
    await client.v1('addrs', { vs: text(data.Index), rs: '127.0.0.9', rsport: 80 });
    await count(n);
  }
  for (const index of made) await client.v1('delvs', { vs: index });
  await count(0);
});

test('mathlu, Go client: version 1 with its key in the query, even an empty one, and a slash too many', async () => {
  const get = async (cmd: string, parameters: Record<string, string>) => {
    const query = new URLSearchParams({ ...parameters, apikey: '' });
    const answer = await client.send(`//access/${cmd}?${query}`, undefined, { authorization: basic() });
    const response = envelope(answer);
    // It makes booleans of `>Y<` and `>N<` before it parses: one letter each, no attributes.
    for (const name of ['Enable', 'ForceL4', 'ForceL7'])
      for (const [, value] of answer.text.matchAll(new RegExp(`<${name}>([^<]*)<`, 'g')))
        assert.match(value ?? '', /^[YN]$/);
    return response;
  };
  const made = dataOf(await get('addvs', { vs, port: '80', prot: 'tcp', VStype: 'gen', ForceL7: '1' }));
  assert.deepEqual([made.VStype, made.Layer, made.ForceL7], ['gen', '7', 'Y']);
  const index = text(made.Index);
  const next = String(await freePort());
  const moved = dataOf(await get('modvs', { vs: index, vsaddress: '127.0.0.3', port: '80', vsport: next }));
  assert.deepEqual([moved.Index, moved.VSAddress, moved.VSPort, moved.VStype], [index, '127.0.0.3', next, 'gen']);
  const rs = dataOf(await get('addrs', { vs: index, rs: '127.0.0.9', rsport: '8080', non_local: '1' })).Rs as Dict;
  for (const name of ['RsIndex', 'VSIndex', 'Port']) whole(rs[name]);
  assert.equal(
    (await get('modrs', { vs: index, rs: `!${text(rs.RsIndex)}`, newport: '8081', non_local: '1' }))['@code'],
    'ok',
  );
  assert.equal((await get('delrs', { vs: index, rs: `!${text(rs.RsIndex)}` })).Success, 'Command completed ok');
  assert.equal((await get('delvs', { vs: index })).Success, 'Command completed ok');
  assert.equal((await get('delvs', { vs: index })).Error, 'Unknown VS');
});

test('check_kemp and scripts for many services', async () => {
  const made: string[] = [];
  for (let n = 0; n < 2; n++) {
    const answer = await client.v1('addvs', {
      ...{ vs, port: await freePort(), prot: 'tcp', nickname: `bulk ${n}`, vstype: 'http' },
      ...{ SSLAcceleration: 1, EspEnabled: 1 },
    });
    made.push(text(dataOf(envelope(answer)).Index));
  }
  const listing = (await client.v1('listvs')).text;
  const names = [...listing.matchAll(/<NickName>([^<]*)<\/NickName>/g)].map(([, name]) => name);
  assert.deepEqual(names, ['bulk 0', 'bulk 1']);
  const parent = dataOf(envelope(await client.v1('modvs', { vs: made[0] as string, createsubvs: '' })));
  assert.equal(listed(parent.SubVS).length, 1);
  for (const index of made) await client.v1('delvs', { vs: index });
});
