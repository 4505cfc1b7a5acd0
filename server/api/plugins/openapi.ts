import type { FastifyInstance } from 'fastify';
import { type Endpoint, endpoints, writeQuery } from '../../schema/endpoints.ts';

/** `/api/openapi.json`: the table of calls in OpenAPI 3.1, which is JSON Schema as we have it. */
export function openapi(app: FastifyInstance, version: string): void {
  const document = openapiDocument(version);
  app.get('/api/openapi.json', { config: { role: 'anyone' } }, () => document);
}

export function openapiDocument(version: string) {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const [name, endpoint] of Object.entries(endpoints) as [string, Endpoint][]) {
    const path = endpoint.path.replaceAll(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [endpoint.method.toLowerCase()]: operation(name, endpoint) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Ballast',
      version,
      description: 'Errors have a code, a sentence and the field at fault as a JSON pointer.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    paths,
    components: {
      schemas: {
        Fault: {
          type: 'object',
          required: ['code', 'message'],
          properties: { code: { type: 'string' }, message: { type: 'string' }, at: { type: 'string' } },
        },
      },
      securitySchemes: {
        key: { type: 'http', scheme: 'bearer', description: 'An API key.' },
        session: { type: 'apiKey', in: 'cookie', name: '__Host-ballast' },
      },
    },
  };
}

function operation(name: string, endpoint: Endpoint) {
  const query = endpoint.query ?? (endpoint.writes ? writeQuery : undefined);
  const names = [...endpoint.path.matchAll(/:(\w+)/g)].map(match => match[1] as string);
  const error = {
    description: 'A fault',
    content: { 'application/json': { schema: { $ref: '#/components/schemas/Fault' } } },
  };
  return {
    operationId: name,
    tags: [endpoint.tag],
    summary: endpoint.summary,
    description: `Needs: ${endpoint.role === 'anyone' ? 'no log-in' : endpoint.role === 'session' ? 'any log-in' : `role ${endpoint.role}`}.`,
    security: endpoint.role === 'anyone' ? [] : [{ key: [] }, { session: [] }],
    parameters: [
      ...names.map(parameter => ({
        name: parameter,
        in: 'path',
        required: true,
        schema: parameter === 'id' ? { type: 'integer', minimum: 1 } : { type: 'string' },
      })),
      ...Object.entries(propertiesOf(query)).map(([parameter, schema]) => ({ name: parameter, in: 'query', schema })),
      ...(endpoint.writes
        ? [
            {
              name: 'If-Match',
              in: 'header',
              schema: { type: 'string' },
              description: 'The revision the change was made from, in double quotes.',
            },
          ]
        : []),
    ],
    ...(endpoint.body && {
      requestBody: {
        required: true,
        content: { [endpoint.raw ? 'application/octet-stream' : 'application/json']: { schema: endpoint.body } },
      },
    }),
    responses: {
      200: {
        description: endpoint.writes ? 'Done, or with dryRun what would be done' : 'Done',
        content: { 'application/json': { schema: endpoint.reply } },
      },
      ...(endpoint.writes && {
        202: {
          description: 'Stored; not in effect yet. The event “outcome” tells the end.',
          content: { 'application/json': { schema: endpoint.reply } },
        },
      }),
      default: error,
    },
  };
}

const propertiesOf = (schema: unknown) =>
  (schema as { properties?: Record<string, unknown> } | undefined)?.properties ?? {};
