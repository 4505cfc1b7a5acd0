import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { insideOwnNetwork, Network, runInside } from '../../scripts/namespaces.ts';
import { Appliance } from '../support/appliance.ts';
import { patience, until } from '../support/wait.ts';

/**
 * The first set-up as a person does it: the real program in a real terminal (tmux, 80 by 25) against a real appliance,
 * whose network namespace has two ports.
 */

const root = join(import.meta.dirname, '../..');

/** A terminal of its own with a program in it. */
class Terminal {
  readonly #folder = mkdtempSync(join(tmpdir(), 'ballast-tmux-'));
  readonly #words: string[];

  constructor(command: string[], environment: Record<string, string>) {
    const options = join(this.#folder, 'options');
    writeFileSync(options, 'set -g remain-on-exit on\n');
    this.#words = ['-S', join(this.#folder, 'socket'), '-f', options];
    const variables = Object.entries(environment).flatMap(([name, value]) => ['-e', `${name}=${value}`]);
    this.#tmux('new-session', '-d', '-x', '80', '-y', '25', ...variables, ...command);
  }

  get screen(): string {
    return this.#tmux('capture-pane', '-p');
  }

  keys(...keys: string[]): void {
    this.#tmux('send-keys', ...keys);
  }

  type(text: string): void {
    this.#tmux('send-keys', '-l', text);
  }

  async shows(what: RegExp): Promise<string> {
    await until(`the screen to show ${what}`, () => what.test(this.screen), { limit: 15_000 }).catch(error => {
      throw new Error(`${(error as Error).message}\n${this.screen}`);
    });
    return this.screen;
  }

  /** Number of the program in it. */
  get pid(): number {
    return Number(this.#tmux('display', '-p', '#{pane_pid}'));
  }

  get ended(): boolean {
    return this.#tmux('display', '-p', '#{pane_dead}').trim() === '1';
  }

  close(): void {
    // It ends too quickly to answer.
    spawnSync('tmux', [...this.#words, 'kill-server']);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #tmux(...args: string[]): string {
    return execFileSync('tmux', [...this.#words, ...args], { encoding: 'utf8' });
  }
}

if (!insideOwnNetwork)
  test('the first set-up, in network namespaces', { timeout: patience(120_000) }, t =>
    runInside(t, import.meta.filename),
  );
else
  test('the first set-up', async t => {
    const network = new Network(['office', 'servers']);
    t.after(() => network.close());
    network.plug('eth0', 'office', '192.0.2.77/24');
    network.plug('eth1', 'servers');
    network.local('ip', 'route', 'add', 'default', 'via', '192.0.2.1');
    const appliance = await Appliance.start({ BALLAST_ADDRESS: '::', BALLAST_LOOPBACK: '0' });
    t.after(() => appliance.stop());
    const done = join(appliance.dataDir, 'set-up-done');
    const answers = join(appliance.dataDir, 'answers.yaml');
    const environment = {
      BALLAST_DATA: appliance.dataDir,
      BALLAST_PORT: String(appliance.port),
      BALLAST_ANSWERS: answers,
      PATH: process.env.PATH ?? '',
    };
    const open = () => {
      const terminal = new Terminal([process.execPath, join(root, 'firmware/console/main.ts')], environment);
      t.after(() => terminal.close());
      return terminal;
    };
    const addresses = (link: string) => network.local('ip', '-o', '-4', 'address', 'show', 'dev', link);

    await t.test('Ctrl-C and a kill leave a machine that starts it again and has changed nothing', async () => {
      const first = open();
      await first.shows(/first set-up[\s\S]*eth0 [\s\S]*link up[\s\S]*Begin/);
      first.keys('Enter');
      await first.shows(/Eth0 - network[\s\S]*192\.0\.2\.77\/24/);
      first.keys('C-c');
      await first.shows(/step 1 of 8/);
      first.keys('Enter');
      await first.shows(/step 2 of 8/);
      process.kill(first.pid, 'SIGKILL');
      await until('it to be gone', () => first.ended);
      assert.equal(existsSync(done), false);
      assert.deepEqual(await appliance.call('listInterfaces'), []);
    });

    await t.test('answers that lie ready but are wrong are told, and the questions begin with them', async () => {
      writeFileSync(answers, 'ballast:\n  eth0: 192.0.2.255/24\n  colour: blue\n');
      const terminal = open();
      await terminal.shows(/cannot be used[\s\S]*colour: means nothing here[\s\S]*broadcast/);
      terminal.keys('Space');
      await terminal.shows(/step 1 of 8/);
      terminal.keys('Enter');
      await terminal.shows(/192\.0\.2\.255\/24/);
      rmSync(answers);
      process.kill(terminal.pid, 'SIGKILL');
    });

    await t.test('another console of the machine takes over', async () => {
      const [first, second] = [open(), open()];
      for (const terminal of [first, second]) await terminal.shows(/step 1 of 8/);
      first.keys('Enter');
      await first.shows(/step 2 of 8/);
      second.keys('Enter');
      await second.shows(/step 2 of 8/);
      await first.shows(/step 1 of 8/);
      for (const terminal of [first, second]) process.kill(terminal.pid, 'SIGKILL');
    });

    await t.test('from the first question to a machine that is set up', async () => {
      const terminal = open();
      await terminal.shows(/step 1 of 8/);
      terminal.keys('Enter');
      await terminal.shows(/step 2 of 8/);
      terminal.keys('C-u');
      terminal.type('192.0.2.255/24');
      terminal.keys('Tab');
      await terminal.shows(/! is the broadcast address of its network/);
      terminal.keys('BTab', 'C-u');
      terminal.type('192.0.2.10 255.255.255.0');
      terminal.keys('Enter', 'Enter', 'Right', 'Enter');
      await terminal.shows(/step 3 of 8/);
      terminal.type('10.20.0.1/24');
      terminal.keys('Enter', 'Enter', 'Right', 'Enter');
      const gateway = await terminal.shows(/step 4 of 8/);
      assert.match(gateway, /192\.0\.2\.10\/24[\s\S]*10\.20\.0\.1\/24[\s\S]*\[192\.0\.2\.1 /);
      terminal.keys('Enter', 'Enter', 'Right', 'Enter');
      await terminal.shows(/step 5 of 8/);
      terminal.keys('C-u');
      terminal.type('lb-1');
      terminal.keys('Enter', 'C-u');
      terminal.type('192.0.2.53');
      terminal.keys('Enter', 'C-u', 'Enter', 'Right', 'Enter');
      await terminal.shows(/step 6 of 8/);
      terminal.keys('Enter');
      terminal.type('Europe/Berlin');
      terminal.keys('Enter', 'Right', 'Enter');
      await terminal.shows(/step 7 of 8/);
      terminal.type('a long password');
      terminal.keys('Enter');
      terminal.type('a long password');
      assert.doesNotMatch(await terminal.shows(/\*{15}/), /long password/);
      terminal.keys('Enter', 'Right', 'Enter');
      const summary = await terminal.shows(/Summary[\s\S]*192\.0\.2\.10\/24[\s\S]*10\.20\.0\.1\/24/);
      assert.match(summary, /Host name +lb-1[\s\S]*Europe\/Berlin/);
      terminal.keys('Enter');
      const last = await terminal.shows(/Ballast is ready/);
      assert.match(last, new RegExp(`https://192\\.0\\.2\\.10:${appliance.port}/`));
      assert.match(last, /([0-9A-F]{2}:){15}/);
      terminal.keys('Right', 'Enter');
      await until('it to end', () => terminal.ended);
      assert.ok(existsSync(done));
      assert.match(addresses('eth0'), /192\.0\.2\.10\/24/);
      assert.match(addresses('eth1'), /10\.20\.0\.1\/24/);
      // Another password ends all sessions.
      await appliance.login('bal', 'a long password');
      assert.equal((await appliance.call('getStatus')).unconfirmed, undefined);
      assert.equal((await appliance.call('getSession')).mustChangePassword, false);
      const { hostName, dnsServers, timeZone } = await appliance.call('getSettings');
      assert.deepEqual(
        { hostName, dnsServers, timeZone },
        { hostName: 'lb-1', dnsServers: ['192.0.2.53'], timeZone: 'Europe/Berlin' },
      );
      const [newest] = await appliance.call('listRevisions');
      assert.equal(newest?.who, 'Console');
    });

    await t.test('it does not come again: how the machine is, and behind a log-in the menu', async () => {
      const terminal = open();

      await terminal.shows(
        new RegExp(
          `https://192\\.0\\.2\\.10:${appliance.port}/[\\s\\S]*([0-9A-F]{2}:){15}[\\s\\S]*Virtual Services  0`,
        ),
      );
      terminal.keys('Enter');
      await terminal.shows(/User +\[bal/);
      const logIn = (secret: string) => {
        terminal.keys('Enter');
        terminal.type(secret);
        terminal.keys('Enter', 'Right', 'Right', 'Enter');
      };
      logIn('a wrong password');
      await terminal.shows(/You are not logged in/);
      terminal.keys('Enter');
      await terminal.shows(/User +\[bal/);
      logIn('a long password');
      await terminal.shows(/1 {2}Status[\s\S]*a {2}Factory reset/);

      terminal.type('1');
      await terminal.shows(/No Virtual Service yet/);
      const service = await appliance.addService({ address: '192.0.2.30', port: 80, name: 'shop', checkType: 'none' });
      await terminal.shows(/shop +192\.0\.2\.30:80/);
      await appliance.deleteService(service.service.id);
      terminal.keys('Escape');

      await terminal.shows(/1 {2}Status/);
      terminal.type('4');
      await terminal.shows(/Five packets/);
      terminal.type('192.0.2.10');
      terminal.keys('Enter', 'Right', 'Enter');
      await terminal.shows(/5 packets transmitted/);
      terminal.keys('Enter');
      await terminal.shows(/Five packets/);
      terminal.keys('Escape');

      await terminal.shows(/1 {2}Status/);
      terminal.type('3');
      await terminal.shows(/Management address[\s\S]*192\.0\.2\.10\/24/);
      terminal.keys('Enter', 'C-u');
      terminal.type('192.0.2.12/24');
      terminal.keys('Enter', 'Enter', 'Right', 'Enter');
      await terminal.shows(/undone at[\s\S]*https:\/\/192\.0\.2\.12/);
      assert.match(addresses('eth0'), /192\.0\.2\.12\/24/);
      terminal.keys('Left', 'Enter');
      await terminal.shows(/In effect now:[\s\S]*192\.0\.2\.10\/24/);
      assert.doesNotMatch(addresses('eth0'), /192\.0\.2\.12\/24/, 'undone');
      terminal.keys('Enter');

      await terminal.shows(/1 {2}Status/);
      terminal.type('2');
      await terminal.shows(/quick setup[\s\S]*Services stay/);
      terminal.keys('Enter');
      await terminal.shows(/step 2 of 8/);
      terminal.keys('C-c');

      await terminal.shows(/1 {2}Status/);
      terminal.type('6');
      const [, old] = /Now: ([0-9A-F:]+)/.exec(await terminal.shows(/Now: ([0-9A-F]{2}:){15}/)) ?? [];
      terminal.keys('Enter');
      const renewed = await terminal.shows(/In force/);
      assert.ok(old && !renewed.includes(old), renewed);
      terminal.keys('Enter');

      await terminal.shows(/1 {2}Status/);
      const [api] = appliance.processes('api');
      terminal.type('7');
      await terminal.shows(/browsers log in again/);
      terminal.keys('Enter');
      await terminal.shows(/Both run again/);
      assert.notEqual(appliance.processes('api')[0]?.pid, api?.pid);
      terminal.keys('Enter');

      await terminal.shows(/1 {2}Status/);
      terminal.type('8');
      await terminal.shows(/https:\/\/192\.0\.2\.10:\d+\/support/);
      terminal.keys('Enter');

      await terminal.shows(/1 {2}Status/);
      terminal.type('9');
      await terminal.shows(/0 open connections end/);
      terminal.keys('Right', 'Enter');
      await terminal.shows(/Ballast runs here beside others/);
      terminal.keys('Enter');

      // Who sits here may set another password without the old one.
      await terminal.shows(/1 {2}Status/);
      terminal.keys('Escape');
      await terminal.shows(/Enter: log in/);
      terminal.keys('Enter');
      await terminal.shows(/User +\[bal/);
      terminal.keys('Enter', 'Enter', 'Right', 'Enter');
      await terminal.shows(/Who sits at this machine/);
      terminal.type('another horse');
      terminal.keys('Enter');
      terminal.type('another horse');
      terminal.keys('Enter', 'Right', 'Enter');
      await terminal.shows(/The password is set/);
      await appliance.login('bal', 'another horse');
      terminal.keys('Enter');

      await terminal.shows(/1 {2}Status/);
      terminal.type('a');
      await terminal.shows(/Everything goes/);
      terminal.type('reset');
      terminal.keys('Enter', 'Right', 'Enter');
      await terminal.shows(/! type RESET/);
      assert.ok(existsSync(done), 'a word mistyped resets nothing');
      terminal.keys('C-u');
      terminal.type('RESET');
      terminal.keys('Enter', 'Right', 'Enter');
      await until('everything to be gone', () => !existsSync(done), { limit: 20_000 });
      await until('the menu to end', () => terminal.ended);
      await until('it to be well', async () => (await appliance.call('getHealth')).state === 'ok', { limit: 30_000 });
      const again = open();
      await again.shows(/first set-up[\s\S]*step 1 of 8/);
      process.kill(again.pid, 'SIGKILL');
    });

    await t.test('unattended: the answers that lie ready are applied without a question', async () => {
      writeFileSync(
        answers,
        '#cloud-config\nballast:\n  eth0: 192.0.2.11/24\n  gateway: 192.0.2.1\n  dns: [192.0.2.53, 192.0.2.54]\n  password: another password\n',
      );
      const terminal = open();
      await until('it to end', () => terminal.ended);
      assert.ok(existsSync(done));
      assert.match(addresses('eth0'), /192\.0\.2\.11\/24/);
      await appliance.login('bal', 'another password');
    });
  });
