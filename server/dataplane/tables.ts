import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ProxySet } from '../compile/proxy.ts';
import type { Config } from '../schema/config.ts';
import { followed } from '../schema/persistence.ts';
import type { PersistenceEntry, PersistenceTable } from '../schema/persistence-table.ts';
import type { Answers } from './control.ts';
import { ask } from './haproxy-socket.ts';

/** Milliseconds: a full table is some twenty megabytes of text. */
const PATIENT = 15_000;
const MAPPED = '::ffff:';
/** The engine gives up looking for older entries in its predecessor after five seconds, elsewhere after five more. */
const RESYNC = 10_500;

/** What the engine remembers of a service's clients, entries that end last first. Rejects when it does not answer. */
export async function readTable(
  socket: string,
  config: Config,
  service: number,
  { search, limit }: { search: string; limit: number },
): Promise<PersistenceTable> {
  const { owner, names } = await tablesOf(socket, config, service);
  const all: PersistenceEntry[] = [];
  for (const name of names) all.push(...parseTable(await ask(socket, `show table ${name}`, undefined, PATIENT), name));
  const wanted = search.trim();
  const digest = createHash('sha256').update(wanted).digest('hex').slice(0, 32).toUpperCase();
  const found =
    wanted === '' ? all : all.filter(({ key }) => key === digest || key.toLowerCase().includes(wanted.toLowerCase()));
  found.sort((a, b) => b.expires - a.expires);
  return { owner, total: all.length, found: found.length, entries: found.slice(0, limit) };
}

/**
 * Forgets one entry, or all of a service when no key is given. False when there is no such entry. Clients that come
 * back are scheduled as new ones.
 */
export async function clearTable(
  socket: string,
  config: Config,
  service: number,
  entry?: { table: string; key: string },
): Promise<boolean> {
  const { names } = await tablesOf(socket, config, service);
  if (!entry) {
    for (const name of names) await ask(socket, `clear table ${name}`, undefined, PATIENT);
    return true;
  }
  if (!names.includes(entry.table)) return false;
  // A table of addresses holds both families as IPv6.
  for (const key of [entry.key, `${MAPPED}${entry.key}`].map(escaped)) {
    const text = await ask(socket, `show table ${entry.table} key ${key}`, undefined, PATIENT);
    if (!parseTable(text, entry.table).some(each => each.key === entry.key)) continue;
    await ask(socket, `clear table ${entry.table} key ${key}`, undefined, PATIENT);
    return true;
  }
  return false;
}

/**
 * Waits until the engine would hand its tables to a new worker. It does so only once it has ended looking for older
 * entries itself (2.6, seen: flags 1 and 2 of `show peers`): five seconds after a cold start, ten after a worker that
 * got nothing from its predecessor, at once after one that did. No wait when no table of the next set has entries now.
 */
export async function tablesReady(socket: string, next: ProxySet): Promise<void> {
  const lasting = lastingTables(next);
  if (lasting.size === 0) return;
  for (const end = Date.now() + RESYNC; Date.now() < end; await sleep(100)) {
    const [tables, peers] = await Promise.all(
      ['show table', 'show peers'].map(line => ask(socket, line).catch(() => '')),
    );
    const flags = /id=tables\b.*?\bflags=0x([0-9a-f]+)/.exec(peers ?? '')?.[1];
    const some = tablesInUse(tables ?? '').some(name => lasting.has(name));
    if (!some || flags === undefined || (Number.parseInt(flags, 16) & 3) === 3) return;
  }
}

/** The tables that a new worker takes over. Those that only count for a moment are not among them. */
export function lastingTables({ sections }: ProxySet): Set<string> {
  const lasting = sections.filter(({ lines }) => lines.some(line => /^stick-table .* peers tables$/.test(line)));
  return new Set(lasting.map(({ name }) => name));
}

/** Of the answer to `show table` the names of those with entries. */
export function tablesInUse(text: string): string[] {
  return [...text.matchAll(/^# table: (\S+),.*\bused:[1-9]/gm)].map(([, name]) => name as string);
}

/** The tables a service keeps its entries in: its own with those of its content rules, or those of the one it follows. */
async function tablesOf(socket: string, config: Config, service: number) {
  const vs = config.virtualServices.find(one => one.id === service);
  const owner = vs ? (followed(vs, config)?.id ?? vs.id) : service;
  const own = new RegExp(`^# table: (vs${owner}(?!\\d)\\w*),`, 'gm');
  const names = [...(await ask(socket, 'show table')).matchAll(own)].map(([, name]) => name as string);
  return { owner, names };
}

/** Entries that name no server only say that one is being chosen. */
export function parseTable(text: string, table: string): PersistenceEntry[] {
  return text.split('\n').flatMap(line => {
    const found =
      /^0x[0-9a-f]+: key=(.*) use=(\d+) exp=(\d+)(?: shard=\d+)? server_id=(\d+)(?: server_key=(\S+))?/.exec(line);
    if (!found || found[4] === '0') return [];
    const server = Number(/^rs(\d+)$/.exec(found[5] ?? '')?.[1] ?? 0);
    const expires = Math.round(Number(found[3]) / 1_000);
    const key = (found[1] as string).replace(new RegExp(`^${MAPPED}(?=[\\d.]+$)`), '');
    return [{ table, key, realServer: server, expires, uses: Number(found[2]) }];
  });
}

/** One word on the engine's command line; what it shows escaped already is left so. */
function escaped(key: string): string {
  if (!/^[\x21-\x7e]+$/.test(key)) throw new Error('not a key the engine showed');
  return key.replace(/[;\\" ]/g, mark => `\\${mark}`);
}

/** What the door answers about persistence. */
export const tableAnswers = (socket: string, shown: () => Config): Pick<Answers, 'persistence' | 'forget'> => ({
  persistence: (service, search, limit) => readTable(socket, shown(), service, { search, limit }),
  forget: async ({ service, entry }) => ({ found: await clearTable(socket, shown(), service, entry) }),
});
