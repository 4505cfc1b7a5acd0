import { spawnSync } from 'node:child_process';

/** Runs a program to its end and returns its output. Throws with what it said. */
export function run(
  program: string,
  args: readonly string[],
  { input, env, cwd }: { input?: string; env?: NodeJS.ProcessEnv; cwd?: string } = {},
): string {
  const ran = spawnSync(program, args, {
    ...(input !== undefined && { input }),
    ...(cwd && { cwd }),
    env: { ...process.env, ...env },
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (ran.status !== 0)
    throw new Error(`${program} ${args.join(' ')} failed: ${ran.error?.message ?? ran.stderr.trim().slice(-2_000)}`);
  return ran.stdout;
}
