import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Processes {
  master: number;
  /** Failed reloads since the last good one. */
  failed: number;
  /** Reloads since the master started. */
  reloads: number;
  /** Seconds since the master started. */
  uptime: number;
  /** The worker that takes new connections; 0 when the master failed to load and waits. */
  worker: number;
  /** Workers of earlier configurations that still have connections. */
  old: number[];
}

/** Output of `show proc` on the master's socket: management guide 2.6, 9.4. */
export function parseProcesses(text: string): Processes {
  const rows = text.split('\n').map(line => line.trim().split(/\s+/));
  const master = rows.find(row => row[1] === 'master');
  const workers = rows.filter(row => row[1] === 'worker');
  const [, days, hours, minutes, seconds] = (/\b(\d+)d(\d+)h(\d+)m(\d+)s/.exec(master?.join(' ') ?? '') ?? []).map(
    Number,
  );
  return {
    master: Number(master?.[0] ?? 0),
    failed: Number(/\[failed: (\d+)\]/.exec(text)?.[1] ?? 0),
    reloads: Number(master?.[2] ?? 0),
    uptime: (((days ?? 0) * 24 + (hours ?? 0)) * 60 + (minutes ?? 0)) * 60 + (seconds ?? 0),
    worker: Number(workers.find(row => row[2] === '0')?.[0] ?? 0),
    old: workers.filter(row => row[2] !== '0').map(row => Number(row[0])),
  };
}

/** Pids of every HAProxy that was started with this master socket, whether it answers or not. */
export async function processesWith(masterSocket: string): Promise<number[]> {
  const pids = (await readdir('/proc')).filter(name => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async pid => {
      const words = (await readFile(`/proc/${pid}/cmdline`, 'latin1').catch(() => '')).split('\0');
      return /(^|\/)haproxy$/.test(words[0] ?? '') && words.some(word => word.split(',')[0] === masterSocket);
    }),
  );
  return pids.filter((_, at) => found[at]).map(Number);
}

/** SIGTERM, and SIGKILL for what is still there after `grace` milliseconds. */
export async function end(pids: readonly number[], grace: number): Promise<void> {
  for (const pid of pids) signal(pid, 'SIGTERM');
  for (const until = Date.now() + grace; Date.now() < until && pids.some(alive); ) await sleep(10);
  for (const pid of pids) signal(pid, 'SIGKILL');
}

export function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    if (pid > 0) process.kill(pid, name);
  } catch {
    // Gone already.
  }
}
