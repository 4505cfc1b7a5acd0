import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { root } from './source-files.ts';
import { Tally } from './tally.ts';

const bin = (name: string) => join(root, 'node_modules/.bin', name);

/** Quick and needing no engine; the fastest first. */
const checks: readonly { name: string; command: string; args: string[] }[] = [
  { name: 'rooms: who imports whom', command: bin('node'), args: ['scripts/imports.ts'] },
  { name: 'biome: format and lint', command: bin('biome'), args: ['check', '--error-on-warnings', '.'] },
  { name: 'tsc: types', command: bin('tsc'), args: ['-p', '.'] },
  { name: 'knip: unused code', command: bin('knip'), args: ['--no-progress'] },
  { name: 'npm: the packages fit together', command: 'npm', args: ['ls', '--all'] },
];

/** Runs all checks one after another; what a failing one says is printed whole. */
export async function runChecks(tally: Tally): Promise<void> {
  console.log('Checks');
  for (const { name, command, args } of checks) {
    const { code, said } = await run(command, args);
    if (code === 0) tally.pass(name);
    else tally.fail(name, said.trim() || `ended with ${code}`);
  }
}

function run(command: string, args: string[]): Promise<{ code: number | string; said: string }> {
  return new Promise(done => {
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], timeout: 180_000 });
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', chunk => {
        said += chunk;
      });
    child.once('error', error => done({ code: 127, said: error.message }));
    child.once('close', (code, signal) => done({ code: code ?? signal ?? 1, said }));
  });
}

if (import.meta.main) {
  const tally = new Tally();
  await runChecks(tally);
  tally.finish();
}
