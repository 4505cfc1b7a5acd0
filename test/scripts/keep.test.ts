import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { GIVE_UP, Kept } from '../../scripts/keep.ts';
import { until } from '../support/wait.ts';

const folder = mkdtempSync(join(tmpdir(), 'ballast-keep-'));
after(() => rmSync(folder, { recursive: true }));

/** A process that adds a line to the file each time it starts, then does what the code says. */
const program = (file: string, code: string) => ({
  name: 'sample',
  command: process.execPath,
  args: ['-e', `require('fs').appendFileSync(${JSON.stringify(file)}, process.pid + '\\n'); ${code}`],
  env: {},
});
const starts = (file: string) => (existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : []);

test('a process that ends is started again; stop() ends it for good', async () => {
  const file = join(folder, 'again');
  const kept = new Kept(program(file, 'setInterval(() => {}, 1000)'));
  for (const round of [1, 2]) {
    await until(`start ${round}`, () => starts(file).length === round);
    process.kill(Number(starts(file).at(-1)), 'SIGKILL');
  }
  await until('start 3', () => starts(file).length === 3);
  assert.equal(await kept.stop(), false);
  assert.throws(() => process.kill(Number(starts(file).at(-1)), 0), /ESRCH/);
  assert.equal(await kept.ended, 0);
  assert.equal(starts(file).length, 3);
});

test('a process that gives up is not started again', async () => {
  const file = join(folder, 'gives-up');
  const kept = new Kept(program(file, `process.exit(${GIVE_UP})`));
  assert.equal(await kept.ended, GIVE_UP);
  assert.equal(starts(file).length, 1);
});

test('stop() while it waits to start again does not start it', async () => {
  const file = join(folder, 'waits');
  const kept = new Kept(program(file, 'process.exit(1)'));
  await until('three starts', () => starts(file).length >= 3);
  await kept.stop();
  const count = starts(file).length;
  await new Promise(done => setTimeout(done, 1_500));
  assert.equal(starts(file).length, count);
});
