import { createSocket } from 'node:dgram';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { makePem } from './pem.ts';

/**
 * named-server.ts NAME PORT: says on TCP and UDP who it is and whom it sees, `NAME ADDRESS PORT`; on TCP it then echoes.
 * On PORT + 1 it says the same as an HTTP server, on PORT + 2 to whoever speaks TLS, and on PORT + 3 as a name server:
 * the text of whatever name is asked for.
 * Prints `{"ready":true}` when it listens.
 */
const [name = '', port = '0'] = process.argv.slice(2);
const seen = (address = '') => address.replace(/^::ffff:/, '');

const tcp = createServer(socket => {
  socket.on('error', () => {});
  socket.write(`${name} ${seen(socket.remoteAddress)} ${socket.remotePort}\n`);
  socket.pipe(socket);
});
const udp = createSocket({ type: 'udp6', ipv6Only: false });
udp.on('message', (_message, from) => udp.send(`${name} ${seen(from.address)} ${from.port}`, from.port, from.address));
const http = createHttpServer((request, reply) =>
  reply.end(`${name} ${seen(request.socket.remoteAddress)} ${request.socket.remotePort}`),
);
http.listen(Number(port) + 1, '::');
const pem = await makePem('named.test');
const tls = createTlsServer({ cert: pem.chain, key: pem.key }, socket => {
  socket.on('error', () => {});
  socket.write(`${name} ${seen(socket.remoteAddress)} ${socket.remotePort}\n`);
});
tls.listen(Number(port) + 2, '::');
const names = createSocket({ type: 'udp6', ipv6Only: false });
names.on('message', (query, from) => {
  // RFC 1035, 4.1: one question, one answer whose name points to it, TXT, one string.
  const text = Buffer.from(`${name} ${seen(from.address)} ${from.port}`);
  const head = Buffer.from([...query.subarray(0, 2), 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0]);
  const end = query.indexOf(0, 12) + 5;
  const answer = Buffer.from([0xc0, 12, 0, 16, 0, 1, 0, 0, 0, 0, 0, text.length + 1, text.length]);
  names.send(Buffer.concat([head, query.subarray(12, end), answer, text]), from.port, from.address);
});
names.bind(Number(port) + 3, '::');
tcp.listen(Number(port), '::', () => udp.bind(Number(port), '::', () => console.log('{"ready":true}')));
process.stdin.resume();
process.stdin.on('end', () => process.exit());
