import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { get } from 'node:https';
import { join } from 'node:path';
import test from 'node:test';
import { insideOwnNetwork, Network, runInside } from '../../scripts/namespaces.ts';
import { Jobs } from '../../server/dataplane/tools/jobs.ts';
import type { ToolRequest, ToolRun } from '../../server/schema/tools.ts';
import { Appliance, Refused } from '../support/appliance.ts';
import { patience, until } from '../support/wait.ts';

/** The tools with real packets: what they say, their bounds, who may use them, and connections that are seen and dropped. */

const support = join(import.meta.dirname, '../support');
const PORT = 7_000;

if (!insideOwnNetwork)
  test('tools, in network namespaces', { timeout: patience(120_000) }, t => runInside(t, import.meta.filename));
else
  test('tools', async t => {
    const network = new Network(['outer', 'inner']);
    t.after(() => network.close());
    network.plug('eth0', 'outer', '10.1.0.1/24', 'fd01::1/64');
    network.plug('eth1', 'inner', '10.2.0.1/24');
    network.host('client', 'outer', ['10.1.0.50/24', 'fd01::50/64'], ['10.1.0.1']);
    network.host('server', 'inner', ['10.2.0.11/24'], ['10.2.0.1']);
    await network.node('server', join(support, 'named-server.ts'), 'server', String(PORT)).next();
    // Its name server is three ports further: 53, where look-ups ask.
    await network.node('server', join(support, 'named-server.ts'), 'names', '50').next();
    const client = network.node('client', join(support, 'named-client.ts'));
    const appliance = await Appliance.start({ BALLAST_LOOPBACK: '0' });
    t.after(() => appliance.stop());
    const over = async (run: ToolRun) => {
      await until('it to end', async () => {
        const now = await appliance.call('getToolRun', { at: { id: run.id } });
        Object.assign(run, now);
        return now.state !== 'running';
      });
      return run;
    };
    const ran = async (body: ToolRequest) => over(await appliance.call('runTool', { body }));

    await t.test('ping: an answer, none, IPv6, and from a chosen address', async () => {
      const ping = { tool: 'ping', count: 2, size: 56 } as const;
      const good = await ran({ ...ping, host: '10.2.0.11' });
      assert.equal(good.state, 'done');
      assert.match(good.lines.join('\n'), /64 bytes from 10\.2\.0\.11[\s\S]* 0% packet loss/);
      assert.equal((await ran({ ...ping, host: '10.2.0.99', count: 1 })).state, 'failed');
      assert.equal((await ran({ ...ping, host: 'fd01::50' })).state, 'done');
      const from = await ran({ ...ping, host: '10.2.0.11', source: '10.1.0.1' });
      assert.match(from.lines[0] ?? '', /from 10\.1\.0\.1/);
    });

    await t.test('traceroute, a look-up that is answered, and one that is not', async () => {
      assert.match((await ran({ tool: 'traceroute', host: '10.2.0.11' })).lines.join('\n'), / 1 {2}10\.2\.0\.11/);
      const found = await ran({ tool: 'lookup', host: 'example.test', type: 'TXT', server: '10.2.0.11' });
      assert.equal(found.state, 'done', found.lines.join('\n'));
      assert.match(
        found.lines.join('\n'),
        /^Asking 10\.2\.0\.11 for TXT of example\.test\nnames 10\.2\.0\.1 \d+\nAnswered in \d+ ms$/,
      );
      const none = await ran({ tool: 'lookup', host: 'example.test', type: 'A', server: '10.1.0.50' });
      assert.equal(none.state, 'failed');
      const ended = await appliance.call('runTool', {
        body: { tool: 'lookup', host: 'example.test', type: 'A', server: '10.2.0.99' },
      });
      await appliance.call('stopTool', { at: { id: ended.id } });
      assert.equal((await over(ended)).state, 'cancelled');
    });

    await t.test('a TCP connection: made, refused, from where', async () => {
      const made = await ran({ tool: 'connect', host: '10.2.0.11', port: PORT });
      assert.match(made.lines.join('\n'), /10\.2\.0\.1 → 10\.2\.0\.11, port 7000\nConnected after \d+ ms/);
      assert.match(
        (await ran({ tool: 'connect', host: '10.2.0.11', port: 9 })).lines.join('\n'),
        /^Refused: the host is there/,
      );
      const from = await ran({ tool: 'connect', host: '10.2.0.11', port: PORT, source: '10.9.9.9' });
      assert.match(from.lines.join('\n'), /no such address/);
    });

    await t.test('a capture holds what was asked for, comes as pcap, and only once', async () => {
      const run = await appliance.call('runTool', {
        body: { tool: 'capture', link: 'eth1', address: '10.2.0.11', protocol: 'icmp', packets: 4, seconds: 20 },
      });
      await until('it to listen', async () =>
        (await appliance.call('getToolRun', { at: { id: run.id } })).lines.some(line => /listening on eth1/.test(line)),
      );
      await ran({ tool: 'connect', host: '10.2.0.11', port: PORT });
      await ran({ tool: 'ping', host: '10.2.0.11', count: 2, size: 56 });
      assert.equal((await over(run)).state, 'done', 'four packets of ICMP end it');
      const fetched = () => download(appliance, `/api/tools/${run.id}/capture`);
      const { status, bytes } = await fetched();
      assert.equal(status, 200);
      assert.equal(bytes.readUInt32LE(0), 0xa1b2c3d4, 'pcap');
      assert.equal(packetsIn(bytes), 4);
      assert.equal((await fetched()).status, 404);
    });

    await t.test('bounds: time, cancelling, and how many at once', async () => {
      const endless = { tool: 'capture', link: 'eth0', port: 1, packets: 200_000, seconds: 600 } as const;
      const runs: ToolRun[] = [];
      for (let i = 0; i < 4; i++) runs.push(await appliance.call('runTool', { body: endless }));
      await assert.rejects(
        appliance.call('runTool', { body: endless }),
        (error: unknown) => error instanceof Refused && error.fault.code === 'TOO_MANY_RUNS',
      );
      for (const { id } of runs) await appliance.call('stopTool', { at: { id } });
      for (const run of runs) assert.equal((await over(run)).state, 'cancelled');
      const short = await ran({ ...endless, seconds: 1 });
      assert.equal(short.state, 'done');
      await until(
        'no tcpdump to be left',
        () => !network.local('ps', '-eo', 'args').includes(`tcpdump -i eth0 -n -U -s 65535 -c 200000`),
      );
    });

    await t.test('nothing but addresses and names ever reaches a program', async () => {
      for (const host of ['-h', '--help', 'a b', 'a;id', '$(id)', 'a\nb', '', '../x'])
        await assert.rejects(
          appliance.call('runTool', { body: { tool: 'ping', host, count: 1, size: 56 } }),
          (error: unknown) => error instanceof Refused && error.status === 400,
          host,
        );
    });

    await t.test('only interfaces of this machine are listened on, and only addresses are addresses', async () => {
      const capture = { tool: 'capture', packets: 1, seconds: 1 } as const;
      const refused = (body: ToolRequest, at: string) =>
        assert.rejects(
          appliance.call('runTool', { body }),
          (error: unknown) => error instanceof Refused && error.fault.at === at,
          JSON.stringify(body),
        );
      // Each of these tcpdump itself would take; the second would take packets away from whom they are for.
      for (const link of ['any', 'nfqueue', 'nflog', 'dbus-system', '1']) await refused({ ...capture, link }, '/link');
      await refused({ ...capture, link: 'eth0', address: 'face' }, '/address');
      await refused({ tool: 'ping', host: '10.2.0.11', count: 1, size: 56, source: 'face' }, '/source');
      await refused({ tool: 'lookup', host: 'a.test', type: 'A', server: '1.2' }, '/server');
    });

    await t.test('a capture nobody fetches is removed in time, and nobody else can read it meanwhile', async () => {
      const folder = join(mkdtempSync('/tmp/tools-captures-'), 'captures');
      const jobs = new Jobs(folder, 1_500);
      t.after(() => rmSync(join(folder, '..'), { recursive: true, force: true }));
      const { id } = jobs.start({ tool: 'capture', link: 'eth1', packets: 200_000, seconds: 1 });
      await until('its end', () => jobs.get(id)?.state !== 'running');
      assert.equal(jobs.get(id)?.state, 'done', jobs.get(id)?.lines.join('\n'));
      assert.deepEqual(readdirSync(folder), [`${id}.pcap`]);
      assert.equal(statSync(folder).mode & 0o077, 0);
      await until('it to be forgotten', () => jobs.get(id) === undefined && readdirSync(folder).length === 0);
      assert.equal(await jobs.capture(id), undefined);
    });

    await t.test('who did what is told', async () => {
      const told = (await appliance.call('listOccurrences')).map(one => one.text).join('\n');
      for (const words of [
        /^bal pings 10\.2\.0\.11$/m,
        /^bal connects to 10\.2\.0\.11:7000$/m,
        /^bal captures packets on eth1$/m,
        /^bal fetched the packets of capture \d+$/m,
      ])
        assert.match(told, words);
    });

    await t.test('an operator may ping, only an administrator sees packets', async () => {
      await appliance.call('createUser', { body: { name: 'olga', role: 'operator', password: 'a long password' } });
      const { key } = await appliance.call('createKey', { body: { name: 'k', user: 'olga', role: 'operator' } });
      const ask = (body: ToolRequest) => post(appliance, '/api/tools', key, body);
      assert.equal(await ask({ tool: 'ping', host: '10.2.0.11', count: 1, size: 56 }), 200);
      assert.equal(await ask({ tool: 'capture', link: 'eth0', packets: 1, seconds: 1 }), 403);
    });

    await t.test('open connections of both layers are seen, and one is dropped', async () => {
      const services = [];
      for (const layer of ['l7', 'l4'] as const)
        services.push(
          await appliance.addService({
            ...{ address: '10.1.0.100', port: layer === 'l7' ? 81 : 82, type: 'tcp', layer, checkType: 'none' },
            realServers: [{ address: '10.2.0.11', port: PORT }],
          }),
        );
      for (const [at, port] of [81, 82].entries())
        await client.ask({ do: 'hold', address: '10.1.0.100', port, as: String(at) });
      for (const [at, { service, servers }] of services.entries()) {
        const list = () =>
          appliance.call('listConnections', { query: { virtualService: service.id } } as never) as Promise<
            Awaited<ReturnType<typeof appliance.call<'listConnections'>>>
          >;
        const [one, ...others] = (await list()).connections;
        assert.equal(others.length, 0);
        assert.match(one?.client ?? '', /^10\.1\.0\.50:\d+$/);
        assert.equal(one?.realServer, servers[0]?.id);
        assert.deepEqual(await appliance.call('dropConnection', { body: { key: one?.key ?? '' } }), { dropped: true });
        await until('it to be gone', async () => (await list()).total === 0);
        const [echo] = await client.ask<(string | null)[]>({ do: 'echo', as: String(at), text: 'still there?' });
        assert.equal(echo, null);
      }
    });

    await t.test('neighbours', async () => {
      const found = (await appliance.call('listNeighbours')).find(one => one.address === '10.2.0.11');
      assert.equal(found?.link, 'eth1');
      assert.match(found?.mac ?? '', /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/);
    });
  });

