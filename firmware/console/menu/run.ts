import type { NetworkState } from '../../../server/schema/network/state.ts';
import { fingerprint } from '../client.ts';
import { ask } from '../tui/ask.ts';
import { draw } from '../tui/page.ts';
import { type Console, note } from '../wizard/run.ts';
import { failed, newPassword, tell } from './acts.ts';
import { idlePage, type Seen } from './idle.ts';
import { entries, entryOf, menuLines } from './menu.ts';

const LOOK = 2_000;
/** Every so many looks the certificate is asked for, too. */
const SELDOM = 15;
/** Nobody typed for so long: whoever comes by next must log in. */
const LEFT_ALONE = 10 * 60_000;

class LeftAlone extends Error {}

/** The machine's own console once it is set up: a screen that tells how it is, and behind a log-in what can be done. */
export async function runMenu(console: Console, version: string): Promise<never> {
  for (;;) {
    await idle(console, version);
    try {
      const attended = watched(console);
      if (await loggedIn(attended)) await menu(attended);
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

async function idle(console: Console, version: string): Promise<void> {
  const { client, terminal, key, port } = console;
  let seen: Seen = { version, port, network: undefined, status: undefined, services: [], fingerprint: undefined };
  terminal.forget();
  for (let looks = 0; ; looks++) {
    const [network, status, print] = await Promise.all([
      client.call('getNetworkState').catch((): NetworkState | undefined => undefined),
      client.call('getStatus').catch(() => undefined),
      looks % SELDOM === 0 || !seen.fingerprint ? fingerprint(port) : seen.fingerprint,
    ]);
    seen = { ...seen, network, status, fingerprint: print };
    terminal.show(idlePage(seen));
    const pressed = await key(LOOK);
    if (pressed?.name === 'redraw') terminal.forget();
    else if (pressed) return;
  }
}

async function loggedIn(console: Console): Promise<boolean> {
  const title = 'Log in';
  let user = 'bal';
  for (;;) {
    const { act, values } = await ask(console, {
      title,
      words: ['A user of this appliance who is administrator.'],
      fields: [
        { name: 'user', label: 'User', kind: 'text' },
        { name: 'password', label: 'Password', kind: 'secret' },
      ],
      buttons: [
        { name: 'back', label: 'Back' },
        { name: 'forgotten', label: 'Password forgotten' },
        { name: 'in', label: 'Log in' },
      ],
      values: { user },
    });
    if (act === 'back') return false;
    if (act === 'forgotten') return newPassword(console, true);
    user = (values.user ?? '').trim();
    try {
      const session = await console.client.call('login', { body: { user, password: values.password || ' ' } });
      if (session.role === 'administrator') return true;
      await tell(console, title, `${user} is no administrator. What ${user} may do, a browser offers.`);
    } catch (error) {
      await failed(console, 'You are not logged in', error);
    }
  }
}

async function menu(console: Console): Promise<void> {
  let chosen = 0;
  for (;;) {
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
