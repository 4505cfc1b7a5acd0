import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Appliance, password } from '../support/appliance.ts';
import { makePem } from '../support/pem.ts';
import { freePort } from '../support/ports.ts';
import { LoadMasterClient } from './client.ts';

/** What comes and goes as a file, and the switch of the whole API. */

let appliance: Appliance;
let client: LoadMasterClient;
before(async () => {
  appliance = await Appliance.start();
  client = new LoadMasterClient(appliance);
});
after(() => appliance.stop());

const base64 = (text: string | Buffer) => Buffer.from(text).toString('base64');

test('certificates with their keys: saved, lost, brought back; an altered file or a wrong password is refused', async () => {
  const { chain, key } = await makePem('kept.example');
  await client.v2('addcert', { cert: 'kept', replace: '0', data: base64(chain + key) });
  const { data } = (await client.v2('backupcert', { password: 'for the file' })) as never as { data: string };
  const file = Buffer.from(data, 'base64');
  assert.ok(!file.includes('PRIVATE') && !file.includes('kept'), 'encrypted');
  const raw = await client.v1('backupcert', { password: 'for the file' });
  assert.notDeepEqual(raw.body, file, 'salted');

  const fingerprint = async () => (await client.v2('readcert', { cert: 'kept' })).certificate ?? 'none';
  const before = await fingerprint();
  assert.equal((await client.v2('delcert', { cert: 'kept' })).code, 200);
  const restore = (body: Buffer, secret = 'for the file') =>
    client.v2('restorecert', { password: secret, type: 'full', data: base64(body) });
  assert.equal((await restore(file, 'for the fire')).code, 422);
  for (const at of [0, 30, file.length >> 1, file.length - 1]) {
    const altered = Buffer.from(file);
    altered[at] = (altered[at] as number) ^ 1;
    assert.equal((await restore(altered)).code, 422, `altered at ${at}`);
  }
  for (const length of [1, 40, file.length - 1])
    assert.equal((await restore(file.subarray(0, length))).code, 422, `${length} bytes`);
  assert.equal((await client.v2('readcert', { cert: 'kept' })).code, 422, 'nothing came of those');
  assert.equal((await restore(file)).code, 200);
  assert.equal(await fingerprint(), before);

  // The key is there too: a service speaks TLS by it.
  const port = await freePort();
  const { Index } = await client.v2('addvs', {
    ...{ vs: '127.0.0.1', port, prot: 'tcp', VStype: 'http', SSLAcceleration: true, CertFile: 'kept' },
  });
  assert.ok(Index);
  await client.v2('delvs', { vs: Index });
  assert.equal((await client.v2('delcert', { cert: 'kept' })).code, 200);
  const { body } = raw;
  assert.equal((await client.v1('restorecert', { password: 'for the file', type: 'full' }, body)).status, 200);
  assert.equal(await fingerprint(), before);
});

test('a capture is a file that programs for such files read', async () => {
  const capture = client.v1('tcpdump', { interface: 'lo', maxpackets: 5, maxtime: 10, port: appliance.port });
  const traffic = setInterval(() => void client.v2('listvs').catch(() => {}), 200);
  try {
    const { status, type, body, text } = await capture;
    assert.equal(status, 200, text);
    assert.equal(type, 'application/vnd.tcpdump.pcap');
    // Little-endian, microseconds or nanoseconds; version 2.4; Ethernet.
    assert.ok([0xa1b2c3d4, 0xa1b23c4d].includes(body.readUInt32LE(0)));
    assert.deepEqual([body.readUInt16LE(4), body.readUInt16LE(6), body.readUInt32LE(20)], [2, 4, 1]);
    let packets = 0;
    for (let at = 24; at < body.length; packets++) {
      const length = body.readUInt32LE(at + 8);
      const frame = body.subarray(at + 16, at + 16 + length);
      assert.equal(frame.readUInt16BE(12), 0x0800);
      const tcp = 14 + ((frame[14] as number) & 15) * 4;
      assert.ok([frame.readUInt16BE(tcp), frame.readUInt16BE(tcp + 2)].includes(appliance.port));
      at += 16 + length;
    }
    assert.equal(packets, 5);
  } finally {
    clearInterval(traffic);
  }
  assert.equal((await client.v2('tcpdump', { interface: 'nosuch0' })).code, 422);
  assert.equal((await client.v2('tcpdump', { interface: 'lo; id' })).code, 422);
  assert.equal((await client.v2('tcpdump', { interface: 'lo', address: '$(id)' })).code, 422);
});

test('the API is switched off and on, by the address clients use for it', async () => {
  assert.equal((await client.v2('set', { param: 'enableapi', value: 'no' })).code, 200);
  assert.equal((await client.v1('listvs')).status, 404);
  assert.equal((await client.send('/accessv2', JSON.stringify({ cmd: 'listvs' }))).status, 404);
  const on = '/progs/doconfig/enableapi/set/yes';
  assert.equal((await client.send(on)).status, 401);
  const wrong = `Basic ${Buffer.from('bal:guess').toString('base64')}`;
  assert.equal((await client.send(on, undefined, { authorization: wrong })).status, 401);
  assert.equal((await client.v1('listvs')).status, 404, 'still off');
  const right = `Basic ${Buffer.from(`bal:${password}`).toString('base64')}`;
  assert.equal((await client.send(on, undefined, { authorization: right })).status, 200);
  assert.equal((await client.v1('listvs')).status, 200);
});

test('every port: a service of Layer 4, found by its star', async () => {
  const made = await client.v2('addvs', { vs: '127.0.0.9', port: '*', prot: 'tcp' });
  // Without the right to the packet filter the appliance says so instead.
  if (made.code === 422) assert.match(String(made.message), /Layer 4|packet/);
  else {
    assert.deepEqual([made.VSPort, made.Layer, made.ForceL4], ['*', 4, true]);
    const shown = await client.v1('showvs', { vs: '127.0.0.9', port: '*', prot: 'tcp' });
    assert.match(shown.text, /<VSPort>\*<\/VSPort>/);
    assert.equal((await client.v2('delvs', { vs: '127.0.0.9', port: '*', prot: 'tcp' })).code, 200);
    assert.equal((await client.v2('showvs', { vs: made.Index })).message, 'Unknown VS');
  }
});
