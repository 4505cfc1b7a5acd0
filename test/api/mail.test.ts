import assert from 'node:assert/strict';
import { once } from 'node:events';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { MailKeeper } from '../../server/api/mail/keeper.ts';
import { type Config, emptyConfig, settingsOf } from '../../server/schema/config.ts';
import type { Settings } from '../../server/schema/settings.ts';
import type { Occurrence } from '../../server/schema/status.ts';
import { Authority } from '../certificates/authority.ts';
import { folder } from '../store/support.ts';

/** Mail alerts against a real SMTP server on loopback: who gets what, how often, and by what encryption. */

interface Mail {
  to: string[];
  text: string;
  secure: boolean;
  user: unknown;
}

async function smtp(t: TestContext, options: SMTPServerOptions = {}) {
  const mails: Mail[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    ...options,
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const to = session.envelope.rcptTo.map(({ address }) => address);
        mails.push({ to, text: Buffer.concat(chunks).toString(), secure: session.secure, user: session.user });
        done(null);
      });
    },
  });
  server.on('error', () => {});
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  t.after(() => new Promise<void>(closed => server.close(() => closed())));
  return { mails, port: (server.server.address() as { port: number }).port };
}

const MINUTE = 60_000;
const bodyOf = (mail: Mail | undefined) => (mail?.text ?? '').replace(/=\r\n/g, '').replaceAll('\r', '');

/** A keeper over events that the test makes, told the time by the test. */
function keeper(t: TestContext, wanted: Partial<Settings>, more: Partial<Config> = {}) {
  const config = emptyConfig();
  const settings = { ...settingsOf(config), hostName: 'lb1', emailEnabled: true, emailServer: 'localhost' };
  const events: Occurrence[] = [];
  const stage = {
    config: {
      ...config,
      ...more,
      settings: [{ ...settings, emailSecurity: 'none' as const, emailTrust: 0, ...wanted }],
    } as Config,
    events,
    now: Date.UTC(2026, 10, 24),
    happen(text: string, severity: Occurrence['severity'] = 'bad') {
      events.unshift({ number: (events[0]?.number ?? 0) + 1, time: stage.now, severity, text });
    },
    async after(milliseconds: number) {
      stage.now += milliseconds;
      await made.look(stage.now);
    },
    restarted: () => {
      made = make();
    },
    state: () => made.state(stage.config),
    test: (to: string) => made.test(stage.config, to),
  };
  const path = join(folder(t), 'mails.json');
  const make = () =>
    new MailKeeper({
      config: () => stage.config,
      dataPlane: {
        occurrences: async (since = 0) => events.filter(event => event.number > since).slice(0, 500),
        tell: async ({ severity, text }) => {
          stage.happen(text, severity);
          return {};
        },
      },
      hostName: 'lb1',
      path,
      say: () => {},
    });
  let made = make();
  return stage;
}

test('a server that flaps for an hour sends seven mails, not a thousand', { timeout: 30_000 }, async t => {
  const { mails, port } = await smtp(t);
  const stage = keeper(t, { emailPort: port, emailNotice: ['ops@example.test'] });
  stage.happen('before mails were on');
  await stage.after(0);
  for (let n = 0; n < 900; n++) {
    stage.happen(`flap ${n}`, n % 2 ? 'good' : 'bad');
    await stage.after(4_000);
  }
  assert.equal(mails.length, 6);
  await stage.after(10 * MINUTE);
  assert.equal(mails.length, 7);
  assert.doesNotMatch(bodyOf(mails[0]), /before mails/);
  assert.match(bodyOf(mails[0]), /Subject: Ballast lb1: flap 0 \(and \d more\)/);
  assert.match(bodyOf(mails[0]), /From: Ballast <ballast@lb1>[\s\S]*2026-11-24T00:00:00\.000Z {2}error {2}flap 0\n/);
  assert.match(bodyOf(mails[1]), /^\d+ earlier events are not listed\.$/m);
  assert.match(bodyOf(mails[1]), /Auto-Submitted: auto-generated/);
  const last = bodyOf(mails[6]);
  assert.match(last, /flap 899\n/);
  await stage.after(10 * MINUTE);
  assert.equal(mails.length, 7, 'and then it is quiet');
});

