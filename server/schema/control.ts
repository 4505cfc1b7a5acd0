import type { TriedResult } from './check.ts';
import type { Config } from './config.ts';
import type { FaultReply } from './faults.ts';
import type { Settings } from './settings.ts';
import type { Occurrence, Outcome, Preview, StatusEvent } from './status.ts';
import type { ToolRun } from './tools.ts';
import type { UpdateState } from './update.ts';
import type { VirtualService } from './virtual-service.ts';

/**
 * The door between the unprivileged API and the privileged data plane: HTTP over a unix socket, JSON bodies.
 * The data plane compiles for itself; no engine text ever crosses this door.
 *
 *   POST /check    CheckRequest  -> CheckReply     does the engine accept this config, what would it do; changes nothing
 *   POST /apply    ApplyRequest  -> Outcome        read that revision from the store and put it into effect
 *   GET  /status                 -> Status
 *   POST /tools         ToolRequest   -> ToolReply      runs a tool
 *   GET  /tools?id=N, POST /tools/stop?id=N           -> ToolReply
 *   GET  /capture?id=N                                -> bytes of pcap; none when there is nothing
 *   GET  /connections?service=&search=                -> ConnectionList
 *   POST /connections/drop {key}                      -> {dropped}
 *   GET  /neighbours                                  -> Neighbour[]
 *   GET  /series?of=A,B&seconds=N&points=N&values=  -> HistorySeries
 *   POST /statistics/reset                -> {}      totals begin at 0, the history of traffic is forgotten
 *   GET  /history?of=system|service:ID|server:ID&seconds=N -> History
 *   GET  /persistence?service=ID&search=TEXT&limit=N -> PersistenceTable
 *   POST /persistence/forget ForgetRequest -> { found: boolean }  one entry or all of a service
 *   GET  /checks?server=ID       -> CheckResult[]  newest first, at most 50
 *   POST /try      TryRequest   -> TryReply     runs a check once for each server; changes nothing
 *   POST /challenge    ChallengeRequest -> { served: boolean }  answer an ACME challenge, or no longer
 *   POST /tell         TellRequest  -> {}           something the API did by itself, for the log of events
 *   POST /path     PathQuestion  -> PathReport     asks the network; changes nothing that lasts
 *   GET  /network                 -> NetworkState
 *   POST /network/confirm ConfirmRequest -> Settled  keep the change of the network that waits
 *   POST /power         PowerRequest -> {fault?}     reboots or shuts down an appliance, restarts or resets Ballast
 *   GET  /diagnosis                -> {file: text}  what only root can see of the machine, for whoever helps
 *   POST /network/undo           -> Settled         undo it now
 *   GET  /update, POST /update/install, POST /update/start-other -> UpdateReply
 *   GET  /occurrences            -> Occurrence[]   newest first, at most 500; ?since=NUMBER only later ones
 *   GET  /syslog, POST /syslog/test -> SyslogState[]  of each target; after a message to all of them
 *   GET  /events                 -> stream of lines, each one JSON ControlEvent; the first is a full status
 */
export interface CheckRequest {
  config: Config;
  /** True: also say what it would do (costs a diff). */
  preview?: boolean;
}

export type CheckReply = { accepted: true; preview?: Preview } | { accepted: false; fault: FaultReply };

/** The service as it would be, with only its health properties and TLS to servers of interest, and whom to check. */
export interface TryRequest {
  service: VirtualService;
  settings: Settings;
  servers: { address: string; port: number }[];
}

export type TryReply = { results: TriedResult[] } | { fault: FaultReply };

export interface ApplyRequest {
  revision: number;
}

/** Of RFC 8555, 8.1 and 8.3: nothing else ever reaches the engine. */
export const CHALLENGE_TOKEN = '^[A-Za-z0-9_-]{16,128}$';
export const KEY_AUTHORIZATION = '^[A-Za-z0-9_-]{16,128}\\.[A-Za-z0-9_-]{43}$';

/** What every plain HTTP service answers at /.well-known/acme-challenge/TOKEN; null: nothing any more. */
export interface ChallengeRequest {
  token: string;
  answer: string | null;
}

/** What came of confirming or undoing. */
export type Settled = { revision: number } | { fault: FaultReply };

export type TellRequest = Pick<Occurrence, 'severity' | 'text' | 'kind'>;

export type ControlEvent =
  | { type: 'status'; status: StatusEvent }
  | { type: 'occurrence'; occurrence: Occurrence }
  | { type: 'outcome'; outcome: Outcome };

/** Which history, and how fine; objects and measures with commas, no measures for all. */
export interface SeriesRequest {
  of: string;
  seconds: number;
  points: number;
  values: string;
}

/** How far an update is, or why it was not begun. */
export type UpdateReply = UpdateState | { fault: FaultReply };

/** A run of a tool, nothing when it is not known any more, or why it was not begun. */
export interface ToolReply {
  run?: ToolRun;
  fault?: FaultReply;
}
