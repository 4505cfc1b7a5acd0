import assert from 'node:assert/strict';
import test from 'node:test';
import { changesOf } from '../support/changes.ts';
import { Load, type LoadOptions, Wrk } from '../support/load.ts';
import { makePlayground } from '../support/playground.ts';
import { Setting } from '../support/setting.ts';

/**
 * 100 changes of 20 kinds, 10 of them certificate replacements, and 20 more certificate replacements, while
 * keep-alive, close-per-request and HTTP/2 clients ask over plain HTTP and TLS. No request may fail. What
 * counts as a failure: test/support/load.ts.
 */

const setting = Setting.forThisFile();
const address = '127.0.0.1';

test('120 changes under load: no request fails', { timeout: 240_000 }, async t => {
  const { playground, pems, plain, tls } = await makePlayground(setting, t, address, 4);
  const body = '^[abc]$';
  const client = (name: string, kind: LoadOptions['kind'], port: number, connections: number): LoadOptions => ({
    name,
    kind,
    place: { port, tls: port === tls, serverName: 'load.example' },
    connections,
    body,
    pause: 4,
  });
  const load = await Load.start([
    client('keep-alive, plain', 'keep-alive', plain, 6),
    client('keep-alive, TLS', 'keep-alive', tls, 6),
    client('close, plain', 'close', plain, 3),
    client('close, TLS', 'close', tls, 3),
    client('HTTP/2', 'h2', tls, 6),
  ]);
  const wrks = [new Wrk(`http://127.0.0.1:${plain}/`, 4), new Wrk(`https://127.0.0.1:${tls}/`, 4)];
  let reloads = 0;
  const times: number[] = [];
  t.after(() => Promise.all([load.stop(), ...wrks.map(wrk => wrk.stop())]));
  const changes = changesOf(playground, pems);
  const replacement = changes.find(change => change.name === 'certificate');
  for (let at = 0; at < 100; at++) {
    const change = changes[at % changes.length];
    const started = performance.now();
    const { outcome } = (await change?.make(Math.floor(at / changes.length))) ?? {};
    times.push(performance.now() - started);
    assert.equal(outcome?.state, 'applied', `${change?.name}: ${JSON.stringify(outcome)}`);
    if (outcome?.effect === 'reload') reloads++;
  }
  for (let at = 0; at < 20; at++) {
    const { outcome } = (await replacement?.make(at)) ?? {};
    assert.ok(outcome?.state === 'applied' && outcome.effect === 'runtime', JSON.stringify(outcome));
  }

  const reports = await load.stop();
  const wrkReports = await Promise.all(wrks.map(wrk => wrk.stop()));
  for (const r of reports)
    t.diagnostic(
      `${r.name}: ${r.requests} requests, ${r.failed} failed, ${r.retried} retried, longest gap ${r.longestGap} ms`,
    );
  for (const r of wrkReports) t.diagnostic(`wrk: ${r.requests} requests, ${r.failed} failed`);
  times.sort((x, y) => x - y);
  t.diagnostic(
    `${reloads} reloads; a change took ${Math.round(times[50] ?? 0)} ms in the median, ${Math.round(times.at(-1) ?? 0)} at most`,
  );
  for (const r of reports) assert.deepEqual({ name: r.name, failures: r.failures }, { name: r.name, failures: [] });
  for (const r of reports) assert.ok(r.requests > 200, `${r.name} made only ${r.requests} requests`);
  for (const r of wrkReports) assert.ok(r.failed === 0 && r.requests > 1_000, r.output);
  assert.ok(reloads >= 20, `only ${reloads} changes needed a reload`);
});
