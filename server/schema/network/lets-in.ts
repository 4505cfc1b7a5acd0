import { networksOf } from '../networks.ts';
import type { Settings } from '../settings.ts';
import { bitsOf, heldOf, within } from '../subnets.ts';
import type { NetworkInterface } from './interface.ts';

/** Which address somebody has, and at which of ours they come in. */
export interface Caller {
  from: string;
  at: string;
}

type Guarding = Pick<
  Settings,
  'allowList' | 'blockList' | 'managementFilter' | 'managementInterfaces' | 'managementNetworks'
>;

/** Why the guard would not let this caller in, as a sentence; undefined when it would. Pure. */
export function whyShutOut(
  settings: Guarding,
  interfaces: readonly NetworkInterface[],
  { from, at }: Caller,
): string | undefined {
  const local = from.startsWith('127.') || from === '::1';
  if (!settings.managementFilter || local || !heldOf(`${from}/${bitsOf(from)}`)) return undefined;
  const among = (lines: readonly string[]) =>
    networksOf(lines).some(line => {
      const network = heldOf(line.includes('/') ? line : `${line}/${bitsOf(line)}`);
      return network !== undefined && within(from, network);
    });
  if (among(settings.blockList)) return `Your address ${from} is in the Block List: you would be shut out.`;
  if (settings.allowList.length > 0 && !among(settings.allowList))
    return `Your address ${from} is not in the Allow List: you would be shut out.`;
  if (settings.managementNetworks.length > 0 && !among(settings.managementNetworks))
    return `Your address ${from} is in none of the allowed networks: you would be shut out.`;
  const link = interfaces.find(one => one.addresses.some(line => heldOf(line)?.address === at));
  if (link && !settings.managementInterfaces.includes(link.id))
    return `You come in over ${link.name}, which would not be allowed: you would be shut out.`;
  return link ? undefined : `You come in at ${at}, which is an address of no allowed interface: you may be shut out.`;
}
