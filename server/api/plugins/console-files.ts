import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';

/** The built console. Its files carry a hash in their names and never change; index.html always may. */
export async function consoleFiles(app: FastifyInstance, folder: string): Promise<void> {
  await app.register(fastifyStatic, { root: folder, serve: false });
  const options = { config: { role: 'anyone' } } as const;
  app.get<{ Params: { '*': string } }>('/assets/*', options, (request, reply) =>
    reply.sendFile(`assets/${request.params['*']}`, { maxAge: '365d', immutable: true }),
  );
  const page = (_request: unknown, reply: import('fastify').FastifyReply) =>
    reply.header('cache-control', 'no-cache').sendFile('index.html', { cacheControl: false });
  app.get('/', options, page);
  // Addresses of the console's own pages; whatever looks like a file or a call is not one of them.
  app.get<{ Params: { '*': string } }>('/*', options, (request, reply) =>
    /^(?:api|access|accessv2)(?:\/|$)|\.\w+$/.test(request.params['*']) ? reply.callNotFound() : page(request, reply),
  );
}
