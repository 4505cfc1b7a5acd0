import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import test from 'node:test';

/** What a process says of its own power over the network. */
function said(...within: string[]): string {
  const path = join(import.meta.dirname, '../../server/dataplane/network/privilege.ts');
  const code = `const { whyPowerless } = await import(${JSON.stringify(path)}); process.stdout.write(await whyPowerless())`;
  const [program = '', ...args] = [...within, process.execPath, '--input-type=module', '--eval', code];
  return execFileSync(program, args, { encoding: 'utf8' });
}

test('root may change the network; without NET_ADMIN it says so', () => {
  assert.equal(said(), '');
  const without = ['setpriv', '--bounding-set=-net_admin', '--inh-caps=-net_admin', '--'];
  assert.match(said(...without), /without the privilege NET_ADMIN/);
});
