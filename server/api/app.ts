import { existsSync } from 'node:fs';
import type { SecureContextOptions } from 'node:tls';
import cookie from '@fastify/cookie';
import helmet from '@fastify/helmet';
import { Ajv } from 'ajv';
import Fastify, { type FastifyInstance, type FastifyReply } from 'fastify';
import { Fault } from '../schema/faults.ts';
import { isAddress } from '../schema/rules.ts';
import type { Services } from './call.ts';
import { watchConnections } from './connections.ts';
import type { EventRelay } from './events.ts';
import { native } from './native.ts';
import { auth } from './plugins/auth.ts';
import { consoleFiles } from './plugins/console-files.ts';
import { faults } from './plugins/faults.ts';
import { openapi } from './plugins/openapi.ts';

export interface AppDeps {
  services: Services;
  events: EventRelay;
  /** Folder of the built console; absent in tests of the API alone. */
  console?: string;
  /** Certificate and key of the console; without them plain HTTP, for tests in memory. */
  tls?: Pick<SecureContextOptions, 'cert' | 'key'>;
  log: (text: string) => void;
  /** Registers what else answers at this port: the LoadMaster API. */
  compat?: (app: FastifyInstance, services: Services, events: EventRelay, log: (text: string) => void) => Promise<void>;
}

const PATIENCE = { handshakeTimeout: 15_000, headersTimeout: 10_000, connectionsCheckingInterval: 5_000 };

/** The whole HTTP side, not listening yet. Holds no state but what it is given. */
export async function buildApp({
  services,
  events,
  console: folder,
  tls,
  log,
  compat,
}: AppDeps): Promise<FastifyInstance> {
  const app = Fastify({
    // Slow clients: a handshake, the headers and, below, a whole request must be over within these times.
    ...(tls && { https: { ...tls, minVersion: 'TLSv1.2', ...PATIENCE } }),
    exposeHeadRoutes: false,
    // The address a request comes from is the connection's: forwarded headers prove nothing here.
    trustProxy: false,
    bodyLimit: 65_536,
    // A client of the LoadMaster API puts a slash too many in front.
    rewriteUrl: ({ url = '/' }) => url.replace(/^\/+(?=access)/, '/'),
    requestTimeout: 30_000,
    connectionTimeout: 120_000,
    keepAliveTimeout: 65_000,
    routerOptions: {
      maxParamLength: 128,
      caseSensitive: true,
      ignoreTrailingSlash: false,
      ignoreDuplicateSlashes: false,
    },
    forceCloseConnections: true,
    // An address that cannot be decoded never reaches the handlers of errors below.
    frameworkErrors: (_error, _request, reply) => {
      const fault = new Fault('NO_SUCH_PAGE');
      (reply as FastifyReply).code(fault.status).send(fault.reply);
    },
  }) as unknown as FastifyInstance;
  app.removeContentTypeParser('text/plain');
  app.addContentTypeParser(
    'application/octet-stream',
    { parseAs: 'buffer' },
    async (_: unknown, bytes: Buffer) => bytes,
  );
  strictValidation(app);
  faults(app, log);
  await app.register(cookie);
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        'default-src': ["'none'"],
        'script-src': ["'self'"],
        // The component kit sets sizes and colours in style attributes.
        'style-src': ["'self'", "'unsafe-inline'"],
        'img-src': ["'self'", 'data:'],
        'font-src': ["'self'"],
        'connect-src': ["'self'"],
        'base-uri': ["'none'"],
        'form-action': ["'self'"],
        'frame-ancestors': ["'none'"],
      },
    },
    // The console starts with a certificate nobody trusts; HSTS would then lock people out of the host's name.
    hsts: false,
  });
  app.addHook('onSend', async (request, reply) => {
    if (request.url.startsWith('/api/')) reply.header('cache-control', 'no-store');
  });
  watchConnections(app);
  app.addHook('onSend', async (_request, reply) => {
    // A change of the network is confirmed over a connection that is newer: let there be some.
    if (events.unconfirmed) reply.header('connection', 'close');
  });
  auth(app, services.accounts, services.lockOut);
  native(app, services, events);
  openapi(app, services.version);
  await compat?.(app, services, events, log);
  if (folder && existsSync(folder)) await consoleFiles(app, folder);
  return app;
}

/**
 * Bodies are taken as they are: nothing is coerced, removed or filled in, so a misspelt property cannot pass
 * unseen. Query strings and paths are text by nature and are coerced.
 */
function strictValidation(app: FastifyInstance): void {
  const options = {
    allErrors: false,
    verbose: true,
    useDefaults: false,
    removeAdditional: false,
    strict: true,
    strictTypes: false,
  } as const;
  const make = (coerceTypes: boolean) => {
    const ajv = new Ajv({ ...options, coerceTypes });
    ajv.addKeyword('x-field');
    ajv.addFormat('ip', isAddress);
    return ajv;
  };
  const bodies = make(false);
  const texts = make(true);
  app.setValidatorCompiler(({ schema, httpPart }) => (httpPart === 'body' ? bodies : texts).compile(schema as object));
}
