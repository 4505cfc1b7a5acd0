import type { Console } from '../wizard/run.ts';
import { runAgain } from '../wizard/run.ts';
import {
  changeAddress,
  factoryReset,
  newPassword,
  ping,
  power,
  renewCertificate,
  showStatus,
  support,
} from './acts.ts';

interface Entry {
  label: string;
  words: string;
  run: (console: Console) => Promise<unknown>;
}

/** What can be done at the machine itself, in the order of how often it is wanted. Keys 1 to 9, 0 and a, b. */
export const entries: readonly Entry[] = [
  { label: 'Status', words: 'services and servers, live', run: showStatus },
  { label: 'Quick setup', words: 'the questions of the first set-up again', run: runAgain },
  { label: 'Management address', words: 'tried first, undone unless kept', run: changeAddress },
  { label: 'Ping', words: 'is a host reached from here?', run: ping },
  { label: 'Password', words: 'another one for bal', run: console => newPassword(console, false) },
  { label: 'Certificate', words: 'a new one for the console in the browser', run: renewCertificate },
  {
    label: 'Restart services',
    words: 'the management side; traffic goes on',
    run: console => power(console, 'restart'),
  },
  { label: 'Support bundle', words: 'for whoever helps you', run: support },
  { label: 'Reboot', words: 'the whole machine', run: console => power(console, 'reboot') },
  { label: 'Shut down', words: 'and switch off', run: console => power(console, 'shutdown') },
  { label: 'Factory reset', words: 'everything is lost', run: factoryReset },
];

const KEYS = '1234567890a';

/** The menu as lines, the chosen entry marked. Pure. */
export const menuLines = (chosen: number): string[] =>
  entries.map(({ label, words }, at) => `${at === chosen ? '>' : ' '} ${KEYS[at]}  ${label.padEnd(22)}${words}`);

/** Which entry a typed letter means; undefined for none. */
export function entryOf(text: string): number | undefined {
  const at = KEYS.indexOf(text.toLowerCase());
  return text.length === 1 && at >= 0 ? at : undefined;
}
