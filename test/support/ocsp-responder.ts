import { type ChildProcess, spawn } from 'node:child_process';
import { type Authority, type Pair, serialOf } from '../certificates/authority.ts';
import { until } from './wait.ts';

/** A responder of openssl's own, which speaks for one issuer. */
export class OcspResponder {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  /** Of these certificates; the word of each holds for so many minutes. */
  static async start(
    maker: Authority,
    { port, issuer, good = [], revoked = [], minutes = 60 }: Options,
  ): Promise<OcspResponder> {
    const line = (state: string, when: string) => (pair: Pair) =>
      `${state}\t491231235959Z\t${when}\t${serialOf(pair.certificate)}\tunknown\t/CN=${serialOf(pair.certificate)}\n`;
    const index = maker.file([...good.map(line('V', '')), ...revoked.map(line('R', '260101000000Z'))].join(''));
    const signs = maker.file(issuer.certificate);
    const args = ['ocsp', '-port', String(port), '-index', index, '-CA', signs, '-rsigner', signs];
    const key = ['-rkey', maker.file(issuer.key), '-nmin', String(minutes)];
    const child = spawn('openssl', [...args, ...key, '-ignore_err'], { stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', chunk => {
        said += chunk;
      });
    // Not tried by connecting: it would wait for what that connection asks.
    await until('the responder to listen', () => /ACCEPT/.test(said));
    return new OcspResponder(child);
  }

  stop(): void {
    this.#child.kill('SIGKILL');
  }
}

interface Options {
  port: number;
  issuer: Pair;
  good?: Pair[];
  revoked?: Pair[];
  minutes?: number;
}
