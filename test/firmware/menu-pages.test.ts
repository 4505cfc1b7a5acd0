import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import {
  changeAddress,
  factoryReset,
  newPassword,
  ping,
  power,
  renewCertificate,
  support,
} from '../../firmware/console/menu/acts.ts';
import { logIn } from '../../firmware/console/menu/log-in.ts';
import type { Key } from '../../firmware/console/tui/key.ts';
import { COLUMNS, type Drawn, ROWS } from '../../firmware/console/tui/page.ts';
import type { Console } from '../../firmware/console/wizard/run.ts';
import type { EndpointName } from '../../server/schema/endpoints.ts';
import { machine } from '../support/machine.ts';

/**
 * The menu's pages without a machine: keys go in, screens come out and are compared letter by letter, and what the page
 * asked of the appliance is told. How the appliance itself takes it, test/network/set-up.test.ts shows.
 */

const FINGERPRINT = Array.from({ length: 32 }, (_, at) => (255 - at).toString(16).toUpperCase()).join(':');
const eth0 = { id: 1, name: 'eth0', addresses: ['192.0.2.77/24', '2001:db8::77/64'] };
const replies: Partial<Record<EndpointName, unknown>> = {
  getNetworkState: machine,
  getSettings: { gateway4: '192.0.2.1', confirmTime: 60 },
  listInterfaces: [eth0],
  getStatus: { services: [{ connections: 3 }, { connections: 4 }], unconfirmed: null },
  getHealth: { state: 'ok' },
  runTool: { id: 1, state: 'ended', lines: ['64 bytes from 192.0.2.1: icmp_seq=1 time=0.3 ms'] },
  renewConsoleCertificate: { fingerprint: FINGERPRINT },
  login: { user: 'bal', role: 'administrator' },
};

const words: Record<string, Key> = Object.fromEntries(
  (['enter', 'escape', 'left', 'right', 'clear', 'interrupt'] as const).map(name => [`<${name}>`, { name }]),
);
/** “abc<enter>” as keys. */
const keysOf = (typed: string): Key[] =>
  (typed.match(/<\w+>|./g) ?? []).map(one => words[one] ?? { name: 'text', text: one });

/** A console at which this is typed; the screens somebody had the time to see, and what was asked and not only read. */
function at(typed: string, more: Partial<Record<EndpointName, unknown>> = {}) {
  const keys = keysOf(typed);
  const screens: string[] = [];
  const asked: unknown[] = [];
  let now: Drawn | undefined;
  const console = {
    terminal: {
      show: (drawn: Drawn) => {
        now = drawn;
      },
      forget: () => {},
      clear: () => {},
    },
    key: async (patience?: number) => {
      const shown = textOf(now as Drawn);
      if (screens.at(-1) !== shown) screens.push(shown);
      const key = keys.shift();
      assert.ok(key || patience !== undefined, `nothing is typed any more at:\n${shown}`);
      return key;
    },
    client: {
      call: async (name: EndpointName, { at, body }: { at?: unknown; body?: unknown } = {}) => {
        if (body !== undefined || !/^(?:get|list)/.test(name)) asked.push({ name, ...(at ? { at } : {}), body });
        const reply = { ...replies, ...more }[name] ?? {};
        if (reply instanceof Error) throw reply;
        return reply;
      },
    },
    // Nobody answers there: the certificate is not known.
    port: 1,
    done: import.meta.filename,
    reboot: () => {},
  } as unknown as Console;
  return { console, screens, asked };
}

function textOf({ lines }: Drawn): string {
  assert.equal(lines.length, ROWS);
  for (const line of lines) assert.ok(line.length < COLUMNS && /^[\x20-\x7e]*$/.test(line), line);
  // What stands between is empty.
  return `${lines
    .map(line => line.trimEnd())
    .join('\n')
    .replace(/\n{4,}/g, '\n...\n')}\n`;
}

const told: string[] = [];
const note = (title: string, screens: readonly string[]) => told.push(`==== ${title}\n${screens.join('--\n')}`);

test('log in: an administrator, and nobody else', async () => {
  const good = at('<enter>secret<enter><right><right><enter>');
  assert.equal(await logIn(good.console), true);
  assert.deepEqual(good.asked, [{ name: 'login', body: { user: 'bal', password: 'secret' } }]);
  assert.doesNotMatch(good.screens.join(), /secret/);
  note('log in', [good.screens[0] ?? '']);
  const less = at('<enter>x<enter><right><right><enter><enter><escape>', { login: { role: 'operator' } });
  assert.equal(await logIn(less.console), false);
  note('log in as an operator', [less.screens.at(-2) ?? '']);
  const wrong = at('<enter>x<enter><right><right><enter><enter><escape>', {
    login: new Error('Wrong user or password.'),
  });
  assert.equal(await logIn(wrong.console), false);
  note('log in with a wrong password', [wrong.screens.at(-2) ?? '']);
});

