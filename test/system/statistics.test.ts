import assert from 'node:assert/strict';
import test from 'node:test';
import { Refused } from '../support/appliance.ts';
import { shares } from '../support/http-client.ts';
import { freePort } from '../support/ports.ts';
import { Setting } from '../support/setting.ts';
import { until } from '../support/wait.ts';

/** What the appliance measured of real traffic: by service, server, interface and of the system; through a restart. */

const setting = Setting.forThisFile();
const DAY = 86_400;
let service = 0;
let server = 0;
let port = 0;

/** How many requests the rates of a range add up to, and the highest of them. */
async function measured(of: string, seconds: number): Promise<{ requests: number; highest: number; periods: number }> {
  const { objects } = await setting.appliance.call('getHistorySeries', { query: { of, seconds, points: 300 } });
  const { average = [], highest = [] } = objects[0]?.values.requestRate ?? {};
  return {
    requests: average.reduce<number>((sum, value, at) => sum + (value ?? 0) * (objects[0]?.measured[at] ?? 0), 0),
    highest: Math.max(0, ...highest.map(value => value ?? 0)),
    periods: average.filter(value => value !== null).length,
  };
}

test('the requests of a service and of its servers stand in every range', async () => {
  port = await freePort();
  const made = await setting.appliance.addService({
    ...{ name: 'Shop, "old"', address: '127.0.0.1', port },
    realServers: setting.servers(),
  });
  service = made.service.id;
  server = made.servers[0]?.id ?? 0;
  // The first sight of a service has no rates.
  await until('the service to be measured', async () => (await measured(`service:${service}`, 300)).periods > 0);
  await shares({ port }, 60);
  await until('60 requests of the service', async () => (await measured(`service:${service}`, 300)).requests > 57);
  const fine = await measured(`service:${service}`, 300);
  assert.ok(fine.requests < 63, `${fine.requests} requests`);
  const one = await measured(`server:${server}`, 300);
  assert.ok(one.requests > 18 && one.requests < 22, `${one.requests} of 20`);
  for (const seconds of [6 * 3_600, DAY, 7 * DAY, 31 * DAY, 366 * DAY]) {
    const { highest } = await measured(`service:${service}`, seconds);
    // Steps on disk hold numbers of seven digits.
    assert.ok(Math.abs(highest - fine.highest) < 0.11, `${seconds} s: ${highest}, not ${fine.highest}`);
  }
});

test('interfaces and the system are measured too', async () => {
  const { links, system } = await setting.appliance.call('getStatus');
  assert.ok(system.memoryTotal > 0);
  const of = ['system', ...links.map(link => `interface:${link.name}`)];
  const { time, objects } = await setting.appliance.call('getHistorySeries', {
    query: { of: of.join(','), seconds: 300, points: 60 },
  });
  assert.equal(objects.length, of.length);
  for (const { of: key, values } of objects) {
    const names = key === 'system' ? ['cpu', 'memoryUsed', 'networkIn'] : ['inRate', 'outRate'];
    for (const name of names) assert.equal(values[name]?.average.length, time.length, `${key} ${name}`);
    assert.ok(
      values[names[0] ?? '']?.average.some(value => value !== null),
      key,
    );
  }
});

test('CSV holds the same, with the name of the service', async () => {
  const text = await setting.appliance.call('getHistoryCsv', {
    query: { of: `service:${service}`, seconds: 300, points: 300, values: 'requestRate' },
  });
  const [head, ...lines] = text.trimEnd().split('\r\n');
  assert.equal(head, 'time,object,name,requestRate,requestRate highest');
  assert.equal(lines.length, 300);
  const parts = lines.map(line => /^([^,]+),service:\d+,"Shop, ""old""",([\d.]*),([\d.]*)$/.exec(line));
  assert.ok(
    parts.every(Boolean),
    lines.find((_, i) => !parts[i]),
  );
  const peak = Math.max(...parts.map(part => Number(part?.[3])));
  assert.equal(peak, (await measured(`service:${service}`, 300)).highest);
  assert.ok(Math.abs(Date.parse(parts.at(-1)?.[1] ?? '') - Date.now()) < 30_000);
});

test('after a restart the history is still there, and goes on', { timeout: 60_000 }, async () => {
  const before = await measured(`service:${service}`, DAY);
  await setting.appliance.stop({ keepData: true });
  await setting.appliance.launch();
  const after = await measured(`service:${service}`, 366 * DAY);
  assert.equal(after.highest, before.highest);
  assert.ok((await measured(`service:${service}`, DAY)).periods >= before.periods);
});

test('a reset begins anew, and says who did it', async () => {
  await setting.appliance.call('resetStatistics');
  assert.equal((await measured(`service:${service}`, 366 * DAY)).highest, 0);
  await until('the totals to be 0', async () => {
    const status = await setting.appliance.serviceStatus(service);
    return status?.totalRequests === 0 && status.totalIn === 0;
  });
  await shares({ port }, 30);
  await until('30 requests', async () => (await setting.appliance.serviceStatus(service))?.totalRequests === 30);
  const [told] = (await setting.appliance.call('listOccurrences')).filter(({ text }) => /statistics/.test(text));
  assert.equal(told?.text, 'bal reset the statistics');
});

test('what is deleted is forgotten', async () => {
  await setting.appliance.deleteService(service);
  await until('nothing to be left', async () => (await measured(`service:${service}`, 366 * DAY)).periods === 0);
  await assert.rejects(
    setting.appliance.call('getHistorySeries', { query: { of: 'everything', seconds: 300 } }),
    error => error instanceof Refused && error.fault.code === 'INVALID',
  );
});
