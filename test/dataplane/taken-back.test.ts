import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { Applier, type Deps } from '../../server/dataplane/apply.ts';
import { pathsOf } from '../../server/paths.ts';
import type { Outcome } from '../../server/schema/status.ts';
import { until } from '../support/wait.ts';
import { config } from './rig.ts';

test('what runs but would not survive a restart is taken back', async t => {
  const paths = pathsOf(mkdtempSync(join(tmpdir(), 'ballast-applier-')));
  for (const folder of [paths.stages, paths.run]) mkdirSync(folder, { recursive: true });
  // An engine that takes every command at runtime.
  const commands: string[] = [];
  const stats = createServer({ allowHalfOpen: true }, socket =>
    socket.on('data', text => {
      commands.push(String(text).trim());
      socket.end('\n');
    }),
  );
  await new Promise<void>(done => stats.listen(paths.statsSocket, done));
  t.after(() => {
    stats.close();
    rmSync(paths.data, { recursive: true, force: true });
  });
  let accepts = true;
  let reloads = 0;
  const outcomes: Outcome[] = [];
  const troubles: string[] = [];
  const deps: Deps = {
    paths,
    facts: { managementPort: 8443, loopback: true },
    place: {
      statsSocket: paths.statsSocket,
      stateFile: paths.stateFile,
      peersSocket: paths.peersSocket,
      maxconn: 1_000,
      engine: 2.6,
    },
    engine: {
      adopt: async () => 'none',
      check: async () => ({ ok: accepts, reason: accepts ? '' : 'no' }),
      processes: async () => ({ master: 1, failed: 0, reloads: 0, uptime: 1, worker: 2, old: [] }),
      start: async () => {},
      reload: async () => {
        reloads++;
      },
    },
    addresses: { add: async () => {}, removeAllBut: async () => {} },
    packets: {
      apply: async () => {},
      check: async () => {},
      lookAfter: async () => {},
      start: async () => {},
      steer: async () => {},
    },
    trouble: text => troubles.push(text),
    takenBack: outcome => outcomes.push(outcome),
    beforeReload: async () => {},
  };
  const applier = new Applier(deps);
  await applier.start();
  await applier.apply(config(22_001, [22_002]), 1);
  assert.equal(reloads, 1);
  const live = realpathSync(paths.live);

  accepts = false;
  const outcome = await applier.apply(config(22_001, [22_002], {}, [{ state: 'disabled' }]), 2);
  assert.equal(outcome.state === 'applied' && outcome.effect, 'runtime');
  assert.ok(commands.includes('set server vs1/rs1 state maint'), commands.join('\n'));
  await until('it to be taken back', () => outcomes.length > 0);
  assert.deepEqual(outcomes, [
    {
      state: 'kept',
      revision: 1,
      refused: 2,
      fault: { code: 'ENGINE_REFUSED', message: 'The engine refused the configuration: no.' },
    },
  ]);
  assert.equal(reloads, 2, 'the engine is brought back to what it was');
  assert.equal(applier.applied?.revision, 1);
  assert.equal(realpathSync(paths.live), live);
  assert.equal(JSON.parse(readFileSync(paths.applied, 'utf8')).revision, 1);

  // The way on is open: what failed was the check, not the applier.
  accepts = true;
  assert.equal((await applier.apply(config(22_001, [22_002], {}, [{ state: 'disabled' }]), 3)).state, 'applied');
  await applier.finish();
  assert.equal(JSON.parse(readFileSync(paths.applied, 'utf8')).revision, 3);
  assert.deepEqual(troubles, []);
  await assert.rejects(applier.lookAfter(), /stopping/);
});