test('password: both must be the same and long enough; without the old one', async () => {
  const typed =
    'short<enter>short<enter><right><enter><clear>a long password<enter><clear>a long passwort<enter><right><enter>';
  const { console, screens, asked } = at(`${typed}<clear>a long password<enter><right><enter><enter>`);
  assert.equal(await newPassword(console, true), true);
  assert.deepEqual(asked, [
    { name: 'patchUser', at: { name: 'bal' }, body: { password: 'a long password', enabled: true } },
  ]);
  note('password', [
    screens[0] ?? '',
    ...screens
      .filter(text => / ! /.test(text))
      .filter((text, i, all) => all.findIndex(one => faultIn(one) === faultIn(text)) === i),
    screens.at(-1) ?? '',
  ]);
  const left = at('<escape>');
  assert.equal(await newPassword(left.console, false), false);
  assert.deepEqual(left.asked, []);
});
const faultIn = (text: string) => /! .*/.exec(text)?.[0];

test('management address: tried, kept or undone, or nothing at all', async () => {
  const waits = { getStatus: { services: [], unconfirmed: { until: Date.UTC(2026, 0, 1, 12, 30) } } };
  const change = '<enter><clear>192.0.2.80<enter><enter><right><enter>';
  const kept = at(`${change}/24<enter><enter><right><enter><enter><enter>`, waits);
  await changeAddress(kept.console);
  assert.deepEqual(kept.asked, [
    {
      name: 'changeNetwork',
      body: {
        interfaces: { 1: { addresses: ['192.0.2.80/24', '2001:db8::77/64'] } },
        settings: { gateway4: '192.0.2.1' },
      },
    },
    { name: 'confirmNetwork', body: undefined },
  ]);
  note('management address', [
    kept.screens[0] ?? '',
    kept.screens.find(text => / ! /.test(text)) ?? '',
    ...kept.screens.slice(-2),
  ]);
  const undone = at('<enter><enter><enter><right><enter><left><enter><enter>', waits);
  await changeAddress(undone.console);
  assert.deepEqual(undone.asked.at(-1), { name: 'undoNetwork', body: undefined });
  const left = at('<escape>');
  await changeAddress(left.console);
  assert.deepEqual(left.asked, []);
  const refused = at('<enter><enter><enter><right><enter><enter><escape>', {
    changeNetwork: new Error('The address is taken.'),
  });
  await changeAddress(refused.console);
  note(
    'management address refused',
    refused.screens.filter(text => /taken/.test(text)),
  );
});

test('ping: asked for a host, and what it says', async () => {
  const { console, screens, asked } = at('<enter><right><enter>192.0.2.1<enter><right><enter><enter><escape>');
  await ping(console);
  assert.deepEqual(asked, [{ name: 'runTool', body: { tool: 'ping', host: '192.0.2.1', count: 5, size: 56 } }]);
  note('ping', [screens[0] ?? '', screens.find(text => / ! /.test(text)) ?? '', ...screens.slice(-2, -1)]);
});

test('certificate: said what it is for, and then its fingerprint', async () => {
  const { console, screens, asked } = at('<enter><enter>');
  await renewCertificate(console);
  assert.deepEqual(asked, [{ name: 'renewConsoleCertificate', body: undefined }]);
  note('certificate', screens);
  const left = at('<left><enter>');
  await renewCertificate(left.console);
  assert.deepEqual(left.asked, []);
});

test('support bundle: where it is fetched', async () => {
  const { console, screens } = at('<enter>');
  await support(console);
  note('support bundle', screens);
});

test('restart, reboot, shutdown: who notices is said before; Escape does nothing, nor does a hasty Enter', async () => {
  for (const act of ['restart', 'reboot', 'shutdown'] as const) {
    // Enter alone ends no connection.
    const { console, screens, asked } = at(act === 'restart' ? '<enter> <enter>' : '<right><enter> ');
    await power(console, act);
    assert.deepEqual(asked, [{ name: 'power', body: { act } }]);
    note(act, screens);
    const left = at('<escape>');
    await power(left.console, act);
    assert.deepEqual(left.asked, []);
    if (act === 'restart') continue;
    const hasty = at('<enter>');
    await power(hasty.console, act);
    assert.deepEqual(hasty.asked, []);
  }
});

test('factory reset: only by the word', async () => {
  const wrong = at('reset<enter><right><enter><escape>');
  await factoryReset(wrong.console);
  assert.deepEqual(wrong.asked, []);
  const { console, screens, asked } = at('RESET<enter><right><enter> ');
  await factoryReset(console);
  assert.deepEqual(asked, [{ name: 'power', body: { act: 'reset' } }]);
  note('factory reset', [screens[0] ?? '', wrong.screens.find(text => / ! /.test(text)) ?? '', screens.at(-1) ?? '']);
});

test('each of these screens, letter by letter', () => {
  const golden = join(import.meta.dirname, 'menu-pages.txt');
  const text = told.join('\n');
  if (process.env.BALLAST_WRITE_SCREENS) writeFileSync(golden, text);
  assert.equal(text, readFileSync(golden, 'utf8'));
});
