import type { PacketService, PacketSet } from '../compile/nftables/packets.ts';

const known = new WeakMap<PacketService, string>();

/** Equal for equal services. Made once for each: there may be a thousand, and one change asks several times. */
export function signatureOf(service: PacketService): string {
  let signature = known.get(service);
  if (signature === undefined) {
    signature = JSON.stringify(service);
    known.set(service, signature);
  }
  return signature;
}

/** Would the kernel have nothing to do? */
export function samePackets(one: PacketSet, other: PacketSet): boolean {
  const text = ({ services, ...rest }: PacketSet) => [JSON.stringify(rest), ...services.map(signatureOf)];
  const [before, after] = [text(one), text(other)];
  return before.length === after.length && before.every((line, at) => line === after[at]);
}
