import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from './wait.ts';

/**
 * systemd-networkd as on an appliance, in the network, mount and host-name namespaces that the test runs in: with an
 * /etc whose changes are thrown away, a /run of its own and a bus to be asked over.
 */
export class NetworkdHere {
  readonly #scratch = mkdtempSync(join(tmpdir(), 'ballast-networkd-'));
  #bus: ChildProcess | undefined;
  #networkd: ChildProcess | undefined;
  said = '';

  async start(): Promise<this> {
    const mount = (...words: string[]) => execFileSync('mount', words);
    mount('-t', 'tmpfs', 'tmpfs', this.#scratch);
    for (const folder of ['upper', 'work']) mkdirSync(join(this.#scratch, folder));
    const layers = `lowerdir=/etc,upperdir=${this.#scratch}/upper,workdir=${this.#scratch}/work`;
    mount('-t', 'overlay', '-o', layers, 'overlay', '/etc');
    mount('-t', 'tmpfs', '-o', 'mode=755', 'tmpfs', '/run');
    // Read-only it tells networkd that there is no udev to wait for.
    mount('-t', 'sysfs', '-o', 'ro', 'sysfs', '/sys');
    for (const folder of ['/run/systemd/network', '/run/dbus', '/run/lock']) mkdirSync(folder, { recursive: true });
    rmSync('/etc/systemd/network', { recursive: true, force: true });
    this.#bus = spawn('dbus-daemon', ['--system', '--nofork', '--nopidfile'], { stdio: 'ignore' });
    await this.boot();
    return this;
  }

  /** As when the machine starts: what lies in /run is gone, and networkd begins with what lies in /etc. */
  async boot(): Promise<void> {
    await this.#end(this.#networkd);
    rmSync('/run/systemd/network', { recursive: true, force: true });
    mkdirSync('/run/systemd/network');
    const child = spawn('/lib/systemd/systemd-networkd', { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#networkd = child;
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', chunk => {
        this.said += chunk;
      });
    await until('networkd to answer', () => spawnSync('networkctl', ['reload']).status === 0);
  }

  async stop(): Promise<void> {
    await this.#end(this.#networkd);
    await this.#end(this.#bus);
  }

  async #end(child: ChildProcess | undefined): Promise<void> {
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }
}
