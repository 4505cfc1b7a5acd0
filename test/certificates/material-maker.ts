import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A folder in which openssl makes keys and certificates for tests. Nothing of it is kept in the repository. */
export class MaterialMaker {
  readonly folder = mkdtempSync(join(tmpdir(), 'ballast-test-pki-'));

  path = (name: string) => join(this.folder, name);
  read = (name: string) => readFileSync(this.path(name), 'utf8');
  bytes = (name: string) => readFileSync(this.path(name));
  remove = () => rmSync(this.folder, { recursive: true, force: true });

  write(name: string, content: string | Uint8Array): string {
    writeFileSync(this.path(name), content);
    return this.path(name);
  }

  /** Runs openssl in the folder; resolves with what it printed. Words are its arguments, file names are relative. */
  async openssl(...args: string[]): Promise<string> {
    const { stdout, stderr } = await run('openssl', args, { cwd: this.folder });
    return stdout + stderr;
  }

  /** A new private key as NAME.key; `algorithm` as openssl genpkey takes it, such as EC:P-256 or RSA:2048. */
  async key(name: string, algorithm = 'EC:P-256'): Promise<void> {
    const [kind = '', option] = algorithm.split(':');
    const choice =
      kind === 'EC' ? `ec_paramgen_curve:${option}` : kind === 'RSA' ? `rsa_keygen_bits:${option}` : undefined;
    await this.openssl('genpkey', '-algorithm', kind, ...(choice ? ['-pkeyopt', choice] : []), '-out', `${name}.key`);
  }

  /** NAME.pem for NAME.key, signed by ISSUER or, without one, by itself. Extensions as openssl's own lines. */
  async certificate(
    name: string,
    subject: string,
    { issuer, extensions = [], days = 30 }: { issuer?: string; extensions?: string[]; days?: number },
  ): Promise<void> {
    await this.openssl('req', '-new', '-key', `${name}.key`, '-subj', subject, '-out', `${name}.csr`);
    this.write(`${name}.ext`, extensions.join('\n'));
    const signer = issuer ? ['-CA', `${issuer}.pem`, '-CAkey', `${issuer}.key`] : ['-signkey', `${name}.key`];
    const serial = ['-set_serial', String(Math.floor(Math.random() * 1e9) + 1)];
    const what = ['x509', '-req', '-in', `${name}.csr`, '-extfile', `${name}.ext`, '-days', String(days)];
    await this.openssl(...what, ...signer, ...serial, '-out', `${name}.pem`);
  }

  /** root > middle > leaf (for a.example), each `.key` and `.pem`. */
  async hierarchy(): Promise<void> {
    const authority = ['basicConstraints=critical,CA:TRUE', 'keyUsage=critical,keyCertSign,cRLSign'];
    await Promise.all(['root', 'middle', 'leaf'].map(name => this.key(name)));
    await this.certificate('root', '/CN=Test Root', { extensions: authority });
    await this.certificate('middle', '/O=Test/CN=Test Middle', { issuer: 'root', extensions: authority });
    await this.certificate('leaf', '/CN=a.example', {
      issuer: 'middle',
      extensions: ['subjectAltName=DNS:a.example,DNS:*.b.example,IP:192.0.2.1'],
      days: 60,
    });
  }
}
