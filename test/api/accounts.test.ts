import assert from 'node:assert/strict';
import test from 'node:test';
import { type OpenSession, whyGuessable } from '../../server/schema/account.ts';
import { type Bench, bench, ORIGIN, PASSWORD } from './bench.ts';

/** Users, keys and sessions beyond the log-in itself, which auth.test.ts has. */

const login = async ({ app }: Bench, user: string, agent: string) => {
  const reply = await app.inject({
    method: 'POST',
    url: '/api/session',
    payload: { user, password: PASSWORD },
    headers: { origin: ORIGIN, 'user-agent': agent },
  });
  return { cookie: String(reply.headers['set-cookie']).split(';')[0] as string, origin: ORIGIN };
};

test('sessions are listed with where they came from; one’s own can be ended, others’ by administrators alone', async t => {
  const one = await bench(t);
  await one.user('ann', 'operator');
  const [first, second] = [await login(one, 'ann', 'Firefox/1'), await login(one, 'ann', 'Chrome/2')];
  const bal = await login(one, 'bal', 'curl/3');
  const list = async (headers: Record<string, string>) =>
    (await one.app.inject({ url: '/api/sessions', headers })).json() as OpenSession[];
  const works = async (headers: Record<string, string>) =>
    (await one.app.inject({ url: '/api/session', headers })).statusCode === 200;
  const end = (id: number | undefined, headers: Record<string, string>) =>
    one.app.inject({ method: 'DELETE', url: `/api/sessions/${id}`, headers });

  const mine = await list(second);
  assert.deepEqual(mine.map(({ user, address, agent, current }) => [user, address, agent, current]).toSorted(), [
    ['ann', '127.0.0.1', 'Chrome/2', true],
    ['ann', '127.0.0.1', 'Firefox/1', false],
  ]);
  const all = await list(bal);
  assert.equal(all.length, 3);
  const [balId, firstId] = ['curl/3', 'Firefox/1'].map(agent => all.find(one => one.agent === agent)?.id);
  assert.equal((await end(balId, second)).statusCode, 404, 'not an operator’s to end');
  assert.ok(await works(bal));
  assert.equal((await end(firstId, second)).statusCode, 200);
  assert.ok(!(await works(first)) && (await works(second)));

  const third = await login(one, 'ann', 'Safari/4');
  const others = await one.app.inject({ method: 'POST', url: '/api/sessions/end-others', headers: third });
  assert.deepEqual(others.json(), { ended: 1 });
  assert.ok(!(await works(second)) && (await works(third)) && (await works(bal)));
  assert.equal((await end((await list(third))[0]?.id, bal)).statusCode, 200);
  assert.ok(!(await works(third)));
});

test('an API key ends when it was told to', async t => {
  const one = await bench(t);
  const past = await one.call('POST', '/api/keys', { name: 'x', user: 'bal', role: 'operator', expires: 1 });
  assert.deepEqual([past.statusCode, past.json().at], [400, '/expires']);
  const expires = Date.now() + 60_000;
  const { key, entry } = (
    await one.call('POST', '/api/keys', { name: 'x', user: 'bal', role: 'operator', expires })
  ).json();
  assert.equal(entry.expires, expires);
  const headers = { authorization: `Bearer ${key}` };
  assert.equal((await one.app.inject({ url: '/api/session', headers })).statusCode, 200);
  t.mock.timers.enable({ apis: ['Date'], now: expires });
  assert.equal((await one.app.inject({ url: '/api/session', headers })).statusCode, 401);
});

test('permissions of the LoadMaster API are given with or without a role, and end with it', async t => {
  const one = await bench(t);
  await one.user('ann', 'read-only');
  const patch = (body: object) => one.call('PATCH', '/api/users/ann', body);
  assert.deepEqual((await patch({ permissions: ['vs', 'rules'] })).json().permissions, ['vs', 'rules']);
  assert.equal(one.accounts.find('ann')?.role, 'read-only');
  assert.deepEqual((await patch({ enabled: true })).json().permissions, ['vs', 'rules'], 'what is not named stays');
  assert.deepEqual((await patch({ role: 'operator', permissions: ['certs'] })).json().permissions, ['certs']);
  assert.deepEqual((await patch({ role: 'read-only' })).json().permissions, []);
  assert.equal((await patch({ permissions: ['all'] })).json().at, '/permissions/0');
});

test('passwords that guessing begins with are refused, long sentences and random ones are not', async t => {
  for (const password of [
    'aaaaaaaaaaaa',
    'abcabcabcabc',
    '123456789012',
    'qwertyuiop12',
    'Password1234',
    'passwordpassword!',
    'Admin-2026-admin',
    'annabel-annabel-1',
    'zyxwvutsrqpo',
  ])
    assert.ok(whyGuessable(password, 'annabel'), password);
  for (const password of [
    PASSWORD,
    'k7v2-m9qx-4tzr',
    'tresor im keller',
    '4917 3381 9927',
    'administering seven oaks',
    'annabel likes old trains',
  ])
    assert.equal(whyGuessable(password, 'annabel'), undefined, password);
  const started = performance.now();
  whyGuessable(`${'passw0rd1'.repeat(28)}ß`, 'annabel');
  assert.ok(performance.now() - started < 200, 'whatever is typed');
  const one = await bench(t);
  const reply = await one.call('POST', '/api/users', { name: 'ann', role: 'operator', password: 'Password1234' });
  assert.deepEqual([reply.json().code, reply.json().at], ['GUESSABLE_PASSWORD', '/password']);
});
