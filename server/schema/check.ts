import type { Config } from './config.ts';
import type { RealServer } from './real-server.ts';
import { healthFields } from './service/health.ts';
import type { Settings } from './settings.ts';
import type { VirtualService } from './virtual-service.ts';

/** How often and how long a service's servers are checked, in seconds, and how many failures make one down. */
export interface CheckTimes {
  interval: number;
  timeout: number;
  retries: number;
}

/** A service's own times; what it leaves at 0 comes from the settings. */
export function checkTimes(
  vs: Pick<VirtualService, 'checkInterval' | 'checkTimeout' | 'checkRetries'>,
  settings: Pick<Settings, 'checkInterval' | 'checkTimeout' | 'checkRetries'>,
): CheckTimes {
  return {
    interval: vs.checkInterval || settings.checkInterval,
    timeout: vs.checkTimeout || settings.checkTimeout,
    retries: vs.checkRetries || settings.checkRetries,
  };
}

/**
 * Shortest interval, in seconds, in which a whole cycle of time-outs ends before the next begins. A single try is no
 * cycle: it only has to end in time.
 */
export const leastInterval = ({ timeout, retries }: Omit<CheckTimes, 'interval'>): number =>
  retries === 1 ? timeout : timeout * retries + 1;

/** What HAProxy cannot ask and the data plane asks itself: ICMP, and DNS, which is UDP. */
export const isProbed = (type: VirtualService['checkType']): type is 'icmp' | 'dns' =>
  type === 'icmp' || type === 'dns';

/** One result of a check. */
export interface CheckResult {
  /** When it was seen, milliseconds since 1970; exact to a second or two. */
  time: number;
  up: boolean;
  /** Status of HTTP, or the reply code of FTP, SMTP and NNTP; 0 where the protocol has none. */
  code: number;
  /** In words; empty for a success. */
  reason: string;
  /** Milliseconds. */
  duration: number;
}

/** What a check that was run once came to. */
export interface TriedResult {
  address: string;
  port: number;
  up: boolean;
  code: number;
  reason: string;
  duration: number;
}

/** The port a server is checked on. */
export function checkedPort(vs: Pick<VirtualService, 'checkPort' | 'checkType'>, rs: { port: number }): number {
  return vs.checkPort || (vs.checkType === 'dns' ? 53 : rs.port);
}

/** A server and its service. */
export interface Checked {
  rs: RealServer;
  vs: VirtualService;
}

/** Is a service put into effect at all? */
export const isServed = (vs: VirtualService, config: Config): boolean =>
  vs.enabled && (vs.parent === 0 || config.virtualServices.some(other => other.id === vs.parent && other.enabled));

/** The server whose health a server has instead of its own; undefined when it follows none, or one that does not run. */
export function leaderOf(rs: RealServer, config: Config): Checked | undefined {
  if (rs.follow === 0) return undefined;
  const leader = config.realServers.find(other => other.id === rs.follow);
  const vs = leader && config.virtualServices.find(other => other.id === leader.virtualService);
  return vs && isServed(vs, config) ? { rs: leader, vs } : undefined;
}

/** The server whose check decides about this one, at the end of whom it follows; undefined when nothing is checked. */
export function judgeOf(rs: RealServer, vs: VirtualService, config: Config): Checked | undefined {
  let judge: Checked = { rs, vs };
  // Rules forbid circles; a form may draw one.
  for (let steps = 0; steps < 100; steps++) {
    const leader = leaderOf(judge.rs, config);
    if (!leader) break;
    judge = leader;
  }
  return judge.vs.checkType === 'none' ? undefined : judge;
}

/** The properties of a service that a check is made of: those of the check, and how servers are spoken to. */
export const checkedBy = [
  ...(Object.keys(healthFields) as (keyof typeof healthFields)[]),
  'type',
  'reencrypt',
  'serverName',
  'serverHttp2',
] as const satisfies readonly (keyof VirtualService)[];
