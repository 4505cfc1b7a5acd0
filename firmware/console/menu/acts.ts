import { existsSync } from 'node:fs';
import { minPasswordLength } from '../../../server/schema/account.ts';
import type { PowerRequest } from '../../../server/schema/power.ts';
import { fingerprint } from '../client.ts';
import { ask } from '../tui/ask.ts';
import { draw } from '../tui/page.ts';
import { type Console, note } from '../wizard/run.ts';
import { urlsOf } from './idle.ts';
import { HEADS, overview, VISIBLE } from './overview.ts';

const BACK = { name: 'back', label: 'Back' };
const OK = { name: 'ok', label: 'OK' };
const LOOK = 2_000;

/** Shows what came of something, until it was read. */
export const tell = (console: Console, title: string, ...words: (string | readonly string[])[]) =>
  ask(console, { title, words, buttons: [OK] });

/** The sentence of whatever went wrong. */
export const failed = (console: Console, title: string, error: unknown) =>
  tell(console, title, (error as Error).message);

const wait = ({ terminal }: Console, title: string, ...words: (string | readonly string[])[]) =>
  terminal.show(draw(note(title, words)));

/** Services and servers as they are, looked at again every two seconds. */
export async function showStatus(console: Console): Promise<void> {
  let top = 0;
  for (;;) {
    const [services, status] = await Promise.all([
      console.client.call('listVirtualServices'),
      console.client.call('getStatus'),
    ]);
    const lines = overview(services, status);
    top = Math.max(0, Math.min(top, lines.length - VISIBLE));
    const place =
      lines.length > VISIBLE ? `${top + 1} to ${Math.min(lines.length, top + VISIBLE)} of ${lines.length}` : '';
    console.terminal.show(
      draw({
        ...note('Status', [[HEADS, ...(lines.length ? lines.slice(top, top + VISIBLE) : ['No Virtual Service yet.'])]]),
        place,
      }),
    );
    const key = await console.key(LOOK);
    if (key?.name === 'escape' || key?.name === 'interrupt' || key?.name === 'enter') return;
    if (key?.name === 'redraw') console.terminal.forget();
    if (key?.name === 'down') top++;
    if (key?.name === 'up') top--;
    if (key?.name === 'tab') top += VISIBLE;
    if (key?.name === 'back-tab') top -= VISIBLE;
  }
}

/** Another address for an interface, tried first: unless it is kept here or in a browser, it goes back by itself. */
export async function changeAddress(console: Console): Promise<void> {
  const title = 'Management address';
  const { client } = console;
  const [interfaces, settings] = await Promise.all([client.call('listInterfaces'), client.call('getSettings')]);
  const able = interfaces.filter(one => one.addresses.length > 0);
  const [first] = able;
  if (!first) return void (await tell(console, title, 'No interface has an address yet. Take Quick setup.'));
  let values: Record<string, string> = {
    interface: String(first.id),
    address: first.addresses[0] ?? '',
    gateway4: settings.gateway4,
  };
  for (;;) {
    const answer = await ask(console, {
      title,
      words: [
        `The first address of an interface, and the IPv4 gateway with it. It is tried for ${settings.confirmTime} seconds, then the old one comes back unless the new one is kept.`,
        able.map(one => `  ${one.name.padEnd(10)} ${one.addresses.join(', ')}`),
      ],
      fields: [
        {
          name: 'interface',
          label: 'Interface',
          kind: 'choice',
          choices: able.map(one => ({ value: String(one.id), label: one.name })),
        },
        { name: 'address', label: 'Address', kind: 'text', hint: 'such as 192.168.1.101/24' },
        { name: 'gateway4', label: 'IPv4 gateway', kind: 'text', hint: 'none' },
      ],
      buttons: [BACK, { name: 'try', label: 'Try it' }],
      values,
      faults: ({ address = '' }) =>
        /^[0-9a-f:.]+\/\d+$/i.test(address.trim())
          ? {}
          : { address: 'an address with its prefix, such as 192.168.1.101/24' },
    });
    ({ values } = answer);
    if (answer.act === 'back') return;
    const chosen = able.find(one => String(one.id) === values.interface) ?? first;
    wait(console, title, 'Setting the address ...');
    try {
      const reply = await client.call('changeNetwork', {
        body: {
          interfaces: { [chosen.id]: { addresses: [(values.address ?? '').trim(), ...chosen.addresses.slice(1)] } },
          settings: { gateway4: (values.gateway4 ?? '').trim() },
        },
      });
      if ('outcome' in reply && reply.outcome.state === 'kept') throw new Error(reply.outcome.fault.message);
      break;
    } catch (error) {
      await failed(console, 'Nothing was changed', error);
    }
  }
  const network = await client.call('getNetworkState');
  const { unconfirmed } = await client.call('getStatus');
  if (!unconfirmed) return void (await tell(console, title, 'In effect. There was nothing to confirm.'));
  const { act } = await ask(console, {
    title,
    words: [
      `In effect now, and undone at ${new Date(unconfirmed.until).toISOString().slice(11, 19)} UTC unless it is kept. Try it in a browser first:`,
      urlsOf(network, console.port).map(url => `  ${url}`),
    ],
    buttons: [
      { name: 'undo', label: 'Undo now' },
      { name: 'keep', label: 'Keep' },
    ],
    meanwhile: async () => ((await client.call('getStatus')).unconfirmed ? undefined : 'over'),
  });
  if (act === 'keep') await client.call('confirmNetwork');
  else if (act !== 'over') await client.call('undoNetwork');
  const now = (await client.call('listInterfaces')).flatMap(one => one.addresses);
  await tell(
    console,
    title,
    'In effect now:',
    now.map(address => `  ${address}`),
  );
}

