import { readFile } from 'node:fs/promises';

/** Load of the whole machine since the previous reading. */
export interface MachineLoad {
  /** 0..100. */
  cpu: number;
  /** Bytes. */
  memoryUsed: number;
  memoryTotal: number;
  /** Bytes per second over all interfaces but loopback. */
  networkIn: number;
  networkOut: number;
}

interface Reading {
  time: number;
  busy: number;
  total: number;
  received: number;
  sent: number;
}

/** Reads /proc (proc(5)) and remembers the last reading, since all but memory are differences. */
export class Machine {
  #last: Reading | undefined;

  async read(now: number): Promise<MachineLoad> {
    const [stat, meminfo, net] = await Promise.all(
      ['/proc/stat', '/proc/meminfo', '/proc/net/dev'].map(path => readFile(path, 'utf8').catch(() => '')),
    );
    const reading: Reading = { time: now, ...parseCpu(stat ?? ''), ...parseNetwork(net ?? '') };
    const last = this.#last ?? reading;
    this.#last = reading;
    const seconds = Math.max((reading.time - last.time) / 1000, 0.001);
    const ticks = reading.total - last.total;
    return {
      cpu: ticks > 0 ? Math.round((1000 * (reading.busy - last.busy)) / ticks) / 10 : 0,
      ...parseMemory(meminfo ?? ''),
      networkIn: Math.max(0, Math.round((reading.received - last.received) / seconds)),
      networkOut: Math.max(0, Math.round((reading.sent - last.sent) / seconds)),
    };
  }
}

export function parseCpu(stat: string): { busy: number; total: number } {
  const [user = 0, nice = 0, system = 0, idle = 0, wait = 0, irq = 0, soft = 0, steal = 0] = (stat.split('\n')[0] ?? '')
    .trim()
    .split(/\s+/)
    .slice(1)
    .map(Number);
  const busy = user + nice + system + irq + soft + steal;
  return { busy, total: busy + idle + wait };
}

export function parseMemory(meminfo: string): { memoryUsed: number; memoryTotal: number } {
  const kib = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(meminfo)?.[1] ?? 0);
  const total = kib('MemTotal') * 1024;
  return { memoryTotal: total, memoryUsed: total - kib('MemAvailable') * 1024 };
}

export function parseNetwork(dev: string): { received: number; sent: number } {
  let received = 0;
  let sent = 0;
  for (const line of dev.split('\n').slice(2)) {
    const [name = '', rest = ''] = line.split(':');
    if (name.trim() === 'lo' || rest === '') continue;
    const columns = rest.trim().split(/\s+/).map(Number);
    received += columns[0] ?? 0;
    sent += columns[8] ?? 0;
  }
  return { received, sent };
}
