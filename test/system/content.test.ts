import assert from 'node:assert/strict';
import test from 'node:test';
import type { ContentRule } from '../../server/schema/content-rule.ts';
import type { NewRealServer, NewVirtualService } from '../../server/schema/endpoints.ts';
import { applied } from '../support/appliance.ts';
import { ask, shares } from '../support/http-client.ts';
import { freePort } from '../support/ports.ts';
import { Setting } from '../support/setting.ts';
import { until } from '../support/wait.ts';

/** Content switching with real traffic: who gets what by which rule, and that the rule tester says the same. */

const setting = Setting.forThisFile();
const address = '127.0.0.1';
let names = 0;

/** Numbers of new rules. */
async function rules(...wanted: Partial<ContentRule>[]): Promise<number[]> {
  const made: number[] = [];
  for (const rule of wanted)
    made.push(
      applied(await setting.appliance.call('createContentRule', { body: { name: `rule-${++names}`, ...rule } })).id,
    );
  return made;
}

async function service(properties: Partial<NewVirtualService>, each: Partial<NewRealServer>[]) {
  const port = await freePort();
  const made = await setting.appliance.addService({
    address,
    port,
    contentSwitching: true,
    checkType: 'none',
    ...properties,
    realServers: setting.servers(...each).slice(0, each.length),
  });
  return {
    id: made.service.id,
    servers: made.servers.map(server => server.id),
    place: { port },
    remove: async () => settled(await setting.appliance.call('deleteVirtualService', { at: { id: made.service.id } })),
  };
}

/** A reload soon after another waits until the persistence tables can be handed over, which may be long. */
const settled = ({ revision }: { revision: number }) =>
  until(
    'the change to be in effect',
    async () => {
      const { apply } = await setting.appliance.call('getStatus');
      return apply.state === 'live' && apply.applied >= revision;
    },
    { limit: 20_000 },
  );

const bodyOf = async (place: { port: number }, options: Parameters<typeof ask>[1]) => {
  const { status, body } = await ask(place, options);
  return status === 200 ? body : String(status);
};

interface Case {
  rule: Partial<ContentRule>;
  hit: Parameters<typeof ask>[1];
  miss: Parameters<typeof ask>[1];
}

const sources: Record<string, Case> = {
  'URL, regular expression': {
    rule: { pattern: '^/owa(/.*)?$', ignoreCase: true },
    hit: { path: '/OWA/x?q' },
    miss: { path: '/a/owa' },
  },
  'URL, beginning': {
    rule: { pattern: '/b.g', matchType: 'prefix' },
    hit: { path: '/b.g/1' },
    miss: { path: '/bag/1' },
  },
  'URL, end': {
    rule: { pattern: '.gif', matchType: 'postfix' },
    hit: { path: '/1.gif?x' },
    miss: { path: '/1.gif/x' },
  },
  'URL with query': {
    rule: { pattern: '^/q\\?x=1$', includeQuery: true },
    hit: { path: '/q?x=1' },
    miss: { path: '/q?x=12' },
  },
  'URL with host': {
    rule: { pattern: '^www\\.one\\.example/h', includeHost: true },
    hit: { path: '/h', headers: { host: 'www.one.example:80' } },
    miss: { path: '/h', headers: { host: 'www.two.example' } },
  },
  host: {
    rule: { source: 'host', pattern: '.shop.example', matchType: 'postfix' },
    hit: { headers: { host: 'A.Shop.Example:8080' } },
    miss: { headers: { host: 'shop.example.org' } },
  },
  header: {
    rule: { source: 'header', header: 'X-Client', pattern: 'it\'s "7", } #%[src]', matchType: 'prefix' },
    hit: { headers: { 'x-client': 'it\'s "7", } #%[src] and more' } },
    miss: { headers: { 'x-client': 'its' } },
  },
  method: { rule: { source: 'method', pattern: '^(PUT|PATCH)$' }, hit: { method: 'PUT' }, miss: { method: 'POST' } },
  'client network': {
    rule: { source: 'source-ip', pattern: '127.9.0.0/16 192.0.2.1' },
    hit: { from: '127.9.3.4' },
    miss: { from: '127.8.3.4' },
  },
  'client as text': {
    rule: { source: 'source-ip', pattern: '^127\\.7\\.' },
    hit: { from: '127.7.0.1' },
    miss: { from: '127.8.0.1' },
  },
  'query parameter': {
    rule: { source: 'query', header: 'tag', pattern: '^a b$' },
    hit: { path: '/?x=1&tag=a%20b' },
    miss: { path: '/?xtag=a%20b' },
  },
  body: {
    rule: { source: 'body', pattern: 'needle\\d' },
    hit: { method: 'POST', body: 'hay needle7 hay' },
    miss: { method: 'POST', body: 'hay needle hay' },
  },
};

