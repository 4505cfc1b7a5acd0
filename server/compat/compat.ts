import { randomBytes } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Services } from '../api/call.ts';
import type { EventRelay } from '../api/events.ts';
import { storeFault } from '../api/store-fault.ts';
import { settingsOf } from '../schema/config.ts';
import { Authenticator } from './authenticate.ts';
import { type Command, configOf } from './command.ts';
import { commands } from './commands.ts';
import { mustReach } from './permissions.ts';
import { refuse, send, type Version } from './reply.ts';
import { uploads } from './uploads.ts';
import { Params, Refused, refusalOf } from './wire.ts';

/** Configurations and error pages come as uploads. */
const LARGEST = 16 * 1024 * 1024;

/** `/access/<command>` (version 1, XML) and `/accessv2` (version 2, JSON): what tools written for a LoadMaster call. */
export async function compat(
  app: FastifyInstance,
  services: Services,
  events: EventRelay,
  log: (text: string) => void,
) {
  const authenticator = new Authenticator(services);
  const table = new Map(Object.entries(commands).map(([name, command]) => [name, command as Command]));

  async function answer(request: FastifyRequest, reply: FastifyReply, version: Version, command: string) {
    const params = new Params();
    try {
      if (!settingsOf(configOf(services)).loadMasterApi) throw new Refused(404, 'The API is not enabled');
      const read = version === 2 ? readVersion2(request, params) : readVersion1(request, params, command);
      const principal = await authenticator.principalOf(request, params);
      const known = table.get(read.command.toLowerCase());
      if (!known) throw new Refused(405, 'Unknown command');
      mustReach(principal, read.command.toLowerCase(), known, params);
      const result = await known.run({
        services,
        request,
        reply,
        principal,
        params,
        version,
        command: read.command,
        file: read.file,
        status: events.status,
      });
      // A write that is still under way was stored: to a client of this API that is done.
      reply.code(200);
      return send(reply, version, result);
    } catch (error) {
      const refused = refusalOf(storeFault(error) ?? error, params);
      if (refused) return refuse(reply, version, refused.status, refused.message);
      const reference = randomBytes(4).toString('hex');
      log(`[${reference}] ${command}: ${(error as Error).stack}`);
      return refuse(reply, version, 500, `Something went wrong inside Ballast. The log has it under ${reference}.`);
    }
  }

  /** The only call while the API is off: an administrator switches it on. */
  async function enable(request: FastifyRequest, reply: FastifyReply) {
    const params = new Params();
    try {
      const principal = await authenticator.principalOf(request, params);
      const command = table.get('set') as Command;
      mustReach(principal, 'set', command, params);
      for (const [name, value] of Object.entries({ param: 'enableapi', value: 'yes' })) params.set(name, value);
      const asked = { services, request, reply, principal, params, version: 1, command: 'set' } as const;
      return send(reply, 1, await command.run({ ...asked, file: NOTHING, status: events.status }));
    } catch (error) {
      const refused = refusalOf(storeFault(error) ?? error, params) ?? new Refused(500, 'Internal error');
      return refuse(reply, 1, refused.status, refused.message);
    }
  }

  await app.register(async inner => {
    inner.removeAllContentTypeParsers();
    // Clients name any type for anything: the command knows what the bytes are.
    inner.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: LARGEST }, (_request, body, take) =>
      take(null, body),
    );
    inner.setErrorHandler((error: { statusCode?: number; message: string }, request, reply) => {
      const version = /^\/+accessv2/.test(request.url) ? 2 : 1;
      const refused = refusalOf(error) ?? new Refused(error.statusCode ?? 400, error.message);
      return refuse(reply, version, refused.status, refused.message);
    });
    const options = { config: { role: 'anyone' }, bodyLimit: LARGEST } as const;
    const method = ['GET', 'POST'];
    const route = (url: string, version: Version, prefix = '') =>
      inner.route({
        ...options,
        method,
        url,
        handler: (request, reply) =>
          answer(request, reply, version, prefix + ((request.params as { '*'?: string })['*'] ?? '')),
      });
    // The address of the console by which clients switch a LoadMaster's API on.
    inner.route({ ...options, method, url: '/progs/doconfig/enableapi/set/yes', handler: enable });
    route('/access/*', 1);
    // One client forgets the slash in front of 360/licenseinfo.
    route('/access360/*', 1);
    route('/accessv2', 2);
    route('/accessv2/*', 2);
  });
}

const NOTHING = Buffer.alloc(0);

/** Parameters in the query, and in the body unless that is the file. */
function readVersion1(request: FastifyRequest, params: Params, path: string) {
  const body = (request.body as Buffer | undefined) ?? NOTHING;
  const [, command = '', option] = /^\/*([^/]*)(?:\/(.*))?$/.exec(path) ?? [];
  const name = option ? `${command}.${option.replaceAll('/', '.')}` : command;
  if (!uploads.has(name.toLowerCase())) takeForm(params, body.toString());
  takeForm(params, request.url.split('?').slice(1).join('?'));
  // `aclcontrol/isenabled` is its option `isenabled`.
  if (command.toLowerCase() === 'aclcontrol' && option) {
    params.set(option, params.get(option) ?? '');
    return { command, file: NOTHING };
  }
  return { command: name, file: body };
}

function takeForm(params: Params, text: string): void {
  for (const [name, value] of new URLSearchParams(text.trim())) if (name !== '') params.set(name, value);
}

/** One flat object of JSON, whatever type it says it is; or the query alone. */
function readVersion2(request: FastifyRequest, params: Params) {
  takeForm(params, request.url.split('?').slice(1).join('?'));
  const text = ((request.body as Buffer | undefined) ?? NOTHING).toString();
  if (text.trim() !== '') takeObject(params, text);
  const command = params.need('cmd');
  const data = params.get('data') ?? '';
  return { command, file: Buffer.from(data, 'base64') };
}

function takeObject(params: Params, text: string): void {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw new Refused(400, 'Invalid JSON');
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw new Refused(400, 'Invalid JSON');
  for (const [name, value] of Object.entries(body)) {
    if (value === null) continue;
    if (typeof value === 'object' && !Array.isArray(value)) throw new Refused(400, `${name}: Invalid value`);
    params.set(name, Array.isArray(value) ? value.map(String).join(';') : String(value));
  }
}
