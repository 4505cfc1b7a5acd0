import type { Config } from '../schema/config.ts';
import { settingsOf } from '../schema/config.ts';
import { Fault } from '../schema/faults.ts';
import { placesOf } from '../schema/networks.ts';
import { canonical } from '../schema/rules.ts';
import { parseLinks } from './addresses.ts';
import { run } from './host.ts';

/**
 * Throws NEEDS_PRIVILEGE at the first property that cannot be had without NET_ADMIN: whatever the kernel forwards or
 * translates, and addresses the machine has not got already. The rest of Layer 7 needs no such privilege.
 */
export async function refusePowerless(config: Config): Promise<void> {
  const refuse = (what: string, at: string): never => {
    throw new Fault('NEEDS_PRIVILEGE', { what }, at);
  };
  if (settingsOf(config).serverNat) refuse('Server NAT', '/serverNat');
  const services = config.virtualServices.filter(vs => vs.enabled);
  for (const vs of services) {
    if (vs.layer === 'l4') refuse('Layer 4', '/layer');
    if (vs.transparent) refuse('L7 Transparency', '/transparent');
    if (vs.serverNat) refuse('Server NAT', '/serverNat');
  }
  const held = parseLinks((await run('ip', ['-j', 'address', 'show'])).out || '[]');
  const present = new Set(held.flatMap(link => link.addresses.map(one => canonical(one.address))));
  const local = (address: string) => present.has(address) || address.startsWith('127.') || address === '::1';
  for (const { address } of services.filter(vs => vs.parent === 0).flatMap(placesOf))
    if (!local(canonical(address))) refuse(`${address}, which this machine has not got,`, '/address');
}