test('each source: what matches goes to the server that carries the rule, all else to the default, and the tester agrees', async () => {
  const ids = await rules(...Object.values(sources).map(each => each.rule));
  const it = await service({}, [{ rules: ids }, { defaultRule: true }]);
  const wrong: string[] = [];
  for (const [at, [name, { hit, miss }]] of Object.entries(sources).entries())
    for (const [what, options] of Object.entries({ hit, miss })) {
      const got = await bodyOf(it.place, options);
      const want = what === 'hit' ? 'a' : 'b';
      if (got !== want) wrong.push(`${name}: ${what} went to ${got}`);
      const said = await setting.appliance.call('testRules', {
        at: { id: it.id },
        body: {
          method: options?.method ?? 'GET',
          url: options?.path ?? '/',
          headers: Object.entries({ host: `${address}:${it.place.port}`, ...options?.headers }).map(
            ([header, value]) => ({
              name: header,
              value,
            }),
          ),
          client: options?.from ?? '127.0.0.1',
          ...(options?.body && { body: options.body }),
        },
      });
      if (said.decidedBy !== (what === 'hit' ? ids[at] : 0))
        wrong.push(`${name}: ${what}: the tester says ${said.words}`);
      if (said.servers.join() !== String(it.servers[what === 'hit' ? 0 : 1])) wrong.push(`${name}: tester's servers`);
    }
  assert.deepEqual(wrong, []);
  await it.remove();
});

test('precedence decides between rules that both match; negation turns a rule round', async () => {
  const [wide = 0, narrow = 0, not = 0] = await rules(
    { pattern: '^/x' },
    { pattern: '^/x/y' },
    { pattern: '^/(x|y)', negate: true },
  );
  const it = await service({}, [{ rules: [wide] }, { rules: [narrow] }, { rules: [not] }]);
  assert.equal(await bodyOf(it.place, { path: '/x/y' }), 'a');
  assert.equal(await bodyOf(it.place, { path: '/z' }), 'c');
  await setting.appliance.changeService(it.id, { rulePrecedence: [narrow] });
  assert.equal(await bodyOf(it.place, { path: '/x/y' }), 'b');
  assert.equal(await bodyOf(it.place, { path: '/x' }), 'a');
  await it.remove();
});

test('no match and no default: 404; Fail On Match: 403; no server sees either', async () => {
  const [good = 0, bad = 0] = await rules({ pattern: '^/good' }, { pattern: '^/good/bad', failOnMatch: true });
  const it = await service({ rulePrecedence: [bad] }, [{ rules: [good] }, { rules: [bad] }]);
  const seen = setting.a.seen.length + setting.b.seen.length;
  assert.equal(await bodyOf(it.place, { path: '/other' }), '404');
  assert.equal(await bodyOf(it.place, { path: '/good/bad' }), '403');
  assert.equal(setting.a.seen.length + setting.b.seen.length, seen);
  assert.equal(await bodyOf(it.place, { path: '/good' }), 'a');
  await it.remove();
});

test('flags chain rules: selection rules set them, others ask for them, and one refuses by them', async () => {
  const [inside = 0, remove = 0, admin = 0, open = 0] = await rules(
    { source: 'source-ip', pattern: '127.1.0.0/16', setFlag: 3 },
    { source: 'method', pattern: '^DELETE$', onlyIfNoFlag: 3, failOnMatch: true },
    { pattern: '^/admin', onlyIfFlag: 3 },
    { pattern: '^/' },
  );
  const it = await service({ preRules: [inside, remove] }, [{ rules: [admin] }, { rules: [open] }]);
  assert.equal(await bodyOf(it.place, { path: '/admin', from: '127.1.0.1' }), 'a');
  assert.equal(await bodyOf(it.place, { path: '/admin' }), 'b');
  assert.equal(await bodyOf(it.place, { path: '/', method: 'DELETE', from: '127.1.0.1' }), 'b');
  assert.equal(await bodyOf(it.place, { path: '/', method: 'DELETE' }), '403');
  await it.remove();
});

test('servers that carry a rule share its requests by the scheduling, and by weight', async () => {
  const [part = 0] = await rules({ pattern: '^/part' });
  const it = await service({ scheduling: 'weighted-round-robin' }, [
    { rules: [part], weight: 300 },
    { rules: [part], weight: 100 },
    { defaultRule: true },
  ]);
  assert.deepEqual(await shares(it.place, 16, { path: '/part' }), { a: 12, b: 4 });
  assert.deepEqual(await shares(it.place, 4, { path: '/' }), { c: 4 });
  await it.remove();
});

