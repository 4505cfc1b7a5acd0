import assert from 'node:assert/strict';
import test from 'node:test';
import { gunzipSync } from 'node:zlib';
import type { NewVirtualService } from '../../server/schema/endpoints.ts';
import { applied } from '../support/appliance.ts';
import { ask } from '../support/http-client.ts';
import { freePort } from '../support/ports.ts';
import { Setting } from '../support/setting.ts';

/** Compression toward clients, and answers kept in memory. */

const setting = Setting.forThisFile();

async function service(properties: Partial<NewVirtualService>) {
  const port = await freePort();
  const realServers = setting.servers().slice(0, 1);
  const made = await setting.appliance.addService({ address: '127.0.0.1', port, ...properties, realServers });
  return { port, remove: () => setting.appliance.deleteService(made.service.id) };
}

const gzip = { 'accept-encoding': 'gzip' };
const withHeaders = (path: string, headers: object) => `${path}?headers=${encodeURIComponent(JSON.stringify(headers))}`;

test('text is compressed for clients that take it, and for no others', async () => {
  const it = await service({ compression: true });
  const small = await ask(it, { path: '/text/5000', headers: gzip });
  assert.equal(small.headers['content-encoding'], 'gzip');
  assert.equal(gunzipSync(Buffer.from(small.body, 'latin1')).toString(), 'a'.repeat(5000));
  const plain = await ask(it, { path: '/text/5000' });
  assert.equal(plain.headers['content-encoding'], undefined);
  assert.equal(plain.body, 'a'.repeat(5000));
  const picture = withHeaders('/text/5000', { 'content-type': 'image/png' });
  assert.equal((await ask(it, { path: picture, headers: gzip })).headers['content-encoding'], undefined);
  await it.remove();
});

test('extensions that are small already are left as they are', async () => {
  const it = await service({ compression: true });
  const path = '/text/5000/archive.zip';
  assert.equal((await ask(it, { path, headers: gzip })).headers['content-encoding'], undefined);
  applied(await setting.appliance.call('patchSettings', { body: { uncompressed: '' } }), false);
  assert.equal((await ask(it, { path, headers: gzip })).headers['content-encoding'], 'gzip');
  await it.remove();
});

test('what may be kept is asked of the server once; with another host, a cookie or a private answer it is not kept', async () => {
  const it = await service({ caching: true });
  const asked = (path: string) => setting.a.seen.filter(request => request.url === path).length;
  const twice = async (path: string, more: Parameters<typeof ask>[1] = {}) => {
    for (let i = 0; i < 2; i++) assert.equal((await ask(it, { path, ...more })).status, 200);
    return asked(path);
  };
  const kept = { 'cache-control': 'max-age=60' };
  assert.equal(await twice(withHeaders('/text/10/one', kept)), 1);
  assert.equal(await twice(withHeaders('/text/10/one', kept), { headers: { host: 'other.test' } }), 2, 'one more');
  assert.equal(await twice(withHeaders('/text/10/two', { ...kept, 'set-cookie': 'a=b' })), 2);
  assert.equal(await twice(withHeaders('/text/10/three', { 'cache-control': 'no-store' })), 2);
  assert.equal(await twice(withHeaders('/text/10/four', { 'cache-control': 'private' })), 2);
  assert.equal(await twice(withHeaders('/text/10/five', kept), { headers: { authorization: 'Basic eDp5' } }), 2);
  assert.equal(await twice(withHeaders('/text/10/six', kept), { method: 'POST' }), 2);
  assert.equal(
    await twice(withHeaders('/text/10/seen', { etag: '"x"' }), { headers: { cookie: 'user=a' } }),
    2,
    'untold',
  );
  const since = { 'last-modified': 'Mon, 02 Nov 2020 00:00:00 GMT' };
  assert.equal(await twice(withHeaders('/text/10/since', since)), 2, 'untold');
  const until = { expires: new Date(Date.now() + 600_000).toUTCString() };
  assert.equal(await twice(withHeaders('/text/10/until', until)), 1);
  assert.equal(await twice(withHeaders('/text/10/page.php', kept)), 2, 'an extension that is not kept');
  await it.remove();
});

test('a client of an active cookie gets its own cookie although answers are kept', async () => {
  const it = await service({ caching: true, compression: true, persistence: 'active-cookie' });
  const path = withHeaders('/text/10/seven', { 'cache-control': 'max-age=60' });
  const first = await ask(it, { path });
  assert.equal(first.cookies.length, 1);
  const hit = await ask(it, { path });
  assert.notEqual(hit.headers.age, undefined, 'from memory');
  assert.deepEqual(hit.cookies, [], 'never the cookie of the client before');
  for (let i = 0; i < 2; i++) assert.equal((await ask(it, { path: '/text/10/eight' })).cookies.length, 1);
  await it.remove();
});