export async function ping(console: Console): Promise<void> {
  const { client, terminal } = console;
  let host = '';
  for (;;) {
    const { act, values } = await ask(console, {
      title: 'Ping',
      words: ['Five packets to a host, to see whether it is reached from here.'],
      fields: [{ name: 'host', label: 'Host', kind: 'text', hint: 'an address or a name' }],
      buttons: [BACK, { name: 'go', label: 'Ping' }],
      values: { host },
      faults: ({ host = '' }) => (host.trim() ? {} : { host: 'give an address or a name' }),
    });
    if (act === 'back') return;
    host = (values.host ?? '').trim();
    try {
      let run = await client.call('runTool', { body: { tool: 'ping', host, count: 5, size: 56 } });
      while (run.state === 'running') {
        terminal.show(draw(note(`Ping ${host}`, [run.lines.slice(-15)])));
        const key = await console.key(500);
        if (key?.name === 'escape' || key?.name === 'interrupt') await client.call('stopTool', { at: { id: run.id } });
        run = await client.call('getToolRun', { at: { id: run.id } });
      }
      await tell(console, `Ping ${host}`, run.lines.slice(-15));
    } catch (error) {
      await failed(console, `Ping ${host}`, error);
    }
  }
}

/**
 * Another password for `bal`. Whoever sits at the machine may set it without the old one, as on a LoadMaster: who can
 * touch the machine can take its disk, too. It ends all sessions of bal, and stands in the log of events.
 */
export async function newPassword(console: Console, forgotten: boolean): Promise<boolean> {
  const title = 'Password of bal';
  for (;;) {
    const { act, values } = await ask(console, {
      title,
      words: [
        forgotten
          ? 'Who sits at this machine may give bal another password. It stands in the log that it was done here.'
          : 'Another password for the user bal.',
        'All sessions of bal in browsers end.',
      ],
      fields: [
        { name: 'password', label: 'Password', kind: 'secret' },
        { name: 'again', label: 'The same again', kind: 'secret' },
      ],
      buttons: [BACK, { name: 'set', label: 'Set' }],
      faults: ({ password = '', again = '' }) =>
        password.length < minPasswordLength
          ? { password: `at least ${minPasswordLength} letters, digits or marks` }
          : password === again
            ? {}
            : { again: 'is not the same' },
    });
    if (act === 'back') return false;
    try {
      await console.client.call('patchUser', {
        at: { name: 'bal' },
        body: { password: values.password ?? '', enabled: true },
      });
      await tell(console, title, 'The password is set.');
      return true;
    } catch (error) {
      await failed(console, 'The password was not set', error);
    }
  }
}

