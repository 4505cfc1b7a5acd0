import { createSocket, type Socket as Udp } from 'node:dgram';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { Pem } from './pem.ts';

/** How a stand-in answers: as it should, wrongly, or not at all although it accepts connections. */
export type Mood = 'well' | 'bad' | 'silent';

/** What a server says: at first, and to what it is sent. `closes`: it hangs up after its answer. */
interface Speech {
  greets?: Buffer | string | undefined;
  answers?: (said: Buffer) => Buffer | string | undefined;
  closes?: boolean;
}

const bytes = (hex: string) => Buffer.from(hex.replaceAll(' ', ''), 'hex');
const http = (status: string, body: string): Speech => ({
  answers: () => `HTTP/1.1 ${status}\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
  closes: true,
});

/** Every protocol that is checked over TCP, well and unwell. */
const speeches: Record<string, Record<'well' | 'bad', Speech>> = {
  smtp: {
    well: {
      greets: '220-mail.example\r\n220 ready\r\n',
      answers: said => (/^HELO /.test(String(said)) ? '250 mail.example\r\n' : '221 bye\r\n'),
    },
    bad: { greets: '554 no service\r\n' },
  },
  nntp: { well: { greets: '201 no posting\r\n' }, bad: { greets: '400 out of order\r\n' } },
  ftp: { well: { greets: '220-Welcome\r\n220 ready\r\n' }, bad: { greets: '421 too many\r\n' } },
  telnet: { well: { greets: bytes('FFFD18FFFD20') }, bad: { greets: 'login: ' } },
  pop3: { well: { greets: '+OK ready\r\n' }, bad: { greets: '-ERR busy\r\n' } },
  imap: { well: { greets: '* OK ready\r\n' }, bad: { greets: '* BYE overload\r\n' } },
  rdp: {
    well: { answers: said => (said[5] === 0xe0 ? bytes('03000013 0ED0 0000 1234 00 021F0800 02000000') : undefined) },
    bad: { answers: () => bytes('03000013 0ED0 0000 1234 00 03000800 05000000') },
  },
  ldap: {
    well: { answers: said => (said[5] === 0x60 ? bytes('300C 020101 6107 0A0100 0400 0400') : undefined) },
    bad: { answers: () => bytes('3084000000 10 020101 6184000000 07 0A0134 0400 0400') },
  },
  binary: {
    well: { answers: said => (said.equals(bytes('00ff10')) ? bytes('0000BEEF00') : undefined) },
    bad: { answers: () => bytes('0BEEF000 0000 0000 BEEF'), closes: true },
  },
  http: { well: http('401 Unauthorized', ''), bad: http('500 Broken', '') },
  pattern: { well: http('200 OK', "all is fine, it's up"), bad: http('200 OK', 'under repair') },
  inverted: { well: http('200 OK', 'all is fine'), bad: http('200 OK', 'now under repair') },
};

/** A server of one protocol over TCP, or TLS when it has a certificate, whose mood can be changed. */
export class CheckServer {
  mood: Mood = 'well';
  port = 0;
  /** What it was sent since it was last asked, connection by connection. */
  heard: string[] = [];
  readonly #speech: Record<'well' | 'bad', Speech>;
  readonly #server: Server;
  readonly #open = new Set<Socket>();

  constructor(protocol: string, pem?: Pem) {
    this.#speech = speeches[protocol] as Record<'well' | 'bad', Speech>;
    this.#server = pem
      ? createTlsServer({ cert: pem.chain, key: pem.key }, socket => this.#meet(socket))
      : createServer(socket => this.#meet(socket));
    this.#server.on('connection', socket => {
      this.#open.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => this.#open.delete(socket));
    });
    // A check that is broken off in its handshake.
    this.#server.on('tlsClientError', () => {});
  }

  async start(): Promise<this> {
    await new Promise<void>(done => this.#server.listen(0, '127.0.0.1', done));
    this.port = (this.#server.address() as AddressInfo).port;
    return this;
  }

  stop(): void {
    this.#server.close();
    for (const socket of this.#open) socket.destroy();
  }

  #meet(socket: Socket): void {
    socket.on('error', () => {});
    if (this.mood === 'silent') return;
    const { greets, answers, closes } = this.#speech[this.mood];
    if (greets !== undefined) socket.write(greets);
    socket.on('data', said => {
      this.heard.push(String(said));
      const answer = answers?.(said as Buffer);
      if (answer === undefined) return;
      if (closes) socket.end(answer);
      else socket.write(answer);
    });
  }
}

/** A name server that knows no name, which is a valid answer. */
export class NameServer {
  mood: Mood = 'well';
  port = 0;
  /** Names it was asked for. */
  asked: string[] = [];
  readonly #socket: Udp = createSocket('udp4');

  async start(): Promise<this> {
    this.#socket.on('message', (said, from) => {
      this.asked.push(said.subarray(12, said.length - 4).toString('latin1'));
      if (this.mood === 'silent') return;
      const answer = Buffer.from(said);
      // Well: a response, NXDOMAIN. Bad: another question's number.
      answer.writeUInt16BE(0x8183, 2);
      if (this.mood === 'bad') answer.writeUInt16BE((said.readUInt16BE(0) + 1) % 65_536, 0);
      this.#socket.send(answer, from.port, from.address);
    });
    await new Promise<void>(done => this.#socket.bind(0, '127.0.0.1', done));
    this.port = this.#socket.address().port;
    return this;
  }

  stop(): void {
    this.#socket.close();
  }
}
