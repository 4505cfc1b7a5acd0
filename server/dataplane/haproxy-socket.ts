import { connect } from 'node:net';

/**
 * One command on one of HAProxy's sockets (management guide 2.6, 9.3): a connection per command, the answer ends
 * with the connection. A payload ends with an empty line, so it must not hold one; PEM does not.
 * Rejects when the socket is away or silent for `timeoutMs`.
 */
export function ask(socketPath: string, line: string, payload?: string, timeoutMs = 5_000): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = connect(socketPath);
    socket.setTimeout(timeoutMs, () =>
      socket.destroy(new Error(`no answer to “${line.slice(0, 60)}” within ${timeoutMs} ms`)),
    );
    socket.on('connect', () =>
      socket.end(payload === undefined ? `${line}\n` : `${line} <<\n${withoutEmptyLines(payload)}\n\n`),
    );
    socket.on('data', chunk => chunks.push(chunk));
    socket.on('error', reject);
    socket.on('close', failed => !failed && resolve(Buffer.concat(chunks).toString()));
  });
}

const withoutEmptyLines = (text: string) =>
  text
    .split('\n')
    .filter(line => line.trim() !== '')
    .join('\n');
