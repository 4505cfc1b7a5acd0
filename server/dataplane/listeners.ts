import { readdir, readFile, readlink } from 'node:fs/promises';
import ipaddr from 'ipaddr.js';
import type { Config } from '../schema/config.ts';
import { Fault } from '../schema/faults.ts';
import { canonical } from '../schema/rules.ts';

export interface Listener {
  /** Canonical text; `0.0.0.0` or `::` for every address. */
  address: string;
  port: number;
  inode: string;
}

/** TCP sockets that listen in this network namespace (proc(5), /proc/net/tcp: state 0A). */
async function listeners(): Promise<Listener[]> {
  const tables = await Promise.all(
    ['/proc/net/tcp', '/proc/net/tcp6'].map(path => readFile(path, 'utf8').catch(() => '')),
  );
  return tables.flatMap(parseListeners);
}

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
async function takenBy(address: string, port: number, ours: readonly number[]): Promise<Listener | undefined> {
  const wanted = canonical(address);
  const any = wanted.includes(':') ? ['::'] : ['0.0.0.0', '::'];
  const candidates = (await listeners()).filter(
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
  const placesOf = (config: Config) => config.virtualServices.filter(vs => vs.enabled);
  const known = new Set(placesOf(before).map(vs => `${canonical(vs.address)} ${vs.port}`));
  for (const { address, port } of placesOf(after)) {
    if (known.has(`${canonical(address)} ${port}`)) continue;
    const taken = await takenBy(address, port, ours);
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
