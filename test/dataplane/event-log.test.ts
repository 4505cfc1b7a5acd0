import assert from 'node:assert/strict';
import { appendFileSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { EventLog } from '../../server/dataplane/event-log.ts';
import { folder } from '../store/support.ts';

/** The file of events: outlives the process, has an end, and bears half a line. */

const event = (text: string) => ({ time: 1, severity: 'info' as const, text });

test('events and their numbers outlive the process and a line that was cut', t => {
  const file = join(folder(t), 'events.log');
  const first = new EventLog(file, assert.fail);
  first.add(event('one'));
  first.add({ ...event('two'), virtualService: 7 });
  first.close();
  assert.equal(statSync(file).mode & 0o777, 0o600);
  appendFileSync(file, '{"number":3,"ti');
  const second = new EventLog(file, assert.fail);
  assert.equal(second.add(event('three')).number, 3);
  second.close();
  const third = new EventLog(file, assert.fail);
  assert.deepEqual(
    third.list(10).map(({ number, text }) => `${number} ${text}`),
    ['3 three', '2 two', '1 one'],
  );
  assert.equal(third.list(10)[1]?.virtualService, 7);
  assert.deepEqual(
    third.list(10, 2).map(({ text }) => text),
    ['three'],
  );
  assert.equal(third.list(1)[0]?.text, 'three');
});

test('ten thousand events leave a file of at most four thousand, the newest', t => {
  const file = join(folder(t), 'events.log');
  const log = new EventLog(file, assert.fail);
  for (let n = 1; n <= 10_000; n++) log.add(event(`number ${n}`));
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  assert.ok(lines.length <= 4_000, String(lines.length));
  assert.match(lines.at(-1) ?? '', /number 10000/);
  log.close();
  assert.equal(new EventLog(file, assert.fail).list(500)[499]?.text, 'number 9501');
});

test('where nothing can be written events are kept all the same, and it is said once', t => {
  const said: string[] = [];
  const log = new EventLog(join(folder(t), 'none', 'events.log'), text => said.push(text));
  log.add(event('one'));
  log.add(event('two'));
  assert.equal(log.list(10).length, 2);
  assert.equal(said.length, 1);
});
