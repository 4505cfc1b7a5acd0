import type { Config } from './config.ts';
import type { FaultReply } from './faults.ts';
import type { Occurrence, Outcome, Preview, StatusEvent } from './status.ts';

/**
 * The door between the unprivileged API and the privileged data plane: HTTP over a unix socket, JSON bodies.
 * The data plane compiles for itself; no engine text ever crosses this door.
 *
 *   POST /check    CheckRequest  -> CheckReply     does the engine accept this config, what would it do; changes nothing
 *   POST /apply    ApplyRequest  -> Outcome        read that revision from the store and put it into effect
 *   GET  /status                 -> Status
 *   GET  /history?of=system|service:ID|server:ID&seconds=N -> History
 *   POST /path     PathQuestion  -> PathReport     asks the network; changes nothing that lasts
 *   GET  /occurrences            -> Occurrence[]   newest first, at most 500
 *   GET  /events                 -> stream of lines, each one JSON ControlEvent; the first is a full status
 */
export interface CheckRequest {
  config: Config;
  /** True: also say what it would do (costs a diff). */
  preview?: boolean;
}

export type CheckReply = { accepted: true; preview?: Preview } | { accepted: false; fault: FaultReply };

export interface ApplyRequest {
  revision: number;
}

export type ControlEvent =
  | { type: 'status'; status: StatusEvent }
  | { type: 'occurrence'; occurrence: Occurrence }
  | { type: 'outcome'; outcome: Outcome };
