import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { NetworkState } from '../../../server/schema/network/state.ts';
import { type Client, fingerprint } from '../client.ts';
import { takeLock } from '../lock.ts';
import { press } from '../tui/form.ts';
import type { Key } from '../tui/key.ts';
import { draw, type Page } from '../tui/page.ts';
import type { Terminal } from '../tui/terminal.ts';
import { type Answers, faultsOf, proposed, withPrefix } from './answers.ts';
import { apply } from './apply.ts';
import { unattended } from './unattended.ts';
import { at, begun, firstWrong, pageOf, pressed, type Wizard } from './wizard.ts';

export interface Console {
  terminal: Terminal;
  /** The next key; undefined after that many milliseconds without one. */
  key: (patience?: number) => Promise<Key | undefined>;
  client: Client;
  /** Port of the console in the browser. */
  port: number;
  /** There when the set-up is done. */
  done: string;
  /** Restarts the machine. */
  reboot: () => void;
  sources?: readonly string[];
}

/** How often link states are looked at while somebody reads them. */
const LOOK = 2_000;

/** The first set-up, until it is done: here, unattended, or at another console of the machine. */
export async function runWizard(console: Console): Promise<void> {
  const { done, sources } = console;
  const given = unattended(sources);
  let machine = await waitForApi(console);
  let wizard = begun({ ...proposed(machine, ''), ...given?.answers });
  if (given && (await unattendedApply(console, wizard.answers, machine, given))) return;
  let ours = false;
  let asked = false;
  while (!existsSync(done)) {
    console.terminal.show(draw(pageOf(wizard, machine)));
    const key = await console.key(LOOK);
    if (asked) {
      // Another console took over: what was typed here stays for the case that it comes back.
      asked = ours = false;
      wizard = at(wizard, 'welcome');
      continue;
    }
    if (!key) {
      machine = await console.client.call('getNetworkState').catch(() => machine);
      continue;
    }
    if (key.name === 'redraw') console.terminal.forget();
    if (key.name === 'interrupt') wizard = at(wizard, 'welcome');
    const result = pressed(wizard, machine, key);
    if (!ours && result.wizard.step !== 'welcome') {
      const lock = await takeLock(() => {
        asked = true;
      });
      if (!lock) continue;
      ours = true;
    }
    wizard = result.wizard;
    if (!result.apply) continue;
    const wrong = firstWrong(wizard.answers, machine);
    if (wrong) wizard = at(wizard, wrong);
    else if (await applied(console, wizard, machine)) return;
  }
}

/** The same questions on a machine that is set up. Ends when they are applied or left. */
export async function runAgain(console: Console): Promise<void> {
  const machine = await console.client.call('getNetworkState');
  const { ntpServers, timeZone, dnsServers, searchDomains } = await console.client.call('getSettings');
  const lists = { ntp: ntpServers, dns: dnsServers, search: searchDomains };
  const before: Answers = {
    ...proposed(machine, timeZone),
    ...Object.fromEntries(
      Object.entries(lists).flatMap(([name, list]) => (list.length ? [[name, list.join(' ')]] : [])),
    ),
  };
  let wizard = begun(before, true);
  for (;;) {
    console.terminal.show(draw(pageOf(wizard, machine)));
    const key = await console.key();
    if (!key) continue;
    if (key.name === 'redraw') console.terminal.forget();
    if (key.name === 'interrupt' || (key.name === 'escape' && wizard.step === 'welcome')) return;
    const result = pressed(wizard, machine, key);
    wizard = result.wizard;
    if (!result.apply) continue;
    const wrong = firstWrong(wizard.answers, machine, true);
    if (wrong) wizard = at(wizard, wrong);
    else if (await applied(console, wizard, machine, before)) return;
  }
}

async function waitForApi({ terminal, client }: Console): Promise<NetworkState> {
  for (;;) {
    try {
      return await client.call('getNetworkState');
    } catch {
      terminal.show(draw(note('Ballast - first set-up', ['Ballast is starting. This takes a few seconds.'])));
      await sleep(1_000);
    }
  }
}

