import assert from 'node:assert/strict';
import { constants } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import test, { after, before } from 'node:test';
import { connect as connectTls, createServer as createTls, type TLSSocket } from 'node:tls';
import type { VirtualService } from '../../server/schema/virtual-service.ts';
import { makePem } from '../support/pem.ts';
import { freePort } from '../support/ports.ts';
import { Setting } from '../support/setting.ts';

/** Persistence of services that Ballast does not read as HTTP, and port following, with real connections. */

const setting = Setting.forThisFile();
const address = '127.0.0.1';
const places = ['127.0.0.41', '127.0.0.42', '127.0.0.43'];

interface Named {
  name: string;
  address: string;
  port: number;
  server: Server;
}
const plain: Named[] = [];
const other: Named[] = [];
const secure: Named[] = [];

async function listening(server: Server, at: string): Promise<number> {
  await new Promise<void>(done => server.listen(0, at, done));
  return (server.address() as { port: number }).port;
}

before(async () => {
  const pem = await makePem('any.test');
  for (const [at, place] of places.entries()) {
    const name = 'abc'[at] as string;
    for (const list of [plain, other]) {
      const server = createServer(socket => {
        socket.on('error', () => socket.destroy());
        socket.once('data', () => socket.end(name));
      });
      list.push({ name, address: place, server, port: await listening(server, place) });
    }
    const sessions = new Map<string, Buffer>();
    const tls = createTls(
      {
        cert: pem.chain,
        key: pem.key,
        maxVersion: 'TLSv1.2',
        // Without tickets the session is known by its id, in clear.
        secureOptions: constants.SSL_OP_NO_TICKET,
      },
      socket => {
        socket.on('error', () => socket.destroy());
        socket.once('data', () => socket.end(`${name}${socket.isSessionReused() ? ' again' : ''}`));
      },
    );
    tls.on('newSession', (id: Buffer, data: Buffer, done: () => void) => {
      sessions.set(id.toString('hex'), data);
      done();
    });
    tls.on('resumeSession', (id: Buffer, done: (error: null, data: Buffer | null) => void) =>
      done(null, sessions.get(id.toString('hex')) ?? null),
    );
    secure.push({ name, address: place, server: tls, port: await listening(tls, place) });
  }
});
after(async () => {
  for (const { server } of [...plain, ...other, ...secure]) await new Promise(done => server.close(done));
});

async function service(properties: Partial<VirtualService>, servers: Named[]) {
  const port = await freePort();
  const made = await setting.appliance.addService({
    address,
    port,
    type: 'tcp',
    checkType: 'none',
    ...properties,
    realServers: servers.map(({ address, port }) => ({ address, port })),
  });
  return { id: made.service.id, port, remove: () => setting.appliance.deleteService(made.service.id) };
}

/** Who answers to these first bytes. */
async function say(port: number, bytes: Buffer | string, from = '127.0.0.1'): Promise<string> {
  const socket: Socket = connect({ host: address, port, localAddress: from });
  const parts: Buffer[] = [];
  socket.on('data', part => parts.push(part));
  socket.write(bytes);
  await once(socket, 'close');
  return Buffer.concat(parts).toString();
}
const all = async (asked: Iterable<() => Promise<string>>) => {
  const names: string[] = [];
  for (const one of asked) names.push(await one());
  return names;
};
const three = [1, 2, 3];

/** The first packet of an RDP client: MS-RDPBCGR 2.2.1.1, with this cookie or token. */
function rdp(cookie: string): Buffer {
  const text = Buffer.from(cookie === '' ? '' : `Cookie: ${cookie}\r\n`);
  const wish = Buffer.from([1, 0, 8, 0, 3, 0, 0, 0]);
  const length = 11 + text.length + wish.length;
  const head = Buffer.from([3, 0, length >> 8, length & 255, length - 5, 0xe0, 0, 0, 0, 0, 0]);
  return Buffer.concat([head, text, wish]);
}
const token = (place: string, port: number) => {
  const ip = Buffer.from(place.split('.').map(Number)).readUInt32LE();
  return `msts=${ip}.${((port & 255) << 8) | (port >> 8)}.0000`;
};

test('RDP login ID: the user name decides, from wherever and whatever its case; without one each is scheduled', async () => {
  const it = await service({ persistence: 'rdp-login' }, plain);
  const names = await all(three.map(n => () => say(it.port, rdp(`mstshash=user${n}`))));
  assert.deepEqual(names.toSorted(), ['a', 'b', 'c']);
  for (const from of ['127.0.9.1', '127.0.9.2'])
    assert.deepEqual(
      await all([3, 2, 1].map(n => () => say(it.port, rdp(`mstshash=USER${n}`), from))),
      names.toReversed(),
    );
  assert.deepEqual((await all(three.map(() => () => say(it.port, rdp(''))))).toSorted(), ['a', 'b', 'c']);
  const { entries } = await setting.appliance.call('listPersistence', {
    at: { id: it.id },
    query: { search: 'user2' },
  });
  assert.deepEqual(
    entries.map(entry => entry.key),
    ['user:user2'],
  );
  await it.remove();
});

