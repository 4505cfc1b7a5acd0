import assert from 'node:assert/strict';
import test from 'node:test';
import type { VirtualService } from '../../server/schema/virtual-service.ts';
import { type Answer, ask } from '../support/http-client.ts';
import { type Client, type Mark, met, send, service, stranger } from '../support/sticky.ts';

/** Each persistence mode of HTTP with real traffic: what it goes by and what it takes no notice of tells it from all others. */

const modes: [VirtualService['persistence'], Mark[], Partial<VirtualService>][] = [
  ['source-ip', ['from'], {}],
  ['super-http', ['agent', 'login'], {}],
  ['server-cookie', ['sid'], { persistenceCookie: 'SID' }],
  ['cookie-hash', ['sid', 'theme'], {}],
  ['url-hash', ['path'], {}],
  ['host-header', ['host'], {}],
  ['query-hash', ['cart'], { persistenceQuery: 'cart' }],
  ['header', ['tenant'], { persistenceHeader: 'X-Tenant' }],
];
for (const [persistence, marks, more] of modes)
  test(`${persistence}: goes by ${marks.join(' and ')} and by nothing else`, async () => {
    const it = await service({ persistence, ...more });
    const { port } = it.place;
    const known = stranger();
    const kept = Object.fromEntries(marks.map(mark => [mark, known[mark]]));
    const same = await met(
      port,
      Array.from({ length: 7 }, () => ({ ...stranger(), ...kept })),
    );
    assert.equal(new Set(same).size, 1, `with the same ${marks}: ${same}`);
    for (const mark of marks) {
      const others = await met(
        port,
        Array.from({ length: 3 }, () => ({ ...known, [mark]: stranger()[mark] })),
      );
      assert.deepEqual(others.toSorted(), ['a', 'b', 'c'], `with another ${mark} each`);
    }
    if (persistence !== 'source-ip' && persistence !== 'url-hash' && persistence !== 'host-header') {
      const bare = await met(
        port,
        [1, 2, 3].map(() => ({ from: known.from })),
      );
      assert.deepEqual(bare.toSorted(), ['a', 'b', 'c'], 'without the mark each is scheduled');
    }
    await it.remove();
  });

const orSource: [VirtualService['persistence'], Partial<Client>, Partial<VirtualService>][] = [
  ['super-http-or-source-ip', { agent: 'One' }, {}],
  ['server-cookie-or-source-ip', { sid: 'one' }, { persistenceCookie: 'SID' }],
  ['cookie-hash-or-source-ip', { sid: 'one' }, {}],
];
for (const [persistence, mark, more] of orSource)
  test(`${persistence}: the mark comes before the address, which counts without it`, async () => {
    const it = await service({ persistence, ...more });
    const { port } = it.place;
    const addresses = Array.from({ length: 3 }, () => stranger().from);
    const bare = await met(
      port,
      addresses.map(from => ({ from })),
    );
    assert.deepEqual(bare.toSorted(), ['a', 'b', 'c']);
    assert.deepEqual(
      await met(
        port,
        addresses.toReversed().map(from => ({ from })),
      ),
      bare.toReversed(),
    );
    const marked = await met(
      port,
      addresses.map(from => ({ ...mark, from })),
    );
    assert.equal(new Set(marked).size, 1, `one mark from three addresses: ${marked}`);
    assert.deepEqual(
      await met(
        port,
        addresses.map(from => ({ from })),
      ),
      bare,
      'the addresses are where they were',
    );
    await it.remove();
  });

test('active cookie or source IP: the cookie comes before the address, which counts without it', async () => {
  const it = await service({ persistence: 'active-cookie-or-source-ip' });
  const { port } = it.place;
  const addresses = Array.from({ length: 3 }, () => stranger().from);
  const first: Answer[] = [];
  for (const from of addresses) first.push(await send(port, { from }));
  const names = first.map(answer => answer.body);
  assert.deepEqual(names.toSorted(), ['a', 'b', 'c']);
  assert.deepEqual(
    await met(
      port,
      addresses.toReversed().map(from => ({ from })),
    ),
    names.toReversed(),
  );
  const cookie = first[0]?.cookies[0]?.split(';')[0] ?? '';
  assert.match(cookie, /^BALLAST\d+=/);
  assert.doesNotMatch(first[0]?.cookies[0] ?? '', /expires|max-age/i, 'a session cookie');
  for (const from of addresses)
    assert.equal((await ask({ port }, { from, headers: { cookie } })).body, names[0], `the cookie, from ${from}`);
  await it.remove();
});

test('server cookie: learned from the Set-Cookie of the server, which Ballast leaves as it is', async () => {
  const it = await service({ persistence: 'server-cookie', persistenceCookie: 'SID' });
  const { port } = it.place;
  for (const sid of ['x1', 'x2', 'x3', 'x4']) {
    const login = await ask({ port }, { path: `/login/${sid}` });
    assert.deepEqual(login.cookies, [`SID=${sid}; Path=/`]);
    assert.deepEqual(await met(port, [{ sid }, { sid }, { sid }]), Array(3).fill(login.body));
  }
  await it.remove();
});

test('netmask: neighbours share an entry, others do not', async () => {
  const it = await service({ persistence: 'source-ip', persistenceMask4: 24 });
  const near = await met(
    it.place.port,
    [1, 2, 3, 4].map(n => ({ from: `127.0.77.${n}` })),
  );
  assert.equal(new Set(near).size, 1, String(near));
  const far = await met(
    it.place.port,
    [1, 2, 3].map(n => ({ from: `127.0.${80 + n}.1` })),
  );
  assert.deepEqual(far.toSorted(), ['a', 'b', 'c']);
  await it.remove();
});
