import { appendFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ApiClient } from '../../scripts/api-client.ts';
import { root } from '../../scripts/source-files.ts';
import { freePort } from '../support/ports.ts';
import { until } from '../support/wait.ts';
import type { WebServer } from '../support/web-server.ts';
import type { Screen } from './screen.ts';

export const PASSWORD = 'correct horse battery';
/** What QEMU's user network gives a machine. */
export const ADDRESS = '10.0.2.15';
export const SERVICE = '10.0.2.20';
export const ENTER = '\r';
const TAB = '\t';
const EMPTY = '\x15';
export const LEFT = '\x1b[D';
export const RIGHT = '\x1b[C';
const SLOW = 180_000;

/** The newest image that `npm run image` made. */
export function builtImage(): string {
  const [name] = readdirSync(join(root, 'dist')).filter(file => file.endsWith('.qcow2'));
  if (!name) throw new Error('There is no image. Run npm run image.');
  return join(root, 'dist', name);
}

export interface Ground {
  /** Ports of this machine. */
  console: number;
  service: number;
  /** QEMU's network: closed but for the two ports, and servers of ours that the guest sees in its subnet. */
  network: string[];
}

/** A network in which the guest sees the servers at 10.0.2.101, .102 and so on, port 80. */
export async function ground(servers: readonly WebServer[]): Promise<Ground> {
  const [console, service] = [await freePort(), await freePort()];
  const seen = servers.map((s, at) => `,guestfwd=tcp:10.0.2.${101 + at}:80-cmd:socat - TCP:127.0.0.1:${s.port}`);
  const doors = [`${console}-${ADDRESS}:443`, `${service}-${SERVICE}:80`].map(door => `,hostfwd=tcp:127.0.0.1:${door}`);
  return { console, service, network: [`user,id=n0,restrict=on${doors.join('')}${seen.join('')}`] };
}

/** Someone logged in; asks until the appliance is well. */
export async function loggedIn(port: number, patience = 400_000): Promise<ApiClient> {
  const api = new ApiClient(port);
  const well = async () => (await api.call('getHealth')).state === 'ok';
  await until('the console to answer', well, { limit: patience, every: 1_000 });
  await until('somebody to be logged in', () => api.login('bal', PASSWORD).then(() => true), {
    limit: 60_000,
    every: 2_000,
  });
  return api;
}

/** The first set-up on a serial line, page by page; each as it stood before it was left. */
export async function setUp(screen: Screen, each: (page: string) => void): Promise<void> {
  const page = async (title: RegExp, ...keys: string[]) => {
    each(await screen.shows(title, SLOW));
    await screen.type(...keys);
  };
  await page(/Begin \]/, ENTER);
  // The address that DHCP gave, no IPv6.
  await page(/Eth0 - network/, TAB, EMPTY, TAB, TAB, ENTER);
  await page(/Default gateway/, TAB, EMPTY, TAB, TAB, ENTER);
  await page(/Name servers {2}/, EMPTY, ...'lb-1', TAB, TAB, TAB, TAB, ENTER);
  await page(/Time zone/, TAB, ...'Europe/Berlin', TAB, TAB, ENTER);
  await page(/The same again/, ...PASSWORD, TAB, ...PASSWORD, TAB, TAB, ENTER);
  await page(/This will be set/, ENTER);
}

/** Kept beside what the test leaves, and told. */
export function figure(folder: string, line: string): void {
  appendFileSync(join(folder, 'figures.txt'), `${line}\n`);
  console.log(line);
}
