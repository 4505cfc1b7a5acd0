import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Call, Services } from '../api/call.ts';
import type { Principal } from '../api/plugins/auth.ts';
import type { Role } from '../schema/account.ts';
import type { Config } from '../schema/config.ts';
import type { StatusEvent } from '../schema/status.ts';
import type { Reply, Version } from './reply.ts';
import type { Params } from './wire.ts';

/** One authenticated request of the LoadMaster API. */
export interface Ask {
  services: Services;
  request: FastifyRequest;
  reply: FastifyReply;
  principal: Principal;
  params: Params;
  version: Version;
  /** Name of the command as the client wrote it. */
  command: string;
  /** The uploaded file; empty when there is none. */
  file: Buffer;
  /** What is known of services and servers; undefined while the data plane is away. */
  status: StatusEvent | undefined;
}

/** A command: the least role that may call it, its parameters, and what it does. The table feeds `listapi` and the docs. */
export interface Command {
  role: Role;
  about: string;
  /** Names of parameters; what can be left out ends with `?`. */
  params: readonly string[];
  /** Whether these parameters change something, where the role would let everybody read. Then it takes an administrator. */
  writes?: (params: Params) => boolean;
  run: (ask: Ask) => Reply | Promise<Reply>;
}

export const treeOf = ({ services }: Ask): Config => configOf(services);

export const configOf = (services: Services): Config => services.revisions().current().config;

/** The same request as a native call, so that handlers of the console do the work. */
export const callOf = ({ services, request, reply, principal }: Ask, id: number, body: unknown): Call => ({
  services,
  request,
  reply,
  principal,
  id,
  body,
  query: {},
});

/** Splits what clients separate by blanks, commas, semicolons or line ends. */
export const words = (text: string): string[] => text.split(/[\s,;]+/).filter(word => word !== '');
