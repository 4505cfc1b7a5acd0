import { mkdir, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type LiveNetwork, sameRoute } from '../../compile/network/ip-plan.ts';
import { nameFiles } from '../../compile/network/name-files.ts';
import type { NetworkSet } from '../../compile/network/network-set.ts';
import { goneDevices, networkdFiles, trialFiles } from '../../compile/network/networkd.ts';
import { run } from '../host.ts';
import { isAsking, readLinks, readLive, takenAddresses } from './live.ts';
import type { NetworkWriter } from './writer.ts';

/** networkd works on its own; this long a set may take until it is in effect. */
const LONGEST = 15_000;
/** And so long it may call an interface undone that is as it should be. */
const UNDONE = 5_000;
const STEP = 150;
/** So many looks in a row. */
const QUIET = 3;
const TRIAL = 'run/systemd/network';
const GOOD = 'etc/systemd/network';
const OURS = /^[45]0-ballast-/;

/** The network of the appliance, by the files of systemd: see compile/network/networkd.ts for what lies where. */
export class Networkd implements NetworkWriter {
  readonly #root: string;
  readonly #run: typeof run;

  /** `root`: the folder that stands for `/`. */
  constructor(root = '/', command = run) {
    this.#root = root;
    this.#run = command;
  }

  async check(wanted: NetworkSet): Promise<void> {
    const names = new Set((await readLive()).links.map(link => link.name));
    const missing = wanted.links.find(link => link.type === 'port' && !names.has(link.name));
    if (missing) throw new Error(`this machine has no interface ${missing.name}`);
  }