test('persistence by cookie: the same server under every rule its set carries, and another rule in between does not lose it', async () => {
  const [one = 0, two = 0] = await rules({ pattern: '^/one' }, { pattern: '^/two' });
  const it = await service({ persistence: 'active-cookie' }, [
    { rules: [one, two] },
    { rules: [one, two] },
    { defaultRule: true },
  ]);
  const jar = new Map<string, string>();
  const go = async (path: string) => {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const { body, cookies } = await ask(it.place, { path, headers: cookie ? { cookie } : {} });
    for (const each of cookies) {
      const [name = '', value = ''] = (each.split(';')[0] ?? '').split('=');
      jar.set(name, value);
    }
    return body;
  };
  const first = await go('/one');
  const order = [];
  for (let i = 0; i < 6; i++) order.push(await go('/two'), await go('/'), await go('/one'));
  assert.deepEqual(order, Array.from({ length: 6 }, () => [first, 'c', first]).flat());
  await it.remove();
});

test('persistence by client address holds under each rule, and through a reload', async () => {
  const [one = 0] = await rules({ pattern: '^/one' });
  const it = await service({ persistence: 'source-ip' }, [
    { rules: [one] },
    { rules: [one], defaultRule: true },
    { defaultRule: true },
  ]);
  const here = await bodyOf(it.place, { path: '/one' });
  const there = await bodyOf(it.place, { path: '/' });
  for (let i = 0; i < 4; i++) {
    assert.equal(await bodyOf(it.place, { path: '/one' }), here);
    assert.equal(await bodyOf(it.place, { path: '/' }), there);
  }
  const said = await setting.appliance.call('testRules', {
    at: { id: it.id },
    body: { method: 'GET', url: '/one', headers: [], client: '127.0.0.1' },
  });
  assert.deepEqual(said.servers, it.servers.slice(0, 2));
  assert.equal(said.persistence.server, it.servers[here === 'a' ? 0 : 1], 'the tester knows the entry');
  await settled(await setting.appliance.call('patchVirtualService', { at: { id: it.id }, body: { idleTimeout: 700 } }));
  assert.equal(await bodyOf(it.place, { path: '/one' }), here);
  assert.equal(await bodyOf(it.place, { path: '/' }), there);
  await it.remove();
});

test('health, states and limits of a server count under every rule', async () => {
  const [one = 0] = await rules({ pattern: '^/(one|hold)' });
  const it = await service({ checkType: 'tcp', checkInterval: 2, checkTimeout: 1, checkRetries: 1 }, [
    { rules: [one], connectionLimit: 1 },
    { rules: [one] },
    { defaultRule: true },
  ]);
  const [a = 0, b = 0] = it.servers;
  await setting.appliance.setServers([b], 'disabled');
  assert.deepEqual(await shares(it.place, 4, { path: '/one' }), { a: 4 });
  // One request fills a; the next waits until that is answered.
  const first = ask(it.place, { path: '/hold' });
  await until('the first to be held', () => setting.a.held === 1);
  const seen = setting.a.seen.length;
  const second = ask(it.place, { path: '/one' });
  assert.deepEqual(await shares(it.place, 10), { c: 10 });
  assert.equal(setting.a.seen.length, seen, 'the second waits');
  setting.a.release();
  assert.deepEqual([(await first).body, (await second).body], ['a', 'a']);
  await setting.appliance.setServers([b], 'enabled');
  await setting.a.stop();
  try {
    await until('a to be down', async () => (await setting.appliance.serverStatus(a))?.state === 'down', {
      limit: 15_000,
    });
    assert.deepEqual(await shares(it.place, 4, { path: '/one' }), { b: 4 });
    await setting.appliance.setServers([b], 'disabled');
    assert.equal(await bodyOf(it.place, { path: '/one' }), '503', 'the default is not for what a rule chose');
    assert.equal(await bodyOf(it.place, { path: '/' }), 'c');
  } finally {
    await setting.a.start();
  }
  await it.remove();
});

test('requests that go through a rule are counted for their server and service', async () => {
  const [one = 0] = await rules({ pattern: '^/one' });
  const it = await service({}, [{ rules: [one] }, { defaultRule: true }]);
  await shares(it.place, 7, { path: '/one' });
  await until('seven requests in the status', async () => {
    const server = await setting.appliance.serverStatus(it.servers[0] ?? 0);
    const all = await setting.appliance.serviceStatus(it.id);
    return server?.totalRequests === 7 && all?.totalRequests === 7;
  });
  await it.remove();
});
