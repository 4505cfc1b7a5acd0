import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import test, { type TestContext } from 'node:test';
import { createServer as createTls } from 'node:tls';
import { messageOf, Syslog } from '../../server/dataplane/syslog.ts';
import { type Config, emptyConfig, settingsOf } from '../../server/schema/config.ts';
import type { Settings } from '../../server/schema/settings.ts';
import type { Occurrence } from '../../server/schema/status.ts';
import { Authority } from '../certificates/authority.ts';
import { freePort } from '../support/ports.ts';
import { until } from '../support/wait.ts';

/** Messages to real listeners over UDP, TCP and TLS: levels, framing, reconnecting, a queue with an end. */

const event = (text: string, more: Partial<Occurrence> = {}): Occurrence => ({
  number: 1,
  time: Date.UTC(2026, 10, 24, 1, 2, 3, 4),
  severity: 'bad',
  text,
  ...more,
});
const configOf = (settings: Partial<Settings>, more: Partial<Config> = {}): Config => {
  const config = emptyConfig();
  return { ...config, ...more, settings: [{ ...settingsOf(config), hostName: 'lb1', ...settings }] };
};

function syslog(t: TestContext) {
  const told: string[] = [];
  const made = new Syslog((severity, text) => told.push(`${severity}: ${text}`));
  t.after(() => made.close());
  return { made, told };
}

/** Reads frames with their length in front, as RFC 6587 and 5425 say. */
class Listener {
  readonly messages: string[] = [];
  readonly sockets = new Set<Socket>();
  readonly server: Server;
  port = 0;

  constructor(server: Server, tls: boolean) {
    this.server = server;
    server.on(tls ? 'secureConnection' : 'connection', (socket: Socket) => {
      this.sockets.add(socket);
      let rest = Buffer.alloc(0);
      socket.on('error', () => {});
      socket.on('data', bytes => {
        rest = Buffer.concat([rest, bytes]);
        for (;;) {
          const head = /^(\d+) /.exec(rest.toString('latin1'));
          const from = head?.[0].length ?? 0;
          const size = Number(head?.[1] ?? Number.NaN);
          if (!(rest.length >= from + size)) return;
          this.messages.push(rest.subarray(from, from + size).toString());
          rest = rest.subarray(from + size);
        }
      });
    });
  }

  async listen(t: TestContext, port = 0): Promise<this> {
    this.server.listen(port, '127.0.0.1');
    await once(this.server, 'listening');
    this.port = (this.server.address() as { port: number }).port;
    t.after(() => this.end());
    return this;
  }

  end(): void {
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
    this.sockets.clear();
  }
}
const byTcp = (t: TestContext, port = 0) => new Listener(createServer(), false).listen(t, port);

test('a message is one of RFC 5424 on one line, whatever its text', () => {
  const message = messageOf(event('one\ntwo\u0000', { realServer: 3 }), 'lb 1');
  assert.equal(message, `<131>1 2026-11-24T01:02:03.004Z lb1 ballast ${process.pid} server - \ufeffone two `);
  assert.match(messageOf(event('x', { critical: true }), 'lb1'), /^<130>1 /);
  assert.match(messageOf(event('x', { severity: 'info', kind: 'login' }), 'lb1'), /^<134>1 .* login - /);
  assert.match(messageOf(event('x', { severity: 'good' }), 'lb1'), /^<133>1 .* system - /);
});

test('by UDP: each target gets its level and what is graver', { timeout: 20_000 }, async t => {
  const got: string[][] = [[], []];
  const ports = await Promise.all(
    got.map(async list => {
      const socket = createSocket('udp4');
      socket.on('message', text => list.push(text.toString().replace(/^.*\ufeff/, '')));
      socket.bind(0, '127.0.0.1');
      await once(socket, 'listening');
      t.after(() => socket.close());
      return socket.address().port;
    }),
  );
  const { made } = syslog(t);
  const config = configOf({ syslogError: [`127.0.0.1/${ports[0]}`], syslogInfo: [`127.0.0.1/${ports[1]}/udp`] });
  made.send(config, event('up', { severity: 'good' }));
  made.send(config, event('down'));
  made.send(config, event('gone', { critical: true }));
  await until('all is there', () => got.flat().length === 5);
  assert.deepEqual(
    got.map(list => list.toSorted()),
    [
      ['down', 'gone'],
      ['down', 'gone', 'up'],
    ],
  );
  assert.deepEqual(
    made.states(config).map(one => [one.level, one.state, one.sent]),
    [
      ['error', 'sending', 2],
      ['info', 'sending', 3],
    ],
  );
});

