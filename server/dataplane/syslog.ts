import { createSocket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { connect, isIPv6, type Socket } from 'node:net';
import { hostname } from 'node:os';
import { connect as connectTls } from 'node:tls';
import { type Config, settingsOf } from '../schema/config.ts';
import type { Occurrence } from '../schema/status.ts';
import { levelOf } from '../schema/status-level.ts';
import { levels, type SyslogState, type SyslogTarget, severityNumber, syslogTargets } from '../schema/syslog.ts';

const LOCAL0 = 16;
const MOST_WAITING = 1_000;
/** Milliseconds. */
const PATIENCE = 10_000;
const FIRST_WAIT = 500;
const LONGEST_WAIT = 60_000;
const LONGEST_TEXT = 1_500;

type Tell = (severity: 'good' | 'warning', text: string) => void;

/**
 * Sends events to the syslog targets of the applied configuration. In the data plane, where events arise and which
 * needs neither API nor database. Never blocks: each target has a queue of its own, and the oldest gives way.
 */
export class Syslog {
  readonly #tell: Tell;
  #senders: Sender[] = [];
  #config: Config | undefined;

  constructor(tell: Tell) {
    this.#tell = tell;
  }

  /** Of an event that has been kept. */
  send(config: Config, event: Occurrence): void {
    this.#agree(config);
    const level = levelOf(event);
    for (const sender of this.#senders)
      if (levels.indexOf(level) <= levels.indexOf(sender.target.level))
        sender.send(messageOf(event, settingsOf(config).hostName));
  }

  /** A test message to all of them, and how they are doing some seconds later or when each has it. */
  async test(config: Config): Promise<SyslogState[]> {
    this.#agree(config);
    const event: Occurrence = { number: 0, time: Date.now(), severity: 'good', text: 'This is a test of Ballast.' };
    const text = messageOf(event, settingsOf(config).hostName);
    await Promise.all(this.#senders.map(sender => sender.test(text)));
    return this.#senders.map(sender => sender.state);
  }

  states(config: Config): SyslogState[] {
    this.#agree(config);
    return this.#senders.map(sender => sender.state);
  }

  close(): void {
    for (const sender of this.#senders) sender.close();
    this.#senders = [];
  }

  #agree(config: Config): void {
    if (config === this.#config) return;
    this.#config = config;
    const settings = settingsOf(config);
    const trust = config.authorities.find(one => one.id === settings.syslogTrust)?.chain ?? '';
    const old = new Map(this.#senders.map(sender => [sender.key, sender]));
    this.#senders = syslogTargets(settings).map(target => {
      const key = JSON.stringify([target, target.protocol === 'tls' && trust]);
      const kept = old.get(key);
      old.delete(key);
      return kept ?? new Sender(key, target, trust, this.#tell);
    });
    for (const gone of old.values()) gone.close();
  }
}

class Sender {
  readonly key: string;
  readonly target: SyslogTarget;
  readonly #trust: string;
  readonly #tell: Tell;
  readonly #waiting: string[] = [];
  readonly #name: string;
  #socket: Socket | undefined;
  #working = false;
  #closed = false;
  #sent = 0;
  #lost = 0;
  /** Dropped since the target was last told of it. */
  #untold = 0;
  #reason = '';
  #tries = 0;
  #wake: (() => void) | undefined;
  #rest: NodeJS.Timeout | undefined;

  constructor(key: string, target: SyslogTarget, trust: string, tell: Tell) {
    this.key = key;
    this.target = target;
    this.#trust = trust;
    this.#tell = tell;
    this.#name = `${target.host}/${target.port}/${target.protocol}`;
  }

  get state(): SyslogState {
    return {
      target: this.#name,
      level: this.target.level,
      state: this.#reason !== '' ? 'failing' : this.#sent > 0 ? 'sending' : 'unused',
      waiting: this.#waiting.length,
      sent: this.#sent,
      lost: this.#lost,
      reason: this.#reason,
    };
  }

  send(message: string): void {
    this.#waiting.push(message);
    if (this.#waiting.length > MOST_WAITING) {
      this.#waiting.shift();
      this.#lost += 1;
      this.#untold += 1;
    }
    void this.#work();
  }

  /** Resolves when the message has left or a try has failed. */
  async test(message: string): Promise<void> {
    const sent = this.#sent;
    const tries = this.#tries;
    this.send(message);
    this.#wake?.();
    const end = Date.now() + PATIENCE;
    while (!this.#closed && this.#sent === sent && this.#tries === tries && Date.now() < end)
      await new Promise(done => setTimeout(done, 20));
  }

  close(): void {
    this.#closed = true;
    this.#wake?.();
    this.#socket?.destroy();
  }

  async #work(): Promise<void> {
    if (this.#working) return;
    this.#working = true;
    let wait = FIRST_WAIT;
    while (!this.#closed && this.#waiting.length > 0) {
      const message = this.#waiting[0] as string;
      try {
        await (this.target.protocol === 'udp' ? this.#byUdp(message) : this.#byStream(message));
        // The queue may have overflowed meanwhile and dropped this one itself.
        if (this.#waiting[0] === message) this.#waiting.shift();
        this.#sent += 1;
        wait = FIRST_WAIT;
        if (this.#reason !== '') this.#recovered();
      } catch (error) {
        this.#tries += 1;
        this.#failed((error as Error).message || String((error as NodeJS.ErrnoException).code));
        await this.#pause(wait);
        wait = Math.min(wait * 2, LONGEST_WAIT);
      }
    }
    this.#working = false;
  }

  #recovered(): void {
    this.#reason = '';
    const lost = this.#untold;
    this.#untold = 0;
    this.#tell('good', `Syslog target ${this.#name} takes messages again${lost > 0 ? `; ${lost} were lost` : ''}`);
  }

  #failed(reason: string): void {
    this.#socket?.destroy();
    this.#socket = undefined;
    if (this.#closed) return;
    const first = this.#reason === '';
    this.#reason = reason;
    if (first) this.#tell('warning', `Syslog target ${this.#name} cannot be reached: ${reason}`);
  }

  #pause(milliseconds: number): Promise<void> {
    return new Promise<void>(done => {
      this.#wake = done;
      this.#rest = setTimeout(done, milliseconds).unref();
    }).then(() => {
      clearTimeout(this.#rest);
      this.#wake = undefined;
    });
  }

  async #byUdp(message: string): Promise<void> {
    const { address, family } = await lookup(this.target.host);
    const socket = createSocket(family === 6 ? 'udp6' : 'udp4');
    try {
      await new Promise<void>((done, fail) => {
        socket.once('error', fail);
        socket.send(message, this.target.port, address, error => (error ? fail(error) : done()));
      });
    } finally {
      socket.close();
    }
  }

  /** With its length in front (RFC 6587, 3.4.1; RFC 5425): a line feed in a text cannot end the message. */
  async #byStream(message: string): Promise<void> {
    this.#socket = this.#socket?.writable ? this.#socket : await this.#connected();
    const socket = this.#socket;
    await new Promise<void>((done, fail) => {
      const ended = () => fail(new Error('the connection was closed'));
      const clock = setTimeout(() => fail(new Error('it takes no messages')), PATIENCE).unref();
      socket.once('close', ended);
      socket.write(`${Buffer.byteLength(message)} ${message}`, error => {
        clearTimeout(clock);
        socket.off('close', ended);
        if (error) fail(error);
        else done();
      });
    });
  }

  #connected(): Promise<Socket> {
    const { host, port, protocol } = this.target;
    return new Promise((done, fail) => {
      const socket =
        protocol === 'tls'
          ? connectTls({
              host,
              port,
              minVersion: 'TLSv1.2',
              ...(this.#trust !== '' && { ca: this.#trust }),
              // No name of a certificate is an address: Node compares those by itself.
              ...(!/^[0-9.]+$/.test(host) && !isIPv6(host) && { servername: host }),
            })
          : connect({ host, port });
      const clock = setTimeout(() => socket.destroy(new Error('it does not answer')), PATIENCE).unref();
      socket.once(protocol === 'tls' ? 'secureConnect' : 'connect', () => {
        clearTimeout(clock);
        socket.setKeepAlive(true, 30_000);
        done(socket);
      });
      // What it says nobody reads; reading is how we learn that it has gone.
      socket.resume();
      socket.on('end', () => socket.destroy());
      socket.on('error', error => {
        clearTimeout(clock);
        fail(error);
      });
      // A connection that is not used must not keep a process from ending.
      socket.unref();
      this.#socket = socket;
    });
  }
}

/** RFC 5424, without structured data: facility local0, time in UTC, the kind of event as MSGID. */
export function messageOf(event: Occurrence, hostName: string): string {
  const priority = LOCAL0 * 8 + severityNumber[levelOf(event)];
  const host = (hostName || hostname()).replace(/[^\x21-\x7e]/g, '').slice(0, 255) || '-';
  const kind = event.kind ?? (event.realServer ? 'server' : event.virtualService ? 'service' : 'system');
  const text = event.text.replace(/\p{Cc}/gu, ' ').slice(0, LONGEST_TEXT);
  return `<${priority}>1 ${new Date(event.time).toISOString()} ${host} ballast ${process.pid} ${kind} - \ufeff${text}`;
}