/** True when it is in effect. When it is not, the reason was shown and the wizard goes on. */
async function applied(
  console: Console,
  { answers }: Wizard,
  machine: NetworkState,
  before?: Answers,
): Promise<boolean> {
  const { terminal, client, port, done, reboot } = console;
  const steps: string[] = [];
  const say = (step: string) => {
    steps.push(`  ${step} ...`);
    terminal.show(draw(note('Applying', ['Please wait; do not switch off.', steps])));
  };
  try {
    await apply(client, answers, machine, say, before);
    say('Noting that the set-up is done');
    markDone(done);
  } catch (error) {
    await choose(console, {
      ...note('Nothing was set', [
        (error as Error).message,
        'What you typed is still there: go back and change it, or try again.',
      ]),
      form: { fields: [], buttons: [{ name: 'back', label: 'Back to the summary' }] },
    });
    return false;
  }
  const print = (await fingerprint(port)) ?? 'not known yet';
  const act = await choose(console, {
    ...note('Ballast is ready', [
      'Go on in a browser:',
      urlsOf(answers, port).map(url => `  ${url}`),
      `User bal, ${answers.password === '' ? 'with the password there was' : 'with the password you chose'}. The browser will warn of an unknown certificate; compare its fingerprint (SHA-256):`,
      [print.slice(0, 48), print.slice(48)].map(line => `  ${line}`),
      'The set-up is in effect already. A restart shows that it lasts.',
    ]),
    form: {
      fields: [],
      buttons: [
        { name: 'reboot', label: 'Restart now' },
        { name: 'finish', label: 'Finish' },
      ],
    },
    focus: { at: 1, caret: 0 },
  });
  terminal.clear();
  if (act === 'reboot') reboot();
  return true;
}

/** Answers that lay ready are applied without a question; wrong ones are shown, and the wizard starts with them. */
async function unattendedApply(
  { terminal, client, key, done }: Console,
  answers: Answers,
  machine: NetworkState,
  { from, unknown }: { from: string; unknown: string[] },
): Promise<boolean> {
  const faults = Object.entries(faultsOf(answers, machine)).map(([name, fault]) => `  ${name}: ${fault}`);
  const wrong = [...unknown.map(word => `  ${word}: means nothing here`), ...faults];
  if (wrong.length === 0) {
    try {
      terminal.show(draw(note('First set-up', [`Applying the answers of ${from}.`])));
      await apply(client, answers, machine, () => {});
      markDone(done);
      terminal.clear();
      return true;
    } catch (error) {
      wrong.push(`  ${(error as Error).message}`);
    }
  }
  terminal.show(
    draw(
      note('First set-up', [`The answers of ${from} cannot be used:`, wrong, 'Any key goes on with the questions.']),
    ),
  );
  await key();
  return false;
}

/** On disk for sure: after a loss of power the wizard must not come again. */
function markDone(file: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.new`, `${new Date().toISOString()}\n`, { flush: true });
  renameSync(`${file}.new`, file);
}

function urlsOf(answers: Answers, port: number): string[] {
  const at = (address: string) => {
    const [host = ''] = withPrefix(address).split('/');
    return host === '' ? [] : [`https://${host.includes(':') ? `[${host}]` : host}${port === 443 ? '' : `:${port}`}/`];
  };
  return [answers.eth0Address4, answers.eth0Address6].flatMap(at);
}

export const note = (title: string, words: Page['words']): Page => ({
  title,
  words,
  form: { fields: [], buttons: [] },
  answerOf: () => '',
  faults: {},
  focus: { at: 0, caret: 0 },
});

/** Shows a page of buttons until one is pressed. */
export async function choose({ terminal, key }: Pick<Console, 'terminal' | 'key'>, page: Page): Promise<string> {
  let focus = page.focus;
  for (;;) {
    terminal.show(draw({ ...page, focus }));
    const pressedKey = await key();
    if (!pressedKey) continue;
    if (pressedKey.name === 'redraw') terminal.forget();
    const result = press(page.form, focus, page.answerOf, pressedKey);
    focus = result.focus;
    if (result.act && page.form.buttons.some(button => button.name === result.act)) return result.act;
  }
}
