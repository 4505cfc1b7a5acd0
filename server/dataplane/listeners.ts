import { open, readdir, readFile, readlink } from 'node:fs/promises';
import ipaddr from 'ipaddr.js';
import type { Config } from '../schema/config.ts';
import { Fault } from '../schema/faults.ts';
import { placesOf } from '../schema/networks.ts';
import { canonical } from '../schema/rules.ts';

export interface Listener {
  /** Canonical text; `0.0.0.0` or `::` for every address. */
  address: string;
  port: number;
  inode: string;
}

/** TCP sockets that listen in this network namespace (proc(5), /proc/net/tcp: state 0A). */
async function listeners(): Promise<Listener[]> {
  const tables = await Promise.all(['/proc/net/tcp', '/proc/net/tcp6'].map(path => headOf(path).catch(() => '')));
  return tables.flatMap(parseListeners);
}

/**
 * The rows of a table up to the first that does not listen. The kernel prints the listeners first, and behind them
 * each connection: on a busy machine so many that reading them all takes half a second.
 */
async function headOf(path: string): Promise<string> {
  const table = await open(path);
  try {
    let text = '';
    const buffer = Buffer.alloc(65_536);
    for (;;) {
      const { bytesRead } = await table.read(buffer, 0, buffer.length, null);
      text += buffer.toString('latin1', 0, bytesRead);
      if (bytesRead === 0 || CONNECTION.test(text)) return text;
    }
  } finally {
    await table.close();
  }
}

/** A row in any state but 0A. */
const CONNECTION = /^ *\d+: \S+ \S+ (?!0A)\S\S /m;

export function parseListeners(table: string): Listener[] {
  return table
    .split('\n')
    .slice(1)
    .map(line => line.trim().split(/\s+/))
    .filter(row => row[3] === '0A')
    .map(row => {
      const [address = '', port = '0'] = (row[1] ?? '').split(':');
      return { address: decodeAddress(address), port: Number.parseInt(port, 16), inode: row[9] ?? '' };
    });
}

/** The listener of somebody else that already takes connections for this address and port. */
async function takenBy(
  all: readonly Listener[],
  address: string,
  port: number,
  ours: readonly number[],
): Promise<Listener | undefined> {
  const wanted = canonical(address);
  const any = wanted.includes(':') ? ['::'] : ['0.0.0.0', '::'];
  const candidates = all.filter(
    listener => listener.port === port && (listener.address === wanted || any.includes(listener.address)),
  );
  if (candidates.length === 0) return undefined;
  const own = new Set((await Promise.all(ours.map(socketsOf))).flat());
  return candidates.find(listener => !own.has(listener.inode));
}

/**
 * Throws ADDRESS_TAKEN when an address that `after` opens anew belongs to another program: SO_REUSEPORT could let
 * two engines share it in silence. `ours` are the pids of our engine.
 */
export async function refuseTaken(before: Config, after: Config, ours: readonly number[]): Promise<void> {
  const allPlaces = (config: Config) =>
    config.virtualServices.filter(vs => vs.enabled && vs.parent === 0 && vs.layer === 'l7').flatMap(placesOf);
  const known = new Set(allPlaces(before).map(({ address, port }) => `${canonical(address)} ${port}`));
  const fresh = allPlaces(after).filter(({ address, port }) => !known.has(`${canonical(address)} ${port}`));
  if (fresh.length === 0) return;
  const all = await listeners();
  for (const { address, port } of fresh) {
    const taken = await takenBy(all, address, port, ours);
    if (taken) throw new Fault('ADDRESS_TAKEN', { address, port, by: await holderOf(taken.inode) }, '/port');
  }
}

async function holderOf(inode: string): Promise<string> {
  const pids = (await readdir('/proc')).filter(name => /^\d+$/.test(name)).map(Number);
  for (const pid of pids)
    if ((await socketsOf(pid)).includes(inode))
      return `${(await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => 'another program')).trim()} (process ${pid})`;
  return 'another program on this machine';
}

async function socketsOf(pid: number): Promise<string[]> {
  const folder = `/proc/${pid}/fd`;
  const names = await readdir(folder).catch(() => [] as string[]);
  const links = await Promise.all(names.map(name => readlink(`${folder}/${name}`).catch(() => '')));
  return links.flatMap(link => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? []);
}

/** The kernel prints addresses as 32-bit words in host byte order (little-endian on amd64 and arm64). */
function decodeAddress(hex: string): string {
  const bytes = (hex.match(/.{8}/g) ?? []).flatMap(part =>
    (part.match(/../g) ?? []).reverse().map(byte => Number.parseInt(byte, 16)),
  );
  return ipaddr.fromByteArray(bytes).toString();
}