test('everybody gets the own level and what is graver, in one mail each level', { timeout: 30_000 }, async t => {
  const { mails, port } = await smtp(t);
  const stage = keeper(t, {
    emailPort: port,
    emailSender: 'lb@example.test',
    emailError: ['boss@example.test'],
    emailInfo: ['a@example.test', 'b@example.test'],
  });
  await stage.after(0);
  stage.happen('somebody logged in', 'info');
  await stage.after(1_000);
  stage.happen('a server is down');
  await stage.after(1_000);
  assert.equal(mails.length, 0, 'gathered first');
  await stage.after(10_000);
  assert.deepEqual(mails.map(mail => mail.to).toSorted(), [
    ['a@example.test', 'b@example.test'],
    ['boss@example.test'],
  ]);
  const boss = bodyOf(mails.find(mail => mail.to.includes('boss@example.test')));
  assert.match(boss, /From: Ballast <lb@example\.test>/);
  assert.match(boss, /a server is down/);
  assert.doesNotMatch(boss, /logged in/);
  assert.equal(stage.state().waiting, 0);
});

test('a server that is away loses nothing, over a restart too, and is told of once', { timeout: 30_000 }, async t => {
  let refuse = true;
  const { mails, port } = await smtp(t, {
    onMailFrom: (_address, _session, done) =>
      refuse ? done(Object.assign(new Error('no room here'), { responseCode: 452 })) : done(),
  });
  const stage = keeper(t, { emailPort: port, emailError: ['ops@example.test'] });
  await stage.after(0);
  stage.happen('a server is down');
  for (let n = 0; n < 4; n++) await stage.after(11 * MINUTE);
  assert.match(stage.state().error, /no room here/);
  assert.equal(stage.events.filter(({ text }) => text.startsWith('Mail alerts cannot be sent: ')).length, 1);
  stage.restarted();
  refuse = false;
  await stage.after(0);
  await stage.after(11 * MINUTE);
  assert.equal(mails.length, 1);
  assert.match(bodyOf(mails[0]), /a server is down/);
  assert.equal(stage.state().error, '');
  // Events that begin anew, as after a factory reset, are told again.
  stage.events.length = 0;
  await stage.after(0);
  stage.happen('down once more');
  await stage.after(0);
  await stage.after(11 * MINUTE);
  assert.match(bodyOf(mails[1]), /down once more/);
});

test('STARTTLS and TLS: the password only to who shows a trusted certificate, and the server’s own answer', {
  timeout: 30_000,
}, async t => {
  const authority = new Authority();
  t.after(authority.remove);
  const root = authority.issue('Trusted', undefined, { authority: true });
  const { certificate: cert, key } = authority.issue('localhost', root, { names: 'DNS:localhost' });
  const stranger = authority.issue('Stranger', undefined, { authority: true });
  const asked: string[] = [];
  const onAuth: SMTPServerOptions['onAuth'] = ({ username = '', password = '' }, _session, done) => {
    asked.push(`${username} ${password}`);
    if (password === 'right') done(null, { user: username });
    else done(new Error('Invalid username or password'));
  };
  for (const emailSecurity of ['starttls', 'tls'] as const) {
    const { mails, port } = await smtp(t, {
      cert,
      key,
      onAuth,
      authOptional: false,
      disabledCommands: [],
      secure: emailSecurity === 'tls',
    });
    const wanted = { emailPort: port, emailSecurity, emailUser: 'lb', emailPassword: 'right', emailTrust: 1 };
    const trusting = (chain: string, more: Partial<Settings> = {}) =>
      keeper(t, { ...wanted, ...more }, { authorities: [{ id: 1, name: 'one', chain }] } as Partial<Config>);
    asked.length = 0;
    const refused = await trusting(stranger.certificate).test('ops@example.test');
    assert.equal(refused.sent, false);
    assert.match(refused.answer, /certificate/);
    assert.deepEqual(asked, [], 'no password for a stranger');
    const wrong = await trusting(root.certificate, { emailPassword: 'wrong' }).test('ops@example.test');
    assert.match(wrong.answer, /Invalid username or password/);
    assert.doesNotMatch(wrong.answer, /wrong/);
    const good = await trusting(root.certificate).test('ops@example.test');
    assert.deepEqual([good.sent, good.answer.slice(0, 4)], [true, '250 ']);
    assert.deepEqual([mails[0]?.secure, mails[0]?.user], [true, 'lb']);
  }
  const plain = await smtp(t);
  const stage = keeper(t, { emailPort: plain.port, emailSecurity: 'starttls' });
  assert.match((await stage.test('ops@example.test')).answer, /STARTTLS/i);
  assert.deepEqual(plain.mails, [], 'a server without STARTTLS gets nothing');
  const nowhere = await keeper(t, { emailServer: '' }).test('ops@example.test');
  assert.deepEqual(nowhere, { sent: false, answer: 'No mail server is stored.' });
});
