import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** One finding of testssl.sh. */
export interface Finding {
  id: string;
  severity: string;
  finding: string;
}

/** Milliseconds. On two cores shared with others it takes some 50 s. */
const PATIENCE = 90_000;

/**
 * What testssl.sh finds at a port of loopback: protocols, ciphers, forward secrecy, the certificate, headers and all
 * vulnerabilities it knows. Rejects when it is not installed or takes longer than 90 s: never left out in silence.
 */
export function findings(name: string, port: number, ca: string, file: string): Promise<Finding[]> {
  return new Promise((done, fail) => {
    const what = ['-p', '-s', '-f', '-P', '-S', '-h', '-U'];
    const how = ['--quiet', '--color', '0', '--warnings', 'off', '--add-ca', ca, '--jsonfile', file];
    const args = [...how, ...what, '--ip', '127.0.0.1', `${name}:${port}`];
    const child = spawn('testssl', args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: PATIENCE,
      killSignal: 'SIGKILL',
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', chunk => {
        said += chunk;
      });
    child.on('error', () => fail(new Error('testssl is missing: apt install testssl.sh')));
    child.on('close', (_, signal) => {
      try {
        if (signal) throw new Error(`not done after ${PATIENCE} ms`);
        done(JSON.parse(readFileSync(file, 'utf8')) as Finding[]);
      } catch (error) {
        fail(new Error(`testssl.sh came to nothing: ${(error as Error).message}\n${said.slice(-2_000)}`));
      }
    });
  });
}

const SCORES = { SSLv2: 0, SSLv3: 80, TLS1: 90, TLS1_1: 95, TLS1_2: 100, TLS1_3: 100 };
const FATAL = [
  'heartbleed',
  'CCS',
  'ticketbleed',
  'ROBOT',
  'secure_renego',
  'CRIME_TLS',
  'POODLE_SSL',
  'DROWN',
  'FREAK',
];
const HALF_A_YEAR = 15_552_000;

/**
 * The grade by SSL Labs’ Server Rating Guide (2009r): testssl.sh says it itself only from 3.2 on, and Debian 12 has 3.0.
 * Checked once against 3.3: the same findings, the same A+.
 */
export function gradeOf(all: readonly Finding[]): string {
  // From 3.2 on (Debian 13) PFS is called FS.
  const of = (id: string) => all.find(one => one.id === id || one.id === id.replace(/^PFS/, 'FS'));
  const found = (id: string) => of(id)?.finding ?? '';
  const offered = Object.entries(SCORES).filter(([id]) => /^offered/.test(found(id)));
  if (offered.length === 0) throw new Error('testssl.sh found no protocol');
  if (!/^passed/.test(found('cert_chain_of_trust'))) return 'T';
  if (/does not match/.test(found('cert_trust'))) return 'M';
  if (FATAL.some(id => of(id)?.severity !== 'OK')) return 'F';
  const has = (id: string) => offered.some(([name]) => name === id);
  if (has('SSLv2') || offered.some(([id]) => id === 'SSLv3')) return 'F';
  if (!has('TLS1_2') && !has('TLS1_3')) return 'C';
  if (/^offered/.test(found('cipherlist_NULL')) || /^offered/.test(found('cipherlist_aNULL'))) return 'F';
  const weak = ['cipherlist_EXPORT', 'cipherlist_LOW', 'cipherlist_3DES_IDEA'].some(id => /^offered/.test(found(id)));
  if (has('TLS1') || has('TLS1_1') || weak || !/^offered/.test(found('PFS'))) return 'B';

  const middle = (values: readonly number[]) => (Math.min(...values) + Math.max(...values)) / 2;
  const protocol = middle(offered.map(([, score]) => score));
  const key = Number(/(\d+) bits/.exec(found('cert_keySize'))?.[1]);
  const exchange = /EC/.test(found('cert_keySize'))
    ? key >= 256
      ? 90
      : 40
    : key >= 4096
      ? 100
      : key >= 2048
        ? 90
        : 40;
  const ciphers = found('PFS_ciphers').split(/\s+/).filter(Boolean);
  const strength = middle(ciphers.map(name => (/256|CHACHA20/.test(name.replace(/SHA256$/, '')) ? 100 : 80)));
  const score = 0.3 * protocol + 0.3 * exchange + 0.4 * strength;
  if (score < 80) return score < 65 ? 'C' : 'B';
  const age = Number(/=(\d+) seconds/.exec(found('HSTS_time'))?.[1] ?? 0);
  return age >= HALF_A_YEAR ? 'A+' : 'A';
}
