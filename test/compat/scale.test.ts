import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { after, before, test } from 'node:test';
import { emptyConfig } from '../../server/schema/config.ts';
import { exported } from '../../server/schema/configuration.ts';
import { fill } from '../../server/schema/derive.ts';
import { Appliance, applied } from '../support/appliance.ts';

/** A thousand services of ten servers each, listed, shown and changed as tools written for a LoadMaster do. */

const SERVICES = 1_000;
const SERVERS = 10;
const LISTINGS = 100;

let appliance: Appliance;
let key: string;
const agent = new Agent({ keepAlive: true, maxSockets: 10, rejectUnauthorized: false });

before(async () => {
  appliance = await Appliance.start();
  key = (await appliance.call('createKey', { body: { name: 'scale', user: 'bal', role: 'administrator' } })).key;
  const config = emptyConfig();
  for (let id = 1; id <= SERVICES; id++) {
    const common = { id, address: `127.1.${id >> 8}.${id & 255}`, port: 80, type: 'http' };
    config.virtualServices.push(fill('virtualService', { ...common, name: `service ${id}`, checkType: 'none' }));
    for (let n = 1; n <= SERVERS; n++)
      config.realServers.push(
        fill('realServer', { id: id * SERVERS + n, virtualService: id, address: `127.2.0.${n}`, port: 8_080 }),
      );
  }
  applied(await appliance.call('importConfiguration', { body: exported(config) }), false);
});
after(async () => {
  agent.destroy();
  await appliance.stop();
});

interface Timed {
  status: number;
  text: string;
  milliseconds: number;
  /** Until the first bytes of the body. */
  first: number;
}

function timed(path: string, body?: object): Promise<Timed> {
  return new Promise((done, fail) => {
    const start = performance.now();
    let first = 0;
    const sent = request(appliance.url + path, { agent, method: body ? 'POST' : 'GET', timeout: 60_000 }, reply => {
      const chunks: Buffer[] = [];
      reply.on('error', fail);
      reply.on('data', chunk => {
        first ||= performance.now() - start;
        chunks.push(chunk);
      });
      reply.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        done({ status: reply.statusCode ?? 0, text, first, milliseconds: performance.now() - start });
      });
    });
    sent.on('timeout', () => sent.destroy(new Error(`${path} took longer than a minute`)));
    sent.on('error', fail);
    sent.end(body && JSON.stringify(body));
  });
}

const v1 = (command: string, parameters: Record<string, string | number> = {}) =>
  timed(`/access/${command}?${new URLSearchParams({ apikey: key, ...parameters } as Record<string, string>)}`);
const v2 = (cmd: string, parameters: object = {}) => timed('/accessv2', { apikey: key, cmd, ...parameters });

/** The quickest of some: what else this machine was at does not count. */
async function quickest(times: number, call: () => Promise<Timed>): Promise<Timed> {
  let best: Timed | undefined;
  for (let n = 0; n < times; n++) {
    const one = await call();
    assert.equal(one.status, 200, one.text.slice(0, 300));
    if (!best || one.milliseconds < best.milliseconds) best = one;
  }
  return best as Timed;
}

const MB = 1024 * 1024;
function memory(): number {
  const [api] = appliance.processes('api');
  assert.ok(api, 'the API runs');
  return (Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${api.pid}/status`, 'utf8'))?.[1]) * 1024) / MB;
}

test('listvs takes less than a second in both versions', async t => {
  const xml = await quickest(5, () => v1('listvs'));
  const json = await quickest(5, () => v2('listvs'));
  t.diagnostic(`listvs: version 1 ${xml.milliseconds | 0} ms, ${(xml.text.length / MB).toFixed(1)} MB`);
  t.diagnostic(`listvs: version 2 ${json.milliseconds | 0} ms, ${(json.text.length / MB).toFixed(1)} MB`);
  assert.equal(xml.text.match(/<RsIndex>/g)?.length, SERVICES * SERVERS);
  const { VS } = JSON.parse(json.text);
  assert.equal(VS.length, SERVICES);
  assert.equal(VS[999].Rs.length, SERVERS);
  assert.ok(xml.milliseconds < 1_000, `version 1 took ${xml.milliseconds} ms`);
  assert.ok(json.milliseconds < 1_000, `version 2 took ${json.milliseconds} ms`);
});

test('showvs takes less than 20 ms', async t => {
  const xml = await quickest(20, () => v1('showvs', { vs: 500 }));
  const json = await quickest(20, () => v2('showvs', { vs: '127.1.1.244', port: '80', prot: 'tcp' }));
  t.diagnostic(`showvs: ${xml.milliseconds.toFixed(1)} and ${json.milliseconds.toFixed(1)} ms`);
  assert.match(xml.text, /<Index>500</);
  assert.equal(JSON.parse(json.text).Index, 500);
  assert.ok(xml.milliseconds < 20 && json.milliseconds < 20, `${xml.milliseconds} and ${json.milliseconds} ms`);
});

test('memory stays flat over a hundred listings', { timeout: 300_000 }, async t => {
  const seen: number[] = [];
  for (let n = 0; n < LISTINGS; n++) {
    assert.equal((await (n % 2 ? v1('listvs') : v2('listvs'))).status, 200);
    seen.push(memory());
  }
  const half = LISTINGS / 2;
  const [before, late] = [Math.max(...seen.slice(0, half)), Math.max(...seen.slice(half))];
  t.diagnostic(`memory: highest ${before | 0} MB in the first half, ${late | 0} MB in the second, last ${seen.at(-1)}`);
  assert.ok(late < before * 1.1 + 16, `${before} MB, then ${late} MB`);
});

test('ten writers at once lose nothing', { timeout: 300_000 }, async t => {
  const start = performance.now();
  const names = new Map<number, string>();
  await Promise.all(
    Array.from({ length: 10 }, async (_, writer) => {
      for (let n = 0; n < 2; n++) {
        const index = 1 + writer + 10 * n;
        const name = `of writer ${writer}, ${n}`;
        const answer = await (writer % 2
          ? v1('modvs', { vs: index, nickname: name })
          : v2('modvs', { vs: index, NickName: name }));
        assert.equal(answer.status, 200, answer.text.slice(0, 300));
        names.set(index, name);
        // All ten change the same service too, each another property's value: the last of them stays, whole.
        const shared = await v2('modvs', { vs: 1_000, nickname: `shared ${writer}.${n}` });
        assert.equal(shared.status, 200, shared.text.slice(0, 300));
      }
    }),
  );
  t.diagnostic(`40 changes by ten writers: ${(performance.now() - start) | 0} ms`);
  assert.equal(names.size, 20);
  const { VS } = JSON.parse((await v2('listvs')).text) as { VS: { Index: number; NickName: string }[] };
  for (const { Index, NickName } of VS)
    if (Index === SERVICES) assert.match(NickName, /^shared \d\.\d$/);
    else assert.equal(NickName, names.get(Index) ?? `service ${Index}`);
});