test('RDP login ID or source IP: the name comes before the address, which counts without it', async () => {
  const it = await service({ persistence: 'rdp-login-or-source-ip' }, plain);
  const from = three.map(n => `127.0.9.${n}`);
  const bare = await all(from.map(one => () => say(it.port, rdp(''), one)));
  assert.deepEqual(bare.toSorted(), ['a', 'b', 'c']);
  const named = await all(from.map(one => () => say(it.port, rdp('mstshash=joe'), one)));
  assert.equal(new Set(named).size, 1);
  assert.deepEqual(await all(from.toReversed().map(one => () => say(it.port, rdp(''), one))), bare.toReversed());
  await it.remove();
});

test('RDP session broker: the token names the server; one that names nobody is scheduled, or goes by address', async () => {
  for (const persistence of ['rdp-broker', 'rdp-broker-or-source-ip'] as const) {
    const it = await service({ persistence }, plain);
    for (const { name, address: place, port } of plain.toReversed())
      assert.deepEqual(
        await all(three.map(() => () => say(it.port, rdp(token(place, port))))),
        [name, name, name],
        `${persistence}: ${name}`,
      );
    const bare = await all(three.map(() => () => say(it.port, rdp(''), '127.0.9.9')));
    if (persistence === 'rdp-broker') assert.deepEqual(bare.toSorted(), ['a', 'b', 'c']);
    else assert.equal(new Set(bare).size, 1, String(bare));
    const nobody = await all(three.map(() => () => say(it.port, rdp(token('127.0.0.99', 3389)))));
    assert.deepEqual(nobody.toSorted(), ['a', 'b', 'c']);
    await it.remove();
  }
});

test('SSL session ID: a client that resumes its session meets its server, from wherever; a new one is scheduled', async () => {
  const it = await service({ persistence: 'ssl-session' }, secure);
  const shake = async (from: string, session?: Buffer) => {
    const socket: TLSSocket = connectTls({
      host: address,
      port: it.port,
      rejectUnauthorized: false,
      maxVersion: 'TLSv1.2',
      secureOptions: constants.SSL_OP_NO_TICKET,
      ...(session && { session }),
      socket: connect({ host: address, port: it.port, localAddress: from }),
    });
    let text = '';
    socket.on('data', part => {
      text += part;
    });
    await once(socket, 'secureConnect');
    const kept = socket.getSession() as Buffer;
    socket.write('hello');
    await once(socket, 'close');
    return { text, kept };
  };
  const first: { text: string; kept: Buffer }[] = [];
  for (const _ of three) first.push(await shake('127.0.0.1'));
  assert.deepEqual(first.map(one => one.text).toSorted(), ['a', 'b', 'c']);
  for (const { text, kept } of first.toReversed())
    for (const from of ['127.0.9.4', '127.0.9.5']) assert.equal((await shake(from, kept)).text, `${text} again`);
  await it.remove();
});

test('port following: a client meets the same address on both services, each on its own port, both ways', async () => {
  const leader = await service({ persistence: 'source-ip' }, plain);
  // The other way round, so that nothing but the table can lead to the same address.
  const follower = await service({ persistence: 'source-ip', followService: leader.id }, other.toReversed());
  const from = Array.from({ length: 6 }, (_, n) => `127.0.9.${20 + n}`);
  const here = await all(from.map(one => () => say(leader.port, 'x', one)));
  assert.deepEqual(here.toSorted(), ['a', 'a', 'b', 'b', 'c', 'c']);
  assert.deepEqual(await all(from.toReversed().map(one => () => say(follower.port, 'x', one))), here.toReversed());
  const fresh = Array.from({ length: 5 }, (_, n) => `127.0.9.${40 + n}`);
  const there = await all(fresh.map(one => () => say(follower.port, 'x', one)));
  assert.ok(new Set(there).size > 1);
  assert.deepEqual(await all(fresh.toReversed().map(one => () => say(leader.port, 'x', one))), there.toReversed());
  const { owner, total } = await setting.appliance.call('listPersistence', { at: { id: follower.id } });
  assert.deepEqual([owner, total], [leader.id, 11]);
  await assert.rejects(setting.appliance.changeService(follower.id, { persistence: 'none' }), /Port Following needs/);
  await follower.remove();
  await leader.remove();
});
