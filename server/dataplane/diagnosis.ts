import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './host.ts';

/** Of one part at most, the end of it: what a bundle for support holds is read by people. */
const LARGEST = 2 * 1024 * 1024;

/** What the machine says of itself: the file it goes to, the program, its words. All only read. */
const ASKED: readonly (readonly [string, string, ...string[]])[] = [
  ['machine/kernel.txt', 'uname', '-a'],
  ['machine/uptime.txt', 'uptime'],
  ['machine/memory.txt', 'free', '-m'],
  ['machine/disks.txt', 'df', '-h'],
  ['machine/failed-units.txt', 'systemctl', '--failed', '--no-pager', '--plain'],
  ['machine/journal.txt', 'journalctl', '--no-pager', '--output=short-iso', '--lines=5000'],
  ['network/links.txt', 'ip', '-statistics', '-details', 'link'],
  ['network/addresses.txt', 'ip', 'address'],
  ['network/routes.txt', 'ip', 'route', 'show', 'table', 'all'],
  ['network/routes6.txt', 'ip', '-6', 'route', 'show', 'table', 'all'],
  ['network/rules.txt', 'ip', 'rule'],
  ['network/neighbours.txt', 'ip', 'neighbour'],
  ['network/sockets.txt', 'ss', '-lntu'],
  ['network/socket-counts.txt', 'ss', '-s'],
  ['network/packet-rules.txt', 'nft', 'list', 'ruleset'],
  ['engines/haproxy-version.txt', 'haproxy', '-vv'],
];

/** Whole lines: half a secret would not be known as one. */
const ended = (text: string): string =>
  text.length > LARGEST ? text.slice(text.indexOf('\n', text.length - LARGEST) + 1) : text;

/** What only root can see of the machine, by the name of the file it shall have. A program that is not there says so in it. */
export async function diagnosis(live: string): Promise<Record<string, string>> {
  const said = await Promise.all(
    ASKED.map(async ([file, program, ...args]) => [file, ended((await run(program, args)).said)] as const),
  );
  // Certificates lie beside it and stay there.
  const engine = await readFile(join(live, 'haproxy.cfg'), 'utf8').catch(() => 'there is none\n');
  return { ...Object.fromEntries(said), 'engines/haproxy.cfg': engine.slice(0, engine.lastIndexOf('\n', LARGEST) + 1) };
}
