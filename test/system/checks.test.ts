import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import type { VirtualService } from '../../server/schema/virtual-service.ts';
import { CheckServer, type Mood, NameServer } from '../support/check-server.ts';
import { makePem } from '../support/pem.ts';
import { freePort } from '../support/ports.ts';
import { Setting } from '../support/setting.ts';
import { until } from '../support/wait.ts';

/** Every check against a stand-in of its protocol: well, wrong, silent and back; through the real engine and the prober. */

const setting = Setting.forThisFile();
const address = '127.0.0.1';
const times = { checkInterval: 3, checkTimeout: 1, checkRetries: 2 };
/** Milliseconds: interval, time-outs, a second until it is looked at, and some for a busy machine. */
const DOWN_WITHIN = (times.checkInterval + times.checkTimeout * times.checkRetries + 1) * 1_000 + 3_000;

interface Case {
  name: string;
  properties: Partial<VirtualService>;
  server: CheckServer | NameServer;
  /** What the reason says of a wrong answer. */
  bad: RegExp;
  id: number;
}

const tcp = { type: 'tcp' } as const;
const cases: Case[] = [];

before(async () => {
  const pem = await makePem('inside.example');
  const line = async (
    name: string,
    properties: Partial<VirtualService>,
    bad: RegExp,
    stand: CheckServer | NameServer = new CheckServer(name),
  ) => cases.push({ name, properties, server: await stand.start(), bad, id: 0 });
  await line('smtp', { ...tcp, checkType: 'smtp' }, /^answered 554 /);
  await line(
    'smtp over TLS',
    { ...tcp, checkType: 'smtp', checkTls: true },
    /^answered 554 /,
    new CheckServer('smtp', pem),
  );
  await line('nntp', { ...tcp, checkType: 'nntp' }, /^answered 400 /);
  await line('ftp', { ...tcp, checkType: 'ftp' }, /^answered 421 /);
  await line('telnet', { ...tcp, checkType: 'telnet' }, /no Telnet options/);
  await line('pop3', { ...tcp, checkType: 'pop3' }, /the greeting was not \+OK/);
  await line('imap', { ...tcp, checkType: 'imap' }, /the greeting was not \* OK/);
  await line('rdp', { ...tcp, checkType: 'rdp' }, /RDP refused/);
  await line('ldap', { ...tcp, checkType: 'ldap' }, /busy or unavailable/);
  await line(
    'ldaps',
    { ...tcp, checkType: 'ldap', checkTls: true },
    /busy or unavailable/,
    new CheckServer('ldap', pem),
  );
  await line(
    'binary',
    { ...tcp, checkType: 'binary', checkSend: '00ff10', checkExpect: 'beef', checkMatchLength: 8 },
    /the expected bytes did not come/,
  );
  await line('http', { checkType: 'http', checkMethod: 'OPTIONS', checkHost: 'web.example' }, /^answered 500 /);
  await line('https', { checkType: 'https' }, /^answered 500 /, new CheckServer('http', pem));
  await line(
    'pattern',
    {
      checkType: 'http',
      checkMethod: 'POST',
      checkBody: 'é=1\n',
      checkHeaders: ['X-Probe: 100% "lb1"'],
      checkPattern: "it's (?:up|fine)$",
    },
    /the pattern was not in the answer/,
  );
  await line(
    'inverted pattern over TLS',
    { checkType: 'https', checkMethod: 'GET', checkPattern: '^under repair' },
    /the pattern was in the answer/,
    new CheckServer('inverted', pem),
  );
  await line(
    'dns',
    { ...tcp, checkType: 'dns', checkName: 'probe.example' },
    /not a valid DNS reply/,
    new NameServer(),
  );
});

after(() => {
  for (const { server } of cases) server.stop();
});

const all = async () => new Map((await setting.appliance.call('getStatus')).servers.map(s => [s.id, s]));

async function everyone(what: string, state: string, limit: number): Promise<void> {
  let late: string[] = [];
  await until(
    what,
    async () => {
      const status = await all();
      late = cases.filter(one => status.get(one.id)?.state !== state).map(one => one.name);
      return late.length === 0;
    },
    { limit, every: 100 },
  ).catch(error => {
    throw new Error(`${(error as Error).message}; not so: ${late.join(', ')}`);
  });
}

const mood = (wanted: Mood) => {
  for (const { server } of cases) server.mood = wanted;
};

test('each protocol: a server that answers well is up', async () => {
  for (const one of cases) {
    const made = await setting.appliance.addService({
      address,
      port: await freePort(),
      ...times,
      ...one.properties,
      checkPort: one.server.port,
      realServers: [{ address, port: one.server.port }],
    });
    one.id = made.servers[0]?.id ?? 0;
  }
  await everyone('all to be up', 'up', 10_000);
  // Until its first check has ended the engine takes a server for up.
  await until('each to be checked', async () => {
    const lists = await Promise.all(cases.map(({ id }) => setting.appliance.call('getServerChecks', { at: { id } })));
    return lists.every(list => list.length > 0);
  });
  for (const { name, server } of cases) {
    if (name === 'smtp') assert.deepEqual((server as CheckServer).heard.slice(0, 2), ['HELO ballast\r\n', 'QUIT\r\n']);
    if (name === 'dns') assert.equal((server as NameServer).asked[0], '\x05probe\x07example\0');
    if (name === 'http')
      assert.match((server as CheckServer).heard[0] ?? '', /^OPTIONS \/ HTTP\/1\.1\r\nhost: web\.example\r\n/i);
    if (name === 'pattern')
      assert.match(
        (server as CheckServer).heard.join(''),
        /^POST \/ HTTP\/1\.0\r\nX-Probe: 100% "lb1"\r\nconnection: close\r\ncontent-length: 5\r\n\r\né=1\n/,
      );
  }
});

test('each protocol: a wrong answer is seen within interval and retries, and told why', async () => {
  mood('bad');
  await everyone('all to be down', 'down', DOWN_WITHIN);
  const status = await all();
  for (const { name, id, bad } of cases) assert.match(status.get(id)?.reason ?? '', bad, name);
});

test('each protocol: one good answer brings the server back', async () => {
  mood('well');
  await everyone('all to be up again', 'up', (times.checkInterval + 1) * 1_000 + 3_000);
});

test('each protocol: a server that accepts and says nothing is down within interval and retries', async () => {
  mood('silent');
  await everyone('all to be down', 'down', DOWN_WITHIN);
  const status = await all();
  for (const { name, id } of cases)
    assert.match(status.get(id)?.reason ?? '', /^no (?:answer|TLS handshake) within 1 s /, name);
});

test('the history of checks has what happened, newest first', async () => {
  mood('well');
  await everyone('all to be up again', 'up', (times.checkInterval + 1) * 1_000 + 3_000);
  for (const { name, id } of cases) {
    const list = await setting.appliance.call('getServerChecks', { at: { id } });
    assert.ok(list.length >= 4 && list.length <= 50, `${name}: ${list.length} results`);
    assert.ok(list[0]?.up, name);
    assert.ok(
      list.every((one, i) => i === 0 || one.time <= (list[i - 1]?.time ?? 0)),
      `${name}: newest first`,
    );
    const changes = list.filter((one, i) => one.up !== list[i - 1]?.up).map(one => one.up);
    assert.deepEqual(changes, [true, false, true, false, true], name);
    assert.ok(
      list.filter(one => !one.up).every(one => one.reason !== ''),
      name,
    );
    assert.ok(
      list.every(one => one.duration >= 0 && one.duration < 3_000),
      name,
    );
    if (name === 'smtp') assert.ok(list.some(one => one.code === 554));
  }
});
