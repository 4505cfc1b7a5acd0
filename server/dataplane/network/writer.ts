import type { NetworkSet } from '../../compile/network/network-set.ts';

/** How a set gets onto the machine. Every failure is an Error whose message ends a sentence. */
export interface NetworkWriter {
  /** Throws when this machine cannot have it. Changes nothing. */
  check(wanted: NetworkSet): Promise<void>;
  /** Would links, addresses or routes of the machine change? */
  differs(wanted: NetworkSet): Promise<boolean>;
  /** Puts it into effect and looks whether it is; a restart of the machine does not find it again. */
  tryOut(good: NetworkSet, wanted: NetworkSet): Promise<void>;
  /** What was tried holds from now on. */
  keep(good: NetworkSet, wanted: NetworkSet): Promise<void>;
  /** Back to what holds, whatever was tried. */
  putBack(good: NetworkSet, tried: NetworkSet | undefined): Promise<void>;
  /** Sets again what somebody took away. */
  lookAfter(good: NetworkSet): Promise<void>;
}
