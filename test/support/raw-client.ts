import { once } from 'node:events';
import { connect as connectPlain, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

export interface Place {
  port: number;
  address?: string;
  tls?: boolean;
  /** Name asked for in the TLS hello. */
  serverName?: string;
  alpn?: string[];
}

/** A connected socket, TLS if the place has it; certificates are not judged here. */
export function open(place: Place): Promise<Socket> {
  const at = { host: place.address ?? '127.0.0.1', port: place.port };
  return new Promise((done, fail) => {
    const socket = place.tls
      ? connectTls(
          {
            ...at,
            rejectUnauthorized: false,
            ALPNProtocols: place.alpn ?? ['http/1.1'],
            ...(place.serverName && { servername: place.serverName }),
          },
          () => done(socket),
        )
      : connectPlain(at, () => done(socket));
    socket.setTimeout(10_000, () => socket.destroy(new Error('no answer for 10 s')));
    socket.once('error', fail);
  });
}

/**
 * Sends the pieces on a connection of their own and reads until the other side closes or nothing came for `quiet`
 * milliseconds; with `invited` the second piece waits for an answer to the first. An end by reset is an end. The
 * answer is latin1: one character per byte.
 */
export async function exchange(
  place: Place,
  pieces: (string | Buffer)[],
  {
    quiet = 150,
    done = () => false,
    invited = false,
  }: { quiet?: number; done?: (answer: string) => boolean; invited?: boolean } = {},
): Promise<{ answer: string; closed: boolean }> {
  const socket = await open(place);
  let answer = '';
  return new Promise(resolve => {
    let timer = setTimeout(() => finish(false), quiet);
    const finish = (closed: boolean) => {
      clearTimeout(timer);
      socket.destroy();
      resolve({ answer, closed });
    };
    const again = () => {
      clearTimeout(timer);
      timer = setTimeout(() => finish(false), quiet);
    };
    socket.on('data', (chunk: Buffer) => {
      answer += chunk.toString('latin1');
      if (done(answer)) finish(false);
      else again();
    });
    socket.on('error', () => finish(true));
    socket.on('close', () => finish(true));
    const send = async () => {
      for (const piece of pieces) {
        if (socket.destroyed) return;
        socket.write(typeof piece === 'string' ? Buffer.from(piece, 'latin1') : piece);
        again();
        if (invited && answer === '') await Promise.race([once(socket, 'data'), once(socket, 'close')]).catch(() => {});
        if (pieces.length > 1) await new Promise(later => setTimeout(later, 30));
      }
    };
    void send();
  });
}
