import type { Paths } from '../paths.ts';
import { ask } from './haproxy-socket.ts';
import { folded } from './sub-services.ts';

/** One line of `show stat` (management guide 2.6, 9.1), the columns we read. */
export interface ProxyStat {
  proxy: string;
  /** FRONTEND, BACKEND or a server's name. */
  name: string;
  status: string;
  current: number;
  total: number;
  requests: number;
  in: number;
  out: number;
  /** Seconds since the last change of status. */
  lastChange: number;
  checkStatus: string;
  checkCode: number;
  checkDuration: number;
  /** Checks that failed while the server was up. */
  checkFailures: number;
  lastCheck: string;
  responseTime: number | null;
  /** Connections that found no server, for a backend. */
  failed: number;
}

/** What the engine said at one moment. */
export interface Observation {
  time: number;
  stats: ProxyStat[];
  /** Totals of the whole process since its worker started. */
  info: { pid: number; connections: number; requests: number; sslConnections: number; current: number };
}

/** Asks the running worker. Rejects when there is none. */
export async function observe(paths: Paths): Promise<Observation> {
  const text = await ask(paths.statsSocket, 'show info;show stat');
  const [info = '', stat = ''] = splitAnswers(text);
  const number = (name: string) => Number(new RegExp(`^${name}: (\\d+)`, 'm').exec(info)?.[1] ?? 0);
  return {
    time: Date.now(),
    stats: folded(parseStats(stat)),
    info: {
      pid: number('Pid'),
      connections: number('CumConns'),
      requests: number('CumReq'),
      sslConnections: number('CumSslConns'),
      current: number('CurrConns'),
    },
  };
}

/** Two commands on one line answer one after the other; the second starts with its header line. */
function splitAnswers(text: string): string[] {
  const at = text.indexOf('# pxname');
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at)];
}

export function parseStats(csv: string): ProxyStat[] {
  const lines = csv.split('\n').filter(line => line !== '');
  const header = (lines[0] ?? '').replace(/^# /, '').split(',');
  const columns = new Map(header.map((name, at) => [name, at]));
  return lines.slice(1).map(line => {
    const values = splitCsv(line);
    const text = (name: string) => values[columns.get(name) ?? -1] ?? '';
    const number = (name: string) => Number(text(name)) || 0;
    return {
      proxy: text('pxname'),
      name: text('svname'),
      status: text('status'),
      current: number('scur'),
      total: number('stot'),
      requests: number('req_tot'),
      in: number('bin'),
      out: number('bout'),
      lastChange: number('lastchg'),
      checkStatus: text('check_status').replace(/^\* /, ''),
      checkCode: number('check_code'),
      checkDuration: number('check_duration'),
      checkFailures: number('chkfail'),
      lastCheck: text('last_chk'),
      responseTime: text('rtime') === '' ? null : number('rtime'),
      failed: number('econ'),
    };
  });
}

/** Fields in double quotes may hold commas. */
function splitCsv(line: string): string[] {
  if (!line.includes('"')) return line.split(',');
  return [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(
    match => match[1]?.replaceAll('""', '"') ?? match[2] ?? '',
  );
}
