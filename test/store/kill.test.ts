import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import test from 'node:test';
import { setTimeout as after } from 'node:timers/promises';
import { integrity, openStore } from '../../server/store/db.ts';
import { Revisions } from '../../server/store/revisions.ts';
import { folder, server, service } from './support.ts';

const program = join(import.meta.dirname, 'committing.ts');

/** Runs the committing program, kills it `ms` after it is ready, and returns the last commit it told of. */
async function killedAfter(ms: number, path: string): Promise<number> {
  const child = spawn(process.execPath, [program, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  while (!said.includes('ready\n')) await once(child.stdout, 'data');
  await after(ms);
  child.kill('SIGKILL');
  await once(child, 'close');
  const lines = said.split('\n').slice(0, -1);
  return Number(lines.at(-1)) || 0;
}

test('a writer killed at any moment leaves whole revisions, and none that it told of is lost', async t => {
  const path = join(folder(t), 'config.db');
  let told = 0;
  for (let ms = 0; ms <= 14; ms += 2) {
    told = Math.max(told, await killedAfter(ms, path));
    const db = openStore(path);
    try {
      assert.equal(integrity(db), undefined);
      const revisions = new Revisions(db);
      const { revision, config } = revisions.current();
      assert.ok(revision >= told, `revision ${revision} is there, ${told} was told`);
      const numbers = Array.from({ length: revision }, (_, i) => i + 1);
      assert.deepEqual(
        config.virtualServices,
        numbers.map(n => service(n, n < revision ? { name: 'old' } : {})),
      );
      assert.deepEqual(
        config.realServers,
        numbers.flatMap(n => [server(2 * n - 1, n), server(2 * n, n, { port: 8081 })]),
      );
      if (revision > 0) assert.equal(revisions.changes(revision).length, revision > 1 ? 4 : 3);
    } finally {
      db.close();
    }
  }
  assert.ok(told > 0, 'the program did commit');
});
