import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { freePort } from './ports.ts';
import { until } from './wait.ts';

/** Debian's sshd on loopback with its own keys and configuration: SFTP alone, by key alone, into a folder of its own. */
export class SftpServer {
  readonly user = userInfo().username;
  readonly port: number;
  readonly #folder: string;
  #process: ChildProcess | undefined;

  private constructor(port: number, folder: string) {
    this.port = port;
    this.#folder = folder;
  }

  static async start(): Promise<SftpServer> {
    const server = new SftpServer(await freePort(), mkdtempSync(join(tmpdir(), 'ballast-sftp-server-')));
    mkdirSync(server.#at('files'));
    server.newHostKey();
    server.letIn('');
    // sshd does not start without it.
    mkdirSync('/run/sshd', { recursive: true });
    writeFileSync(
      server.#at('config'),
      [
        `Port ${server.port}`,
        'ListenAddress 127.0.0.1',
        `HostKey ${server.#at('host')}`,
        `AuthorizedKeysFile ${server.#at('authorized')}`,
        `PidFile none`,
        'AuthenticationMethods publickey',
        'PermitRootLogin yes',
        'StrictModes no',
        'UsePAM yes',
        'Subsystem sftp internal-sftp',
        `ForceCommand internal-sftp -d ${server.#at('files')}`,
        '',
      ].join('\n'),
    );
    await server.#run();
    return server;
  }

  /** Takes the key of this line of authorized_keys, and no other. */
  letIn(line: string): void {
    writeFileSync(this.#at('authorized'), `${line}\n`, { mode: 0o600 });
  }

  /** The host's public key, type and blob. */
  get hostKey(): string {
    return readFileSync(this.#at('host.pub'), 'utf8').split(' ').slice(0, 2).join(' ');
  }

  get fingerprint(): string {
    return execFileSync('ssh-keygen', ['-lf', this.#at('host.pub')], { encoding: 'utf8' }).split(' ')[1] ?? '';
  }

  newHostKey(): void {
    for (const name of ['host', 'host.pub']) rmSync(this.#at(name), { force: true });
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', this.#at('host')]);
  }

  /** The same machine with another key, or somebody else in its place. */
  async restart(): Promise<void> {
    await this.#end();
    await this.#run();
  }

  get files(): string[] {
    return readdirSync(this.#at('files')).toSorted();
  }

  read(name: string): Buffer {
    return readFileSync(join(this.#at('files'), name));
  }

  async stop(): Promise<void> {
    await this.#end();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #run(): Promise<void> {
    const child = spawn('/usr/sbin/sshd', ['-D', '-f', this.#at('config')], {
      stdio: 'ignore',
    });
    this.#process = child;
    await until(
      'sshd to listen',
      () =>
        new Promise<boolean>(done => {
          const socket = connect(this.port, '127.0.0.1');
          socket.once('error', () => done(false));
          socket.once('connect', () => done(socket.destroy() !== undefined));
        }),
    );
  }

  async #end(): Promise<void> {
    const child = this.#process;
    if (!child || child.exitCode !== null) return;
    const gone = new Promise(done => child.once('exit', done));
    child.kill();
    await gone;
  }

  #at(name: string): string {
    return join(this.#folder, name);
  }
}
