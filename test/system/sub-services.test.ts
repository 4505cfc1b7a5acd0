import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import test, { after, before } from 'node:test';
import type { ContentRule } from '../../server/schema/content-rule.ts';
import type { NewSubService, NewVirtualService } from '../../server/schema/endpoints.ts';
import { applied, Refused } from '../support/appliance.ts';
import { ask, shares } from '../support/http-client.ts';
import { freePort } from '../support/ports.ts';
import { Setting } from '../support/setting.ts';
import { until } from '../support/wait.ts';

/** SubVSs, and header and URL rules, with real traffic. */

const setting = Setting.forThisFile();
const address = '127.0.0.1';
let names = 0;

async function rules(...wanted: Partial<ContentRule>[]): Promise<number[]> {
  const made: number[] = [];
  for (const rule of wanted)
    made.push(
      applied(await setting.appliance.call('createContentRule', { body: { name: `rule-${++names}`, ...rule } })).id,
    );
  return made;
}

/** A parent with a SubVS for each of these, with the servers a, b and c. */
async function family(properties: Partial<NewVirtualService>, ...subs: NewSubService[]) {
  const port = await freePort();
  const { service } = await setting.appliance.addService({ address, port, checkType: 'none', ...properties });
  const ids: number[] = [];
  for (const [at, sub] of subs.entries())
    ids.push(
      applied(
        await setting.appliance.call('createSubService', {
          at: { id: service.id },
          body: { checkType: 'none', realServers: setting.servers().slice(at, at + 1), ...sub },
        }),
      ).id,
    );
  return { id: service.id, subs: ids, place: { port }, remove: () => setting.appliance.deleteService(service.id) };
}

test('without content switching requests are spread among the SubVSs, by weight where the method is weighted', async () => {
  const it = await family({}, { name: 'one' }, { name: 'two' });
  const even = await shares(it.place, 60);
  assert.ok((even.a ?? 0) > 12 && (even.b ?? 0) > 12, JSON.stringify(even));
  await setting.appliance.changeService(it.id, { scheduling: 'weighted-round-robin' });
  await setting.appliance.changeService(it.subs[0] ?? 0, { subWeight: 9000 });
  const uneven = await shares(it.place, 60);
  assert.ok((uneven.a ?? 0) > 42, JSON.stringify(uneven));
  await it.remove();
});

test('the same client keeps its SubVS: by its address, and by cookies from any address', async () => {
  const it = await family({ scheduling: 'source-ip-hash' }, {}, {}, {});
  const by = new Set<string>();
  for (let host = 1; host < 12; host++) {
    const counts = await shares(it.place, 3, { from: `127.0.0.${host}` });
    assert.equal(Object.keys(counts).length, 1, JSON.stringify(counts));
    by.add(Object.keys(counts)[0] ?? '');
  }
  assert.ok(by.size > 1, 'not all clients went to the same');
  await it.remove();

  const sticky = await family({ persistence: 'active-cookie' }, ...Array(3).fill({ persistence: 'active-cookie' }));
  const first = await ask(sticky.place);
  const cookie = first.cookies.map(each => each.split(';')[0]).join('; ');
  assert.match(cookie, /^BALLAST\d+=s\d+/);
  assert.deepEqual(await shares(sticky.place, 12, { headers: { cookie } }), { [first.body]: 12 });
  await sticky.remove();
});

test('rules choose the SubVS; one without a usable server answers for itself, and is skipped where others may', async () => {
  const [one = 0, two = 0] = await rules({ pattern: '^/one' }, { pattern: '^/two' });
  const it = await family(
    { contentSwitching: true },
    { rules: [one], unavailableCode: 500 },
    { rules: [two], defaultRule: true },
    { rules: [two] },
  );
  assert.deepEqual(await shares(it.place, 4, { path: '/one' }), { a: 4 });
  assert.deepEqual(await shares(it.place, 4, { path: '/' }), { b: 4 });
  const both = await shares(it.place, 30, { path: '/two' });
  assert.deepEqual(Object.keys(both).sort(), ['b', 'c']);
  const servers = await setting.appliance.call('listRealServers');
  const of = (sub: number) => servers.filter(rs => rs.virtualService === it.subs[sub]).map(rs => rs.id);
  await setting.appliance.setServers([...of(0), ...of(2)], 'disabled');
  assert.deepEqual(await shares(it.place, 2, { path: '/one' }), { 500: 2 });
  assert.deepEqual(await shares(it.place, 6, { path: '/two' }), { b: 6 });
  const said = await setting.appliance.call('testRules', {
    at: { id: it.id },
    body: { method: 'GET', url: '/two', headers: [], client: '127.0.0.1' },
  });
  assert.deepEqual([said.decidedBy, said.subs], [two, [it.subs[1], it.subs[2]]]);
  await it.remove();
});

test('a SubVS takes no more than its limits; the others take the rest', async () => {
  const it = await family({}, { subLimit: 1 }, {});
  const held: Promise<unknown>[] = [];
  while (setting.a.held < 1) {
    const before = setting.a.held + setting.b.held;
    held.push(ask(it.place, { path: '/hold' }));
    await until('one more to be held', () => setting.a.held + setting.b.held === before + 1);
  }
  assert.deepEqual(await shares(it.place, 12), { b: 12 });
  setting.a.release();
  setting.b.release();
  await Promise.all(held);
  await it.remove();
});

