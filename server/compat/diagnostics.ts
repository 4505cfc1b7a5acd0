import { readdir, readFile, statfs } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { power } from '../api/handlers/power.ts';
import { resetStatistics } from '../api/handlers/statistics.ts';
import { getToolRun, runTool } from '../api/handlers/tools.ts';
import { validated } from '../api/validated.ts';
import { isAddress } from '../schema/rules.ts';
import { type ToolRequest, type ToolRun, toolRequest } from '../schema/tools.ts';
import { type Ask, type Command, callOf, treeOf } from './command.ts';
import { done, type Reply } from './reply.ts';
import { own, Refused } from './wire.ts';

/** Runs a tool of the console to its end. What it may do, and for how long, is bounded there. */
async function ranTool(ask: Ask, request: ToolRequest): Promise<ToolRun> {
  let run = await runTool(callOf(ask, 0, validated(toolRequest, request)));
  while (run.state === 'running') {
    await sleep(100);
    run = await getToolRun(callOf(ask, run.id, {}));
  }
  return run;
}

const said = ({ lines }: ToolRun): Reply => ({ text: lines.join('\n') });

const interfaceNamed = (ask: Ask, id: string): string =>
  treeOf(ask).interfaces.find(each => String(each.id) === id)?.name ?? id;

const host = (ask: Ask) => {
  ask.params.given.set('host', 'addr');
  return ask.params.need('addr', 'Address');
};

const ping = async (ask: Ask) => said(await ranTool(ask, { tool: 'ping', host: host(ask), count: 5, size: 56 }));

function within(ask: Ask, name: string, most: number): number | undefined {
  const value = ask.params.whole(name);
  if (value !== undefined && (value < 1 || value > most)) throw new Refused(422, `${name}: 1 to ${most}`);
  return value;
}

async function tcpdump(ask: Ask): Promise<Reply> {
  const { params } = ask;
  const { interfaces } = treeOf(ask);
  const asked = params.get('interface');
  const link = asked ? interfaceNamed(ask, asked) : (interfaces[0]?.name ?? Object.keys(networkInterfaces())[0] ?? '');
  const port = within(ask, 'port', 65_535);
  const address = params.get('address');
  if (address && !isAddress(address)) throw new Refused(422, 'address: Invalid address');
  if (!Object.hasOwn(networkInterfaces(), link)) throw new Refused(422, 'interface: Unknown interface');
  const run = await ranTool(ask, {
    ...{ tool: 'capture', link },
    packets: within(ask, 'maxpackets', 200_000) ?? 10_000,
    seconds: within(ask, 'maxtime', 600) ?? 10,
    ...(port && { port }),
    ...(address && { address }),
  });
  if (run.state !== 'done') throw new Refused(422, run.lines.join(' '));
  return {
    file: { body: await ask.services.dataPlane.capture(run.id), type: 'application/vnd.tcpdump.pcap' },
  };
}

/** Looks at the machine that need no privilege, as text. */
const looks: Readonly<Record<string, { about: string; read: () => Promise<string> }>> = {
  meminfo: { about: 'Memory.', read: () => readFile('/proc/meminfo', 'utf8') },
  cpuinfo: { about: 'Processors.', read: () => readFile('/proc/cpuinfo', 'utf8') },
  interrupts: { about: 'Interrupts.', read: () => readFile('/proc/interrupts', 'utf8') },
  partitions: { about: 'Partitions.', read: () => readFile('/proc/partitions', 'utf8') },
  lsmod: { about: 'Modules of the kernel.', read: () => readFile('/proc/modules', 'utf8') },
  netstat: { about: 'Sockets, as the kernel lists them.', read: sockets },
  ifconfig: { about: 'Interfaces and their counters.', read: interfaces },
  ps: { about: 'Processes.', read: processes },
  top: {
    about: 'Load and processes.',
    read: async () => `${await readFile('/proc/loadavg', 'utf8')}${await processes()}`,
  },
  df: { about: 'Space on disks.', read: disks },
};

/** Not every kernel has everything to show. */
const lookAt = (look: () => Promise<string>): Promise<string> =>
  look().catch(() => {
    throw new Refused(422, 'This machine has nothing to show for that');
  });

async function sockets(): Promise<string> {
  const files = ['tcp', 'tcp6', 'udp', 'udp6'];
  const texts = await Promise.all(files.map(name => readFile(`/proc/net/${name}`, 'utf8').catch(() => '')));
  return texts.map((text, at) => `${files[at]}\n${text}`).join('\n');
}

async function interfaces(): Promise<string> {
  const held = Object.entries(networkInterfaces()).flatMap(([name, list = []]) =>
    list.map(({ cidr }) => `${name} ${cidr}`),
  );
  return `${held.join('\n')}\n\n${await readFile('/proc/net/dev', 'utf8')}`;
}

