import assert from 'node:assert/strict';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import Database from 'better-sqlite3';
import { Archive, STEPS } from '../../server/dataplane/history/archive.ts';
import { Histories } from '../../server/dataplane/history/histories.ts';
import { Rings } from '../../server/store/rings.ts';

/** What was measured: averages and peaks at every step, on disk in files that do not grow, through restarts and damage. */

const folder = mkdtempSync(join(tmpdir(), 'ballast-history-'));
after(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;
const file = () => join(folder, `${++files}.db`);
const fail = (text: string) => assert.fail(text);
const DAY = 86_400_000;
/** A midnight, so that steps begin where they are expected. */
const START = Math.floor(Date.parse('2026-01-01T00:00:00Z') / DAY) * DAY;
const memory = () => new Histories(undefined, START, fail);

test('memory has the newest five minutes by the second and six hours by ten, with averages', () => {
  const histories = memory();
  for (let second = 0; second < 1_000; second++)
    histories.add('service:1', START + second * 1_000, { connections: second });
  const now = START + 999_000;
  const fine = histories.read('service:1', 300, now);
  assert.equal(fine.time.length, 300);
  assert.equal(fine.connections.at(-1), 999);
  const coarse = histories.read('service:1', 900, now);
  assert.equal(coarse.connections.at(-2), 984.5, 'the average of 980 to 989');
  assert.deepEqual(histories.read('service:2', 300, now).time, []);
  histories.keep(new Set());
  assert.deepEqual(histories.read('service:1', 300, now).time, []);
});

test('a peak of one second is still there in every coarser step', () => {
  const histories = new Histories(file(), START, fail);
  for (let second = 0; second < 7_200; second++)
    histories.add('service:1', START + second * 1_000, { requestRate: second === 4_000 ? 900 : 1 });
  const now = START + 7_199_000;
  for (const seconds of [7_200, 86_400, 7 * 86_400, 31 * 86_400, 366 * 86_400]) {
    const { objects } = histories.series(['service:1'], seconds, 300, ['requestRate'], now);
    const { average, highest } = objects[0]?.values.requestRate ?? { average: [], highest: [] };
    assert.equal(Math.max(...highest.map(value => value ?? 0)), 900, `${seconds} s`);
    const top = Math.max(...average.map(value => value ?? 0));
    assert.ok(top > 1 && top < 100, `${seconds} s: an average of ${top}`);
    assert.deepEqual(Object.keys(objects[0]?.values ?? {}), ['requestRate']);
  }
});

test('samples at uneven times count for the time they stand for', () => {
  const histories = memory();
  // A second without requests, and 20 ms later a look that sees 40 of the last moment.
  for (let second = 0; second < 60; second++) {
    histories.add('service:1', START + second * 1_000, { requestRate: 0 });
    histories.add('service:1', START + second * 1_000 + 200, { requestRate: 40 });
  }
  const { step, objects } = histories.series(['service:1'], 3_600, 60, ['requestRate'], START + 60_000);
  assert.equal(step, 60_000);
  const measured = objects[0]?.values.requestRate?.average.filter(value => value !== null) ?? [];
  assert.equal(measured.length, 1);
  // 0.2 s of each second.
  assert.ok(Math.abs((measured[0] ?? 0) - 8) < 0.3, String(measured[0]));
});

test('objects share one time line; what was not measured is null, not nothing', () => {
  const histories = memory();
  for (let second = 0; second < 300; second++) {
    histories.add('system', START + second * 1_000, { cpu: 50 });
    if (second >= 150 && second < 200) histories.add('service:1', START + second * 1_000, { connections: 4 });
  }
  const { step, time, objects } = histories.series(['system', 'service:1', 'server:9'], 300, 100, [], START + 299_000);
  assert.equal(step, 3_000);
  assert.equal(time.length, 100);
  const cpu = objects[0]?.values.cpu?.average ?? [];
  assert.ok(
    cpu.every(value => value === 50),
    String(cpu),
  );
  const open = objects[1]?.values.connections?.average ?? [];
  assert.equal(open.filter(value => value === 4).length, 17);
  assert.equal(open.filter(value => value === null).length, 83);
  assert.ok(objects[2]?.values.connections?.average.every(value => value === null));
});

test('a restart goes on where it was, within a period too; a clean end loses nothing', async () => {
  const path = file();
  let now = START;
  const first = new Histories(path, now, fail);
  for (; now < START + 400_000; now += 1_000) first.add('service:1', now, { connections: 10 });
  await first.close();
  const second = new Histories(path, now, fail);
  for (; now < START + 600_000; now += 1_000) second.add('service:1', now, { connections: 20 });
  const { objects } = second.series(['service:1'], 86_400, 300, ['connections'], now - 1_000);
  const measured = objects[0]?.values.connections?.average.filter(value => value !== null);
  assert.deepEqual(
    measured,
    [10, (10 * 100 + 20 * 200) / 300].map(value => Math.round(value * 10) / 10),
  );
  const hour = second.series(['service:1'], 3_600, 400, ['connections'], now - 1_000);
  const early = hour.objects[0]?.values.connections?.average.filter(value => value === 10) ?? [];
  assert.ok(early.length >= 1, 'what memory lost comes from the disk');
  await second.close();
});

test('what is written each minute is there after a kill', async () => {
  const path = file();
  const histories = new Histories(path, START, fail);
  for (let second = 0; second < 130; second++) {
    histories.add('system', START + second * 1_000, { cpu: 30 });
    await histories.writeWhenDue(START + second * 1_000);
  }
  // Nothing is closed: the process is gone.
  const next = new Histories(path, START + 200_000, fail);
  const { objects } = next.series(['system'], 86_400, 300, ['cpu'], START + 200_000);
  assert.deepEqual(
    objects[0]?.values.cpu?.average.filter(value => value !== null),
    [30],
  );
});

test('the file does not grow with time: a second year takes no more than the first', async () => {
  const path = file();
  const archive = new Archive(path, START);
  const year = (from: number) => {
    // A sample each hour is enough to begin every period of the longer steps.
    for (let time = from; time < from + 400 * DAY; time += DAY / 24) archive.add('service:1', time, [1, 2, 3, 4, 5]);
    return archive.write();
  };
  await year(START);
  const { size } = statSync(path);
  await year(START + 400 * DAY);
  await year(START + 800 * DAY);
  assert.ok(statSync(path).size <= size * 1.1, `${size} became ${statSync(path).size}`);
  assert.ok(size < 200_000, `${size} bytes for one object`);
  let periods = 0;
  const step = STEPS[3].step;
  const last = Math.floor((START + 1_200 * DAY - 1) / step);
  archive.each('service:1', step, last - 365, last, () => {
    periods++;
  });
  assert.equal(periods, 366, 'a whole year is there');
});

test('objects that are gone make room, and come back empty', async () => {
  const path = file();
  const histories = new Histories(path, START, fail);
  for (const key of ['service:1', 'service:2']) histories.add(key, START, { connections: 1 });
  await histories.close();
  const next = new Histories(path, START, fail);
  next.add('service:2', START, { connections: 1 });
  next.keep(new Set(['service:2']));
  await next.close();
  const last = new Histories(path, START, fail);
  const counted = (key: string) =>
    last.series([key], 86_400, 300, [], START).objects[0]?.values.connections?.average.filter(value => value !== null)
      .length;
  assert.deepEqual([counted('service:1'), counted('service:2')], [0, 1]);
  last.clear();
  assert.equal(counted('service:2'), 0);
});

test('a damaged file is put aside, and a disk that cannot be written costs only the long history', async () => {
  const path = file();
  writeFileSync(path, 'this is no database, but long enough to be taken for one '.repeat(200));
  const histories = new Histories(path, START, fail);
  histories.add('system', START, { cpu: 1 });
  await histories.close();
  assert.ok(existsSync(`${path}.damaged`));
  const told: string[] = [];
  const none = new Histories(join(folder, 'no', 'such', 'folder.db'), START, text => told.push(text));
  none.add('system', START, { cpu: 1 });
  assert.equal(none.read('system', 300, START).cpu?.[0], 1);
  assert.equal(told.length, 1);
  await none.close();
});

test('a torn write loses the last rows only', () => {
  const path = file();
  const torn = file();
  const rings = new Rings(path, new Map([[1_000, 100]]));
  const write = (chunk: number) =>
    rings.write([{ key: 'system', step: 1_000, chunk, data: new Float32Array(16).fill(chunk) }]);
  for (let chunk = 0; chunk < 50; chunk++) write(chunk);
  // The power goes in the middle of the newest write: its end never reached the disk.
  copyFileSync(path, torn);
  const log = readFileSync(`${path}-wal`);
  writeFileSync(`${torn}-wal`, log.subarray(0, log.length - 2_000));
  rings.close();
  const after = new Rings(torn, new Map([[1_000, 100]]));
  assert.deepEqual(
    after.read('system', 1_000, 0, 100).map(({ chunk, data }) => [chunk, data[15]]),
    Array.from({ length: 49 }, (_, chunk) => [chunk, chunk]),
  );
  after.close();
  assert.ok(!existsSync(`${torn}.damaged`));
});

test('damage in the middle of the file is met when it is read, and measuring goes on', async () => {
  const path = file();
  const archive = new Archive(path, START);
  for (let day = 0; day < 400; day++) archive.add('system', START + day * DAY, Array(10).fill(day));
  await archive.write();
  archive.close();
  const bytes = readFileSync(path);
  // All but the first page, which says what there is.
  writeFileSync(path, bytes.fill(0x5a, 4_096));
  const now = START + 400 * DAY;
  const histories = new Histories(path, now, fail);
  histories.add('system', now, { cpu: 7 });
  histories.series(['system'], 366 * 86_400, 300, [], now);
  await histories.close();
  assert.ok(existsSync(`${path}.damaged`));
  const next = new Histories(path, now, fail);
  const cpu = next.series(['system'], 86_400, 300, ['cpu'], now).objects[0]?.values.cpu?.average ?? [];
  assert.deepEqual(
    cpu.filter(value => value !== null),
    [7],
  );
});

test('200 services over every range, read at once', async t => {
  const path = file();
  const archive = new Archive(path, START);
  const keys = Array.from({ length: 200 }, (_, i) => `service:${i + 1}`);
  let now = START;
  for (let day = 0; day < 400; day++) {
    // Every step of the last days, and of the year before each day.
    const every = day < 365 ? DAY : 300_000 * (day < 398 ? 24 : 1);
    for (const end = now + DAY; now < end; now += every) for (const key of keys) archive.add(key, now, [1, 0, 2, 0, 0]);
    if (day % 10 === 9) await archive.write();
  }
  await archive.write();
  archive.close();
  // The work does not grow with time: of an object and a range at most so many rows are read, and found by their key.
  const db = new Database(path, { readonly: true });
  const most = db.prepare('SELECT max(n) FROM (SELECT count(*) AS n FROM ring GROUP BY object, step)').pluck().get();
  assert.ok(Number(most) <= 25, `${most} rows`);
  const sql = 'EXPLAIN QUERY PLAN SELECT data FROM ring WHERE object = 1 AND step = 2 AND chunk BETWEEN 3 AND 4';
  assert.match((db.prepare(sql).get() as { detail: string }).detail, /^SEARCH ring USING PRIMARY KEY/);
  db.close();
  const again = new Histories(path, now, fail);
  for (const seconds of [300, 3_600, 86_400, 7 * 86_400, 31 * 86_400, 366 * 86_400]) {
    const started = performance.now();
    const { objects, time } = again.series(keys, seconds, 300, ['requestRate'], now);
    t.diagnostic(`${seconds} s: ${Math.round(performance.now() - started)} ms for ${objects.length} × ${time.length}`);
    assert.ok(time.length <= 300 && objects.length === 200);
  }
  t.diagnostic(`${Math.round(statSync(path).size / 200 / 1024)} KB a service`);
});
