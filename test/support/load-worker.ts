import { type ClientHttp2Session, connect as connectH2, constants } from 'node:http2';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import type { LoadOptions, LoadReport } from './load.ts';
import { open } from './raw-client.ts';

let running = true;

/** The book of one client. */
class Book {
  readonly report: LoadReport;
  readonly #body: RegExp;
  #start = Date.now();
  #last = 0;

  constructor(options: LoadOptions) {
    this.#body = new RegExp(options.body);
    this.report = {
      name: options.name,
      requests: 0,
      failed: 0,
      retried: 0,
      failures: [],
      longestGap: 0,
      gaps: [],
      bodies: {},
    };
  }

  answer(status: string, body: string): void {
    this.report.requests++;
    if (status !== '200' || !this.#body.test(body)) {
      this.fail(`${status} ${body.slice(0, 80)}`, false);
      return;
    }
    this.report.bodies[body] = (this.report.bodies[body] ?? 0) + 1;
    this.close();
    this.#last = Date.now();
  }

  fail(why: string, counts = true): void {
    if (counts) this.report.requests++;
    this.report.failed++;
    if (this.report.failures.length < 20) this.report.failures.push(`${Date.now() - this.#start} ms: ${why}`);
  }

  /** Ends the time since the last good answer. */
  close(): void {
    const now = Date.now();
    const gap = this.#last ? now - this.#last : 0;
    this.report.longestGap = Math.max(this.report.longestGap, gap);
    if (gap > 100) this.report.gaps.push([this.#last, now]);
  }
}

/** One HTTP/1 answer from a socket on which a request was just written. */
function answerOf(socket: Socket): Promise<{ status: string; body: string; last: boolean }> {
  return new Promise((done, fail) => {
    let text = '';
    const end = (error: Error | undefined, value?: { status: string; body: string; last: boolean }) => {
      socket.off('data', data).off('error', broken).off('close', closed);
      if (value) done(value);
      else fail(error);
    };
    const data = (chunk: Buffer) => {
      text += chunk.toString('latin1');
      const head = text.indexOf('\r\n\r\n');
      if (head < 0) return;
      const length = Number(/\r\ncontent-length: *(\d+)/i.exec(text.slice(0, head))?.[1] ?? Number.NaN);
      if (Number.isNaN(length)) return end(new Error(`answer without a length: ${text.slice(0, 120)}`));
      if (text.length < head + 4 + length) return;
      end(undefined, {
        status: text.slice(9, 12),
        body: text.slice(head + 4),
        last: /\r\nconnection: *close/i.test(text.slice(0, head)),
      });
    };
    const broken = (error: Error) => end(new Error(`${error.message} after ${text.length} bytes of the answer`));
    const closed = () => end(new Error(`closed after ${text.length} bytes of the answer`));
    socket.on('data', data).on('error', broken).on('close', closed);
  });
}

async function http1(options: LoadOptions, book: Book): Promise<void> {
  const close = options.kind === 'close';
  const request = `GET ${options.path ?? '/'} HTTP/1.1\r\nHost: ${options.place.serverName ?? 'load'}\r\n${close ? 'Connection: close\r\n' : ''}\r\n`;
  let socket: Socket | undefined;
  while (running) {
    try {
      if (!socket || socket.destroyed) {
        socket = await open(options.place);
        socket.setNoDelay(true);
        socket.on('error', () => {});
        // An end that the other side sends while nothing is asked is its good right.
        socket.on('end', () => socket?.destroy());
      }
      socket.write(request);
      const { status, body, last } = await answerOf(socket);
      book.answer(status, body);
      if (last || close) {
        socket.destroy();
        socket = undefined;
      }
    } catch (error) {
      book.fail((error as Error).message);
      socket?.destroy();
      socket = undefined;
      await sleep(20);
    }
    if (options.pause) await sleep(options.pause);
  }
  socket?.destroy();
}

interface Line {
  session: ClientHttp2Session;
  /** The last stream the other side will answer, once it said so. */
  lastStream: number;
}

async function http2(options: LoadOptions, book: Book): Promise<void> {
  let line: Line | undefined;
  const authority = `https://${options.place.address ?? '127.0.0.1'}:${options.place.port}`;
  const current = (): Line => {
    if (line && line.lastStream === Number.POSITIVE_INFINITY && !line.session.closed && !line.session.destroyed)
      return line;
    const session = connectH2(authority, { rejectUnauthorized: false, ALPNProtocols: ['h2'] });
    const fresh: Line = { session, lastStream: Number.POSITIVE_INFINITY };
    session.on('error', () => {});
    session.on('goaway', (_code, last) => {
      fresh.lastStream = last ?? 0;
    });
    line = fresh;
    return fresh;
  };
  const ask = (): Promise<'answered' | 'again'> =>
    new Promise((done, fail) => {
      const at = current();
      const stream = at.session.request({ ':path': options.path ?? '/' });
      let status = '';
      let body = '';
      stream.setTimeout(10_000, () => stream.close(constants.NGHTTP2_CANCEL));
      stream.on('response', headers => {
        status = String(headers[':status']);
      });
      stream.on('data', chunk => {
        body += chunk;
      });
      stream.on('error', () => {});
      stream.on('close', () => {
        if (status && stream.rstCode === constants.NGHTTP2_NO_ERROR) {
          book.answer(status, body);
          return done('answered');
        }
        const refused = stream.rstCode === constants.NGHTTP2_REFUSED_STREAM;
        if (refused || (stream.id ?? Number.POSITIVE_INFINITY) > at.lastStream) return done('again');
        fail(new Error(`stream ${stream.id} ended with code ${stream.rstCode}, last stream ${at.lastStream}`));
      });
    });
  const lane = async () => {
    while (running) {
      try {
        if ((await ask()) === 'again') book.report.retried++;
      } catch (error) {
        book.fail((error as Error).message);
        await sleep(20);
      }
      if (options.pause) await sleep(options.pause);
    }
  };
  await Promise.all(Array.from({ length: options.connections }, lane));
  (line as Line | undefined)?.session.destroy();
}

const clients = workerData as LoadOptions[];
const books = clients.map(options => new Book(options));
const done = Promise.all(
  clients.map((options, i) => {
    const book = books[i] as Book;
    if (options.kind === 'h2') return http2(options, book);
    return Promise.all(Array.from({ length: options.connections }, () => http1(options, book)));
  }),
);
parentPort?.once('message', async () => {
  running = false;
  await done;
  for (const book of books) book.close();
  parentPort?.postMessage(books.map(book => book.report));
});
while (books.some(book => book.report.requests < 3)) await sleep(10);
parentPort?.postMessage('running');