async function processes(): Promise<string> {
  const ids = (await readdir('/proc')).filter(name => /^\d+$/.test(name));
  const rows = await Promise.all(
    ids.map(async id => {
      const status = await readFile(`/proc/${id}/status`, 'utf8').catch(() => '');
      const [name = '', state = '', memory = '0'] = ['Name', 'State', 'VmRSS'].map(
        key => new RegExp(`^${key}:\\s*(\\S+)`, 'm').exec(status)?.[1],
      );
      return `${id.padStart(7)} ${state.padEnd(2)} ${memory.padStart(9)} ${name}`;
    }),
  );
  return ['    PID S    RSS kB NAME', ...rows].join('\n');
}

async function disks(): Promise<string> {
  const { blocks, bavail, bsize } = await statfs('/');
  const mb = (count: number) => String(Math.round((count * bsize) / 1_048_576)).padStart(10);
  return `     MB in all  MB free\n${mb(blocks)} ${mb(bavail)} /`;
}

/** What there is to read, by the name that `fsel` picks it with. */
const logs: Readonly<Record<string, (ask: Ask) => Promise<string>>> = {
  events: async ({ services }) =>
    (await services.dataPlane.occurrences())
      .toReversed()
      .map(({ time, severity, text }) => `${new Date(time).toISOString()} ${severity} ${text}\n`)
      .join(''),
  changes: async ({ services }) =>
    services
      .revisions()
      .list(Number.MAX_SAFE_INTEGER, 500)
      .toReversed()
      .flatMap(({ time, revision, who, words }) =>
        words.map(word => `${new Date(time).toISOString()} revision ${revision} ${who}: ${word}\n`),
      )
      .join(''),
};

async function readLogs(ask: Ask): Promise<Reply> {
  const asked = ask.params.get('fsel');
  const names = asked ? asked.split(/[\s,]+/) : Object.keys(logs);
  const texts: string[] = [];
  for (const name of names) {
    const read = own(logs, name);
    if (!read) throw new Refused(422, 'fsel: Unknown file');
    texts.push(await read(ask));
  }
  return { file: { body: Buffer.from(texts.join('')) } };
}

const keepLogs = (): never => {
  throw new Refused(422, 'Ballast’s logs have a fixed size and cannot be cleared');
};

const begin = (act: 'reboot' | 'shutdown'): Command => ({
  role: 'administrator',
  about: act === 'reboot' ? 'Reboot the appliance.' : 'Shut down the appliance.',
  params: [],
  run: async ask => {
    await power(callOf(ask, 0, { act }));
    return done;
  },
});

const read = { role: 'read-only', params: ['fsel?'] } as const;

export const diagnosticCommands: Readonly<Record<string, Command>> = {
  ...Object.fromEntries(
    Object.entries(looks).map(([name, { about, read: look }]): [string, Command] => [
      `logging.${name}`,
      { role: 'operator', about, params: [], run: async () => ({ text: await lookAt(look) }) },
    ]),
  ),
  'logging.ping': { role: 'operator', about: 'Ping a host.', params: ['addr'], run: ping },
  'logging.ping6': { role: 'operator', about: 'Ping a host.', params: ['addr'], run: ping },
  'logging.traceroute': {
    role: 'operator',
    about: 'The way to a host.',
    params: ['addr'],
    run: async ask => said(await ranTool(ask, { tool: 'traceroute', host: host(ask) })),
  },
  'logging.listsyslogfiles': {
    ...read,
    params: [],
    about: 'What there is to read: the log of events and that of changes.',
    run: () => ({ data: { SyslogFiles: Object.keys(logs) } }),
  },
  'logging.savelogs': { ...read, about: 'Logs as a file.', run: readLogs },
  'logging.downloadlogs': { ...read, params: [], about: 'All logs as a file.', run: readLogs },
  'logging.clearlogs': { role: 'administrator', params: ['fsel?'], about: 'Refused: logs stay.', run: keepLogs },
  'logging.resetlogs': { role: 'administrator', params: [], about: 'Refused: logs stay.', run: keepLogs },
  'logging.resetstats': {
    role: 'administrator',
    about: 'Totals and the history of traffic begin anew.',
    params: [],
    run: async ask => {
      await resetStatistics(callOf(ask, 0, {}));
      return done;
    },
  },
  tcpdump: {
    role: 'administrator',
    about: 'Capture packets.',
    params: ['interface?', 'address?', 'port?', 'maxpackets?', 'maxtime?'],
    run: tcpdump,
  },
  reboot: begin('reboot'),
  shutdown: begin('shutdown'),
};
