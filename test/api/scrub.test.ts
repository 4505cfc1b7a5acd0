import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import test from 'node:test';
import { scrubber } from '../../server/api/support/scrub.ts';
import { secretsEver, secretsOf } from '../../server/api/support/secrets.ts';
import { formatted, quoted } from '../../server/compile/word.ts';
import { emptyConfig, settingsOf } from '../../server/schema/config.ts';
import { fill } from '../../server/schema/derive.ts';
import { newStore } from '../store/support.ts';

/** What a support bundle may not hold, in every way it may have got into a text. */

const odd = `it's 100% "safe" \\o/ ümlaut`;

test('a secret is found however it is written', () => {
  const clean = scrubber([odd, 'hunter2hunter2']);
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  for (const said of [
    `say ${odd} twice: ${odd}`,
    JSON.stringify({ a: odd }),
    quoted(odd),
    formatted(quoted(odd)),
    `https://x/?p=${encodeURIComponent(odd)}`,
    Buffer.from(odd).toString('hex'),
    Buffer.from(odd).toString('hex').toUpperCase(),
  ])
    assert.doesNotMatch(clean(said), /100|safe|mlaut/, said);
  // The password of basic authentication, wherever in the groups of three bytes it begins.
  for (const user of ['a', 'ab', 'abc']) {
    const left = clean(base64(`${user}:hunter2hunter2`)).replace('[removed]', '');
    assert.ok(left.length <= 8, left);
  }
  assert.equal(clean('nothing of this is secret'), 'nothing of this is secret');
});

test('what looks like a secret goes too, and JSON stays JSON', () => {
  const clean = scrubber([]);
  const key = '-----BEGIN EC PRIVATE KEY-----\nMHcCAQEEIA\n-----END EC PRIVATE KEY-----';
  assert.equal(clean(`a ${key} b`), 'a [removed] b');
  assert.equal(clean(JSON.stringify({ key })), '{"key":"[removed]"}');
  assert.doesNotMatch(clean('The one-time password: abc-def'), /abc/);
  const json = clean(JSON.stringify({ checkHeaders: ['Authorization: Bearer abcdef'], next: 1 }));
  assert.doesNotMatch(json, /abcdef/);
  assert.equal((JSON.parse(json) as { next: number }).next, 1);
});

test('values of headers that let somebody in are secrets, others are not', () => {
  const service = (id: number, more: object) => fill('virtualService', { id, address: '192.0.2.1', port: id, ...more });
  const config = {
    ...emptyConfig(),
    virtualServices: [
      service(1, { addedHeader: 'Authorization', addedHeaderValue: 'Basic Zm9vOmJhcg' }),
      service(2, { addedHeader: 'X-Forwarded-By', addedHeaderValue: 'ballast' }),
      service(3, { checkHeaders: ['X-Api-Key: k-1234', 'X-Probe: lb1'] }),
    ],
    contentRules: [
      fill('contentRule', { id: 1, name: 'a', type: 'add-header', header: 'Cookie', replacement: 'sid=9' }),
    ],
  };
  assert.deepEqual(secretsOf(config).sort(), ['Basic Zm9vOmJhcg', 'k-1234', 'sid=9']);
});

test('a secret that was replaced is one still: the journal may remember it', t => {
  const { revisions } = newStore(t);
  const settings = (backupPassword: string) => ({ ...settingsOf(emptyConfig()), backupPassword });
  revisions.commit(0, [{ op: 'create', kind: 'settings', value: settings('the first') }], 'ann', ['x'], 1);
  const value = settings('the second');
  revisions.commit(1, [{ op: 'replace', kind: 'settings', id: value.id, value }], 'ann', ['x'], 2);
  const secrets = secretsEver(revisions);
  assert.ok(secrets.includes('the first') && secrets.includes('the second'), secrets.join());
});

test('thousands of keys are looked for in megabytes within seconds', () => {
  const lines = Array.from({ length: 60_000 }, () => randomBytes(48).toString('base64'));
  const text = `${lines.slice(0, 1_000).join('\n')}\n${'An ordinary line of the journal, nothing in it.\n'.repeat(200_000)}`;
  const began = performance.now();
  const clean = scrubber(lines)(text);
  assert.ok(performance.now() - began < 10_000, `${performance.now() - began} ms`);
  assert.ok(clean.startsWith('[removed]\n'.repeat(1_000)));
  assert.equal(clean.length, 10_000 + 200_000 * 48);
});
