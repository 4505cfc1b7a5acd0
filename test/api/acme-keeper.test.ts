import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after, mock, type TestContext } from 'node:test';
import { AcmeKeeper } from '../../server/api/acme/keeper.ts';
import type { Certificate } from '../../server/schema/certificate.ts';
import { emptyConfig } from '../../server/schema/config.ts';
import { fill } from '../../server/schema/derive.ts';
import { Authority } from '../certificates/authority.ts';

/** When ACME certificates are renewed and tried again, with a clock that the test moves. No order gets as far as a server. */

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const authority = new Authority();
const folder = mkdtempSync(join(tmpdir(), 'ballast-acme-keeper-'));
after(() => {
  authority.remove();
  rmSync(folder, { recursive: true, force: true });
});
const chain = authority.issue('www.example.com', undefined, { days: 90 }).certificate;
const end = Date.parse(new X509Certificate(chain).validTo);
let files = 0;

/** A keeper that begins at `at` ms UTC. Without a service on port 80 every order fails at once. */
function begin(t: TestContext, at: number, wish: Partial<Certificate>) {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'], now: at });
  const certificate = fill('certificate', {
    id: 5,
    name: 'web',
    acmeAccount: 7,
    acmeNames: ['www.example.com'],
    ...wish,
  });
  const account = fill('acmeAccount', { id: 7, name: 'test' });
  const said: string[] = [];
  const keeper = new AcmeKeeper({
    config: () => ({ ...emptyConfig(), certificates: [certificate], acmeAccounts: [account] }),
    committer: () => assert.fail('nothing is issued here'),
    dataPlane: { tell: async () => {} } as never,
    facts: {} as never,
    file: join(folder, String(++files)),
    say: text => said.push(text),
  });
  t.after(() => keeper.stop());
  keeper.start();
  const pass = async (ms: number) => {
    t.mock.timers.tick(ms);
    for (let i = 0; i < 5; i++) await new Promise(done => setImmediate(done));
  };
  return { pass, said, view: () => keeper.view(certificate) };
}

test('due so many days before the end, or at half the life when that is later', t => {
  const { view } = begin(t, end - 80 * DAY, { chain, renewDays: 30 });
  assert.equal(view().nextTry, end - 30 * DAY);
  t.mock.timers.reset();
  const early = begin(t, end - 80 * DAY, { chain, renewDays: 60 }).view().nextTry ?? 0;
  assert.ok(Math.abs(early - (end - 45 * DAY)) < HOUR, 'not at two thirds of the life still left');
});

test('not before it is due; then after a random part of an hour', async t => {
  mock.method(Math, 'random', () => 0.5);
  t.after(() => mock.restoreAll());
  const { pass, view, said } = begin(t, end - 30 * DAY - 2 * HOUR, { chain, renewDays: 30 });
  await pass(3_000);
  await pass(HOUR);
  assert.deepEqual([view().state, said.length], ['issued', 0], 'not due');
  await pass(HOUR);
  const wait = (view().nextTry ?? 0) - Date.now();
  assert.ok(Math.abs(wait - HOUR / 2) < 1_000, `half of the hour: ${wait}`);
  assert.equal(view().lastTry, null);
  await pass(wait - 1_000);
  assert.equal(view().lastTry, null, 'not a second earlier');
  await pass(2_000);
  assert.notEqual(view().lastTry, null);
  assert.equal(view().state, 'failed');
});

test('a failure is tried again after one hour, then two, four and so on, a day at most', async t => {
  const { pass, view, said } = begin(t, end - 80 * DAY, {});
  await pass(3_000);
  for (const hours of [1, 2, 4, 8, 16, 24, 24]) {
    assert.equal((view().nextTry ?? 0) - (view().lastTry ?? 0), hours * HOUR);
    const tries = said.length;
    for (let i = 0; i < hours - 1; i++) await pass(HOUR);
    await pass(HOUR - 60_000);
    assert.equal(said.length, tries, `not within ${hours} hours`);
    await pass(62_000);
    assert.equal(said.length, tries + 1);
  }
});
