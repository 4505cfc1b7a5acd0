import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ReadStream, WriteStream } from 'node:tty';
import { Client } from './client.ts';
import { runMenu } from './menu/run.ts';
import { type Key, listen } from './tui/key.ts';
import { Terminal } from './tui/terminal.ts';
import { type Console, runWizard } from './wizard/run.ts';

/**
 * The machine's own console, on the terminal it is started at: the first set-up, and when that is done the menu.
 * BALLAST_DATA and BALLAST_PORT are those of the appliance.
 */
const data = process.env.BALLAST_DATA ?? '/data/ballast';
const port = Number(process.env.BALLAST_PORT ?? 443);
const done = join(data, 'set-up-done');
const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8')) as {
  version: string;
};

const input = new ReadStream(0);
const terminal = new Terminal(new WriteStream(1));
const waiting: ((key: Key | undefined) => void)[] = [];
const typed: Key[] = [];
listen(input, key => {
  const next = waiting.shift();
  if (next) next(key);
  else typed.push(key);
});
// A console that is pulled out, or its line: the machine starts this again.
input.on('end', () => process.exit(1));
input.on('error', () => process.exit(1));
for (const name of ['SIGINT', 'SIGQUIT', 'SIGTSTP', 'SIGHUP'] as const)
  process.on(name, () => {
    if (name === 'SIGHUP') process.exit(1);
  });

const console: Console = {
  terminal,
  key: patience =>
    new Promise(take => {
      const ready = typed.shift();
      if (ready) return take(ready);
      waiting.push(take);
      if (patience !== undefined)
        setTimeout(() => {
          const at = waiting.indexOf(take);
          if (at < 0) return;
          waiting.splice(at, 1);
          take(undefined);
        }, patience);
    }),
  client: new Client(join(data, 'store', 'console.sock')),
  port,
  done,
  ...(process.env.BALLAST_ANSWERS && { sources: [process.env.BALLAST_ANSWERS] }),
  // Waited for: when this process ends, all that it started is ended with it.
  reboot: () => void spawnSync('systemctl', ['reboot'], { stdio: 'ignore' }),
};

// Started again, it shows the menu after the set-up, and the set-up after a reset.
if (existsSync(done)) await runMenu(console, version);
else await runWizard(console);
process.exit(0);
