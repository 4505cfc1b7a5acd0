import assert from 'node:assert/strict';
import test from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { kill, Refused } from '../support/appliance.ts';
import { changesOf } from '../support/changes.ts';
import { Load, type LoadOptions } from '../support/load.ts';
import { makePlayground } from '../support/playground.ts';
import type { ProcessRole } from '../support/processes.ts';
import { Setting } from '../support/setting.ts';
import { until } from '../support/wait.ts';

/**
 * kill -9 of every one of our processes, again and again, in random order, under load and while changes are
 * made. Killing API or data plane must not be noticed by any client; without HAProxy there is a gap, of less
 * than a second. Ten seconds after the last kill what is stored is what runs and nothing else is left.
 * BALLAST_SEED repeats a run.
 */

const setting = Setting.forThisFile();
const address = '127.0.0.1';
const seed = Number(process.env.BALLAST_SEED ?? Math.floor(Math.random() * 2 ** 31));

/** Numbers from 0 up to 1, the same ones for the same seed (mulberry32). */
function randomOf(start: number): () => number {
  let a = start;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const engines: ProcessRole[] = ['haproxy master', 'haproxy worker'];

test(`kill -9 at random under load and changes (BALLAST_SEED=${seed})`, { timeout: 180_000 }, async t => {
  const { appliance } = setting;
  const random = randomOf(seed);
  const { playground, pems, plain, tls } = await makePlayground(setting, t, address, 3);
  const client = (name: string, kind: LoadOptions['kind'], port: number): LoadOptions => ({
    name,
    kind,
    place: { port, tls: port === tls },
    connections: 3,
    body: '^[abc]$',
    pause: 5,
  });
  const clients = [
    client('keep-alive, plain', 'keep-alive', plain),
    client('keep-alive, TLS', 'keep-alive', tls),
    client('close, plain', 'close', plain),
    client('close, TLS', 'close', tls),
  ];

  // Changes go on all the time; those that meet a dead process may be refused, never half done.
  let changing = true;
  const counts = { applied: 0, refused: 0, broken: 0 };
  const changes = changesOf(playground, pems);
  const changer = (async () => {
    for (let at = 0; changing; at++) {
      try {
        await changes[at % changes.length]?.make(Math.floor(at / changes.length));
        counts.applied++;
      } catch (error) {
        if (error instanceof Refused) counts.refused++;
        else counts.broken++;
        await sleep(50);
      }
      await sleep(20);
    }
  })();

  /** Kills one process of the role and waits until there is a new one. */
  const strike = async (role: ProcessRole) => {
    // In the middle of a reload there may be none for a moment.
    let victims = appliance.processes(role);
    await until(
      `a ${role}`,
      () => {
        victims = appliance.processes(role);
        return victims.length > 0;
      },
      { limit: 5_000 },
    );
    const ready = () => appliance.log.split('data plane ready').length;
    const before = ready();
    const victim = victims[Math.floor(random() * victims.length)];
    assert.ok(victim, `there is a ${role}`);
    kill(victim.pid);
    await until(`a new ${role}`, () => appliance.processes(role).some(p => !victims.some(v => v.pid === p.pid)), {
      limit: 15_000,
    });
    // HAProxy is brought back by the data plane: to kill it while there is none yet is another test than this one.
    if (role === 'data plane') await until('the new data plane to be ready', () => ready() > before, { limit: 30_000 });
  };

  try {
    const quiet = await Load.start(clients);
    t.after(() => quiet.stop());
    const managers: ProcessRole[] = ['api', 'data plane', 'api', 'data plane', 'api', 'data plane'];
    for (const role of managers.sort(() => random() - 0.5)) {
      await sleep(300 + random() * 1_200);
      await strike(role);
    }
    await sleep(500);
    for (const r of await quiet.stop()) {
      t.diagnostic(`API and data plane killed: ${r.name}: ${r.requests} requests, longest gap ${r.longestGap} ms`);
      assert.deepEqual({ name: r.name, failures: r.failures }, { name: r.name, failures: [] });
      assert.ok(r.longestGap < 1_000, `${r.name}: no answer for ${r.longestGap} ms`);
    }

    const rough = await Load.start(clients);
    t.after(() => rough.stop());
    const all: ProcessRole[] = [...engines, ...engines, 'api', 'data plane'];
    for (const role of all.sort(() => random() - 0.5)) {
      await strike(role);
      await sleep(2_000 + random() * 1_000);
    }
    for (const r of await rough.stop()) {
      t.diagnostic(
        `HAProxy killed 4 times too: ${r.name}: ${r.requests} requests, ${r.failed} failed, longest gap ${r.longestGap} ms`,
      );
      const gaps = r.gaps.map(([from, to]) => `${new Date(from).toISOString()} ${to - from} ms`);
      // Killed just while it loads a change: the data plane first learns how that ended.
      const limit = appliance.log.includes('HAProxy ended while it loaded') ? 3_000 : 1_000;
      assert.ok(r.longestGap < limit, `${r.name}: gaps ${gaps.join(', ')}\n${appliance.log.slice(-6_000)}`);
    }
  } finally {
    changing = false;
    await changer;
  }
  t.diagnostic(`changes: ${counts.applied} applied, ${counts.refused} refused, ${counts.broken} without an answer`);
  assert.ok(counts.applied > 20, 'changes went on');

  await until(
    'what is stored to be what runs',
    async () => {
      const health = await appliance.call('getHealth');
      const { apply } = await appliance.call('getStatus');
      return (
        health.state === 'ok' && apply.state === 'live' && apply.applied === apply.head && health.head === apply.head
      );
    },
    { limit: 10_000 },
  );
  await until(
    'exactly one of each process',
    () => {
      const running = appliance.processes();
      return (['supervisor', 'api', 'data plane', ...engines] as ProcessRole[]).every(
        role => running.filter(p => p.role === role).length === 1,
      );
    },
    { limit: 10_000 },
  ).catch(error => {
    throw new Error(`${error.message}: ${JSON.stringify(appliance.processes(), null, 1)}`);
  });

  // The engine, asked through traffic, does what the store says.
  const servers = await appliance.call('listRealServers');
  for (const { id } of playground.services)
    for (const server of servers.filter(s => s.virtualService === id)) {
      const wanted = { enabled: ['up'], drain: ['drain'], disabled: ['disabled'] }[server.state];
      await until(`server ${server.id} to be ${wanted}`, async () =>
        wanted.includes((await appliance.serverStatus(server.id))?.state ?? ''),
      );
    }
  const after = await Load.start(clients);
  await sleep(1_000);
  for (const r of await after.stop()) assert.deepEqual(r.failures, []);
});
