import { closeSync, fsyncSync, openSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { FaultReply } from '../schema/faults.ts';
import { Fault } from '../schema/faults.ts';
import type { PowerRequest } from '../schema/power.ts';
import { RESET } from './exit-codes.ts';
import { run } from './host.ts';

/** systemctl(1): both return at once, and the service manager ends everything in its order. */
const COMMANDS = { reboot: 'reboot', shutdown: 'poweroff' } as const;

/** Long enough for the answer to be sent. */
const LATER = 300;

/**
 * Reboots, shuts down or resets the machine, or starts this process again once it has put in order what it leaves. A machine
 * that is not an appliance is not ours to reboot: then the fault says so. A reset is done where nothing runs yet: by the next
 * start on an appliance, before anything of it is read, else by the supervisor.
 */
export async function endMachine(
  { act }: PowerRequest,
  data: string,
  appliance = false,
  leave: () => Promise<unknown> = async () => {},
): Promise<{ fault?: FaultReply }> {
  if (act === 'restart') {
    await leave();
    // Not by a signal: that would end HAProxy too. The next one adopts it.
    setTimeout(() => process.exit(0), LATER);
    return {};
  }
  if (act === 'reset') {
    if (!appliance) {
      setTimeout(() => process.exit(RESET), LATER);
      return {};
    }
    mark(join(dirname(data), 'factory-reset'));
    return order('reboot');
  }
  if (!appliance || !Object.hasOwn(COMMANDS, act)) return { fault: new Fault('NOT_AN_APPLIANCE').reply };
  return order(COMMANDS[act]);
}

async function order(command: string): Promise<{ fault?: FaultReply }> {
  const ran = await run('systemctl', [command]);
  return ran.code === 0 ? {} : { fault: new Fault('ENGINE_REFUSED', { reason: ran.said }).reply };
}

/** On disk before the machine goes down. */
function mark(path: string): void {
  const file = openSync(path, 'w', 0o600);
  fsyncSync(file);
  closeSync(file);
}
