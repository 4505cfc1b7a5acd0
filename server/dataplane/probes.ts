import { execFile } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';

/** What one question came to: milliseconds when answered, or why not. */
export type Answer = { up: true; duration: number } | { up: false; duration: number; reason: string };

/** Addresses for one run of fping; their answers are waited for together. */
const MOST = 200;

/** One echo request to each address by fping; `timeout` in seconds. An address that gets no answer is down, whatever the reason. */
export async function ping(addresses: readonly string[], timeout: number): Promise<Map<string, Answer>> {
  const answers = new Map<string, Answer>();
  const unique = [...new Set(addresses)];
  for (let at = 0; at < unique.length; at += MOST) {
    const some = unique.slice(at, at + MOST);
    // -i 1: a millisecond between two packets; -C 1 -q: one line for each address.
    const args = ['-q', '-C', '1', '-i', '1', '-t', String(timeout * 1_000), '-p', String(timeout * 1_000), ...some];
    const { said, missing } = await run('fping', args, timeout * 1_000 + some.length * 2 + 5_000);
    for (const address of some) {
      const line = said.split('\n').find(text => text.split(' ')[0] === address);
      const time = /: (\d+(?:\.\d+)?)\s*$/.exec(line ?? '')?.[1];
      answers.set(
        address,
        time !== undefined
          ? { up: true, duration: Math.round(Number(time)) }
          : { up: false, duration: timeout * 1_000, reason: missing || `no answer within ${timeout} s` },
      );
    }
  }
  return answers;
}

/** No shell, and every argument an address that the rules have read. */
function run(program: string, args: readonly string[], limit: number): Promise<{ said: string; missing: string }> {
  return new Promise(done => {
    const options = { timeout: limit, env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LANG: 'C' } };
    execFile(program, args, options, (error, out, said) =>
      done({
        said: `${said}\n${out}`,
        missing: (error as NodeJS.ErrnoException | null)?.code === 'ENOENT' ? `${program} is not installed` : '',
      }),
    );
  });
}

const A = 1;
const INTERNET = 1;
const HEADER = 12;

/** Asks a name server over UDP for the IPv4 address of a name. Any answer to this very question is one (RFC 1035, 4.1). */
export function lookUp(address: string, port: number, name: string, timeout: number): Promise<Answer> {
  const started = performance.now();
  const took = () => Math.round(performance.now() - started);
  const asked = query(name, randomInt(65_536));
  return new Promise(resolve => {
    const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
    let strange = 0;
    const end = (answer: Answer) => {
      clearTimeout(limit);
      socket.removeAllListeners();
      // What still comes in belongs to nobody.
      socket.on('error', () => {});
      try {
        socket.close();
      } catch {
        // It never opened.
      }
      resolve(answer);
    };
    const fail = (reason: string) => end({ up: false, duration: took(), reason });
    const limit = setTimeout(
      () => fail(strange > 0 ? 'the answer was not a valid DNS reply' : `no answer within ${timeout} s`),
      timeout * 1_000,
    );
    socket.on('error', error => fail(wordsOf(error)));
    socket.on('message', reply => {
      if (isAnswer(reply, asked)) return end({ up: true, duration: took() });
      // Not ours, or nonsense: the real one may still come.
      strange++;
    });
    // Connected, so that a port nobody listens on is told at once.
    socket.connect(port, address, () => socket.send(asked));
  });
}

function query(name: string, id: number): Buffer {
  const labels = name.replace(/\.$/, '').split('.');
  const header = Buffer.alloc(HEADER);
  header.writeUInt16BE(id, 0);
  // Recursion desired, one question.
  header.writeUInt16BE(0x0100, 2);
  header.writeUInt16BE(1, 4);
  const question = labels.flatMap(label => [label.length, ...Buffer.from(label, 'latin1')]);
  return Buffer.concat([header, Buffer.from([...question, 0, 0, A, 0, INTERNET])]);
}

/** The same number, marked as an answer to a query, and, where it repeats the question, the same one. */
function isAnswer(reply: Buffer, asked: Buffer): boolean {
  if (reply.length < HEADER || reply.readUInt16BE(0) !== asked.readUInt16BE(0)) return false;
  if ((reply.readUInt16BE(2) & 0xf800) !== 0x8000) return false;
  if (reply.readUInt16BE(4) === 0) return true;
  const question = (of: Buffer) => of.subarray(HEADER, asked.length).toString('latin1').toLowerCase();
  return question(reply) === question(asked);
}

function wordsOf(error: Error): string {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ECONNREFUSED':
      return 'nobody listens on the port';
    case 'EHOSTUNREACH':
      return 'the host cannot be reached';
    case 'ENETUNREACH':
      return 'the network cannot be reached';
    default:
      return error.message;
  }
}
