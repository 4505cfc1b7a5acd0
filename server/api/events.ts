import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ControlEvent } from '../schema/control.ts';
import type { StatusEvent } from '../schema/status.ts';
import type { DataPlaneClient } from './data-plane.ts';
import { merged } from './merged-status.ts';

const HEARTBEAT = 15_000;
const RETRY = 500;
/** A browser that has this much unread is cut off; it comes back and gets everything anew. */
const LARGEST_BACKLOG = 4 * 1024 * 1024;
const MOST_CLIENTS = 200;

/** Passes the data plane's events on to every browser over one connection, and starts each browser with a full status. */
export class EventRelay {
  readonly #dataPlane: DataPlaneClient;
  readonly #clients = new Set<FastifyReply>();
  readonly #allowed: (request: FastifyRequest) => boolean;
  readonly #news: () => void;
  #status: StatusEvent | undefined;
  #number = 0;
  #stop: (() => void) | undefined;
  #closed = false;
  readonly #heart: NodeJS.Timeout;

  /**
   * `allowed` is asked now and then whether the stream of that request may go on. `news` is called when the data plane
   * is back and when it tells an outcome: somebody may still wait for one.
   */
  constructor(dataPlane: DataPlaneClient, allowed: (request: FastifyRequest) => boolean, news: () => void = () => {}) {
    this.#dataPlane = dataPlane;
    this.#allowed = allowed;
    this.#news = news;
    this.#heart = setInterval(() => this.#beat(), HEARTBEAT).unref();
    this.#connect();
  }

  /** Does a change of the network wait to be confirmed? */
  get unconfirmed(): boolean {
    return this.#status?.unconfirmed !== undefined;
  }

  /** What was last observed; undefined while the data plane is away. */
  get status(): StatusEvent | undefined {
    return this.#status;
  }

  /** Tells every browser that the configuration has a new revision. */
  committed = (revision: number, who: string) => this.#send('config', { revision, who });

  stream(request: FastifyRequest, reply: FastifyReply): FastifyReply {
    // The oldest gives way: a program that opens streams without end must not use up everybody's.
    for (const oldest of this.#clients) {
      if (this.#clients.size < MOST_CLIENTS) break;
      this.#drop(oldest);
    }
    reply.hijack();
    reply.raw.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
    reply.raw.write('retry: 2000\n\n');
    if (this.#status) reply.raw.write(line(++this.#number, 'status', { ...this.#status, full: true }));
    this.#clients.add(reply);
    request.raw.on('close', () => this.#clients.delete(reply));
    return reply;
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#heart);
    this.#stop?.();
    for (const client of this.#clients) client.raw.end();
  }

  #connect(): void {
    if (this.#closed) return;
    let over = false;
    let first = true;
    this.#stop = this.#dataPlane.listen(
      event => {
        this.#pass(event);
        if (first || event.type === 'outcome') this.#news();
        first = false;
      },
      () => {
        if (over || this.#closed) return;
        over = true;
        // Browsers see from the silence that values are old.
        this.#send('away', {});
        setTimeout(() => this.#connect(), RETRY).unref();
      },
    );
  }

  #pass(event: ControlEvent): void {
    if (event.type === 'status') {
      this.#status = merged(this.#status, event.status);
      this.#send('status', event.status);
    } else if (event.type === 'occurrence') this.#send('occurrence', event.occurrence);
    else this.#send('outcome', event.outcome);
  }

  #send(name: string, data: unknown): void {
    const text = line(++this.#number, name, data);
    for (const client of this.#clients) this.#write(client, text);
  }

  #beat(): void {
    for (const client of this.#clients) {
      if (this.#allowed(client.request)) this.#write(client, ': still here\n\n');
      else this.#drop(client);
    }
  }

  #write(client: FastifyReply, text: string): void {
    if (client.raw.writableLength > LARGEST_BACKLOG) this.#drop(client);
    else client.raw.write(text);
  }

  #drop(client: FastifyReply): void {
    this.#clients.delete(client);
    client.raw.destroy();
  }
}

const line = (id: number, name: string, data: unknown) =>
  `id: ${id}\nevent: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
