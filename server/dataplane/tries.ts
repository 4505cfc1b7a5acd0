import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { tryConfig } from '../compile/try.ts';
import type { Paths } from '../paths.ts';
import { checkedPort, checkTimes, isProbed, type TriedResult } from '../schema/check.ts';
import type { TryReply, TryRequest } from '../schema/control.ts';
import { Fault } from '../schema/faults.ts';
import { PASSED } from './check-history.ts';
import { checkName, downReason } from './down-reason.ts';
import { firstAlert } from './engine-log.ts';
import { ask } from './haproxy-socket.ts';
import { parseStats } from './observe.ts';
import { type Answer, lookUp, ping } from './probes.ts';

/** At once; who comes later waits. */
const MOST = 3;
/** Milliseconds. Starting, the second in which the checks begin, and some air. */
const RESERVE = 6_000;
const POLL = 50;

/** Runs a check once, for real, before it is stored: by an engine of its own, which nothing else depends on. */
export class Tries {
  readonly #paths: Paths;
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(paths: Paths) {
    this.#paths = paths;
  }

  /** One result for each server, in their order. A check that the engine does not understand is a fault. */
  async run(request: TryRequest): Promise<TryReply> {
    if (this.#running >= MOST) await new Promise<void>(go => this.#waiting.push(go));
    this.#running++;
    try {
      const { checkType } = request.service;
      return { results: isProbed(checkType) ? await probed(request) : await this.#engine(request) };
    } catch (error) {
      if (error instanceof Fault) return { fault: error.reply };
      throw error;
    } finally {
      this.#running--;
      this.#waiting.shift()?.();
    }
  }

  async #engine(request: TryRequest): Promise<TriedResult[]> {
    const folder = await mkdtemp(join(this.#paths.run, 'try-'));
    const statsSocket = join(folder, 's.sock');
    const place = { statsSocket, stateFile: join(folder, 'state'), peersSocket: 'abns@none', maxconn: 200, engine: 0 };
    const limit = RESERVE + checkTimes(request.service, request.settings).timeout * 2_000;
    let engine: ReturnType<typeof spawn> | undefined;
    try {
      await writeFile(place.stateFile, '1\n', { mode: 0o600 });
      await writeFile(join(folder, 'haproxy.cfg'), tryConfig(request, place), { mode: 0o600 });
      // Ends by itself, should we be killed meanwhile.
      engine = spawn(
        'timeout',
        ['-s', 'KILL', String(Math.ceil(limit / 1_000) + 2), 'haproxy', '-db', '-C', folder, '-f', 'haproxy.cfg'],
        { stdio: ['ignore', 'pipe', 'pipe'], env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LANG: 'C' } },
      );
      let said = '';
      for (const stream of [engine.stdout, engine.stderr])
        stream?.setEncoding('utf8').on('data', (text: string) => {
          said = (said + text).slice(0, 64 * 1024);
        });
      engine.on('error', () => {});
      return await this.#results(request, statsSocket, engine, limit, () => said);
    } finally {
      if (engine && engine.exitCode === null && engine.signalCode === null && engine.pid) {
        const gone = once(engine, 'exit');
        engine.kill('SIGTERM');
        await gone;
      }
      await rm(folder, { recursive: true, force: true });
    }
  }

  async #results(
    { service, settings, servers }: TryRequest,
    socket: string,
    engine: ReturnType<typeof spawn>,
    limit: number,
    said: () => string,
  ): Promise<TriedResult[]> {
    const done = new Map<string, TriedResult>();
    for (const until = Date.now() + limit; Date.now() < until && done.size < servers.length; ) {
      if (engine.exitCode !== null || engine.signalCode !== null)
        throw new Fault('ENGINE_REFUSED', { reason: firstAlert(said()) || 'it ended without a word' });
      await sleep(POLL);
      const stats = await ask(socket, 'show stat').catch(() => '');
      for (const row of parseStats(stat(stats))) {
        const at = Number(/^rs(\d+)$/.exec(row.name)?.[1] ?? 0) - 1;
        const server = servers[at];
        if (!server || done.has(row.name) || row.checkStatus === '' || row.checkStatus === 'INI') continue;
        const up = PASSED.test(row.checkStatus);
        const reason = up ? '' : downReason(row, service, server, settings);
        done.set(row.name, { ...server, up, code: row.checkCode, reason, duration: row.checkDuration });
      }
    }
    return servers.map(
      (server, at) =>
        done.get(`rs${at + 1}`) ?? {
          ...server,
          up: false,
          code: 0,
          reason: `the check did not end (${checkName(service, server)})`,
          duration: limit,
        },
    );
  }
}

const stat = (text: string) => text.slice(Math.max(0, text.indexOf('# pxname')));

async function probed({ service, settings, servers }: TryRequest): Promise<TriedResult[]> {
  const { timeout } = checkTimes(service, settings);
  const result = (server: { address: string; port: number }, answer: Answer): TriedResult => ({
    ...server,
    up: answer.up,
    code: 0,
    reason: answer.up ? '' : `${answer.reason} (${checkName(service, server)})`,
    duration: answer.duration,
  });
  if (service.checkType === 'dns')
    return Promise.all(
      servers.map(async server =>
        result(server, await lookUp(server.address, checkedPort(service, server), service.checkName, timeout)),
      ),
    );
  const answers = await ping(
    servers.map(server => server.address),
    timeout,
  );
  return servers.map(server => result(server, answers.get(server.address) as Answer));
}
