import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Kinds of keys as openssl is told of them. */
export const keyKinds = {
  p256: ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256'],
  p384: ['ec', '-pkeyopt', 'ec_paramgen_curve:P-384'],
  p521: ['ec', '-pkeyopt', 'ec_paramgen_curve:P-521'],
  k1: ['ec', '-pkeyopt', 'ec_paramgen_curve:secp256k1'],
  rsa2048: ['rsa:2048'],
  rsa1024: ['rsa:1024'],
  ed25519: ['ed25519'],
} as const;

/** A certificate and its private key, PEM. */
export interface Pair {
  certificate: string;
  key: string;
}

interface Wish {
  /** An own key instead of a new one. */
  key?: string;
  keyKind?: keyof typeof keyKinds;
  names?: string;
  days?: number;
  digest?: string;
  /** May it sign others? */
  authority?: boolean;
  /** Without the identifiers by which readers tell issuers of one name apart. */
  anonymous?: boolean;
  /** Further extensions, as openssl's own lines. */
  extensions?: string[];
}

/**
 * Issues certificates with the openssl program, so that what is tested is read against another implementation. All
 * lies in a folder of its own; nothing of it is kept in the repository.
 */
export class Authority {
  readonly folder = mkdtempSync(join(tmpdir(), 'ballast-certificates-'));
  #made = 0;

  path = (name: string) => join(this.folder, name);
  read = (name: string) => readFileSync(this.path(name), 'utf8');
  bytes = (name: string) => readFileSync(this.path(name));
  remove = () => rmSync(this.folder, { recursive: true, force: true });

  /** Runs openssl in the folder, with input, and gives its output; throws with what it said. */
  openssl(args: readonly string[], input: string | Buffer = ''): Buffer {
    return execFileSync('openssl', args, { input, cwd: this.folder, stdio: ['pipe', 'pipe', 'pipe'] });
  }

