import Type, { type Static } from 'typebox';
import { virtualService } from './virtual-service.ts';

const { address, port, protocol, layer, forwarding, transparent, subnetOriginating, sourceNat } =
  virtualService.properties;

/** What decides over the way of packets: a service as it is or as it would be. */
export const pathQuestion = Type.Object(
  {
    ...{ address, port, protocol, layer, forwarding, transparent, subnetOriginating, sourceNat },
    servers: Type.Array(Type.Object({ address, port }, { additionalProperties: false }), { maxItems: 256 }),
  },
  { additionalProperties: false, title: 'Path Question' },
);
export type PathQuestion = Static<typeof pathQuestion>;

/** One hop as a wire would show it. */
export interface Hop {
  from: string;
  to: string;
  /** Source and destination addresses of its packets; `client` stands for any client. */
  source: string;
  target: string;
}

export interface ServerPath {
  address: string;
  port: number;
  /** A TCP connection from here was accepted; null when it was not tried, as for UDP. */
  reachable: boolean | null;
  /** Of that connection. */
  milliseconds: number | null;
  /** Interface it is reached by, and the router on the way if it is not beside us; empty when there is no way. */
  link: string;
  gateway: string;
  /** Do its answers to clients of other networks come back through here? `unneeded`: it never answers clients itself. */
  returns: 'yes' | 'no' | 'unknown' | 'unneeded';
  good: boolean;
  /** What was found and, when it is not good, what to change. */
  sentence: string;
  hops: Hop[];
}

export interface PathReport {
  /** Is the service's address used by another machine? */
  address: { good: boolean; sentence: string };
  servers: ServerPath[];
}