export async function renewCertificate(console: Console): Promise<void> {
  const title = 'Certificate of the console';
  const old = await fingerprint(console.port);
  const { act } = await ask(console, {
    title,
    words: [
      'The console in the browser gets a new certificate of its own, for the names and addresses this machine has now. Use it when the one that was put there does not work. Services keep theirs.',
      [`Now: ${old?.slice(0, 48) ?? 'it does not answer'}`, `     ${old?.slice(48) ?? ''}`],
    ],
    buttons: [BACK, { name: 'renew', label: 'Make a new one' }],
  });
  if (act === 'back') return;
  const made = await console.client.call('renewConsoleCertificate');
  await tell(console, title, 'In force. Browsers warn once more; compare the fingerprint (SHA-256):', [
    `  ${made.fingerprint.slice(0, 48)}`,
    `  ${made.fingerprint.slice(48)}`,
  ]);
}

export async function support(console: Console): Promise<void> {
  const urls = urlsOf(await console.client.call('getNetworkState'), console.port);
  await tell(
    console,
    'Support bundle',
    'A file with configuration, status, events and what the system says of itself, for whoever helps you. Passwords and keys are removed. Log in and fetch it in a browser:',
    urls.slice(0, 6).map(url => `  ${url}support`),
  );
}

const POWER: Record<Exclude<PowerRequest['act'], 'reset'>, { label: string; words: string; begun: string }> = {
  restart: {
    label: 'Restart services',
    words:
      'The management side, API and data plane, starts again, and HAProxy gets a fresh process. Traffic goes on meanwhile; browsers log in again only if they must.',
    begun: 'Starting again ...',
  },
  reboot: {
    label: 'Reboot',
    words: 'The machine starts again. No service answers meanwhile, mostly for less than a minute.',
    begun: 'Going down. This screen comes back by itself.',
  },
  shutdown: {
    label: 'Shut down',
    words: 'The machine goes off. No service answers until somebody switches it on again.',
    begun: 'Going down.',
  },
};

/** Asks, says what will happen, and does it. */
export async function power(console: Console, act: keyof typeof POWER): Promise<void> {
  const { label, words, begun } = POWER[act];
  const open = (await console.client.call('getStatus')).services.reduce((sum, one) => sum + one.connections, 0);
  const answer = await ask(console, {
    title: label,
    words: [words, ...(act === 'restart' ? [] : [`${open} open connections end.`])],
    buttons: [BACK, { name: 'go', label }],
    careful: act !== 'restart',
  });
  if (answer.act === 'back') return;
  await console.client.call('power', { body: { act } });
  wait(console, label, begun);
  if (act !== 'restart') return void (await console.key(60_000));
  await console.key(1_500);
  await untilWell(console);
  await tell(console, label, 'Both run again.');
}

async function untilWell({ client, key }: Console): Promise<void> {
  for (let tries = 0; tries < 120; tries++) {
    const well = await client.call('getHealth').then(
      ({ state }) => state === 'ok',
      () => false,
    );
    if (well) return;
    await key(1_000);
  }
}

const WORD = 'RESET';

/** Everything as it was delivered. The word must be typed: no other key does it. */
export async function factoryReset(console: Console): Promise<void> {
  const { act } = await ask(console, {
    title: 'Factory reset',
    words: [
      'Everything goes: services, certificates and their keys, users, history, backups kept here, addresses. The machine starts with the first set-up again. Nothing of it can be brought back but from a backup made before.',
      'The software that runs stays.',
    ],
    fields: [{ name: 'word', label: `Type ${WORD}`, kind: 'text' }],
    buttons: [BACK, { name: 'reset', label: 'Reset everything' }],
    faults: ({ word = '' }) => (word.trim() === WORD ? {} : { word: `type ${WORD} to reset everything` }),
  });
  if (act === 'back') return;
  await console.client.call('power', { body: { act: 'reset' } });
  wait(console, 'Factory reset', 'Going down. The first set-up comes next.');
  // On a machine that does not restart for it, the mark of the set-up goes, and with it this menu.
  for (let seconds = 0; seconds < 60 && existsSync(console.done); seconds++) await console.key(1_000);
}
