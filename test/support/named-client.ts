import { createSocket } from 'node:dgram';
import { get } from 'node:http';
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { connect as connectTls } from 'node:tls';

/**
 * named-client.ts: reads requests as lines of JSON and answers each with one.
 * {do: 'tcp'|'http'|'tls'|'udp'|'dns', address, port, times, from?}: who answered, each time; null for nobody within a second.
 * {do: 'close', as}: closes it. {do: 'hold', address, port, as}: opens a connection and keeps it. {do: 'echo', as, text}: does it still live?
 */
interface Wish {
  do: 'tcp' | 'http' | 'tls' | 'udp' | 'dns' | 'hold' | 'echo' | 'close';
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

const secret = (wish: Wish) =>
  new Promise<string | null>(done => {
    const from = wish.from && { localAddress: wish.from };
    // Whose certificate it is does not matter here: who answers is what is asked.
    const socket = connectTls({ host: wish.address, port: wish.port, rejectUnauthorized: false, ...from });
    const end = (answer: string | null) => {
      socket.destroy();
      done(answer);
    };
    socket.setTimeout(PATIENCE, () => end(null));
    socket.on('error', () => end(null));
    socket.once('data', chunk => end(String(chunk).trim()));
  });

/** A question for the text of `who`, whose answer ends with it. */
const QUESTION = Buffer.from([7, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 3, ...Buffer.from('who'), 0, 0, 16, 0, 1]);

const datagram = (wish: Wish, question: string | Buffer = 'who', from = 0) =>
  new Promise<string | null>(done => {
    const socket = createSocket(wish.address.includes(':') ? 'udp6' : 'udp4');
    const timer = setTimeout(() => end(null), PATIENCE);
    const end = (answer: string | null) => {
      clearTimeout(timer);
      socket.close();
      done(answer);
    };
    socket.on('message', message => end(String(message.subarray(from))));
    socket.on('error', () => end(null));
    socket.bind(0, wish.from, () => {
      // As a resolver does: an answer from anywhere else does not count. With direct return it is the server that has to
      // answer as the service, which the one of the tests does not for plain datagrams.
      if (wish.do === 'dns') socket.connect(wish.port, wish.address, () => socket.send(question));
      else socket.send(question, wish.port, wish.address);
    });
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
    if (wish.do === 'tls') answers.push(await secret(wish));
    if (wish.do === 'udp') answers.push(await datagram(wish));
    if (wish.do === 'dns') answers.push(await datagram(wish, QUESTION, QUESTION.length + 13));
    if (wish.do === 'hold') answers.push(await greeting(wish, true));
    if (wish.do === 'close') held.get(wish.as ?? '')?.destroy();
    if (wish.do === 'echo') answers.push(await echo(wish));
  }
  console.log(JSON.stringify(answers));
}
