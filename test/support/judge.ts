import { exchange, open, type Place } from './raw-client.ts';
import type { StrictOrigin, StrictRequest } from './strict-origin.ts';
import { until } from './wait.ts';

/** One conversation of a client with a service, and what the server behind it may see of it. */
export interface Conversation {
  name: string;
  /** Bytes in pieces sent one after the other, made for a path of the case's own. */
  pieces: (path: string) => (string | Buffer)[];
  /** The only requests that may reach the server, as `METHOD target body`, of the path `/c0000`. None unless told. */
  may?: string[];
  /** One of those must reach it, all of them if there are several, and the client must get this status first. */
  status?: number;
  /** What else is wrong with a request that reached the server; empty when nothing is. */
  wrong?: (request: StrictRequest) => string;
  /** What is wrong with the answer the client got; empty when nothing is. */
  wrongAnswer?: (answer: string) => string;
  /** The bytes are HTTP/2. */
  h2?: boolean;
}

/** Stands for a path of the conversation's own, which is as long, so that lengths can be counted. */
export const anyPath = '/c0000';

let count = 0;

/**
 * Holds one conversation through a service and says what was wrong, nothing when all is well. What the server
 * saw is the verdict. A request on a new connection follows: were bytes of the case left over anywhere between
 * the service and the server, they would spoil it.
 */
export async function judge(place: Place, origin: StrictOrigin, it: Conversation): Promise<string[]> {
  const path = `/c${String(++count).padStart(4, '0')}`;
  const wrong: string[] = [];
  const may = (it.may ?? []).map(text => text.replaceAll(anyPath, path));
  const clean = it.status !== undefined;
  origin.take();
  const { answer } = await exchange({ ...place, ...(it.h2 && { alpn: ['h2'] }) }, it.pieces(path), {
    // Clean ones end with their answer; only a loaded machine takes long.
    quiet: clean ? 3_000 : 120,
    invited: it.status === 100,
    done: clean && !it.wrongAnswer ? whole(may.length, it.h2) : () => false,
  });
  await probe(place, path);
  const { requests, faults, raw } = origin.take();

  wrong.push(...faults.map(fault => `the server got ${fault}`));
  const probes = requests.filter(r => r.target === `${path}/probe`);
  if (probes.length !== 1) wrong.push(`the request after it arrived ${probes.length} times`);
  const arrived = requests.filter(r => r.target !== `${path}/probe`);
  for (const request of arrived) {
    const said = `${request.method} ${request.target} ${request.body}`;
    if (!may.includes(said)) wrong.push(`the server saw ${JSON.stringify(said.slice(0, 300))}`);
    const fault = it.wrong?.(request);
    if (fault) wrong.push(fault);
  }
  if (arrived.length > Math.max(may.length, 1)) wrong.push(`the server saw ${arrived.length} requests`);
  if (clean) {
    if (arrived.length === 0) wrong.push('the server saw nothing');
    const status = it.h2 ? '' : /^HTTP\/1\.[01] (\d{3})/.exec(answer)?.[1];
    if (!it.h2 && status !== String(it.status))
      wrong.push(`the client was told ${JSON.stringify(answer.slice(0, 200))}`);
  }
  const fault = it.wrongAnswer?.(answer);
  if (fault) wrong.push(fault);
  return wrong.map(text => `${it.name}: ${text}${process.env.BALLAST_VERBOSE ? `\n${raw}` : ''}`);
}

/** As soon as so many answers are there, nothing more need be waited for. */
const whole =
  (answers: number, h2 = false) =>
  (answer: string) =>
    h2 ? answer.includes('ok') : (answer.match(/\r\n\r\nok/g) ?? []).length >= answers;

/** A clean request that ends when its answer is there. */
async function probe(place: Place, path: string): Promise<void> {
  const socket = await open(place);
  let answer = '';
  socket.on('data', chunk => {
    answer += chunk;
  });
  socket.write(`GET ${path}/probe HTTP/1.1\r\nHost: probe\r\nConnection: close\r\n\r\n`);
  await until('an answer to a clean request', () => answer.includes('\r\n\r\n'), { limit: 5_000, every: 2 }).finally(
    () => socket.destroy(),
  );
}
