import ipaddr from 'ipaddr.js';
import type { VirtualService } from './virtual-service.ts';

/** Lines such as `10.0.0.0/8 office`: the networks without what is remembered of them. */
export const networksOf = (lines: readonly string[]): string[] => lines.map(line => line.split(' ')[0] ?? '');

/** Is this an address or a network, with a prefix that its family has? */
export function isNetwork(text: string): boolean {
  const [address = '', prefix, ...more] = text.split('/');
  if (more.length > 0) return false;
  const four = ipaddr.IPv4.isValidFourPartDecimal(address);
  if (!four && !(ipaddr.IPv6.isValid(address) && !address.includes('%'))) return false;
  return prefix === undefined || Number(prefix) <= (four ? 32 : 128);
}

/** Ports of lines such as `8000-8080`, in the order given. */
export const portRanges = (lines: readonly string[]): [from: number, to: number][] =>
  lines.map(line => {
    const [from = 0, to = from] = line.split('-').map(Number);
    return [from, to];
  });

/** Most ports a service may have beside its own, as a LoadMaster. */
export const MOST_EXTRA_PORTS = 510;

/** Every extra port of a service. */
export const extraPortsOf = (lines: readonly string[]): number[] =>
  portRanges(lines).flatMap(([from, to]) => Array.from({ length: Math.max(0, to - from + 1) }, (_, at) => from + at));

/** Where a service listens: its address and the alternate one, each with its port and the extra ones. */
export function placesOf(
  vs: Pick<VirtualService, 'address' | 'alternateAddress' | 'extraPorts' | 'port'>,
): { address: string; port: number }[] {
  const ports = [vs.port, ...extraPortsOf(vs.extraPorts)];
  const addresses = [vs.address, ...(vs.alternateAddress === '' ? [] : [vs.alternateAddress])];
  return addresses.flatMap(address => ports.map(port => ({ address, port })));
}
