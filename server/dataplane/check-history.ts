import { type CheckResult, checkTimes, isProbed, judgeOf } from '../schema/check.ts';
import { type Config, settingsOf } from '../schema/config.ts';
import { downReason } from './down-reason.ts';
import type { ProxyStat } from './observe.ts';

/** Results kept of each server. */
const KEPT = 50;

/** Results in a ring, numbers in columns: with ten thousand servers objects would cost four times as much. */
class Ring {
  readonly #times = new Float64Array(KEPT);
  readonly #durations = new Uint32Array(KEPT);
  readonly #codes = new Uint16Array(KEPT);
  readonly #up = new Uint8Array(KEPT);
  readonly #reasons: string[] = new Array(KEPT).fill('');
  #count = 0;
  /** What HAProxy said at the last look, to know a new result by. */
  seen = '';

  add(result: CheckResult): void {
    const at = this.#count++ % KEPT;
    this.#times[at] = result.time;
    this.#durations[at] = result.duration;
    this.#codes[at] = result.code;
    this.#up[at] = result.up ? 1 : 0;
    this.#reasons[at] = result.reason;
  }

  get lastTime(): number {
    return this.#count === 0 ? 0 : (this.#times[(this.#count - 1) % KEPT] as number);
  }

  /** Newest first. */
  list(): CheckResult[] {
    const length = Math.min(this.#count, KEPT);
    return Array.from({ length }, (_, back) => {
      const at = (this.#count - 1 - back) % KEPT;
      return {
        time: this.#times[at] as number,
        up: this.#up[at] === 1,
        code: this.#codes[at] as number,
        reason: this.#reasons[at] as string,
        duration: this.#durations[at] as number,
      };
    });
  }
}

/**
 * The last results of each server's checks. HAProxy tells its last result only and not when that was: another one is
 * known by other words, another duration, one more failure counted, or by the interval that has passed since.
 */
export class CheckHistories {
  readonly #rings = new Map<number, Ring>();

  add(server: number, result: CheckResult): void {
    this.#ring(server).add(result);
  }

  #ring(server: number): Ring {
    const ring = this.#rings.get(server) ?? new Ring();
    this.#rings.set(server, ring);
    return ring;
  }

  /** Newest first; empty for a server that is not checked by itself, or not yet. */
  read(server: number): CheckResult[] {
    return this.#rings.get(server)?.list() ?? [];
  }

  /** Takes what HAProxy says now, about once a second, and forgets servers that exist no more. */
  look(config: Config, rows: readonly ProxyStat[], now: number): void {
    const settings = settingsOf(config);
    const services = new Map(config.virtualServices.map(vs => [vs.id, vs]));
    const seen = new Map(rows.map(row => [`${row.proxy}/${row.name}`, row]));
    const servers = new Set<number>();
    for (const rs of config.realServers) {
      servers.add(rs.id);
      const vs = services.get(rs.virtualService);
      const row = seen.get(`vs${rs.virtualService}/rs${rs.id}`);
      if (!vs || !row || row.checkStatus === '' || row.checkStatus === 'INI') continue;
      if (isProbed(vs.checkType) || judgeOf(rs, vs, config)?.rs.id !== rs.id) continue;
      const ring = this.#ring(rs.id);
      const words = `${row.checkStatus} ${row.checkCode} ${row.checkDuration} ${row.checkFailures} ${row.lastCheck}`;
      const { interval } = checkTimes(vs, settings);
      if (words === ring.seen && now - ring.lastTime < interval * 1_000) continue;
      ring.seen = words;
      const up = PASSED.test(row.checkStatus);
      const reason = up ? '' : downReason(row, vs, rs, settings);
      ring.add({ time: now, up, code: row.checkCode, reason, duration: row.checkDuration });
    }
    for (const id of this.#rings.keys()) if (!servers.has(id)) this.#rings.delete(id);
  }
}

/** L4OK, L6OK, L7OK and L7OKC: management guide 2.6, 9.1. */
export const PASSED = /^L[467]OK/;
