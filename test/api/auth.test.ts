import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import Fastify from 'fastify';
import { LockOut } from '../../server/api/lock-out.ts';
import { auth } from '../../server/api/plugins/auth.ts';
import { type Role, roles } from '../../server/schema/account.ts';
import { type Endpoint, endpoints } from '../../server/schema/endpoints.ts';
import { folder } from '../store/support.ts';
import { type Bench, bench, ORIGIN, PASSWORD } from './bench.ts';

const OTHER = 'another good password';

/** Names in the table's paths that no object has. */
const pathOf = ({ path }: Endpoint) => path.replace(':id', '999999').replace(':name', 'nobody-at-all');

/** The answer's status and code, with a body that passes no schema, so that nothing happens. Streams are left at once. */
async function ask(app: Bench['app'], endpoint: Endpoint, headers: Record<string, string>) {
  const reply = await app.inject({
    method: endpoint.method,
    url: endpoint.path === '/api/history' ? '/api/history?of=system' : pathOf(endpoint),
    headers,
    payloadAsStream: true,
    ...(endpoint.body && { payload: { surely: 'unknown' } }),
  });
  const type = String(reply.headers['content-type']);
  if (type.startsWith('text/event-stream')) {
    reply.stream().destroy();
    return { status: reply.statusCode, code: '' };
  }
  let text = '';
  for await (const chunk of reply.stream()) text += chunk;
  return {
    status: reply.statusCode,
    code: (type.includes('json') ? (JSON.parse(text) as { code?: string }) : {}).code ?? '',
  };
}

test('every call lets in exactly those whose role it declares', async t => {
  const { app, user, session, key } = await bench(t);
  for (const role of roles) await user(`a-${role}`, role);
  await user('newcomer', 'administrator', true);
  const principals: { name: string; role?: Role; mustChange?: true; headers: () => Record<string, string> }[] = [
    { name: 'nobody', headers: () => ({}) },
    { name: 'a browser without a session', headers: () => ({ cookie: '__Host-ballast=made-up', origin: ORIGIN }) },
    {
      name: 'an administrator who must set a password',
      mustChange: true,
      role: 'administrator',
      headers: () => session('newcomer'),
    },
    ...roles.flatMap(role => [
      { name: `a session of ${role}`, role, headers: () => session(`a-${role}`) },
      { name: `a key of ${role}`, role, headers: () => key(`a-${role}`, role) },
    ]),
  ];
  const wrong: string[] = [];
  for (const [name, endpoint] of Object.entries(endpoints) as [string, Endpoint][])
    for (const { name: who, role, mustChange, headers } of principals) {
      const { status, code } = await ask(app, endpoint, headers());
      const wanted = expected(endpoint, role, mustChange);
      const got = status === 401 || status === 403 ? code : 'let in';
      if (got !== wanted || status === 500) wrong.push(`${name} by ${who}: ${status} ${code}, not ${wanted}`);
    }
  assert.deepEqual(wrong, []);
});

function expected(endpoint: Endpoint, role: Role | undefined, mustChange: true | undefined): string {
  if (endpoint.role === 'anyone') return 'let in';
  if (!role) return 'NOT_LOGGED_IN';
  if (endpoint.role === 'session') return 'let in';
  if (mustChange) return 'PASSWORD_CHANGE_NEEDED';
  return roles.indexOf(role) >= roles.indexOf(endpoint.role) ? 'let in' : 'NOT_ALLOWED';
}

test('a key reaches no further than itself nor than its user', async t => {
  const { app, user, key } = await bench(t);
  await user('ann', 'operator');
  await user('bob', 'administrator');
  const of = async (headers: Record<string, string>) =>
    (await app.inject({ url: '/api/session', headers })).json().role as string;
  assert.equal(await of(key('ann', 'administrator')), 'operator');
  assert.equal(await of(key('bob', 'read-only')), 'read-only');
});

const login = (app: Bench['app'], name: string, password: string, more: object = {}) =>
  app.inject({
    method: 'POST',
    url: '/api/session',
    payload: { user: name, password },
    headers: { origin: ORIGIN },
    ...more,
  });

const cookieOf = (reply: Awaited<ReturnType<typeof login>>) =>
  String(reply.headers['set-cookie']).split(';')[0] as string;

const who = (app: Bench['app'], cookie: string) => app.inject({ url: '/api/session', headers: { cookie } });

