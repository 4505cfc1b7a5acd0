import { Agent, request } from 'node:https';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';

/**
 * A person at the console from some other machine. Reads lines of JSON {connection, host, port, method, path, key,
 * body} and answers each with {status, body} or {failed}. Calls with the same `connection` use the same TCP connection
 * for as long as the server keeps it. The method TCP only connects.
 */
const agents = new Map<string, Agent>();

interface Wish {
  connection: string;
  host: string;
  port: number;
  method: string;
  path: string;
  key: string;
  body?: object;
}

function ask({ connection, host, port, method, path, key, body }: Wish): Promise<object> {
  if (method === 'TCP') return reach(host, port);
  const agent = agents.get(connection) ?? new Agent({ keepAlive: true, maxSockets: 1, rejectUnauthorized: false });
  agents.set(connection, agent);
  const text = body && JSON.stringify(body);
  return new Promise(done => {
    const sent = request(
      {
        agent,
        host,
        port,
        method,
        path,
        timeout: 1_500,
        headers: {
          authorization: `Bearer ${key}`,
          ...(text && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
        },
      },
      reply => {
        let answer = '';
        reply.on('data', chunk => {
          answer += chunk;
        });
        reply.on('end', () => done({ status: reply.statusCode, body: answer === '' ? {} : JSON.parse(answer) }));
        reply.on('error', error => done({ failed: String(error) }));
      },
    );
    sent.on('timeout', () => sent.destroy(new Error('no answer')));
    sent.on('error', error => done({ failed: String(error) }));
    sent.end(text);
  });
}

function reach(host: string, port: number): Promise<object> {
  return new Promise(done => {
    const socket = connect({ host, port });
    const end = (answer: object) => {
      socket.destroy();
      done(answer);
    };
    socket.setTimeout(1_500, () => end({ failed: 'no answer' }));
    socket.on('connect', () => end({ status: 200 }));
    socket.on('error', error => end({ failed: String(error) }));
  });
}

for await (const line of createInterface(process.stdin))
  process.stdout.write(`${JSON.stringify(await ask(JSON.parse(line) as Wish))}\n`);
