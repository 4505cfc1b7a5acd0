import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';

/**
 * named-server.ts NAME PORT: says on TCP and UDP who it is and whom it sees, `NAME ADDRESS PORT`; on TCP it then echoes.
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
tcp.listen(Number(port), '::', () => udp.bind(Number(port), '::', () => console.log('{"ready":true}')));
process.stdin.resume();
process.stdin.on('end', () => process.exit());
