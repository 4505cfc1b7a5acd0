import { readFile } from 'node:fs/promises';
import type { LinkTraffic } from '../schema/status.ts';

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
  links: LinkTraffic[];
}

interface Reading {
  time: number;
  busy: number;
  total: number;
  links: { name: string; received: number; sent: number }[];
}

/** Reads /proc (proc(5)) and remembers the last reading, since all but memory are differences. */
export class Machine {
  #last: Reading | undefined;

  async read(now: number): Promise<MachineLoad> {
    const [stat, meminfo, net] = await Promise.all(
      ['/proc/stat', '/proc/meminfo', '/proc/net/dev'].map(path => readFile(path, 'utf8').catch(() => '')),
    );
    const reading: Reading = { time: now, ...parseCpu(stat ?? ''), links: parseNetwork(net ?? '') };
    const last = this.#last ?? reading;
    this.#last = reading;
    const seconds = Math.max((reading.time - last.time) / 1000, 0.001);
    const ticks = reading.total - last.total;
    const before = new Map(last.links.map(link => [link.name, link]));
    const links = reading.links.map(({ name, received, sent }): LinkTraffic => {
      // One that was taken away and came back counts anew.
      const was = before.get(name) ?? { received, sent };
      const rate = (now: number, then: number) => Math.max(0, Math.round((now - then) / seconds));
      return {
        ...{ name, inRate: rate(received, was.received), outRate: rate(sent, was.sent) },
        ...{ totalIn: received, totalOut: sent },
      };
    });
    return {
      cpu: ticks > 0 ? Math.round((1000 * (reading.busy - last.busy)) / ticks) / 10 : 0,
      ...parseMemory(meminfo ?? ''),
      networkIn: links.reduce((sum, link) => sum + link.inRate, 0),
      networkOut: links.reduce((sum, link) => sum + link.outRate, 0),
      links,
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

/** Counters of every interface but loopback, by name. */
export function parseNetwork(dev: string): { name: string; received: number; sent: number }[] {
  return dev
    .split('\n')
    .slice(2)
    .flatMap(line => {
      const [name = '', rest = ''] = line.split(':').map(part => part.trim());
      if (name === 'lo' || rest === '') return [];
      const columns = rest.split(/\s+/).map(Number);
      return [{ name, received: columns[0] ?? 0, sent: columns[8] ?? 0 }];
    })
    .sort((a, b) => a.name.localeCompare(b.name));
}