test('states: a SubVS is as well as its servers, the parent as its SubVSs; requests are counted for both', async () => {
  const checked = { checkType: 'tcp', checkInterval: 1, checkTimeout: 1, checkRetries: 1 } as const;
  const it = await family({}, { name: 'one', ...checked }, { name: 'two', ...checked });
  const state = async (id: number) => (await setting.appliance.serviceStatus(id))?.state;
  await until('all to be up', async () => (await state(it.id)) === 'up', { limit: 15_000 });
  const [one = 0, two = 0] = it.subs;
  await setting.a.stop();
  try {
    await until('one to be down', async () => (await state(one)) === 'down', { limit: 15_000 });
    assert.equal(await state(two), 'up');
    const parent = await setting.appliance.serviceStatus(it.id);
    assert.deepEqual([parent?.state, parent?.serversUp, parent?.serversTotal], ['degraded', 1, 2]);
    assert.match(parent?.reason ?? '', /SubVS “one”/);
    assert.deepEqual(await shares(it.place, 8), { b: 8 });
  } finally {
    await setting.a.start();
  }
  await until('eight requests in the status', async () => {
    const status = await setting.appliance.serviceStatus(two);
    return status?.totalRequests === 8 && (await setting.appliance.serviceStatus(it.id))?.totalRequests === 8;
  });
  await setting.appliance.changeService(it.id, { enabled: false });
  await until(
    'all to be disabled',
    async () => (await state(it.id)) === 'disabled' && (await state(two)) === 'disabled',
  );
  await it.remove();
});

test('copies and deletions take the SubVSs along, and a new port of the parent is theirs', async () => {
  const it = await family({}, { name: 'one' }, { name: 'two' });
  const port = await freePort();
  const copy = applied(
    await setting.appliance.call('duplicateVirtualService', { at: { id: it.id }, body: { address, port } }),
  );
  const counts = await shares({ port }, 40);
  assert.deepEqual(Object.keys(counts).sort(), ['a', 'b']);
  const moved = await freePort();
  await setting.appliance.changeService(copy.id, { port: moved });
  const all = await setting.appliance.call('listVirtualServices');
  assert.deepEqual(
    all.filter(vs => vs.parent === copy.id).map(vs => [vs.name, vs.port]),
    [
      ['one', moved],
      ['two', moved],
    ],
  );
  await setting.appliance.deleteService(copy.id);
  await it.remove();
  const left = await setting.appliance.call('listVirtualServices');
  assert.deepEqual(
    left.filter(vs => [it.id, copy.id].includes(vs.parent) || [it.id, copy.id].includes(vs.id)),
    [],
  );
});

test('a SubVS of a SubVS, and servers beside SubVSs, are refused', async () => {
  const it = await family({}, {});
  const refused = (error: unknown) => error instanceof Refused && error.status === 422;
  await assert.rejects(setting.appliance.call('createSubService', { at: { id: it.subs[0] ?? 0 }, body: {} }), refused);
  await assert.rejects(
    setting.appliance.call('createRealServer', { at: { id: it.id }, body: { address, port: setting.c.port } }),
    refused,
  );
  await it.remove();
});

/** Answers with headers of its own and remembers what it got. */
let origin: Server;
let originPort = 0;
const got: IncomingMessage[] = [];
before(async () => {
  originPort = await freePort();
  origin = createServer((request, response) => {
    got.push(request);
    response.setHeader('location', 'http://inner.example/old/there?x=http://y');
    response.setHeader('x-powered-by', 'somebody');
    response.setHeader('X-Powered-With', 'something');
    response.setHeader('server', 'old');
    response.statusCode = 302;
    response.end('moved');
  });
  await new Promise<void>(done => origin.listen(originPort, address, done));
});
after(() => {
  origin?.close();
  origin?.closeAllConnections();
});