test('a log-in gives a new token each time, in a cookie that scripts and other sites never get', async t => {
  const { app, db } = await bench(t);
  const first = await login(app, 'bal', PASSWORD);
  const second = await login(app, 'bal', PASSWORD, { headers: { origin: ORIGIN, cookie: cookieOf(first) } });
  assert.equal(first.statusCode, 200);
  const [name, ...attributes] = String(first.headers['set-cookie']).split('; ');
  assert.match(name as string, /^__Host-ballast=[\w-]{43}$/);
  assert.deepEqual(attributes.toSorted(), ['HttpOnly', 'Path=/', 'SameSite=Strict', 'Secure']);
  assert.notEqual(cookieOf(first), cookieOf(second));
  assert.equal(first.headers['cache-control'], 'no-store');
  assert.deepEqual(Object.keys(first.json()).toSorted(), [
    'failedSince',
    'hostName',
    'lastLogin',
    'mustChangePassword',
    'role',
    'user',
    'version',
  ]);
  const stored = db.prepare('SELECT hex(token) FROM session').pluck().all() as string[];
  const token = (name as string).slice('__Host-ballast='.length);
  assert.ok(!stored.some(hex => Buffer.from(hex, 'hex').toString().includes(token)), 'only a digest is stored');
});

test('a log-out ends that session and no other', async t => {
  const { app } = await bench(t);
  const one = cookieOf(await login(app, 'bal', PASSWORD));
  const two = cookieOf(await login(app, 'bal', PASSWORD));
  const out = await app.inject({ method: 'DELETE', url: '/api/session', headers: { cookie: one, origin: ORIGIN } });
  assert.equal(out.statusCode, 200);
  assert.match(String(out.headers['set-cookie']), /^__Host-ballast=;.*(?:Max-Age=0|Expires=Thu, 01 Jan 1970)/);
  assert.equal((await who(app, one)).statusCode, 401);
  assert.equal((await who(app, two)).statusCode, 200);
});

test('a changed role, a switched off user, a reset password and a deleted user end sessions at once', async t => {
  const { app, user, call } = await bench(t);
  const changes: [string, 'PATCH' | 'DELETE', object | undefined][] = [
    ['role', 'PATCH', { role: 'read-only' }],
    ['off', 'PATCH', { enabled: false }],
    ['reset', 'PATCH', { password: OTHER }],
    ['deleted', 'DELETE', undefined],
  ];
  for (const [name, method, body] of changes) {
    await user(name, 'operator');
    const cookie = cookieOf(await login(app, name, PASSWORD));
    assert.equal((await who(app, cookie)).statusCode, 200);
    assert.equal((await call(method, `/api/users/${name}`, body)).statusCode, 200);
    assert.equal((await who(app, cookie)).statusCode, 401, name);
  }
  assert.equal((await login(app, 'off', PASSWORD)).json().code, 'BAD_LOGIN', 'a user that is off gets no further');
  assert.equal((await login(app, 'reset', OTHER)).json().mustChangePassword, true);
});

test('a key dies with its user, and rests while the user is off', async t => {
  const { app, user, key, call } = await bench(t);
  await user('ann', 'operator');
  const headers = key('ann', 'operator');
  const status = async () => (await app.inject({ url: '/api/session', headers })).statusCode;
  assert.equal(await status(), 200);
  await call('PATCH', '/api/users/ann', { enabled: false });
  assert.equal(await status(), 401);
  await call('PATCH', '/api/users/ann', { enabled: true });
  assert.equal(await status(), 200);
  await call('DELETE', '/api/users/ann');
  assert.equal(await status(), 401);
  assert.equal((await call('GET', '/api/keys')).json().length, 1, 'only the bench’s own is left');
});

test('an own password needs the old one, and ends every other session', async t => {
  const { app } = await bench(t);
  const one = cookieOf(await login(app, 'bal', PASSWORD));
  const two = cookieOf(await login(app, 'bal', PASSWORD));
  const change = (old: string, next: string) =>
    app.inject({
      method: 'POST',
      url: '/api/session/password',
      headers: { cookie: one, origin: ORIGIN },
      payload: { old, new: next },
    });
  const wrong = await change('not the password', OTHER);
  assert.deepEqual([wrong.statusCode, wrong.json().code, wrong.json().at], [401, 'BAD_LOGIN', '/old']);
  for (const weak of ['elevenchars', PASSWORD]) {
    const refused = await change(PASSWORD, weak);
    assert.deepEqual([refused.statusCode, refused.json().code, refused.json().at], [400, 'WEAK_PASSWORD', '/new']);
  }
  const done = await change(PASSWORD, OTHER);
  assert.equal(done.statusCode, 200, done.body);
  assert.equal((await who(app, one)).statusCode, 401);
  assert.equal((await who(app, two)).statusCode, 401);
  assert.equal((await who(app, cookieOf(done))).statusCode, 200);
  assert.equal((await login(app, 'bal', PASSWORD)).statusCode, 401);
  assert.equal((await login(app, 'bal', OTHER)).statusCode, 200);
});

