import { rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance, FastifyRequest } from 'fastify';

const throughDoor = new WeakSet<Socket>();

/** Did the request come through the door of the machine's own console? */
export const isLocal = ({ raw }: FastifyRequest): boolean => throughDoor.has(raw.socket);

/**
 * Opens the door of the machine's own console: a unix socket in a folder that only root and this process's user may
 * enter. Whoever comes through it is administrator, as whoever sits at the machine is. What a crash left there is removed.
 */
export function openDoor(app: FastifyInstance, path: string): Promise<Server> {
  const server = createServer((request, reply) => app.routing(request, reply));
  server.on('connection', socket => throughDoor.add(socket));
  rmSync(path, { force: true });
  return new Promise((done, fail) => {
    server.once('error', fail);
    server.listen(path, () => done(server));
  });
}
