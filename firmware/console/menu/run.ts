import { existsSync } from 'node:fs';
import type { NetworkState } from '../../../server/schema/network/state.ts';
import { fingerprint } from '../client.ts';
import { draw } from '../tui/page.ts';
import { type Console, note } from '../wizard/run.ts';
import { failed } from './acts.ts';
import { idlePage, type Seen } from './idle.ts';
import { logIn } from './log-in.ts';
import { entries, entryOf, menuLines } from './menu.ts';

const LOOK = 2_000;
/** Every so many looks the certificate is asked for, too. */
const SELDOM = 15;
/** Nobody typed for so long: whoever comes by next must log in. */
const LEFT_ALONE = 10 * 60_000;

class LeftAlone extends Error {}

/**
 * The machine's own console once it is set up: a screen that tells how it is, and behind a log-in what can be done. Ends when
 * the machine is not set up any more, because somebody reset it.
 */
export async function runMenu(console: Console, version: string): Promise<void> {
  while (await idle(console, version)) {
    try {
      const attended = watched(console);
      if (await logIn(attended)) await menu(attended);
    } catch (error) {
      if (!(error instanceof LeftAlone)) throw error;
    }
  }
}

/** Throws LeftAlone out of whatever page is open when nobody has typed for long. */
function watched(console: Console): Console {
  let last = Date.now();
  return {
    ...console,
    key: async patience => {
      const key = await console.key(Math.min(patience ?? LEFT_ALONE, LEFT_ALONE));
      if (key) last = Date.now();
      else if (Date.now() - last >= LEFT_ALONE) throw new LeftAlone();
      return key;
    },
  };
}

/** True when a key was pressed; false when the set-up has to be done again. */
async function idle(console: Console, version: string): Promise<boolean> {
  const { client, terminal, key, port, done } = console;
  let seen: Seen = { version, port, network: undefined, status: undefined, services: [], fingerprint: undefined };
  terminal.forget();
  for (let looks = 0; existsSync(done); looks++) {
    const [network, status, print] = await Promise.all([
      client.call('getNetworkState').catch((): NetworkState | undefined => undefined),
      client.call('getStatus').catch(() => undefined),
      looks % SELDOM === 0 || !seen.fingerprint ? fingerprint(port) : seen.fingerprint,
    ]);
    seen = { ...seen, network, status, fingerprint: print };
    terminal.show(idlePage(seen));
    const pressed = await key(LOOK);
    if (pressed?.name === 'redraw') terminal.forget();
    else if (pressed) return true;
  }
  return false;
}

async function menu(console: Console): Promise<void> {
  let chosen = 0;
  while (existsSync(console.done)) {
    console.terminal.show(
      draw({ ...note('Ballast', [menuLines(chosen), 'A digit or Enter chooses. Esc logs out.']), place: 'menu' }),
    );
    const key = await console.key();
    if (!key) continue;
    if (key.name === 'escape' || key.name === 'interrupt') return;
    if (key.name === 'redraw') console.terminal.forget();
    if (key.name === 'up' || key.name === 'back-tab') chosen = (chosen + entries.length - 1) % entries.length;
    if (key.name === 'down' || key.name === 'tab') chosen = (chosen + 1) % entries.length;
    const direct = key.name === 'text' ? entryOf(key.text) : undefined;
    if (direct !== undefined) chosen = direct;
    if (key.name !== 'enter' && direct === undefined) continue;
    try {
      await entries[chosen]?.run(console);
    } catch (error) {
      if (error instanceof LeftAlone) throw error;
      await failed(console, entries[chosen]?.label ?? '', error);
    }
  }
}
