import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { SMTPServer } from 'smtp-server';
import { LoadMasterClient } from '../compat/client.ts';
import { Setting } from '../support/setting.ts';
import { until } from '../support/wait.ts';

/** One feed: what happens reaches the list, syslog and mail, with who did it, and is there after a restart. */

const messages: string[] = [];
const mails: string[] = [];
const udp = createSocket('udp4').on('message', text => messages.push(text.toString()));
const smtp = new SMTPServer({
  authOptional: true,
  disabledCommands: ['STARTTLS'],
  onData(stream, _session, done) {
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('end', () => {
      mails.push(Buffer.concat(chunks).toString().replaceAll('=\r\n', ''));
      done(null);
    });
  },
});
const setting = Setting.forThisFile(async () => {
  udp.bind(0, '127.0.0.1');
  smtp.listen(0, '127.0.0.1');
  await Promise.all([once(udp, 'listening'), once(smtp.server, 'listening')]);
});
after(() => {
  udp.close();
  smtp.close(() => {});
});
const texts = async () => (await setting.appliance.call('listOccurrences')).map(({ text }) => text);

test('a change and a refused log-in: listed, sent by syslog, mailed, and kept over a restart', {
  timeout: 90_000,
}, async () => {
  const { appliance } = setting;
  const { port } = smtp.server.address() as { port: number };
  await appliance.call('patchSettings', {
    body: {
      syslogInfo: [`127.0.0.1/${udp.address().port}`],
      emailEnabled: true,
      emailServer: '127.0.0.1',
      emailPort: port,
      emailSecurity: 'none',
      emailPassword: 'never shown',
      emailWarning: ['ops@example.test'],
    },
  });
  await until('the change is told', () => messages.some(text => /Revision \d+ by bal: Changed Settings/.test(text)));
  assert.match(messages.at(-1) ?? '', /^<134>1 \S+Z \S+ ballast \d+ change - \ufeff/);
  // The keeper of mails has seen that they are on when it has a place to go on from.
  await until('mails go on from here', () => existsSync(join(appliance.dataDir, 'store', 'mails.json')));
  await assert.rejects(appliance.login('bal', 'not the password'));
  await until('it is mailed', () => mails.length > 0, { limit: 30_000 });
  assert.match(mails[0] ?? '', /warning {2}A log-in of bal from \S+ was refused/);
  assert.ok(messages.some(text => /^<132>1 .* login - \ufeffA log-in of bal from /.test(text)));
  assert.ok((await texts()).some(text => /^A log-in of bal/.test(text)));

  const tested = await appliance.call('testMail', { body: { to: 'ops@example.test' } });
  assert.deepEqual([tested.sent, tested.answer.slice(0, 3)], [true, '250']);
  const [target] = await appliance.call('testSyslog');
  assert.deepEqual([target?.state, target?.lost], ['sending', 0]);
  await until('the test is there', () => messages.some(text => text.endsWith('This is a test of Ballast.')));

  const shown = JSON.stringify([await appliance.call('getSettings'), await texts(), messages, mails]);
  assert.doesNotMatch(shown, /never shown/);
  assert.equal((await appliance.call('getMail')).hasPassword, true);
  const loadMaster = new LoadMasterClient(appliance);
  const { emailpassword } = (await loadMaster.v2('get', { param: 'emailpassword' })) as { emailpassword?: string };
  assert.equal(emailpassword, '********');
  await loadMaster.v2('set', { param: 'emailerror', value: 'a@example.test,b@example.test' });
  assert.deepEqual((await appliance.call('getSettings')).emailError, ['a@example.test', 'b@example.test']);

  const before = await texts();
  await appliance.stop({ keepData: true });
  await appliance.launch();
  const later = await texts();
  assert.ok(before.every(text => later.includes(text)));
});
