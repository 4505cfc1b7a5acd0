import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { commands } from '../../server/compat/commands.ts';
import { Appliance } from '../support/appliance.ts';
import { freePort } from '../support/ports.ts';
import { LoadMasterClient } from './client.ts';

/** Whatever stands in a parameter: refused or stored, never a mistake of ours, and the answer stays well-formed. */

let appliance: Appliance;
let client: LoadMasterClient;
before(async () => {
  appliance = await Appliance.start();
  client = new LoadMasterClient(appliance);
});
after(() => appliance.stop());

/** Would end what the test needs, or is not about a parameter. */
const LEFT_OUT = ['usersetsyspassword', 'userchangelocpass', 'restore'];
const HOSTILE = [
  '',
  ' ',
  '\0',
  '\n',
  '\r\nX: y',
  '"',
  "'",
  '`id`',
  '$(id)',
  ';reboot',
  '|id',
  '&lt;',
  '</Error>',
  ']]>',
  '<!DOCTYPE x>',
  '../../etc/passwd',
  '%00',
  '%n%s',
  '\\',
  '\u202e',
  '\ufffe',
  '\ud800',
  '😀',
  'x'.repeat(5000),
  '-1',
  '0',
  '1e3',
  '0x10',
  '99999999999999999999',
  'NaN',
  'null',
  'true',
  '[]',
  '{}',
  '*',
  '!1',
  '!',
  '127.78.0.1',
  '::',
  '::ffff:1.2.3.4',
  '1.2.3.4/33',
  'http://x/ y',
  '#',
  'default',
  'constructor',
  '__proto__',
  'toString',
];

/** One root, every element closed in turn, nothing but ASCII. */
function wellFormed(xml: string): void {
  assert.ok(
    Buffer.from(xml).every(byte => byte === 10 || (byte >= 0x20 && byte <= 0x7e)),
    'only ASCII',
  );
  const open: string[] = [];
  for (const [, end, name] of xml.replace(/^<\?xml[^>]*\?>/, '').matchAll(/<(\/?)([\w.-]+)[^>]*>/g))
    if (end) assert.equal(open.pop(), name);
    else open.push(name as string);
  assert.deepEqual(open, []);
  assert.ok(!/&(?!#\d+;)/.test(xml), 'an entity that is none of ours');
}

const RUNS = 400;
test('hostile texts in parameters of every command', { timeout: 100_000 }, async () => {
  const { Index } = await client.v2('addvs', { vs: '127.78.0.1', port: await freePort(), prot: 'tcp', VStype: 'http' });
  const text = fc.oneof(
    fc.constantFrom(...HOSTILE),
    fc.string({ maxLength: 80 }),
    fc.string({ unit: 'binary', maxLength: 40 }),
  );
  const names = Object.keys(commands).filter(name => !LEFT_OUT.includes(name) && !/^delvs|^userdel/.test(name));
  const call = fc.constantFrom(...names).chain(name => {
    const parameters = (commands[name]?.params ?? []).map(each => each.replace('?', ''));
    const values = Object.fromEntries(
      parameters.map(each => [each, each === 'vs' ? fc.oneof(fc.constant(String(Index)), text) : text]),
    );
    return fc.record({ name: fc.constant(name), values: fc.record(values, { requiredKeys: [] }), first: fc.boolean() });
  });
  await fc.assert(
    fc.asyncProperty(call, async ({ name, values, first }) => {
      if (first) {
        const answer = await client.v1(name, values as Record<string, string>);
        assert.ok(answer.status < 500, `${name}: ${answer.text}`);
        if (answer.type === 'text/xml') wellFormed(answer.text);
      } else {
        const answer = await client.v2(name, values);
        assert.ok(answer.code < 500, `${name}: ${JSON.stringify(answer)}`);
      }
    }),
    { numRuns: RUNS, endOnFailure: true },
  );
  assert.equal((await client.v2('showvs', { vs: Index })).code, 200);
});

test('a name is stored as it came, or refused by the name of its parameter', async () => {
  const { Index } = await client.v2('addvs', { vs: '127.78.0.1', port: await freePort(), prot: 'tcp', VStype: 'http' });
  for (const NickName of HOSTILE) {
    const answer = await client.v2('modvs', { vs: Index, NickName });
    if (answer.code === 200) assert.equal(answer.NickName ?? '', NickName);
    else assert.match(answer.message ?? '', /^NickName: /);
  }
});

test('who may what: the least role of each command, with nothing changed by the refused', {
  timeout: 60_000,
}, async () => {
  const { accounts } = {
    accounts: [
      ['reader', ''],
      ['worker', 'real'],
    ] as const,
  };
  for (const [user, perms] of accounts) {
    await client.v2('useraddlocal', { user, password: 'a long password' });
    await client.v2('usersetperms', { user, perms });
  }
  const rank = { 'read-only': 0, operator: 1, administrator: 2 };
  const keys = await Promise.all(
    (['read-only', 'operator'] as const).map(async role => {
      const made = await appliance.call('createKey', { body: { name: role, user: 'bal', role } });
      return [role, (made as { key: string }).key] as const;
    }),
  );
  for (const [role, key] of keys)
    for (const [name, command] of Object.entries(commands)) {
      if (rank[command.role] <= rank[role]) continue;
      const answer = await client.send(`/access/${name.replace('.', '/')}?apikey=${key}`);
      assert.equal(answer.status, 403, `${name} as ${role}: ${answer.text}`);
    }
  const [, reader] = keys[0] ?? assert.fail();
  assert.equal((await client.send(`/access/aclcontrol?apikey=${reader}&list=block`)).status, 200);
  assert.equal((await client.send(`/access/aclcontrol?apikey=${reader}&add=block&addr=192.0.2.1`)).status, 403);
  assert.equal((await client.send(`/accessv2?cmd=enablers&rs=192.0.2.1&apikey=${keys[1]?.[1]}`)).status, 422);
  // As on a LoadMaster, a user that a tool made logs in at once.
  assert.equal((await new LoadMasterClient(appliance, 'reader', 'a long password').v1('listvs')).status, 200);
});
