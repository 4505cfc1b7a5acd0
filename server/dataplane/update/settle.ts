import { existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { run } from '../host.ts';
import { APPLIANCE, otherSlot, Slots } from './slots.ts';

/**
 * Run at a start from a slot that is only tried, and at the next one, before anything of Ballast. A version that is
 * tried works on the data, and may write them in a form of its own: so they are copied first. It is the copy that goes
 * on when the version did not get well.
 */
export async function settle(slots: Slots, data: string): Promise<string> {
  const slot = await slots.running();
  const { good } = await slots.choice();
  const other = otherSlot(slot);
  const before = (of: string) => `${data}.before-${of}`;
  if (slot !== good) {
    const copy = before(slot);
    for (const old of [copy, `${copy}.new`]) await rm(old, { recursive: true, force: true });
    const ran = await run('cp', ['-a', '--reflink=auto', '--', data, `${copy}.new`], 300_000);
    if (ran.code !== 0) throw new Error(`The data could not be copied: ${ran.said}`);
    await run('sync', ['-f', `${copy}.new`]);
    await rename(`${copy}.new`, copy);
    return `slot ${slot} is tried; the data were copied`;
  }
  // Tried, and seen well.
  await rm(before(slot), { recursive: true, force: true });
  if (!existsSync(before(other))) return `slot ${slot} is the good one`;
  // Whatever the other one did to them.
  if (existsSync(data)) {
    await rm(`${data}.failed`, { recursive: true, force: true });
    await rename(data, `${data}.failed`);
  }
  await rename(before(other), data);
  await slots.choose({ failed: other });
  return `slot ${other} did not get well; the data are those of before`;
}

if (import.meta.main) console.log(await settle(new Slots(APPLIANCE), process.env.BALLAST_DATA ?? '/data/ballast'));