test('header and URL rules both ways', async () => {
  const request = await rules(
    { type: 'add-header', header: 'X-Site', replacement: '100% "north", it\'s %[src]' },
    { type: 'delete-header', header: 'X-Gone' },
    { type: 'delete-header', pattern: '^x-many-' },
    {
      type: 'replace-header',
      header: 'X-Name',
      pattern: '([a-z]+)-([0-9]+)',
      replacement: '\\2:\\1',
      ignoreCase: true,
    },
    { type: 'modify-url', pattern: '^/old/', replacement: '/new/' },
    { type: 'modify-url', pattern: '([?&])a=(\\w+)', replacement: '\\1b=\\2', includeQuery: true },
    { type: 'delete-header', pattern: '^(content-|transfer-|host|conn)', matchType: 'regex' },
    { type: 'add-header', header: 'X-Flagged', replacement: 'yes', onlyIfFlag: 4 },
  );
  const response = await rules(
    { type: 'delete-header', pattern: 'x-powered', matchType: 'prefix' },
    { type: 'modify-url', pattern: 'http://inner.example', matchType: 'prefix', replacement: 'https://outer.example' },
    { type: 'replace-header', header: 'Server', pattern: '.*', replacement: 'ballast' },
  );
  const [flag = 0] = await rules({ source: 'method', pattern: '^POST$', setFlag: 4 });
  const port = await freePort();
  const { service } = await setting.appliance.addService({
    address,
    port,
    checkType: 'none',
    preRules: [flag],
    requestRules: request,
    responseRules: response,
    realServers: [{ address, port: originPort }],
  });
  const options = {
    path: '/old/old/1?z=1&a=2',
    headers: {
      host: 'client.example',
      'x-gone': '1',
      'x-many-1': '1',
      'X-Many-2': '2',
      'x-name': 'pre Web-12 post',
      'content-type': 'text/plain',
      'content-language': 'en',
    },
  };
  const plain = await ask({ port }, options);
  const posted = await ask({ port }, { ...options, method: 'POST', body: 'twelve bytes' });
  assert.deepEqual([plain.status, plain.body], [302, 'moved']);
  assert.equal(plain.headers.location, 'https://outer.example/old/there?x=http://y');
  assert.equal(plain.headers.server, 'ballast');
  assert.deepEqual(
    Object.keys(plain.headers).filter(name => name.startsWith('x-powered')),
    [],
  );
  assert.equal(posted.status, 302);
  const [first, second] = got.slice(-2);
  assert.equal(first?.url, '/new/old/1?z=1&b=2');
  assert.equal(first?.headers['x-site'], '100% "north", it\'s %[src]');
  assert.equal(first?.headers['x-name'], 'pre 12:Web post');
  assert.equal(first?.headers.host, 'client.example', 'an expression that fits Host leaves it');
  const names = Object.keys(second?.headers ?? {});
  assert.deepEqual(
    names.filter(name => /^x-(?:gone|many)|^content-(?:type|language)/.test(name)),
    [],
  );
  assert.equal(second?.headers['content-length'], '12', 'the length of a body is no header to be deleted');
  assert.deepEqual([first?.headers['x-flagged'], second?.headers['x-flagged']], [undefined, 'yes']);
  await setting.appliance.deleteService(service.id);
});

test('request rules act before content switching: the modified URL and host choose', async () => {
  const [url = 0, host = 0, fresh = 0, inner = 0] = await rules(
    { type: 'modify-url', pattern: '^/old/', replacement: '/new/' },
    { type: 'replace-header', header: 'Host', pattern: '^.*$', replacement: 'inner.example' },
    { pattern: '^/new/' },
    { source: 'host', pattern: 'inner.example', matchType: 'prefix' },
  );
  const port = await freePort();
  const { service } = await setting.appliance.addService({
    address,
    port,
    checkType: 'none',
    contentSwitching: true,
    requestRules: [url],
    realServers: setting.servers({ rules: [fresh] }, { defaultRule: true }, { rules: [inner] }),
  });
  assert.equal((await ask({ port }, { path: '/old/x' })).body, 'a');
  assert.equal(setting.a.seen.at(-1)?.url, '/new/x');
  assert.equal((await ask({ port }, { path: '/x' })).body, 'b');
  await setting.appliance.changeService(service.id, { requestRules: [host] });
  assert.equal((await ask({ port }, { path: '/x' })).body, 'c');
  assert.equal(setting.c.seen.at(-1)?.headers.host, 'inner.example');
  await setting.appliance.deleteService(service.id);
});

test('rules that could break framing or hide what they do are refused with the field at fault', async () => {
  const refused: [string, Partial<ContentRule>][] = [
    ['/pattern', { pattern: '' }],
    ['/pattern', { pattern: '(' }],
    ['/pattern', { pattern: 'a)|(b' }],
    ['/pattern', { pattern: '[\\Q](\\E])|(?:x)' }],
    ['/pattern', { pattern: '[](])|(?:x)' }],
    ['/pattern', { pattern: '(a+)+$' }],
    ['/header', { source: 'header', pattern: 'x' }],
    ...['Content-Length', 'transfer-encoding', 'Connection', 'Host', 'upgrade', 'TE'].map(
      (header): [string, Partial<ContentRule>] => ['/header', { type: 'delete-header', header }],
    ),
    ['/header', { type: 'add-header', header: 'host', replacement: 'x' }],
    ['/header', { type: 'replace-header', header: 'content-length', pattern: '.*', replacement: '1' }],
    ['/replacement', { type: 'replace-header', header: 'x', pattern: 'a', replacement: '\\x0d\\x0ax: y' }],
    ['/replacement', { type: 'replace-header', header: 'x', pattern: 'a', replacement: '\\2' }],
    ['/replacement', { type: 'replace-header', header: 'host', pattern: 'a', replacement: 'a b' }],
    ['/replacement', { type: 'modify-url', pattern: 'a', replacement: '/a HTTP/1.1' }],
    ['/name', { name: 'Default', pattern: 'a' }],
  ];
  for (const [field, rule] of refused)
    await assert.rejects(
      rules(rule),
      error => error instanceof Refused && error.fault.at === field,
      `${field} ${JSON.stringify(rule)}`,
    );
});
