import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ApiClient } from './api-client.ts';

/** A whole appliance as `npm start` runs it, started by the demo and the bench; loopback addresses are allowed. */
export class ApplianceProcess {
  readonly api: ApiClient;
  #child: ChildProcess;

  /** `show`: its lines go to our output; else they are kept for an error. */
  constructor(settings: { data: string; port: number; password: string; address?: string; show: boolean }) {
    this.api = new ApiClient(settings.port);
    // When we are killed it stops in order.
    const args = ['--pdeathsig', 'TERM', '--', process.execPath, join(import.meta.dirname, 'supervise.ts')];
    this.#child = spawn('setpriv', args, {
      env: {
        ...process.env,
        BALLAST_DATA: settings.data,
        BALLAST_PORT: String(settings.port),
        BALLAST_ADMIN_PASSWORD: settings.password,
        BALLAST_LOOPBACK: '1',
        ...(settings.address && { BALLAST_ADDRESS: settings.address }),
      },
      // Ctrl-C in the terminal is ours; we then end the appliance in order.
      detached: true,
      stdio: ['ignore', settings.show ? 'inherit' : 'pipe', 'inherit'],
    });
    this.#child.stdout?.on('data', chunk => {
      this.#log = (this.#log + chunk).slice(-8_000);
    });
  }

  #log = '';

  /** Resolves when both processes are well; throws with the last lines when they are not within 30 s. */
  async ready(): Promise<void> {
    for (const end = Date.now() + 30_000; Date.now() < end; await sleep(100)) {
      if (this.#child.exitCode !== null) break;
      const health = await this.api.call('getHealth').catch(() => undefined);
      if (health?.state === 'ok') return;
    }
    throw new Error(`The appliance did not get ready.\n${this.#log}`);
  }

  /** The appliance ended by itself. */
  get ended(): Promise<unknown> {
    return this.#child.exitCode !== null ? Promise.resolve() : once(this.#child, 'exit');
  }

  async stop(): Promise<void> {
    this.api.close();
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    await ended;
  }
}
