import { output } from './program.ts';

/** One kind of traffic. */
export interface Case {
  name: string;
  tls: boolean;
  client: 'wrk keep-alive' | 'wrk close' | 'h2load';
}

export const cases: readonly Case[] = [
  { name: 'HTTP, keep-alive', tls: false, client: 'wrk keep-alive' },
  { name: 'HTTP, a connection each', tls: false, client: 'wrk close' },
  { name: 'HTTPS, keep-alive', tls: true, client: 'wrk keep-alive' },
  { name: 'HTTPS, a connection each', tls: true, client: 'wrk close' },
  { name: 'HTTP/2 over TLS', tls: true, client: 'h2load' },
];

export interface Figures {
  /** Requests per second. */
  rate: number;
  /** Milliseconds that 99 % of the requests did not exceed; null where the client does not tell. */
  p99: number | null;
  /** Requests not answered with 2xx, and broken connections. */
  errors: number;
}

export async function measure({ client, tls }: Case, port: number, seconds: number): Promise<Figures> {
  const url = `${tls ? 'https' : 'http'}://127.0.0.1:${port}/`;
  if (client === 'h2load')
    return h2(await output('h2load', ['-c', '16', '-m', '8', '-t', '1', '-D', `${seconds}`, url]));
  const close = client === 'wrk close' ? ['-H', 'Connection: close'] : [];
  return wrk(await output('wrk', ['-t', '1', '-c', '64', '-d', `${seconds}s`, '--latency', ...close, url]));
}

const MILLISECONDS: Record<string, number> = { us: 0.001, ms: 1, s: 1_000, m: 60_000 };

function wrk(text: string): Figures {
  // The percentile's own line: the column of deviations above it holds a “99%” now and then.
  const p99 = /Latency Distribution[\s\S]*?^\s+99%\s+([\d.]+)(us|ms|s|m)\s*$/m.exec(text);
  const socket = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(text)?.slice(1) ?? [];
  const other = /Non-2xx or 3xx responses: (\d+)/.exec(text)?.slice(1) ?? [];
  if (!p99) throw new Error(`wrk said something unexpected:\n${text}`);
  return {
    rate: Number(/^Requests\/sec:\s+([\d.]+)/m.exec(text)?.[1]),
    p99: Number(p99[1]) * (MILLISECONDS[p99[2] as string] as number),
    errors: [...socket, ...other].reduce((sum, n) => sum + Number(n), 0),
  };
}

function h2(text: string): Figures {
  const rate = /finished in [\d.]+\w+, ([\d.]+) req\/s/.exec(text)?.[1];
  const counts = /requests: .* (\d+) failed, (\d+) errored, (\d+) timeout/.exec(text)?.slice(1);
  const codes = /status codes: \d+ 2xx, (\d+) 3xx, (\d+) 4xx, (\d+) 5xx/.exec(text)?.slice(1);
  if (!rate || !counts || !codes) throw new Error(`h2load said something unexpected:\n${text}`);
  return { rate: Number(rate), p99: null, errors: [...counts, ...codes].reduce((sum, n) => sum + Number(n), 0) };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return sorted.length % 2
    ? (sorted[Math.floor(middle)] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}
