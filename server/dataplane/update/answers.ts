import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Paths } from '../../paths.ts';
import type { UpdateReply } from '../../schema/control.ts';
import { Fault } from '../../schema/faults.ts';
import { run } from '../host.ts';
import { Slots } from './slots.ts';
import { Updater } from './updater.ts';

/** Public halves of the keys that updates are signed by; comes with the system's slot. */
const KEYS = '/usr/lib/ballast/update-keys.pem';
const PACKAGE = join(import.meta.dirname, '..', '..', '..', 'package.json');

/** What the door is asked about updates. */
export function updateAnswers(paths: Paths, told: (severity: 'info' | 'bad', text: string) => void) {
  const { version } = JSON.parse(readFileSync(PACKAGE, 'utf8')) as { version: string };
  const restart = async () => {
    const ran = await run('systemctl', ['reboot']);
    if (ran.code !== 0) throw new Error(`The machine does not restart: ${ran.said.split('\n')[0]}`);
  };
  const updater = new Updater({ slots: new Slots(), file: paths.update, keys: KEYS, version, restart, told });
  return {
    update: async (act: 'look' | 'install' | 'start-other'): Promise<UpdateReply> => {
      try {
        if (act === 'install') await updater.install();
        if (act === 'start-other') await updater.startOther();
        return await updater.state();
      } catch (error) {
        return { fault: new Fault('UPDATE_REFUSED', { reason: (error as Error).message.replace(/\.$/, '') }).reply };
      }
    },
  };
}