/** Packets in a pcap file: 24 bytes of head, then 16 and the packet for each. */
function packetsIn(bytes: Buffer): number {
  let count = 0;
  for (let at = 24; at + 16 <= bytes.length; at += 16 + bytes.readUInt32LE(at + 8)) count++;
  return count;
}

async function download(appliance: Appliance, path: string) {
  const { key } = await appliance.call('createKey', { body: { name: path, user: 'bal', role: 'administrator' } });
  return new Promise<{ status: number; bytes: Buffer }>((done, fail) => {
    const headers = { authorization: `Bearer ${key}` };
    get(`${appliance.url}${path}`, { headers, rejectUnauthorized: false }, reply => {
      const chunks: Buffer[] = [];
      reply.on('data', chunk => chunks.push(chunk));
      reply.on('end', () => done({ status: reply.statusCode ?? 0, bytes: Buffer.concat(chunks) }));
    }).on('error', fail);
  });
}

async function post(appliance: Appliance, path: string, key: string, body: object): Promise<number> {
  const { request } = await import('node:https');
  return new Promise((done, fail) => {
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
    const sent = request(`${appliance.url}${path}`, { method: 'POST', headers, rejectUnauthorized: false }, reply => {
      reply.resume();
      reply.on('end', () => done(reply.statusCode ?? 0));
    });
    sent.on('error', fail);
    sent.end(JSON.stringify(body));
  });
}
