import { Fault } from '../faults.ts';
import type { NetworkInterface } from '../network/interface.ts';
import { type Held, heldOf, heldText, networkOf, overlap, whyNoHost } from '../subnets.ts';

/** An interface breaks a rule: which one, and the fault with its field. */
export interface LinkProblem {
  id: number;
  fault: Fault;
}

/** The least MTU that IPv6 allows (RFC 8200, 5) and the least of ours. */
const LEAST_IPV6 = 1280;
const LEAST = 512;
/** Words of the kernel, and what is not ours to set. */
const RESERVED = new Set(['lo', 'all', 'default', 'none']);

/**
 * Rules of interfaces, alone and beside each other. Pure, and of nothing but the interfaces, so that the first-boot
 * wizard asks the same as the API.
 */
export function linkProblems(interfaces: readonly NetworkInterface[]): LinkProblem[] {
  const byId = new Map(interfaces.map(one => [one.id, one]));
  return [
    ...interfaces.flatMap(one =>
      [...ownFaults(one), ...vlanFaults(one, byId), ...bondFaults(one, interfaces, byId)].map(fault => ({
        id: one.id,
        fault,
      })),
    ),
    ...betweenProblems(interfaces),
  ];
}

/** The addresses of an interface that can be read. */
export const addressesOf = ({ addresses }: Pick<NetworkInterface, 'addresses'>): Held[] =>
  addresses.flatMap(line => heldOf(line) ?? []);

const needs = (label: string, what: string, at: string) => new Fault('NEEDS', { label, needs: what }, at);
const invalid = (label: string, reason: string, at: string) => new Fault('INVALID', { label, reason }, at);

function ownFaults(one: NetworkInterface): Fault[] {
  const faults: Fault[] = [];
  if (RESERVED.has(one.name)) faults.push(invalid('Name', `cannot be ${one.name}`, '/name'));
  for (const line of one.addresses) {
    const held = heldOf(line);
    const reason = held ? whyNoHost(held) : 'is not an address with the length of its prefix, such as 10.0.0.5/24';
    if (reason) faults.push(new Fault('BAD_ADDRESS', { address: held?.address ?? line, reason }, '/addresses'));
  }
  if (one.mtu !== 0 && one.mtu < LEAST) faults.push(invalid('MTU', `must be 0 or at least ${LEAST}`, '/mtu'));
  else if (one.mtu !== 0 && one.mtu < LEAST_IPV6 && addressesOf(one).some(held => held.address.includes(':')))
    faults.push(invalid('MTU', `must be at least ${LEAST_IPV6}, because the interface has an IPv6 address`, '/mtu'));
  return faults;
}

function vlanFaults(one: NetworkInterface, byId: ReadonlyMap<number, NetworkInterface>): Fault[] {
  if (one.type !== 'vlan') {
    if (one.parent !== 0) return [needs('On Interface', 'the type VLAN', '/parent')];
    return one.vlanId === 0 ? [] : [needs('VLAN Id', 'the type VLAN', '/vlanId')];
  }
  const faults: Fault[] = [];
  if (one.vlanId === 0) faults.push(needs('A VLAN', 'its number, 1 to 4094', '/vlanId'));
  const parent = byId.get(one.parent);
  if (one.parent === 0) faults.push(needs('A VLAN', 'the interface that carries it', '/parent'));
  else if (parent?.type === 'vlan') faults.push(needs('A VLAN', 'a port or a bond below it', '/parent'));
  else if (parent && parent.mtu !== 0 && one.mtu > parent.mtu)
    faults.push(invalid('MTU', `cannot be larger than that of ${parent.name}, ${parent.mtu}`, '/mtu'));
  return faults;
}

function bondFaults(
  one: NetworkInterface,
  interfaces: readonly NetworkInterface[],
  byId: ReadonlyMap<number, NetworkInterface>,
): Fault[] {
  if (one.type !== 'bond') return one.members.length === 0 ? [] : [needs('Members', 'the type Bond', '/members')];
  if (one.members.length === 0) return [needs('A bond', 'at least one member', '/members')];
  return one.members.flatMap(id => {
    const member = byId.get(id);
    if (!member) return [];
    const bad = (reason: string) => [invalid(member.name, reason, '/members')];
    if (member.type !== 'port') return bad('is no port: only ports can be joined');
    if (member.addresses.length > 0) return bad('has addresses of its own: give them to the bond');
    if (interfaces.some(other => other.type === 'vlan' && other.parent === id))
      return bad('carries a VLAN: put that on the bond');
    const other = interfaces.find(bond => bond.id < one.id && bond.type === 'bond' && bond.members.includes(id));
    return other ? bad(`is a member of ${other.name} already`) : [];
  });
}

/** No address twice, no network on two interfaces, no VLAN twice. */
function betweenProblems(interfaces: readonly NetworkInterface[]): LinkProblem[] {
  const problems: LinkProblem[] = [];
  const seen: { held: Held; of: NetworkInterface }[] = [];
  const vlans = new Set<string>();
  for (const one of interfaces) {
    const bad = (fault: Fault) => problems.push({ id: one.id, fault });
    for (const held of addressesOf(one)) {
      const same = seen.find(other => other.held.address === held.address);
      const network = heldText(networkOf(held));
      const clash = seen.find(other => other.of.id !== one.id && overlap(networkOf(other.held), networkOf(held)));
      const address = same ? held.address : network;
      const reason = same
        ? `is an address of ${same.of.name} already`
        : clash && `overlaps with ${heldText(networkOf(clash.held))} of ${clash.of.name}`;
      if (reason) bad(new Fault('BAD_ADDRESS', { address, reason }, '/addresses'));
      seen.push({ held, of: one });
    }
    if (one.type !== 'vlan') continue;
    const place = `${one.parent} ${one.vlanId}`;
    if (vlans.has(place)) bad(invalid('VLAN Id', `${one.vlanId} is on this interface already`, '/vlanId'));
    vlans.add(place);
  }
  return problems;
}
