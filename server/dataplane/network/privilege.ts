import { readFile } from 'node:fs/promises';

/** Its number in linux/capability.h. */
const NET_ADMIN = 12n;

/** Why this process cannot change the network of the machine; empty when it can. */
export async function whyPowerless(): Promise<string> {
  const status = await readFile('/proc/self/status', 'utf8').catch(() => '');
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1];
  const may = effective === undefined || (BigInt(`0x${effective}`) >> NET_ADMIN) % 2n === 1n;
  return may ? '' : 'Ballast runs without the privilege NET_ADMIN, and so cannot change the network of this machine';
}