test('a new user must set a password before anything else', async t => {
  const { app, call } = await bench(t);
  await call('POST', '/api/users', { name: 'ann', role: 'administrator', password: PASSWORD });
  const session = await login(app, 'ann', PASSWORD);
  assert.equal(session.json().mustChangePassword, true);
  const headers = { cookie: cookieOf(session), origin: ORIGIN };
  assert.equal((await app.inject({ url: '/api/virtual-services', headers })).json().code, 'PASSWORD_CHANGE_NEEDED');
  const changed = await app.inject({
    method: 'POST',
    url: '/api/session/password',
    headers,
    payload: { old: PASSWORD, new: OTHER },
  });
  assert.equal(changed.json().mustChangePassword, false);
  const list = await app.inject({ url: '/api/virtual-services', headers: { cookie: cookieOf(changed) } });
  assert.equal(list.statusCode, 200);
});

test('a session ends after half an hour without use and after twelve hours in any case', async t => {
  const { app, db } = await bench(t);
  const set = (column: 'created' | 'used', ago: number) =>
    db.prepare(`UPDATE session SET ${column} = ?`).run(Date.now() - ago);
  const minute = 60_000;
  const cookie = cookieOf(await login(app, 'bal', PASSWORD));
  set('used', 29 * minute);
  assert.equal((await who(app, cookie)).statusCode, 200);
  assert.ok((db.prepare('SELECT used FROM session').pluck().get() as number) > Date.now() - minute, 'use was noted');
  set('used', 31 * minute);
  assert.equal((await who(app, cookie)).statusCode, 401);
  assert.equal(db.prepare('SELECT count(*) FROM session').pluck().get(), 0, 'an ended session is removed');
  const second = cookieOf(await login(app, 'bal', PASSWORD));
  set('created', 11 * 60 * minute);
  assert.equal((await who(app, second)).statusCode, 200);
  set('created', 12 * 60 * minute + 1000);
  assert.equal((await who(app, second)).statusCode, 401);
});

test('five wrong passwords lock the name and the address, for the right password too', async t => {
  const { app, user } = await bench(t);
  await user('ann', 'operator');
  for (let n = 0; n < 5; n++) {
    const wrong = await login(app, 'bal', 'wrong');
    assert.deepEqual([wrong.statusCode, wrong.json().message], [401, 'User name or password is wrong.']);
  }
  const locked = await login(app, 'bal', PASSWORD);
  assert.deepEqual([locked.statusCode, locked.json().code], [429, 'LOCKED_OUT']);
  const seconds = Number(locked.headers['retry-after']);
  assert.ok(seconds > 0 && seconds <= 30, `retry after ${seconds}`);
  assert.equal((await login(app, 'ann', PASSWORD)).statusCode, 429, 'the address is locked for every name');
  const elsewhere = { remoteAddress: '192.0.2.77' };
  assert.equal((await login(app, 'bal', PASSWORD, elsewhere)).statusCode, 429, 'the name is locked from every address');
  assert.equal((await login(app, 'ann', PASSWORD, elsewhere)).statusCode, 200);
});

test('an unknown name is answered and locked like a known one', async t => {
  const { app } = await bench(t);
  for (let n = 0; n < 5; n++)
    assert.deepEqual((await login(app, 'no-such-user', 'wrong')).json(), {
      code: 'BAD_LOGIN',
      message: 'User name or password is wrong.',
    });
  assert.equal((await login(app, 'no-such-user', 'wrong')).statusCode, 429);
});

test('guesses sent all at once get no more tries than guesses one by one', async t => {
  const { app } = await bench(t);
  const replies = await Promise.all(Array.from({ length: 25 }, (_, n) => login(app, 'bal', `wrong ${n}`)));
  const seen = replies.filter(reply => reply.statusCode === 401).length;
  assert.equal(seen, 5);
});

test('wrong keys and wrong passwords are counted together', async t => {
  const { app, key } = await bench(t);
  const good = key('bal', 'administrator');
  const with_ = (authorization: string) => app.inject({ url: '/api/session', headers: { authorization } });
  for (const wrong of ['Bearer made-up-key-of-some-length', 'Bearer ', 'Basic YmFsOnB3', 'Bearer short'])
    assert.equal((await with_(wrong)).statusCode, 401, wrong);
  assert.equal((await app.inject({ url: '/api/session', headers: good })).statusCode, 200);
  assert.equal((await login(app, 'bal', 'wrong')).statusCode, 401);
  assert.equal((await login(app, 'bal', PASSWORD)).statusCode, 429);
  assert.equal((await app.inject({ url: '/api/session', headers: good })).statusCode, 429);
});

