import { createSocket } from 'node:dgram';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:net';

/**
 * named-server.ts NAME PORT: says on TCP and UDP who it is and whom it sees, `NAME ADDRESS PORT`; on TCP it then echoes.
 * On PORT + 1 it says the same as an HTTP server.
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
tcp.listen(Number(port), '::', () => udp.bind(Number(port), '::', () => console.log('{"ready":true}')));
process.stdin.resume();
process.stdin.on('end', () => process.exit());
