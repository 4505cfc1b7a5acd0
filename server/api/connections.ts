import type { Socket } from 'node:net';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ConfirmRequest } from '../schema/network/state.ts';
import { isLocal } from './local-door.ts';

const opened = new WeakMap<Socket, number>();

/** Milliseconds of the kernel's monotonic clock, the same in every process. */
const monotonic = () => Number(process.hrtime.bigint() / 1_000_000n);

/** Remembers when each connection was opened; one with TLS, when both sides had heard each other. */
export function watchConnections(app: FastifyInstance): void {
  const remember = (socket: Socket) => void opened.set(socket, monotonic());
  app.server.on('connection', remember);
  app.server.on('secureConnection', remember);
}

/** Over which connection a request came in. One that nobody saw begin counts as old. */
export function connectionOf(request: FastifyRequest): ConfirmRequest {
  // Who sits at the machine is not cut off by any network.
  if (isLocal(request)) return { opened: monotonic(), address: '', local: true };
  const { socket } = request.raw;
  return { opened: opened.get(socket) ?? 0, address: socket.localAddress ?? '' };
}
