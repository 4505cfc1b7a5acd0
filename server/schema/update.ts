import Type from 'typebox';

/** An update file: one line of JSON, one line with its signature (Ed25519, base64), then a system slot packed by zstd. */
export interface Manifest {
  /** Of this form. */
  ballast: 1;
  version: string;
  /** The oldest version that may be updated by it. */
  minimumVersion: string;
  architecture: 'amd64';
  /** What follows the two lines. */
  packed: { bytes: number; sha256: string };
  /** What it becomes in the slot. */
  image: { bytes: number; sha256: string };
}

export type SlotName = 'a' | 'b';

/**
 * What becomes of an update: `checking` the file, `writing` the other slot, `proving` what was written; `ready` to be
 * started. `failed` says why, and nothing was changed that runs.
 */
export type UpdatePhase = 'idle' | 'checking' | 'writing' | 'proving' | 'ready' | 'failed';

export interface UpdateState {
  /** Why this machine cannot be updated so; empty when it can. */
  unsupported: string;
  version: string;
  slot: SlotName;
  /** True until the version that runs was seen well: it would be left by a restart. */
  trial: boolean;
  /** The version in the other slot; empty when there is none. */
  other: string;
  /** True when `other` was tried and did not get well: it was returned from. */
  otherFailed: boolean;
  phase: UpdatePhase;
  /** Bytes of the phase that runs. */
  done: number;
  total: number;
  /** Of the file that is being installed, or was. */
  fileVersion: string;
  problem: string;
}

/** Largest part of an upload; a file is sent as many of them. */
export const UPDATE_PART = 4 * 1024 * 1024;
/** No update file is larger. */
export const UPDATE_LIMIT = 1024 * 1024 * 1024;

/** Compares versions such as 1.10.2: less than 0 when `a` is older. */
export function compareVersions(a: string, b: string): number {
  const [x, y] = [a, b].map(version => version.split('.').map(Number)) as [number[], number[]];
  for (let at = 0; at < 3; at++) if ((x[at] ?? 0) !== (y[at] ?? 0)) return (x[at] ?? 0) - (y[at] ?? 0);
  return 0;
}

const state = Type.Unsafe<UpdateState>({ type: 'object', additionalProperties: true, description: 'Update' });
const common = { role: 'administrator', tag: 'Settings' } as const;

export const updateCalls = {
  getUpdate: {
    ...common,
    method: 'GET',
    path: '/api/update',
    summary: 'The versions on this appliance, and how far an update is.',
    reply: state,
  },
  sendUpdatePart: {
    ...common,
    method: 'POST',
    path: '/api/update/part',
    summary: 'One part of an update file, at its place; the part at 0 begins anew.',
    raw: true,
    limit: UPDATE_PART,
    body: Type.Unsafe<Blob | Buffer>({ type: 'string', contentMediaType: 'application/octet-stream' }),
    query: Type.Object(
      { offset: Type.Integer({ minimum: 0, maximum: UPDATE_LIMIT, description: 'Bytes before this part.' }) },
      { additionalProperties: false },
    ),
    reply: Type.Object({ size: Type.Integer({ description: 'Bytes of the file so far.' }) }),
  },
  installUpdate: {
    ...common,
    method: 'POST',
    path: '/api/update/install',
    summary: 'Check the file that was sent and write it to the slot that does not run. Traffic goes on.',
    reply: state,
  },
  startOtherVersion: {
    ...common,
    method: 'POST',
    path: '/api/update/start-other',
    summary:
      'Restart with the version in the other slot: a new one, or the previous. It must get well, or is returned from.',
    reply: state,
  },
} as const;
