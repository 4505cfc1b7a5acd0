import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { TestContext } from 'node:test';

/**
 * A small network of namespaces around the one the test runs in, which is the balancer. The switch is a namespace
 * with a bridge for each segment. All names are of this process and all of it ends with close().
 */
export class Network {
  readonly #mark = `bt${process.pid}`;
  #made: string[] = [];
  #children: ChildProcess[] = [];

  /** Must run in a network namespace of the test's own (see insideOwnNetwork). */
  constructor(segments: readonly string[]) {
    ip('link', 'set', 'dev', 'lo', 'up');
    this.#add('sw');
    for (const segment of segments) {
      this.#in('sw', 'ip', 'link', 'add', 'name', segment, 'type', 'bridge');
      this.#in('sw', 'ip', 'link', 'set', 'dev', segment, 'up');
    }
  }

  /** An interface of the balancer itself. */
  plug(link: string, segment: string, ...addresses: string[]): void {
    ip('link', 'add', 'name', link, 'type', 'veth', 'peer', 'name', `sw-${link}`, 'netns', this.#name('sw'));
    this.#connect(segment, `sw-${link}`);
    for (const address of addresses) ip('address', 'add', address, 'dev', link, ...quick(address));
    ip('link', 'set', 'dev', link, 'up');
  }

  /** A machine with one interface, `eth0`, and default routes by the gateways. */
  host(name: string, segment: string, addresses: readonly string[], gateways: readonly string[] = []): void {
    this.#add(name);
    const far = `sw-${name}`;
    this.#in('sw', 'ip', 'link', 'add', 'name', far, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', this.#name(name));
    this.#connect(segment, far);
    for (const address of addresses) this.#in(name, 'ip', 'address', 'add', address, 'dev', 'eth0', ...quick(address));
    this.#in(name, 'ip', 'link', 'set', 'dev', 'lo', 'up');
    this.#in(name, 'ip', 'link', 'set', 'dev', 'eth0', 'up');
    for (const gateway of gateways) this.#in(name, 'ip', 'route', 'add', 'default', 'via', gateway);
  }

  /** A second interface of a host, `eth1`, between whose networks it then routes. */
  join(name: string, segment: string, addresses: readonly string[]): void {
    const far = `sw-${name}-1`;
    this.#in('sw', 'ip', 'link', 'add', 'name', far, 'type', 'veth', 'peer', 'name', 'eth1', 'netns', this.#name(name));
    this.#connect(segment, far);
    for (const address of addresses) this.#in(name, 'ip', 'address', 'add', address, 'dev', 'eth1', ...quick(address));
    this.#in(name, 'ip', 'link', 'set', 'dev', 'eth1', 'up');
    this.#in(name, 'sysctl', '-qw', 'net.ipv4.ip_forward=1', 'net.ipv6.conf.all.forwarding=1');
  }

  /** Has a host take an address as its own without telling anybody: a server of direct return. */
  holdQuietly(name: string, address: string): void {
    for (const scope of ['all', 'eth0']) {
      this.#in(name, 'sysctl', '-qw', `net.ipv4.conf.${scope}.arp_ignore=1`);
      this.#in(name, 'sysctl', '-qw', `net.ipv4.conf.${scope}.arp_announce=2`);
    }
    this.#in(name, 'ip', 'address', 'add', `${address}/32`, 'dev', 'lo');
  }

  /** Bytes an interface of the balancer has received so far. */
  received(link: string): number {
    // Not from /sys, which shows the namespace it was mounted in.
    const [found] = JSON.parse(ip('-s', '-j', 'link', 'show', 'dev', link)) as [{ stats64: { rx: { bytes: number } } }];
    return found.stats64.rx.bytes;
  }

  /** Runs a program on the balancer; its output. */
  local(program: string, ...args: string[]): string {
    return execFileSync(program, args, { encoding: 'utf8' });
  }

  /** Runs a program on a host to its end; its output. */
  run(name: string, program: string, ...args: string[]): string {
    return this.#in(name, program, ...args);
  }

  /** Arguments of `ip` that run a program on a host. */
  command(name: string, program: string, ...args: string[]): string[] {
    return ['netns', 'exec', this.#name(name), program, ...args];
  }

  /** A script of node on a host, with lines as answers. */
  node(name: string, script: string, ...args: string[]): Talker {
    const child = spawn('ip', ['netns', 'exec', this.#name(name), process.execPath, script, ...args], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#children.push(child);
    return new Talker(child);
  }

  close(): void {
    for (const child of this.#children) child.kill('SIGKILL');
    for (const name of this.#made.toReversed()) execFileSync('ip', ['netns', 'delete', name]);
  }

  #connect(segment: string, far: string): void {
    this.#in('sw', 'ip', 'link', 'set', 'dev', far, 'master', segment, 'up');
  }

  #add(name: string): void {
    ip('netns', 'add', this.#name(name));
    this.#made.push(this.#name(name));
  }

  #name = (name: string) => `${this.#mark}-${name}`;

  #in(name: string, program: string, ...args: string[]): string {
    return execFileSync('ip', ['netns', 'exec', this.#name(name), program, ...args], { encoding: 'utf8' });
  }
}

/** A child that is told lines and answers each with one line of JSON. */
export class Talker {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  constructor(child: ChildProcess) {
    this.#child = child;
    if (!child.stdout) throw new Error('no output');
    this.#lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  }

  async next<T>(): Promise<T> {
    const { value, done } = await this.#lines.next();
    if (done) throw new Error('the child ended');
    return JSON.parse(value) as T;
  }

  ask<T>(request: object): Promise<T> {
    this.#child.stdin?.write(`${JSON.stringify(request)}\n`);
    return this.next<T>();
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await ended;
  }
}

/**
 * Runs the calling test file once more in a network namespace that ends with it; true inside. The outer run reports
 * what the inner one said.
 */
export const insideOwnNetwork = process.env.BALLAST_TEST_INSIDE === '1';

/** `more`: further namespaces, as unshare(1) names them. */
export async function runInside(t: TestContext, file: string, more: readonly string[] = []): Promise<void> {
  const child = spawn(
    'unshare',
    ['--net', ...more, process.execPath, '--test-reporter=spec', '--test-force-exit', file],
    {
      env: { ...process.env, BALLAST_TEST_INSIDE: '1', NODE_TEST_CONTEXT: '' },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', chunk => {
      output += chunk;
    });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(output.slice(-12_000));
  for (const [, said] of output.matchAll(/^ℹ (.*:.*)$/gm)) t.diagnostic(said ?? '');
}

const ip = (...words: string[]) => execFileSync('ip', words, { encoding: 'utf8' });
/** IPv6 addresses that can be used at once. */
const quick = (address: string) => (address.includes(':') ? ['nodad'] : []);