  /** A file with this content, for openssl to read. */
  file(content: string | Buffer): string {
    this.#made += 1;
    return this.write(String(this.#made), content);
  }

  write(name: string, content: string | Uint8Array): string {
    writeFileSync(this.path(name), content, { mode: 0o600 });
    return this.path(name);
  }

  /** A new private key as NAME.key; `algorithm` as openssl genpkey takes it, such as EC:P-256 or RSA:2048. */
  key(name: string, algorithm = 'EC:P-256'): void {
    const [kind = '', option] = algorithm.split(':');
    const choice =
      kind === 'EC' ? `ec_paramgen_curve:${option}` : kind === 'RSA' ? `rsa_keygen_bits:${option}` : undefined;
    this.openssl(['genpkey', '-algorithm', kind, ...(choice ? ['-pkeyopt', choice] : []), '-out', `${name}.key`]);
  }

  /** NAME.csr and NAME.pem for NAME.key, signed by ISSUER or, without one, by itself. Extensions as openssl's own lines. */
  certificate(
    name: string,
    subject: string,
    { issuer, extensions = [], days = 30 }: { issuer?: string; extensions?: string[]; days?: number },
  ): void {
    this.openssl(['req', '-new', '-key', `${name}.key`, '-subj', subject, '-out', `${name}.csr`]);
    this.write(`${name}.ext`, extensions.join('\n'));
    const signer = issuer ? ['-CA', `${issuer}.pem`, '-CAkey', `${issuer}.key`] : ['-signkey', `${name}.key`];
    const serial = ['-set_serial', String(Math.floor(Math.random() * 1e9) + 1)];
    const what = ['x509', '-req', '-in', `${name}.csr`, '-extfile', `${name}.ext`, '-days', String(days)];
    this.openssl([...what, ...signer, ...serial, '-out', `${name}.pem`]);
  }

  /** root > middle > leaf (for a.example), each `.key` and `.pem`. */
  hierarchy(): void {
    const authority = ['basicConstraints=critical,CA:TRUE', 'keyUsage=critical,keyCertSign,cRLSign'];
    for (const name of ['root', 'middle', 'leaf']) this.key(name);
    this.certificate('root', '/CN=Test Root', { extensions: authority });
    this.certificate('middle', '/O=Test/CN=Test Middle', { issuer: 'root', extensions: authority });
    this.certificate('leaf', '/CN=a.example', {
      issuer: 'middle',
      extensions: ['subjectAltName=DNS:a.example,DNS:*.b.example,IP:192.0.2.1'],
      days: 60,
    });
  }

  /** The issuer's list of revoked certificates. */
  revocations(issuer: Pair, revoked: readonly Pair[] = []): string {
    const index = this.file(
      revoked.map(({ certificate }) => `R\t${END}\t${NOW}\t${serialOf(certificate)}\tunknown\t/CN=x\n`).join(''),
    );
    const options = `[ca]\ndefault_ca=a\n[a]\ndatabase=${index}\ndefault_md=sha256\ndefault_crl_days=30\n`;
    const who = ['-keyfile', this.file(issuer.key), '-cert', this.file(issuer.certificate)];
    return this.openssl(['ca', '-gencrl', '-config', this.file(options), ...who]).toString();
  }

  issue(commonName: string, issuer?: Pair, wish: Wish = {}): Pair {
    const { key, keyKind = 'p256', names, days = 90, digest = 'sha256', authority = false, anonymous } = wish;
    const { extensions: more = [] } = wish;
    const keyPath = this.file(key ?? '');
    const request = this.openssl([
      ...['req', '-new', '-nodes', '-subj', `/CN=${commonName}`],
      ...(key ? ['-key', keyPath] : ['-keyout', keyPath, '-newkey', ...keyKinds[keyKind]]),
    ]);
    const extensions = [
      `basicConstraints=critical,CA:${authority ? 'TRUE' : 'FALSE'}`,
      ...(anonymous ? ['subjectKeyIdentifier=none', 'authorityKeyIdentifier=none'] : []),
      ...(names ? [`subjectAltName=${names}`] : []),
      ...more,
    ].join('\n');
    const certificate = this.openssl(
      [
        ...['x509', '-req', '-days', String(days), '-extfile', this.file(extensions)],
        ...(keyKind === 'ed25519' ? [] : [`-${digest}`]),
        ...(issuer
          ? ['-CA', this.file(issuer.certificate), '-CAkey', this.file(issuer.key), '-set_serial', `${this.#made}`]
          : ['-signkey', keyPath]),
      ],
      request,
    ).toString();
    return { certificate, key: readFileSync(keyPath, 'utf8') };
  }

  /** The issuer's answer to a signing request. */
  answer(request: string, issuer: Pair): string {
    const args = ['x509', '-req', '-days', '90', '-copy_extensions', 'copy', '-set_serial', '77'];
    return this.openssl(
      [...args, '-CA', this.file(issuer.certificate), '-CAkey', this.file(issuer.key)],
      request,
    ).toString();
  }

  /** The key encrypted; `how` are options of `openssl pkcs8 -topk8`. */
  locked(key: string, passphrase: string, ...how: string[]): string {
    return this.openssl(['pkcs8', '-topk8', '-passout', `pass:${passphrase}`, ...how], key).toString();
  }

  /** PFX as base64; `how` are options of `openssl pkcs12 -export`. */
  pfx(pair: Partial<Pair>, others: string[], passphrase: string, ...how: string[]): string {
    const input = [pair.key, pair.certificate, ...others].join('');
    return this.openssl(['pkcs12', '-export', '-passout', `pass:${passphrase}`, ...how], input).toString('base64');
  }
}

/** Times as openssl's index has them. */
const NOW = '260101000000Z';
const END = '491231235959Z';

export const serialOf = (certificate: string) => new X509Certificate(certificate).serialNumber;

/** The text with its first half only. */
export const half = (text: string): string => text.slice(0, text.length / 2);

/** The same lines, but what stands between BEGIN and END is zeros. */
export const garbled = (pem: string): string => {
  const lines = pem.trim().split('\n');
  return `${[lines[0], ...lines.slice(1, -1).map(line => 'A'.repeat(line.length)), lines.at(-1)].join('\n')}\n`;
};

/** DER of a kind, around its content. */
const der = (kind: number, ...content: Uint8Array[]): Buffer => {
  const body = Buffer.concat(content);
  const size = body.length < 128 ? [body.length] : [0x82, body.length >> 8, body.length & 255];
  return Buffer.concat([Buffer.from([kind, ...size]), body]);
};
const hex = (text: string) => Buffer.from(text, 'hex');

/** An encrypted key (RFC 8018, appendix A) that asks for two thousand million rounds of PBKDF2 before it can be opened. */
export function endlessKey(): string {
  const rounds = der(2, hex('7fffffff'));
  const derivation = der(
    0x30,
    der(6, hex('2a864886f70d01050c')),
    der(0x30, der(4, Buffer.alloc(8, 1)), rounds, der(0x30, der(6, hex('2a864886f70d0209')), hex('0500'))),
  );
  const cipher = der(0x30, der(6, hex('60864801650304012a')), der(4, Buffer.alloc(16, 2)));
  const algorithm = der(0x30, der(6, hex('2a864886f70d01050d')), der(0x30, derivation, cipher));
  const lines =
    der(0x30, algorithm, der(4, Buffer.alloc(144, 3)))
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ENCRYPTED PRIVATE KEY-----\n${lines.join('\n')}\n-----END ENCRYPTED PRIVATE KEY-----\n`;
}
