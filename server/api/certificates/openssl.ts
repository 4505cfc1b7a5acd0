import { type ChildProcess, execFile } from 'node:child_process';

/** Milliseconds. A file may ask for any number of rounds of its pass phrase's derivation; this many are enough. */
const TIMEOUT = 5_000;
const LARGEST_OUTPUT = 1024 * 1024;

export interface Ran {
  code: number;
  out: string;
  said: string;
}

let turn: Promise<unknown> = Promise.resolve();

/**
 * Runs the openssl program. It opens what is locked with a pass phrase: no library
 * here reads all forms of PFX (RC2, 3DES, EC keys), and a process of its own can be stopped. One at a time, so that
 * slow files cannot take more than one processor. Input goes in by a pipe, the pass phrase by the environment, which
 * only root and this user can read; neither by arguments or disk: `args` must take it by `-passin env:PASSPHRASE`.
 * Resolves with undefined when it took too long or printed too much.
 */
export function openssl(args: readonly string[], input: Buffer | string, passphrase: string): Promise<Ran | undefined> {
  const ran = turn.then(() => run(args, input, passphrase));
  turn = ran.catch(() => {});
  return ran;
}

function run(args: readonly string[], input: Buffer | string, passphrase: string): Promise<Ran | undefined> {
  return new Promise((resolve, reject) => {
    const options = {
      timeout: TIMEOUT,
      killSignal: 'SIGKILL',
      maxBuffer: LARGEST_OUTPUT,
      env: { PATH: '/usr/bin:/bin', LC_ALL: 'C.UTF-8', HOME: '/nonexistent', PASSPHRASE: passphrase },
    } as const;
    const child: ChildProcess = execFile('openssl', args, options, (error, out, said) => {
      if (!error) resolve({ code: 0, out, said });
      else if (error.killed || error.code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER') resolve(undefined);
      else if (typeof error.code === 'number') resolve({ code: error.code, out, said });
      else reject(error);
    });
    // It may refuse the first bytes and be gone before the last are written.
    child.stdin?.on('error', () => {});
    child.stdin?.end(input);
  });
}
