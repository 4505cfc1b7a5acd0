import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import fc from 'fast-check';
import { conditionOf } from '../../server/compile/haproxy/content-match.ts';
import { headerRuleLines } from '../../server/compile/haproxy/header-rules.ts';
import { inNetwork, networksOf, readable, regexOf, replacing } from '../../server/schema/content-pattern.ts';
import type { ContentRule } from '../../server/schema/content-rule.ts';
import { fill } from '../../server/schema/derive.ts';

/** Patterns of content rules: what is taken must be what the engine takes, and must stay within its place. */

const scratch = mkdtempSync(join(tmpdir(), 'ballast-pattern-'));
after(() => rmSync(scratch, { recursive: true, force: true }));

/** Pieces of which expressions, good and bad, are put together. */
const PIECES = [
  ...'ab/.^$|()[]-*+?\\\'"#% {},'.split(''),
  ...[
    '(a)',
    '(?:b|c)',
    '[a-z]',
    '[^/]',
    '\\d',
    '\\.',
    '\\/',
    '{2}',
    '{1,3}',
    '[a-',
    '(?<=',
    '?',
    '++',
    '*+',
    '(?>a)',
    '(?=a)',
    '(?!b)',
  ],
  ...[
    '(?<=a)',
    '(?<n>a)',
    '\\1',
    '\\k<n>',
    '\\\\',
    '(?i)',
    '[[:alpha:]]',
    '\\A',
    '\\z',
    '\\x41',
    '\\Q',
    '\\E',
    '[]',
    '\\c',
    '(?#',
    '(*',
  ],
  ...['content-length', 'host', '\\b', '\\w+', '\\S*', '(?P<n>', ')', 'é'],
];
const patterns = fc.array(fc.constantFrom(...PIECES), { minLength: 1, maxLength: 9 }).map(pieces => pieces.join(''));

/** What the engine says against lines of a backend. */
function complaints(lines: readonly string[]): string[] {
  const file = join(scratch, 'haproxy.cfg');
  const head = ['defaults', '  mode http', '  timeout connect 1s', '  timeout server 1s', '  timeout client 1s'];
  writeFileSync(file, [...head, 'backend b', ...lines.map(line => `  ${line}`), ''].join('\n'));
  const { stderr } = spawnSync('haproxy', ['-c', '-f', file], { encoding: 'utf8' });
  return stderr
    .split('\n')
    .filter(line => /WARNING|ALERT/.test(line))
    .map(line => `${line} ${lines[Number(/haproxy\.cfg:(\d+)/.exec(line)?.[1] ?? 0) - 7] ?? ''}`);
}

const rule = (properties: Partial<ContentRule>) => fill('contentRule', { id: 1, name: 'r', ...properties });

test('whatever expression is taken the engine takes too, alone and within ours', () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(patterns, pattern => {
      if (readable(pattern).source !== undefined) seen.add(pattern);
    }),
    { numRuns: 30_000 },
  );
  const taken = [...seen];
  assert.ok(taken.length > 1_000, `${taken.length} taken`);
  const lines = taken.flatMap(pattern => [
    `http-request set-var(txn.x) int(1) if ${conditionOf(rule({ pattern }))}`,
    ...headerRuleLines('request', [rule({ type: 'delete-header', pattern })]),
    ...headerRuleLines('response', [rule({ type: 'replace-header', header: 'x', pattern, replacement: 'y' })]),
  ]);
  assert.deepEqual(complaints(lines).slice(0, 5), []);
});

test('no expression that is taken deletes a header on which framing rests', () => {
  const names = ['content-length', 'Transfer-Encoding', 'HOST', 'connection', 'te', 'Expect', 'upgrade', 'keep-alive'];
  fc.assert(
    fc.property(patterns, pattern => {
      const { source } = readable(pattern);
      if (source === undefined) return;
      const [line = ''] = headerRuleLines('request', [rule({ type: 'delete-header', pattern })]);
      const whole = readable(/'(.*)' -m reg$/.exec(line.replaceAll(`'"'"'`, "'"))?.[1] ?? '').source;
      assert.ok(whole !== undefined, line);
      for (const name of names) assert.ok(!new RegExp(whole, 'i').test(name), `${pattern} deletes ${name}`);
    }),
    { numRuns: 5_000 },
  );
});

test('a replacement changes what matches and keeps the rest; groups keep their numbers', () => {
  const replace = (properties: Partial<ContentRule>, text: string) => {
    const { pattern, value } = replacing(rule({ type: 'modify-url', ...properties }));
    const insensitive = pattern.startsWith('(?i)');
    const match = new RegExp(pattern.replace('(?i)', ''), insensitive ? 'i' : '').exec(text);
    return match ? value.replace(/\\(\d)/g, (_, group: string) => match[Number(group)] ?? '') : text;
  };
  assert.equal(replace({ pattern: '^/old', replacement: '/new' }, '/old/x'), '/new/x');
  assert.equal(replace({ pattern: '/(a+)/(b)', replacement: '/\\2/\\1' }, '/x/aa/b/y'), '/x/b/aa/y');
  assert.equal(replace({ pattern: '.', matchType: 'postfix', replacement: '!' }, 'a.b.'), 'a.b!');
  assert.equal(replace({ pattern: 'A', ignoreCase: true, replacement: 'b' }, 'xa'), 'xb');
  assert.equal(regexOf({ matchType: 'prefix', pattern: '/a+(b)' }), '^\\/a\\+\\(b\\)');
});

test('networks: IPv4, IPv6, single addresses, several; everything else is an expression', () => {
  assert.deepEqual(networksOf('10.0.0.0/8  192.0.2.1 2001:db8::/32'), ['10.0.0.0/8', '192.0.2.1', '2001:db8::/32']);
  for (const text of ['10.0.0.0/33', '10.0.0', '^10\\.', '10.0.0.0/8/8', 'fe80::1%eth0', '10.0.0.1/', '10.0.0.0/8,a'])
    assert.equal(networksOf(text), undefined, text);
  assert.ok(inNetwork('10.9.8.7', '10.0.0.0/8'));
  assert.ok(!inNetwork('11.0.0.1', '10.0.0.0/8'));
  assert.ok(inNetwork('2001:db8:1::5', '2001:db8::/32'));
  assert.ok(inNetwork('192.0.2.1', '192.0.2.1'));
  assert.ok(!inNetwork('192.0.2.1', '2001:db8::/32'));
});
