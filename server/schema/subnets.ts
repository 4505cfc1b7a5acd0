import ipaddr from 'ipaddr.js';

/** An address with the length of its network's prefix, such as 10.0.0.5/24. */
export interface Held {
  address: string;
  prefix: number;
}

/** Reads `10.0.0.5/24` or `2001:db8::5/64`, the address in its one spelling; undefined when it is none. */
export function heldOf(text: string): Held | undefined {
  const [address = '', prefix = '', ...more] = text.split('/');
  const good = ipaddr.IPv4.isValidFourPartDecimal(address) || (ipaddr.IPv6.isValid(address) && !/[%.]/.test(address));
  if (!good || more.length > 0 || !/^[0-9]{1,3}$/.test(prefix) || Number(prefix) > bitsOf(address)) return undefined;
  return { address: ipaddr.parse(address).toString(), prefix: Number(prefix) };
}

/** `10.0.0.5/24`. */
export const heldText = ({ address, prefix }: Held): string => `${address}/${prefix}`;

/** 32 or 128. */
export const bitsOf = (address: string): number => (address.includes(':') ? 128 : 32);

/** Is the address one of this network? */
export function within(address: string, network: Held): boolean {
  if (bitsOf(address) !== bitsOf(network.address)) return false;
  return ipaddr.parse(address).match(ipaddr.parse(network.address) as never, network.prefix);
}

/** The network that an address lies in: 10.0.0.5/24 is of 10.0.0.0/24. */
export function networkOf({ address, prefix }: Held): Held {
  const bytes = ipaddr
    .parse(address)
    .toByteArray()
    .map((byte, at) => byte & (0xff00 >> Math.min(8, Math.max(0, prefix - at * 8))) & 0xff);
  return { address: ipaddr.fromByteArray(bytes).toString(), prefix };
}

/** The last address of an IPv4 network, which means all of its hosts. IPv6 has none. */
export function broadcastOf(held: Held): string | undefined {
  if (held.address.includes(':') || held.prefix > 30) return undefined;
  const bytes = ipaddr
    .parse(networkOf(held).address)
    .toByteArray()
    .map((byte, at) => byte | (0xff >> Math.min(8, Math.max(0, held.prefix - at * 8))));
  return ipaddr.fromByteArray(bytes).toString();
}

/** Do the two networks share an address? */
export const overlap = (a: Held, b: Held): boolean =>
  a.prefix <= b.prefix ? within(b.address, a) : within(a.address, b);

export const isLinkLocal = (address: string): boolean => ipaddr.parse(address).range() === 'linkLocal';

/** Why an address cannot be that of one host in this network; undefined when it can. */
export function whyNoHost(held: Held): string | undefined {
  const range = ipaddr.parse(held.address).range();
  if (range === 'unspecified') return 'stands for every address: name one';
  if (range === 'multicast' || range === 'broadcast') return 'is not the address of one host';
  if (range === 'loopback') return 'is a loopback address, which no other machine can reach';
  if (range === 'linkLocal' && held.address.includes(':')) return 'is link-local: every interface has one by itself';
  if (held.prefix === 0) return 'needs the length of its network’s prefix, such as /24';
  if (held.address.includes(':')) return undefined;
  if (held.prefix < 31 && networkOf(held).address === held.address) return 'is the address of the network itself';
  if (broadcastOf(held) === held.address) return 'is the broadcast address of its network';
  return undefined;
}
