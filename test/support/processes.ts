import { readdirSync, readFileSync } from 'node:fs';

export type ProcessRole = 'supervisor' | 'api' | 'data plane' | 'haproxy master' | 'haproxy worker' | 'other';

export interface Running {
  pid: number;
  parent: number;
  role: ProcessRole;
  command: string;
}

/** Every process that works for the appliance with this data folder: its folder is in the process's environment or command. */
export function processesOf(dataDir: string): Running[] {
  const found: Running[] = [];
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry) || Number(entry) === process.pid) continue;
    try {
      const command = readFileSync(`/proc/${entry}/cmdline`, 'latin1').replaceAll('\0', ' ').trim();
      const environment = readFileSync(`/proc/${entry}/environ`, 'latin1').split('\0');
      if (command === '') continue; // ended, not yet waited for
      if (!environment.includes(`BALLAST_DATA=${dataDir}`) && !command.includes(dataDir)) continue;
      const stat = readFileSync(`/proc/${entry}/stat`, 'latin1');
      const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
      found.push({ pid: Number(entry), parent, command, role: 'other' });
    } catch {
      // it ended while we looked
    }
  }
  const engines = new Set(found.filter(p => /(?:^|\/)haproxy /.test(p.command)).map(p => p.pid));
  for (const p of found) p.role = roleOf(p, engines);
  return found;
}

function roleOf(p: Running, engines: Set<number>): ProcessRole {
  if (engines.has(p.pid)) return engines.has(p.parent) ? 'haproxy worker' : 'haproxy master';
  if (p.command.includes('server/api/main')) return 'api';
  if (p.command.includes('server/dataplane/main')) return 'data plane';
  return p.command.includes('supervise') ? 'supervisor' : 'other';
}
