import { execFile, spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { getPriority } from 'node:os';

export interface Ran {
  code: number;
  out: string;
  /** Standard error and output, for messages. */
  said: string;
}

/** Runs a program to its end. No shell; the arguments are an array. Never throws: a program that cannot be started has code 127. */
export function run(
  program: string,
  args: readonly string[],
  timeoutMs = 20_000,
  input: string | undefined = undefined,
): Promise<Ran> {
  return new Promise(done => {
    const child = execFile(
      program,
      args,
      { timeout: timeoutMs, maxBuffer: 8 * 1024 * 1024, env: { PATH: SYSTEM_PATH, LANG: 'C' } },
      (error, stdout, stderr) => {
        const code = error ? (typeof error.code === 'number' ? error.code : 127) : 0;
        done({ code, out: stdout, said: `${stderr}${stdout}`.trim() || (error?.message ?? '') });
      },
    );
    // A program that ends before it has read everything says why by itself.
    child.stdin?.on('error', () => {});
    child.stdin?.end(input);
  });
}

/**
 * Starts a program in a session of its own, so that it outlives us; its output goes to a file. Returns its pid. It is
 * served as if we were not: whatever our own priority was lowered by is given back.
 */
export function startDetached(program: string, args: readonly string[], logFile: string, died: () => void): number {
  const log = openSync(logFile, 'a', 0o600);
  const child = spawn('nice', ['-n', String(-getPriority()), program, ...args], {
    detached: true,
    stdio: ['ignore', log, log],
    env: { PATH: SYSTEM_PATH, LANG: 'C' },
  });
  child.once('error', died);
  child.once('exit', died);
  child.unref();
  return child.pid ?? 0;
}

const SYSTEM_PATH = '/usr/sbin:/usr/bin:/sbin:/bin';
