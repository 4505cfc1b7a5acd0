import { spawn } from 'node:child_process';

const TIMEOUT = 10_000;
const LARGEST_OUTPUT = 1024 * 1024;

/**
 * Runs the openssl program; the only child process of the API. PFX files come in forms (RC2, 3DES, EC keys) that no
 * library here reads all of. Input goes in by a pipe and a pass phrase by another, never by arguments or disk.
 * Resolves with the exit code; rejects when it takes too long.
 */
export function openssl(
  args: readonly string[],
  input: Buffer,
  passphrase: string,
): Promise<{ code: number; out: string; said: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn('openssl', args, {
      // Descriptor 3 carries the pass phrase: -passin fd:3.
      stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
      env: { PATH: '/usr/bin:/bin', LANG: 'C', HOME: '/nonexistent' },
      timeout: TIMEOUT,
      killSignal: 'SIGKILL',
    });
    const gather = (stream: NodeJS.ReadableStream) => {
      const chunks: Buffer[] = [];
      let size = 0;
      stream.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > LARGEST_OUTPUT) child.kill('SIGKILL');
        else chunks.push(chunk);
      });
      return () => Buffer.concat(chunks).toString();
    };
    const out = gather(child.stdout as NodeJS.ReadableStream);
    const said = gather(child.stderr as NodeJS.ReadableStream);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (signal) reject(new Error('openssl took too long'));
      else resolve({ code: code ?? 1, out: out(), said: said() });
    });
    for (const pipe of [child.stdin, child.stdio[3]] as NodeJS.WritableStream[]) pipe.on('error', () => {});
    (child.stdio[3] as unknown as NodeJS.WritableStream).end(`${passphrase}\n`);
    child.stdin?.end(input);
  });
}