test('a good log-in tells of failed ones and forgives them', async t => {
  const { app } = await bench(t);
  for (let n = 0; n < 4; n++) await login(app, 'bal', 'wrong');
  assert.equal((await login(app, 'bal', PASSWORD)).json().failedSince, 4);
  for (let n = 0; n < 4; n++) await login(app, 'bal', 'wrong');
  assert.equal((await login(app, 'bal', PASSWORD)).statusCode, 200);
});

test('each further failure locks for twice as long, up to a quarter of an hour', () => {
  const lockOut = new LockOut(5);
  let now = 0;
  const lasts: number[] = [];
  for (let n = 1; n <= 12; n++) {
    lockOut.fail(['x'], now);
    let seconds = 0;
    try {
      lockOut.check(['x'], now);
    } catch (error) {
      seconds = (error as { facts: { seconds: number } }).facts.seconds;
    }
    lasts.push(seconds);
    now += seconds * 1000;
    lockOut.check(['x'], now);
  }
  assert.deepEqual(lasts, [0, 0, 0, 0, 30, 60, 120, 240, 480, 900, 900, 900]);
});

test('what a browser sends for a page of another site changes nothing', async t => {
  const { app, session, key, revisions } = await bench(t);
  const { cookie = '' } = session('bal');
  const add = (headers: Record<string, string>) =>
    app.inject({ method: 'POST', url: '/api/virtual-services', headers, payload: { address: '192.0.2.1', port: 80 } });
  const foreign: [string, Record<string, string>][] = [
    ['another site', { cookie, origin: 'https://evil.example' }],
    ['another port', { cookie, origin: 'https://localhost:81' }],
    ['plain HTTP', { cookie, origin: 'http://localhost:80' }],
    ['a sandboxed page', { cookie, origin: 'null' }],
    ['our name with more behind', { cookie, origin: `${ORIGIN}.evil.example` }],
    ['no origin', { cookie }],
    ['fetch metadata: cross-site', { cookie, origin: ORIGIN, 'sec-fetch-site': 'cross-site' }],
    ['fetch metadata: same-site', { cookie, origin: ORIGIN, 'sec-fetch-site': 'same-site' }],
    ['a key from a page of another site', { ...key('bal', 'administrator'), origin: 'https://evil.example' }],
  ];
  for (const [name, headers] of foreign) {
    const reply = await add(headers);
    assert.deepEqual([reply.statusCode, reply.json().code], [403, 'BAD_ORIGIN'], name);
  }
  assert.equal((await login(app, 'bal', PASSWORD, { headers: { origin: 'https://evil.example' } })).statusCode, 403);
  assert.equal(revisions.head, 0);
  assert.equal((await add({ cookie, origin: ORIGIN, 'sec-fetch-site': 'same-origin' })).statusCode, 200);
  const byKey = await app.inject({
    method: 'DELETE',
    url: '/api/virtual-services/1',
    headers: key('bal', 'administrator'),
  });
  assert.equal(byKey.statusCode, 200, 'a program with a key has no origin');
});

