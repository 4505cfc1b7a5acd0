import type { ProxySet, Server } from '../compile/proxy.ts';
import { canonical } from '../schema/rules.ts';

/**
 * SRV_ADMF_FMAINT and _IMAINT: by command, inherited. _CMAINT (0x04) only remembers that the file once said `disabled`;
 * it stays set on a server that was made ready since, which has its health to carry.
 */
const MAINTENANCE = 0x01 | 0x02;
const STOPPED = '0';
const RUNNING = '2';
const NEEDED = [
  'be_name',
  'srv_name',
  'srv_addr',
  'srv_port',
  'srv_op_state',
  'srv_admin_state',
  'srv_uweight',
  'srv_iweight',
];

/**
 * The state file HAProxy reads when it loads `next`, made from what `show servers state` says of `now` (management
 * guide 2.6, 9.3, version 1). Only health is carried over, and only that of a server which stays what it was:
 * HAProxy would also take address, port, TLS and weight from this file and so undo the change it is loading, and a
 * server that is not checked any more would stay down for ever.
 */
export function healthOnly(dump: string, now: ProxySet, next: ProxySet): string {
  const lines = dump.split('\n').filter(line => line.trim() !== '');
  const header = lines.find(line => line.startsWith('# '))?.slice(2) ?? '';
  const columns = new Map(header.split(' ').map((name, at) => [name, at]));
  const at = (name: string) => columns.get(name) ?? -1;
  if (NEEDED.some(name => at(name) < 0)) return '1\n';
  const before = serversOf(now);
  const after = serversOf(next);
  const rows = lines
    .filter(line => /^\d+ \S+ \d+ /.test(line))
    .map(line => line.split(' '))
    .flatMap(row => {
      const of = (name: string) => row[at(name)] ?? '';
      const key = `${of('be_name')}/${of('srv_name')}`;
      const [old, server] = [before.get(key), after.get(key)];
      if (!old || !server || !sameTarget(old, server) || server.admin === 'maint') return [];
      // The engine's own word on where it is must agree: a command may have been lost with whoever sent it.
      if (canonical(of('srv_addr')) !== canonical(server.address) || of('srv_port') !== String(server.port)) return [];
      if ((Number(of('srv_admin_state')) & MAINTENANCE) !== 0) return [];
      if (of('srv_op_state') !== STOPPED && of('srv_op_state') !== RUNNING) return [];
      // With both weights equal to the configured one HAProxy has nothing to restore.
      const weight = String(server.weight);
      return row
        .with(at('srv_admin_state'), '0')
        .with(at('srv_uweight'), weight)
        .with(at('srv_iweight'), weight)
        .join(' ');
    });
  return `${['1', `# ${header}`, ...rows].join('\n')}\n`;
}

function serversOf(set: ProxySet): Map<string, Server> {
  return new Map(
    set.sections.flatMap(section =>
      section.servers.map(server => [`${section.name}/${server.name}`, server] as [string, Server]),
    ),
  );
}

const sameTarget = (old: Server, server: Server) =>
  old.address === server.address &&
  old.port === server.port &&
  (server.options.includes('check') || server.options.includes('agent-check')) &&
  old.options.join(' ') === server.options.join(' ');
