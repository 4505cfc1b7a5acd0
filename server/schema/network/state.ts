import type { Caller } from './lets-in.ts';

/** A change of the network that is in effect and undone by itself unless somebody confirms it. */
export interface Unconfirmed {
  revision: number;
  /** Milliseconds since 1970 when it is undone. */
  until: number;
  /** Where alone it can be confirmed: the addresses that the change brought. None: at any address. */
  addresses: string[];
}

/** Who set something: this configuration, a Virtual Service, or the system or somebody else. */
export type SetBy = 'ballast' | 'service' | 'other';

export interface LinkState {
  name: string;
  /** Number of the configured interface of this name; 0: not configured here. */
  id: number;
  /** Such as vlan, bond, veth; empty for hardware. */
  kind: string;
  mac: string;
  mtu: number;
  /** `none`: the configuration names it and the machine has not got it. */
  link: 'up' | 'no-carrier' | 'down' | 'none';
  /** Megabits per second; null when the driver does not tell. */
  speed: number | null;
  duplex: 'full' | 'half' | null;
  addresses: { address: string; prefix: number; setBy: SetBy }[];
  /** Bytes since the interface came up. */
  received: number;
  sent: number;
}

export interface RouteState {
  family: 4 | 6;
  /** `default`, or a network. */
  to: string;
  via: string;
  link: string;
  /** How the kernel learned it: static, ra (router advertisement), dhcp, kernel, boot. */
  protocol: string;
  metric: number;
  setBy: SetBy;
  /** Of a default gateway: does it answer ARP or neighbour discovery? null: not asked lately. */
  answers: boolean | null;
}

/** The network of the machine as it is now. */
export interface NetworkState {
  /** True: the whole network of the machine is set here. False: only what is configured here, and no names or time. */
  appliance: boolean;
  /** Why nothing of it can be changed here, as a sentence without its full stop; empty when it can. */
  powerless: string;
  links: LinkState[];
  routes: RouteState[];
  hostName: string;
  dnsServers: string[];
  searchDomains: string[];
  /** Is the clock kept right by a time server? null: nobody can tell. */
  synchronised: boolean | null;
  unconfirmed?: Unconfirmed;
}

/** As a client is shown it: with where that client itself is. */
export interface NetworkView extends NetworkState {
  caller: Caller;
}

/** Over which connection a confirmation came in. */
export interface ConfirmRequest {
  /** When that connection was opened, in milliseconds of the kernel's monotonic clock, which both processes share. */
  opened: number;
  /** The address of ours that it came in at. */
  address: string;
  /** It came from the machine's own console, which no network cuts off. */
  local?: true;
}