  async differs(wanted: NetworkSet): Promise<boolean> {
    const files = networkdFiles(wanted);
    for (const [path, text] of Object.entries(files)) if ((await this.#read(path)) !== text) return true;
    return (await this.#ours(GOOD)).some(path => !(path in files));
  }

  async tryOut(good: NetworkSet, wanted: NetworkSet): Promise<void> {
    if (await this.#replace(TRIAL, trialFiles(good, wanted))) await this.#reload(good, wanted);
    await this.#verify(good, wanted);
    await this.#names(good, wanted);
  }

  /** What is in effect stays where it is: by other files of the same content networkd would set everything anew. */
  async keep(_good: NetworkSet, wanted: NetworkSet): Promise<void> {
    await this.#replace(GOOD, networkdFiles(wanted));
  }

  async putBack(good: NetworkSet, tried: NetworkSet | undefined): Promise<void> {
    let changed = await this.#replace(GOOD, networkdFiles(good));
    // After a restart of the machine nothing is there, and what is good is in effect already.
    if (tried || (await this.#ours(TRIAL)).length > 0)
      changed = (await this.#replace(TRIAL, trialFiles(tried ?? good, good))) || changed;
    if (changed) await this.#reload(tried ?? good, good);
    if (changed && tried) await this.#verify(tried, good);
    if (tried) await this.#names(tried, good);
  }

  /** networkd does. */
  async lookAfter(): Promise<void> {}

  /** networkd works on after it has answered: only what stays as it should be for a while is done. */
  async #verify(before: NetworkSet, wanted: NetworkSet): Promise<void> {
    const names = new Set(wanted.links.map(link => link.name));
    let quiet = 0;
    for (const end = Date.now() + LONGEST; ; await sleep(STEP)) {
      const links = (await readLinks()).filter(link => names.has(link.ifname));
      const [taken] = takenAddresses(links);
      if (taken) throw new Error(`${taken} is in use by another host already`);
      const live = await readLive();
      const late = wanted.links.find(spec => {
        const found = live.links.find(link => link.name === spec.name);
        return !found || spec.addresses.some(address => !found.addresses.includes(address));
      });
      const lost = wanted.routes.find(route => !live.routes.some(one => sameRoute(one, route)));
      quiet = late || lost || isAsking(links) || !(await this.#isDone(links)) ? 0 : quiet + 1;
      if (quiet >= QUIET) return this.#removeLeft(before, wanted, live);
      const over = Date.now() - end;
      // Without a carrier networkd never calls an interface done.
      if (over > UNDONE - LONGEST && !late && !lost) return;
      if (over < 0) continue;
      throw new Error(late ? `${late.name} did not take its addresses` : `the route to ${lost?.to} is not there`);
    }
  }

  async #isDone(links: readonly { ifindex: number }[]): Promise<boolean> {
    const states = await Promise.all(
      links.map(({ ifindex }) => readFile(`/run/systemd/netif/links/${ifindex}`, 'utf8').catch(() => '')),
    );
    return states.every(text => /^ADMIN_STATE=configured$/m.test(text));
  }

  /** Addresses of services must outlive every change, so networkd is told to keep what it does not know; after its own restart that may be ours. */
  async #removeLeft(before: NetworkSet, wanted: NetworkSet, { links }: LiveNetwork): Promise<void> {
    for (const { name, addresses } of before.links)
      for (const address of addresses)
        if (
          links.find(link => link.name === name)?.addresses.includes(address) &&
          !wanted.links.some(link => link.name === name && link.addresses.includes(address))
        )
          await this.#run('ip', ['address', 'del', address, 'dev', name]);
  }

  async #reload(before: NetworkSet, after: NetworkSet): Promise<void> {
    const gone = goneDevices(before, after);
    if (gone.length > 0) await this.#run('networkctl', ['delete', ...gone]);
    await this.#must('networkctl', ['reload']);
  }

  async #names(before: NetworkSet, after: NetworkSet): Promise<void> {
    const was = nameFiles(before.names);
    const now = nameFiles(after.names);
    const changed = [...new Set([...Object.keys(was), ...Object.keys(now)])].filter(path => was[path] !== now[path]);
    for (const path of changed) {
      const text = now[path];
      // A name that is no longer ours to say stays as it was said last.
      if (text !== undefined) await this.#write(path, text);
      else if (path.endsWith('.conf')) await rm(join(this.#root, path), { force: true });
    }
    for (const [part, unit] of [
      ['resolved', 'systemd-resolved'],
      ['timesyncd', 'systemd-timesyncd'],
    ] as const)
      if (changed.some(path => path.includes(part))) await this.#must('systemctl', ['try-restart', unit]);
    if (changed.includes('etc/timezone') && after.names.timeZone !== '') await this.#setTimeZone(after.names.timeZone);
    if (changed.includes('etc/hostname') && after.names.hostName !== '')
      // Root may write it there without the privilege that the system call asks for.
      await writeFile('/proc/sys/kernel/hostname', after.names.hostName);
  }

  /** The clock of every program follows this link, from their next start on. */
  async #setTimeZone(name: string): Promise<void> {
    const link = join(this.#root, 'etc/localtime');
    await rm(`${link}.ballast`, { force: true });
    await symlink(`/usr/share/zoneinfo/${name}`, `${link}.ballast`);
    await rename(`${link}.ballast`, link);
  }

  async #must(program: string, args: readonly string[]): Promise<void> {
    const ran = await this.#run(program, args);
    if (ran.code !== 0) throw new Error(`${program} ${args.join(' ')} failed: ${ran.said.split('\n')[0]}`);
  }

  /** The files of ours in a folder become these; of others none is touched. True: something changed. */
  async #replace(folder: string, files: Readonly<Record<string, string>>): Promise<boolean> {
    const other: string[] = [];
    for (const [path, text] of Object.entries(files)) if ((await this.#read(path)) !== text) other.push(path);
    const gone = (await this.#ours(folder)).filter(path => !(path in files));
    for (const path of other) await this.#write(path, files[path] as string);
    for (const path of gone) await rm(join(this.#root, path), { force: true });
    return other.length + gone.length > 0;
  }

  async #ours(folder: string): Promise<string[]> {
    const names = await readdir(join(this.#root, folder)).catch(() => []);
    return names.filter(name => OURS.test(name)).map(name => join(folder, name));
  }

  #read = (path: string) => readFile(join(this.#root, path), 'utf8').catch(() => undefined);

  async #write(path: string, text: string): Promise<void> {
    const file = join(this.#root, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(`${file}.ballast`, text, { mode: 0o644, flush: true });
    await rename(`${file}.ballast`, file);
  }
}
