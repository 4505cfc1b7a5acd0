import type { FaultReply } from './faults.ts';
import type { Unconfirmed } from './network/state.ts';

/** How a Virtual Service is doing; words and meaning as a LoadMaster has them. */
export type ServiceState =
  | 'up' // every enabled server is up
  | 'degraded' // some are down, at least one is up
  | 'down' // none can take a request
  | 'sorry' // none can: everybody gets the sorry server
  | 'redirect' // none can, or there is none, and clients are redirected
  | 'disabled'
  | 'unchecked' // checks are off: presumed up
  | 'pending'; // stored, not yet in effect, or nothing observed yet

export type ServerState = 'up' | 'down' | 'drain' | 'disabled' | 'unchecked' | 'pending';

/** Counters are totals since the engine's statistics began and never run backwards; rates are per second over the last sample. */
export interface Traffic {
  /** Open now. */
  connections: number;
  connectionRate: number;
  requestRate: number;
  /** Bytes per second from clients and to clients. */
  inRate: number;
  outRate: number;
  totalConnections: number;
  totalRequests: number;
  totalIn: number;
  totalOut: number;
}

export interface ServiceStatus extends Traffic {
  id: number;
  state: ServiceState;
  /** Milliseconds since 1970 of the last change of state. */
  since: number;
  /** A sentence, empty when there is nothing to say. */
  reason: string;
  serversUp: number;
  serversTotal: number;
  /** Requests answered by Ballast because no server could take them, in total. */
  unavailable: number;
}

export interface ServerStatus extends Traffic {
  id: number;
  virtualService: number;
  state: ServerState;
  since: number;
  /** Why it is down, in words: "connection refused (check tcp port 80)". */
  reason: string;
  /** Average of the last 1,024 requests, milliseconds; null before the first. */
  responseTime: number | null;
  /** Duration of the last health check, milliseconds; null when there was none. */
  checkTime: number | null;
}

export interface SystemStatus extends Traffic {
  /** Whole machine, 0..100. */
  cpu: number;
  /** Bytes. */
  memoryUsed: number;
  memoryTotal: number;
  /** Bytes per second over all interfaces but loopback. */
  networkIn: number;
  networkOut: number;
  /** TLS handshakes with clients per second. */
  tlsRate: number;
}

/** Traffic over one network interface of the machine. */
export interface LinkTraffic {
  name: string;
  /** Bytes per second. */
  inRate: number;
  outRate: number;
  /** Bytes since the interface came up. */
  totalIn: number;
  totalOut: number;
}

/** Whether what is stored is what runs. */
export interface ApplyStatus {
  state: 'live' | 'applying' | 'refused';
  /** Newest revision in the store. */
  head: number;
  /** Revision in effect. */
  applied: number;
  since: number;
  fault?: FaultReply;
}

export interface EngineStatus {
  running: boolean;
  version: string;
  startedAt: number;
  reloads: number;
}

export interface Status {
  /** When it was observed, milliseconds since 1970. */
  time: number;
  apply: ApplyStatus;
  engine: EngineStatus;
  system: SystemStatus;
  services: ServiceStatus[];
  servers: ServerStatus[];
  /** All but loopback, by name. */
  links: LinkTraffic[];
  /** Why the network of the machine cannot be changed from here; absent when it can. */
  powerless?: string;
  /** A change of the network that waits to be confirmed. */
  unconfirmed?: Unconfirmed;
}

/** SSE `status`: a full Status on connecting (`full` true: replace everything), then only the objects that changed. */
export interface StatusEvent extends Status {
  full: boolean;
  /** Objects that exist no more. */
  goneServices: number[];
  goneServers: number[];
}

/** Something worth a line in the log of events: a server went down, an apply was refused, the engine was restarted. */
export interface Occurrence {
  /** Counts up over restarts; never used twice. */
  number: number;
  time: number;
  severity: 'good' | 'info' | 'warning' | 'bad';
  text: string;
  /** What people did at the console or the API; without it, what happened to traffic and machine. */
  kind?: 'login' | 'change';
  /** It stops all traffic. */
  critical?: true;
  virtualService?: number;
  realServer?: number;
}

/** Samples of one object, oldest first. All arrays have the length of `time`. */
export interface History {
  /** Milliseconds since 1970. */
  time: number[];
  connections: number[];
  connectionRate: number[];
  requestRate: number[];
  inRate: number[];
  outRate: number[];
  /** Only of the system. */
  cpu?: number[];
  memoryUsed?: number[];
  networkIn?: number[];
  networkOut?: number[];
  tlsRate?: number[];
}

/** Of every period of a time line the average and the highest; null where nothing was measured. */
export interface HistoryValues {
  average: (number | null)[];
  highest: (number | null)[];
}

/** Several objects on one time line. */
export interface HistorySeries {
  /** Milliseconds of a period. */
  step: number;
  /** The beginning of each period, milliseconds since 1970. */
  time: number[];
  objects: {
    of: string;
    /** How many seconds of each period were measured. */
    measured: number[];
    values: Record<string, HistoryValues>;
  }[];
}

/** What an apply came to. There is no room for half-applied. */
export type Outcome =
  | {
      state: 'applied';
      revision: number;
      effect: Effect;
      milliseconds: number;
      /** It changed the network and is undone by itself unless somebody confirms it. */
      unconfirmed?: true;
    }
  | { state: 'kept'; revision: number; refused: number; fault: FaultReply };

/** What putting a change into effect does to traffic: nothing at all, live commands, or a reload that loses no connection. */
export type Effect = 'none' | 'runtime' | 'reload';

/** What a change would do, said before it is made. */
export interface Preview {
  effect: Effect;
  /** One sentence per consequence, such as "Port changes from 443 to 8443: clients of the old port are refused." */
  words: string[];
  /** Unified diff of the generated configuration, secrets left out. */
  diff: string;
}
