import type { FaultReply } from '../schema/faults.ts';
import { Fault } from '../schema/faults.ts';
import type { PowerRequest } from '../schema/power.ts';
import { run } from './host.ts';

/** systemctl(1): both return at once, and the service manager ends everything in its order. */
const COMMANDS = { reboot: 'reboot', shutdown: 'poweroff' } as const;

/** Reboots or shuts down an appliance. A machine that is not one is not ours to end: then the fault says so. */
export async function endMachine({ act }: PowerRequest, appliance = false): Promise<{ fault?: FaultReply }> {
  if (!appliance || !Object.hasOwn(COMMANDS, act)) return { fault: new Fault('NOT_AN_APPLIANCE').reply };
  const ran = await run('systemctl', [COMMANDS[act]]);
  return ran.code === 0 ? {} : { fault: new Fault('ENGINE_REFUSED', { reason: ran.said }).reply };
}
