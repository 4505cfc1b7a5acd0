import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Config, Edit, Facts, Kind, ObjectOf } from '../schema/config.ts';
import { kinds } from '../schema/config.ts';
import { listOf } from '../schema/derive.ts';
import { Fault } from '../schema/faults.ts';
import type { LoadMasterCommand } from '../schema/loadmaster-calls.ts';
import type { Accounts } from '../store/accounts.ts';
import type { Revisions } from '../store/revisions.ts';
import type { AcmeKeeper } from './acme/keeper.ts';
import type { Audit } from './audit.ts';
import type { BackupKeeper } from './backup/keeper.ts';
import type { Committer, Write } from './commit.ts';
import type { DataPlaneClient } from './data-plane.ts';
import type { LockOut } from './lock-out.ts';
import type { MailKeeper } from './mail/keeper.ts';
import type { Passwords } from './passwords.ts';
import type { Principal } from './plugins/auth.ts';

/** What handlers work with. The store's parts are functions: they throw STORE_DAMAGED while it is. */
export interface Services {
  revisions: () => Revisions;
  accounts: () => Accounts;
  committer: () => Committer;
  dataPlane: DataPlaneClient;
  acme: AcmeKeeper;
  backups: BackupKeeper;
  mails: MailKeeper;
  audit: Audit;
  lockOut: LockOut;
  passwords: Passwords;
  facts: Facts;
  hostName: string;
  version: string;
  /** What the LoadMaster API, another room, answers to. */
  loadMasterCommands: readonly LoadMasterCommand[];
  /** Another certificate for the console, in force at once; its fingerprint. */
  renewConsoleCertificate: () => Promise<string>;
  /** Where an update file is put together. */
  updateFile: string;
  /** Why the store cannot be used; undefined when it can. */
  storeProblem: () => string | undefined;
}

/** One request, already authenticated and of the right shape. */
export interface Call {
  services: Services;
  request: FastifyRequest;
  reply: FastifyReply;
  principal: Principal;
  /** The path's `:id`. */
  id: number;
  // biome-ignore lint/suspicious/noExplicitAny: its shape was checked against the endpoint's schema
  body: any;
  query: Record<string, unknown>;
}

export type Handler = (call: Call) => unknown;

/** The current tree, its revision told to the client as ETag. */
export function readTree({ services, reply }: Call): Config {
  const { revision, config } = services.revisions().current();
  reply.header('etag', `"${revision}"`);
  return config;
}

/** Commits edits in the caller's name, honouring If-Match and dryRun. */
export async function write<T>(
  { services, request, reply, principal, query }: Call,
  edits: (config: Config, reserve: Revisions['reserve']) => readonly Edit[],
  objectOf: (config: Config) => T,
  place?: Write<T>['place'],
  more: Pick<Write<T>, 'words' | 'along'> = {},
) {
  const match = /^"(\d{1,15})"$/.exec(request.headers['if-match'] ?? '');
  if (request.headers['if-match'] !== undefined && !match)
    throw new Fault('INVALID', { label: 'If-Match', reason: 'must be a revision in double quotes' });
  const result = await services.committer().write({
    who: principal.user,
    base: match ? Number(match[1]) : undefined,
    dryRun: query.dryRun === true,
    edits,
    objectOf,
    ...(place && { place }),
    ...more,
  });
  if ('revision' in result) {
    reply.header('etag', `"${result.revision}"`);
    if (result.outcome.state === 'pending') reply.code(202);
  }
  return result;
}

/** The object of that number; throws NOT_FOUND. */
export function need<K extends Kind>(config: Config, kind: K, id: number): ObjectOf[K] {
  const found = listOf(config, kind).find(object => object.id === id);
  if (!found) throw new Fault('NOT_FOUND', { what: kinds[kind].label, id });
  return found;
}
