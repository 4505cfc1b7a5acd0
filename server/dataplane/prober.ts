import { type CheckResult, checkedPort, checkTimes, isProbed, isServed } from '../schema/check.ts';
import { type Config, settingsOf } from '../schema/config.ts';
import { checkName } from './down-reason.ts';
import type { ProxyStat } from './observe.ts';
import { type Answer, lookUp, ping } from './probes.ts';

/** A server that we check ourselves, because HAProxy speaks neither ICMP nor UDP. */
interface Target {
  /** As HAProxy knows it: `vs1/rs2`. */
  place: string;
  type: 'icmp' | 'dns';
  address: string;
  port: number;
  /** The name a DNS check looks up. */
  name: string;
  /** Seconds. */
  interval: number;
  timeout: number;
  retries: number;
  /** For sentences: "check icmp". */
  what: string;
}

interface Known {
  target: Target;
  /** Milliseconds since 1970. */
  due: number;
  busy: boolean;
  failures: number;
  /** Undefined until enough is known. */
  up?: boolean;
  last?: CheckResult;
}

const TICK = 200;
/** Milliseconds after a failure until the server is asked again. A time-out has waited long enough. */
const AGAIN = 1_000;

/**
 * Checks by ICMP and DNS. HAProxy holds such servers by an agent that nobody is; the verdict is told by
 * `set server … agent up|down` and stays in HAProxy while we are away and, through the state file, over a reload.
 */
export class Prober {
  readonly #known = new Map<number, Known>();
  readonly #tell: (command: string) => Promise<unknown>;
  readonly #record: (server: number, result: CheckResult) => void;
  readonly #timer: NodeJS.Timeout;
  #config: Config | undefined;

  /** `tell` sends a runtime command to HAProxy; `record` hears every result. */
  constructor(tell: (command: string) => Promise<unknown>, record: (server: number, result: CheckResult) => void) {
    this.#tell = tell;
    this.#record = record;
    this.#timer = setInterval(() => this.#tick(Date.now()), TICK);
    this.#timer.unref();
  }

  /** The last result of a server; undefined for one that is not checked here, or of which too little is known yet. */
  last(server: number): CheckResult | undefined {
    const known = this.#known.get(server);
    return known?.up === undefined ? undefined : known.last;
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#known.clear();
  }

  /**
   * Takes what runs now, and has HAProxy agree with what is known: a new worker, or somebody by hand, may have
   * changed its mind.
   */
  agree(config: Config, rows: readonly ProxyStat[]): void {
    if (config !== this.#config) this.#take(config);
    if (this.#known.size === 0) return;
    const states = new Map(rows.map(row => [`${row.proxy}/${row.name}`, row.status]));
    for (const { target, up } of this.#known.values()) {
      const status = states.get(target.place);
      if (up === undefined || status === undefined || status.startsWith('MAINT')) continue;
      if (status.startsWith('DOWN') === up) this.#say(target.place, up);
    }
  }

  #take(config: Config): void {
    this.#config = config;
    const targets = targetsOf(config);
    for (const id of this.#known.keys()) if (!targets.has(id)) this.#known.delete(id);
    const now = Date.now();
    let at = 0;
    for (const [id, target] of targets) {
      const known = this.#known.get(id);
      if (known && JSON.stringify(known.target) === JSON.stringify(target)) continue;
      // The first of many are spread over a second.
      const due = now + (targets.size > 50 ? (at++ * 1_000) / targets.size : 0);
      this.#known.set(id, { target, due, busy: false, failures: 0 });
    }
  }

  #tick(now: number): void {
    const due = [...this.#known].filter(([, known]) => !known.busy && known.due <= now);
    if (due.length === 0) return;
    for (const [, known] of due) known.busy = true;
    for (const [id, known] of due)
      if (known.target.type === 'dns') {
        const { address, port, name, timeout } = known.target;
        void lookUp(address, port, name, timeout).then(answer => this.#heard(id, known, now, answer));
      }
    const pings = Map.groupBy(
      due.filter(([, known]) => known.target.type === 'icmp'),
      ([, known]) => known.target.timeout,
    );
    for (const [timeout, some] of pings)
      void ping(
        some.map(([, known]) => known.target.address),
        timeout,
      ).then(answers => {
        for (const [id, known] of some) {
          const answer = answers.get(known.target.address);
          if (answer) this.#heard(id, known, now, answer);
        }
      });
  }

  #heard(id: number, known: Known, asked: number, answer: Answer): void {
    // Not checked any more, or checked otherwise.
    if (this.#known.get(id) !== known) return;
    const { target } = known;
    const now = Date.now();
    known.busy = false;
    known.failures = answer.up ? 0 : known.failures + 1;
    const result: CheckResult = {
      time: now,
      up: answer.up,
      code: 0,
      reason: answer.up ? '' : `${answer.reason} (${target.what})`,
      duration: answer.duration,
    };
    known.last = result;
    this.#record(id, result);
    const again = !answer.up && known.up !== false && known.failures < target.retries;
    known.due = again ? Math.max(now, asked + AGAIN) : Math.max(now, asked + target.interval * 1_000);
    const up = answer.up ? true : known.failures >= target.retries ? false : known.up;
    if (up === undefined || up === known.up) return;
    known.up = up;
    this.#say(target.place, up);
  }

  /** What is not heard now is said again when HAProxy is looked at next. */
  #say(place: string, up: boolean): void {
    this.#tell(`set server ${place} agent ${up ? 'up' : 'down'}`).catch(() => {});
  }
}

/** Every server that runs, is not disabled and has such a check of its own. */
function targetsOf(config: Config): Map<number, Target> {
  const settings = settingsOf(config);
  const services = new Map(
    config.virtualServices.filter(vs => isProbed(vs.checkType) && isServed(vs, config)).map(vs => [vs.id, vs]),
  );
  if (services.size === 0) return new Map();
  return new Map(
    config.realServers.flatMap((rs): [number, Target][] => {
      const vs = services.get(rs.virtualService);
      if (!vs || !isProbed(vs.checkType) || rs.state === 'disabled') return [];
      const { interval, timeout, retries } = checkTimes(vs, settings);
      const { address } = rs;
      const port = checkedPort(vs, rs);
      const name = vs.checkType === 'dns' ? vs.checkName : '';
      const place = `vs${vs.id}/rs${rs.id}`;
      const what = checkName(vs, rs);
      return [[rs.id, { place, type: vs.checkType, address, port, name, interval, timeout, retries, what }]];
    }),
  );
}
