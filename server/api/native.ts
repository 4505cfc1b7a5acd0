import type { FastifyInstance } from 'fastify';
import { userName } from '../schema/account.ts';
import { type Endpoint, type EndpointName, endpoints, writeQuery } from '../schema/endpoints.ts';
import { templateKey } from '../schema/template-calls.ts';
import type { Call, Handler, Services } from './call.ts';
import type { EventRelay } from './events.ts';
import * as acme from './handlers/acme.ts';
import * as alerts from './handlers/alerts.ts';
import * as backup from './handlers/backup.ts';
import * as certificates from './handlers/certificates.ts';
import * as checks from './handlers/checks.ts';
import * as configuration from './handlers/configuration.ts';
import * as history from './handlers/history.ts';
import * as loadMaster from './handlers/loadmaster.ts';
import * as network from './handlers/network.ts';
import * as paths from './handlers/paths.ts';
import * as persistence from './handlers/persistence.ts';
import { plainHandlers } from './handlers/plain.ts';
import * as powerHandlers from './handlers/power.ts';
import * as realServers from './handlers/real-servers.ts';
import * as redirect from './handlers/redirect.ts';
import * as session from './handlers/session.ts';
import * as settings from './handlers/settings.ts';
import * as statistics from './handlers/statistics.ts';
import * as status from './handlers/status.ts';
import * as templates from './handlers/templates.ts';
import * as tools from './handlers/tools.ts';
import * as update from './handlers/update.ts';
import * as users from './handlers/users.ts';
import * as virtualServices from './handlers/virtual-services.ts';

const DEFAULT_LIMIT = 65_536;
/** Of a path. Revisions begin with 0, the empty appliance; objects with 1. One spelling only: no 0x1, no 1e0. */
const number = { type: 'string', title: 'The number in the path', pattern: '^(?:0|[1-9][0-9]{0,14})$' };

/** Registers every call of schema/endpoints.ts; a call without a handler does not build. */
export function native(app: FastifyInstance, services: Services, events: EventRelay): void {
  const handlers = {
    ...session,
    ...virtualServices,
    ...realServers,
    ...certificates,
    ...acme,
    ...redirect,
    ...plainHandlers,
    ...settings,
    ...network,
    ...templates,
    ...checks,
    ...persistence,
    ...configuration,
    ...backup,
    ...alerts,
    ...paths,
    ...history,
    ...status,
    ...statistics,
    ...tools,
    ...powerHandlers,
    ...update,
    ...users,
    ...loadMaster,
    streamEvents: ({ request, reply }) => events.stream(request, reply),
  } satisfies Record<EndpointName, Handler>;

  for (const [name, endpoint] of Object.entries(endpoints) as [EndpointName, Endpoint][]) {
    const handler: Handler = handlers[name];
    app.route({
      method: endpoint.method,
      url: endpoint.path,
      bodyLimit: endpoint.limit ?? DEFAULT_LIMIT,
      config: { role: endpoint.role },
      schema: {
        ...(endpoint.body && !endpoint.raw && { body: endpoint.body }),
        ...((endpoint.query ?? endpoint.writes) && { querystring: endpoint.query ?? writeQuery }),
        ...(endpoint.path.includes(':') && {
          params: { type: 'object', properties: { id: number, name: userName, key: templateKey } },
        }),
      },
      handler: async (request, reply) => {
        const id = Number((request.params as { id?: string }).id ?? 0);
        // Only calls open to anyone have no principal, and they do not ask for one.
        const principal = request.principal as Call['principal'];
        return handler({
          services,
          request,
          reply,
          principal,
          id,
          body: request.body,
          query: request.query as Call['query'],
        });
      },
    });
  }
}