test('by TCP: what happens while the target is away waits, is told once, and comes in order', {
  timeout: 40_000,
}, async t => {
  const port = await freePort();
  const { made, told } = syslog(t);
  const config = configOf({ syslogInfo: ['127.0.0.1'], syslogPort: port, syslogProtocol: 'tcp' });
  for (let n = 0; n < 5; n++) made.send(config, event(`number ${n}`));
  await until('the target is known to be away', () => told.length > 0);
  assert.match(told[0] ?? '', /^warning: Syslog target 127\.0\.0\.1\/\d+\/tcp cannot be reached: .*ECONNREFUSED/);
  assert.equal(made.states(config)[0]?.waiting, 5);
  const first = await byTcp(t, port);
  await until('all came', () => first.messages.length === 5);
  first.messages.forEach((text, n) => void assert.match(text, new RegExp(`number ${n}$`)));
  assert.equal(told.at(-1), `good: Syslog target 127.0.0.1/${port}/tcp takes messages again`);
  first.end();
  await once(first.server, 'close');
  const second = await byTcp(t, port);
  // The first may go into the connection that has just ended; what follows may not.
  await until('it connected again', async () => {
    made.send(config, event('again'));
    return second.messages.some(text => text.endsWith('again'));
  });
  assert.equal(told.filter(text => text.startsWith('warning')).length <= 2, true, told.join('\n'));
});

test('a target that never answers costs a thousand messages of memory and nobody’s time', async t => {
  const { made } = syslog(t);
  const config = configOf({ syslogInfo: [`127.0.0.1/${await freePort()}/tcp`] });
  const started = performance.now();
  for (let n = 0; n < 20_000; n++) made.send(config, event(`number ${n}`));
  assert.ok(performance.now() - started < 5_000);
  const [state] = made.states(config);
  assert.equal(state?.waiting, 1_000);
  assert.equal(state?.lost, 19_000);
});

test('by TLS: only to who shows a certificate of the trusted authority and of its own name', {
  timeout: 30_000,
}, async t => {
  const authority = new Authority();
  t.after(authority.remove);
  const root = authority.issue('Trusted', undefined, { authority: true });
  const pair = authority.issue('localhost', root, { names: 'DNS:localhost' });
  const listener = await new Listener(createTls({ cert: pair.certificate, key: pair.key }), true).listen(t);
  const stranger = authority.issue('Stranger', undefined, { authority: true });
  const trusting = (chain: string, host: string) =>
    configOf({ syslogInfo: [`${host}/${listener.port}/tls`], syslogTrust: 1 }, {
      authorities: [{ id: 1, name: 'one', chain }],
    } as Partial<Config>);
  const { made, told } = syslog(t);
  const [wrong] = await made.test(trusting(stranger.certificate, 'localhost'));
  assert.equal(wrong?.state, 'failing');
  assert.match(wrong?.reason ?? '', /certificate/);
  const [other] = await made.test(trusting(root.certificate, '127.0.0.1'));
  assert.match(other?.reason ?? '', /does not match|not in the cert/);
  assert.deepEqual(listener.messages, []);
  const [good] = await made.test(trusting(root.certificate, 'localhost'));
  assert.deepEqual([good?.state, good?.reason], ['sending', '']);
  await until('it is there', () => listener.messages.length === 1);
  assert.match(listener.messages[0] ?? '', /\ufeffThis is a test of Ballast\.$/);
  assert.equal(told.length, 2);
});
