import { Fault } from '../faults.ts';
import type { NetworkInterface } from '../network/interface.ts';
import type { NetworkRoute } from '../network/route.ts';
import { bitsOf, type Held, heldOf, heldText, isLinkLocal, networkOf, whyNoHost, within } from '../subnets.ts';
import { addressesOf } from './network-links.ts';

type Links = readonly Pick<NetworkInterface, 'id' | 'name' | 'addresses'>[];

/** Where a gateway is reached: the interface in whose network it lies, the narrowest first. */
export function linkOf(gateway: string, interfaces: Links): { link: Links[number]; held: Held } | undefined {
  return interfaces
    .flatMap(link => addressesOf(link).map(held => ({ link, held })))
    .filter(({ held }) => held.prefix < bitsOf(held.address) && within(gateway, held))
    .sort((a, b) => b.held.prefix - a.held.prefix)[0];
}

/**
 * Why packets cannot be given to this gateway; undefined when they can. `via`: the interface named for it, 0 for none.
 * The text must be an address. Pure, for the wizard as for the API.
 */
export function whyNoGateway(gateway: string, via: number, interfaces: Links): string | undefined {
  if (isLinkLocal(gateway) && gateway.includes(':'))
    return interfaces.some(one => one.id === via) ? undefined : 'is link-local: say on which interface it is';
  const found = linkOf(gateway, interfaces);
  if (!found) return 'is in the subnet of no interface, so nothing can be sent to it';
  if (interfaces.some(one => addressesOf(one).some(held => held.address === gateway)))
    return 'is an address of this appliance itself';
  const reason = whyNoHost({ address: gateway, prefix: found.held.prefix });
  if (reason) return reason;
  return via !== 0 && found.link.id !== via ? `is reached over ${found.link.name}, not over that interface` : undefined;
}

/** Rules of one default gateway; '' is none. */
export function gatewayFaults(gateway: string, via: number, interfaces: Links, family: 4 | 6, at: string): Fault[] {
  if (gateway === '') return [];
  const held = heldOf(`${gateway}/${family === 4 ? 32 : 128}`);
  const reason =
    held && bitsOf(held.address) === (family === 4 ? 32 : 128)
      ? whyNoGateway(held.address, via, interfaces)
      : `is not an IPv${family} address`;
  return reason ? [new Fault('BAD_ADDRESS', { address: gateway, reason }, at)] : [];
}

/** Rules of the additional routes. */
export function routeProblems(routes: readonly NetworkRoute[], interfaces: Links): { id: number; fault: Fault }[] {
  const seen = new Set<string>();
  return routes.flatMap(route => {
    const faults: Fault[] = [];
    const bad = (address: string, reason: string, at: string) =>
      faults.push(new Fault('BAD_ADDRESS', { address, reason }, at));
    const held = heldOf(route.destination);
    const network = held && heldText(networkOf(held));
    if (!held) bad(route.destination, 'is not a network with the length of its prefix', '/destination');
    else if (held.prefix === 0) bad(route.destination, 'is everything: that is the Default Gateway', '/destination');
    else if (network !== heldText(held))
      bad(route.destination, `is not a network; its network is ${network}`, '/destination');
    else if (seen.has(network)) bad(route.destination, 'has a route already', '/destination');
    else {
      const own = interfaces.find(one => addressesOf(one).some(mine => heldText(networkOf(mine)) === network));
      if (own) bad(route.destination, `lies on ${own.name} itself`, '/destination');
    }
    if (network) seen.add(network);

    const gateway = heldOf(`${route.gateway}/${bitsOf(route.gateway)}`)?.address;
    if (!gateway) bad(route.gateway, 'is not an IPv4 or IPv6 address', '/gateway');
    else if (held && bitsOf(gateway) !== bitsOf(held.address))
      bad(route.gateway, 'is of another family than the destination', '/gateway');
    else {
      const reason = whyNoGateway(gateway, route.interface, interfaces);
      if (reason) bad(route.gateway, reason, '/gateway');
    }
    return faults.map(fault => ({ id: route.id, fault }));
  });
}
