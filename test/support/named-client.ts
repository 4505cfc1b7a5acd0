import { createSocket } from 'node:dgram';
import { get } from 'node:http';
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';

/**
 * named-client.ts: reads requests as lines of JSON and answers each with one.
 * {do: 'tcp'|'http'|'udp', address, port, times, from?}: who answered, each time; null for nobody within a second.
 * {do: 'close', as}: closes it. {do: 'hold', address, port, as}: opens a connection and keeps it. {do: 'echo', as, text}: does it still live?
 */
interface Wish {
  do: 'tcp' | 'http' | 'udp' | 'hold' | 'echo' | 'close';
  address: string;
  port: number;
  times?: number;
  from?: string;
  as?: string;
  text?: string;
}

const PATIENCE = 1_000;
const held = new Map<string, Socket>();

const greeting = (wish: Wish, keep = false) =>
  new Promise<string | null>(done => {
    const socket = connect({ host: wish.address, port: wish.port, ...(wish.from && { localAddress: wish.from }) });
    const end = (answer: string | null) => {
      if (!keep) socket.destroy();
      else if (wish.as) held.set(wish.as, socket);
      done(answer);
    };
    socket.setTimeout(PATIENCE, () => end(null));
    socket.on('error', () => end(null));
    socket.once('data', chunk => end(String(chunk).trim()));
  });

const page = (wish: Wish) =>
  new Promise<string | null>(done => {
    const host = wish.address;
    const request = get({
      host,
      port: wish.port,
      agent: false,
      timeout: PATIENCE,
      ...(wish.from && { localAddress: wish.from }),
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => done(null));
    request.on('response', reply => {
      let text = '';
      reply.on('data', chunk => {
        text += chunk;
      });
      reply.on('end', () => done(reply.statusCode === 200 ? text : String(reply.statusCode)));
    });
  });

const datagram = (wish: Wish) =>
  new Promise<string | null>(done => {
    const socket = createSocket(wish.address.includes(':') ? 'udp6' : 'udp4');
    const timer = setTimeout(() => end(null), PATIENCE);
    const end = (answer: string | null) => {
      clearTimeout(timer);
      socket.close();
      done(answer);
    };
    socket.on('message', message => end(String(message)));
    socket.on('error', () => end(null));
    socket.bind(0, wish.from, () => socket.send('who', wish.port, wish.address));
  });

const echo = (wish: Wish) =>
  new Promise<string | null>(done => {
    const socket = held.get(wish.as ?? '');
    if (!socket || socket.destroyed) return done(null);
    const timer = setTimeout(() => done(null), PATIENCE);
    socket.once('data', chunk => {
      clearTimeout(timer);
      done(String(chunk).trim());
    });
    socket.write(wish.text ?? '');
  });

for await (const line of createInterface(process.stdin)) {
  const wish = JSON.parse(line) as Wish;
  const answers: (string | null)[] = [];
  for (let i = 0; i < (wish.times ?? 1); i++) {
    if (wish.do === 'tcp') answers.push(await greeting(wish));
    if (wish.do === 'http') answers.push(await page(wish));
    if (wish.do === 'udp') answers.push(await datagram(wish));
    if (wish.do === 'hold') answers.push(await greeting(wish, true));
    if (wish.do === 'close') held.get(wish.as ?? '')?.destroy();
    if (wish.do === 'echo') answers.push(await echo(wish));
  }
  console.log(JSON.stringify(answers));
}