test('no spelling of a path and no header opens a call without credentials', async t => {
  const pages = folder(t);
  mkdirSync(join(pages, 'assets'));
  writeFileSync(join(pages, 'index.html'), 'the console');
  for (const options of [{}, { console: pages }]) {
    const { app, user, log } = await bench(t, options);
    await user('somebody-secret', 'operator');
    const paths = [
      '/api/users',
      '/api//users',
      '//api/users',
      '/api/./users',
      '/./api/users',
      '/api/x/../users',
      '/api/%2e%2e/api/users',
      '/api/users;x',
      '/api;x/users',
      '/API/users',
      '/api/Users',
      '/api/users/',
      '/api/users%2f',
      '/api%2fusers',
      '/api/%75sers',
      '/api/users%00',
      '/api/users%20',
      '/api/users?',
      '/api/users?x=/assets/',
      '/api/users#x',
      '/assets/../api/users',
      '/assets/%2e%2e/api/users',
      '/assets/..%2fapi%2fusers',
      '/assets/..%2f..%2f..%2f..%2fetc%2fpasswd',
      '/api/users.json',
      '/api\\users',
      '/api/health/../users',
      '/api/session/../users',
      'http://localhost/api/users',
    ];
    const headers: Record<string, string>[] = [
      {},
      { connection: 'authorization' },
      { connection: 'close, cookie, authorization' },
      { 'x-forwarded-for': '127.0.0.1', 'x-real-ip': '127.0.0.1', forwarded: 'for=127.0.0.1' },
      { 'x-original-url': '/api/users', 'x-rewrite-url': '/api/users' },
      { 'x-http-method-override': 'GET', 'x-method-override': 'GET' },
      { 'x-forwarded-user': 'bal', 'x-remote-user': 'bal', 'remote-user': 'bal' },
      { host: 'localhost', 'x-forwarded-host': '127.0.0.1', 'x-forwarded-proto': 'https' },
      { cookie: '__Host-ballast=' },
      { cookie: 'ballast=x; __Host-ballast=%00' },
    ];
    for (const url of paths)
      for (const more of headers) {
        const reply = await app.inject({ url, headers: more });
        assert.doesNotMatch(reply.body, /somebody-secret|"role"|root:/, `${url} with ${JSON.stringify(more)}`);
        if (url === '/api/users') assert.equal(reply.statusCode, 401);
        assert.ok(reply.statusCode < 500, `${url}: ${reply.statusCode} ${log}`);
      }
    for (const method of ['HEAD', 'OPTIONS', 'PUT', 'TRACE'] as const) {
      const reply = await app.inject({ method, url: '/api/users' });
      assert.equal(reply.statusCode, 404, method);
    }
    const forged = await login(app, 'bal', 'wrong', { headers: { 'x-forwarded-for': '203.0.113.9' } });
    assert.equal(forged.statusCode, 401);
    for (let n = 0; n < 4; n++)
      await login(app, `u${n}`, 'wrong', { headers: { 'x-forwarded-for': `203.0.113.${n}` } });
    assert.equal((await login(app, 'fresh', 'wrong')).statusCode, 429, 'forwarded addresses do not hide the real one');
  }
});

test('somebody who can administer always remains', async t => {
  const { call, user } = await bench(t);
  const refused = async (method: 'PATCH' | 'DELETE', name: string, body?: object) => {
    const reply = await call(method, `/api/users/${name}`, body);
    assert.deepEqual([reply.statusCode, reply.json().code], [409, 'LAST_ADMINISTRATOR'], JSON.stringify(body));
  };
  await user('ann', 'operator');
  const all = async () => {
    await refused('PATCH', 'bal', { role: 'operator' });
    await refused('PATCH', 'bal', { enabled: false });
    await refused('DELETE', 'bal');
  };
  await all();
  await call('PATCH', '/api/users/ann', { role: 'administrator', enabled: false });
  await all();
  await call('PATCH', '/api/users/ann', { enabled: true });
  assert.equal((await call('PATCH', '/api/users/bal', { role: 'administrator' })).statusCode, 200);
  const both = await Promise.all([
    call('PATCH', '/api/users/ann', { role: 'operator', password: OTHER }),
    call('PATCH', '/api/users/bal', { role: 'operator', password: OTHER }),
  ]);
  assert.deepEqual(both.map(reply => reply.statusCode).toSorted(), [200, 409], 'two at once: one of them stays');
});

test('the same user made twice at once is made once', async t => {
  const { call } = await bench(t);
  const make = () => call('POST', '/api/users', { name: 'ann', role: 'operator', password: PASSWORD });
  const replies = await Promise.all([make(), make()]);
  assert.deepEqual(replies.map(reply => reply.statusCode).toSorted(), [200, 409]);
});

test('a key is shown once and stored only as a digest', async t => {
  const { app, db, call } = await bench(t);
  const made = (await call('POST', '/api/keys', { name: 'backup', user: 'bal', role: 'read-only' })).json();
  assert.match(made.key, /^[\w-]{43}$/);
  assert.equal((await call('GET', '/api/keys')).body.includes(made.key), false);
  const rows = JSON.stringify(db.prepare('SELECT * FROM api_key').all());
  assert.equal(rows.includes(made.key), false);
  const headers = { authorization: `Bearer ${made.key}` };
  assert.equal((await app.inject({ url: '/api/session', headers })).json().role, 'read-only');
  assert.equal((await call('DELETE', `/api/keys/${made.entry.id}`)).statusCode, 200);
  assert.equal((await app.inject({ url: '/api/session', headers })).statusCode, 401);
});

test('a route that declares no role stops the start', async () => {
  const app = Fastify();
  auth(app, () => assert.fail('not asked'), new LockOut(5));
  assert.throws(() => app.get('/open', () => 'secret'), /GET \/open declares no role/);
  await app.close();
});
