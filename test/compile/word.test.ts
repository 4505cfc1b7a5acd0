import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { FACTS, PLACE, wholeSet } from '../../scripts/golden-cases.ts';
import { compile } from '../../server/compile/compile.ts';
import { quoted, word } from '../../server/compile/word.ts';
import { type Config, emptyConfig } from '../../server/schema/config.ts';
import { fill } from '../../server/schema/derive.ts';
import { virtualService } from '../../server/schema/virtual-service.ts';

test('word() takes one plain word and refuses everything that could end it', () => {
  assert.equal(word('vs12'), 'vs12');
  for (const bad of ['', ' ', 'a b', 'a\tb', 'a\nb', 'a"b', "a'b", 'a#b', 'a\\b', 'a$b', 'ä', '\0'])
    assert.throws(() => word(bad), /not one safe word/, JSON.stringify(bad));
});

test('quoted() refuses what cannot be written between quotes', () => {
  for (const bad of ['\0', 'a\r', '\u001b', '\u007f']) assert.throws(() => quoted(bad), JSON.stringify(bad));
});

/** Text as spiteful as the schema lets through. */
const spite = (max: number) =>
  fc
    .array(
      fc.oneof(
        fc.constantFrom(
          "'",
          '"',
          '\\',
          '$',
          '$HOME',
          '{',
          '}',
          '%',
          '%[src]',
          '%h',
          '%s',
          '#',
          ' ',
          '\\n',
          'global',
          ';',
          '`',
          'ü',
        ),
        fc.string(),
      ),
      { maxLength: 20 },
    )
    .map(parts => parts.join('').slice(0, max));

const patternOf = (name: 'redirectUrl' | 'checkUrl' | 'checkHost' | 'unavailableMessage' | 'name') =>
  new RegExp((virtualService.properties[name] as unknown as { pattern: string }).pattern);

/** HAProxy's own splitting of a line into words (manual 2.6, section 2.2), as far as we use it. */
function words(line: string): string[] {
  const found: string[] = [];
  let current: string | undefined;
  for (let at = 0; at < line.length; at++) {
    const char = line[at] as string;
    if (char === "'") {
      const end = line.indexOf("'", at + 1);
      assert.ok(end > 0, `an open quote in ${line}`);
      current = (current ?? '') + line.slice(at + 1, end);
      at = end;
    } else if (char === '"') {
      const end = line.indexOf('"', at + 1);
      assert.ok(end > 0, `an open quote in ${line}`);
      const inside = line.slice(at + 1, end);
      assert.doesNotMatch(inside, /[$\\]/, 'nothing that double quotes would expand');
      current = (current ?? '') + inside;
      at = end;
    } else if (char === '\\') {
      current = (current ?? '') + line[++at];
    } else if (/\s/.test(char)) {
      if (current !== undefined) found.push(current);
      current = undefined;
    } else {
      assert.notEqual(char, '#', `a comment in ${line}`);
      current = (current ?? '') + char;
    }
  }
  return current === undefined ? found : [...found, current];
}

const base = (): Config => ({
  ...emptyConfig(),
  virtualServices: [fill('virtualService', { id: 1, address: '10.0.0.1', port: 80 })],
  realServers: [fill('realServer', { id: 1, virtualService: 1, address: '10.0.0.2', port: 80 })],
});

const withService = (change: object): Config => {
  const config = base();
  return { ...config, virtualServices: config.virtualServices.map(vs => ({ ...vs, ...change })) };
};

const shape = (config: Config) =>
  (wholeSet(config)['haproxy.cfg'] ?? '').split('\n').map(line => (line.startsWith('  ') ? words(line)[0] : line));

test('no name or text of a user can add a line, a word or a section', () => {
  fc.assert(
    fc.property(spite(64), spite(2048), spite(1024), spite(255), spite(253), (name, message, url, path, host) => {
      const unavailableMessage = `x${message}`;
      const redirectUrl = `https://${url}`;
      const checkUrl = `/${path}`;
      fc.pre(
        patternOf('name').test(name) &&
          patternOf('unavailableMessage').test(unavailableMessage) &&
          patternOf('redirectUrl').test(redirectUrl) &&
          patternOf('checkUrl').test(checkUrl) &&
          patternOf('checkHost').test(host),
      );
      const texts = { name, unavailableMessage, checkType: 'http', checkUrl, checkHost: host };
      const plain = {
        name: 'a',
        unavailableMessage: 'a',
        checkType: 'http',
        checkUrl: '/',
        checkHost: host ? 'a' : '',
      };
      assert.deepEqual(shape(withService(texts)), shape(withService(plain)));
      const redirect = { unavailableAction: 'redirect', redirectUrl };
      // Each macro has lines of its own.
      const macros = ['%h', '%s'].filter(macro => redirectUrl.includes(macro)).join('');
      const tame = { ...redirect, redirectUrl: `https://a${macros}` };
      assert.deepEqual(shape(withService(redirect)), shape(withService(tame)));
    }),
    { numRuns: 500 },
  );
});

test('a text reaches the engine as it was written', () => {
  const text = `It's "$HOME" %[src] \\ back #1`;
  const line = (wholeSet(withService({ unavailableMessage: text }))['haproxy.cfg'] ?? '')
    .split('\n')
    .find(one => one.includes('http-error'));
  const found = words(line ?? '');
  assert.equal(found[found.indexOf('string') + 1], text);
});

test('the order of objects in the tree does not change what is compiled', () => {
  const config: Config = {
    ...emptyConfig(),
    virtualServices: [3, 1, 2].map(id => fill('virtualService', { id, address: '10.0.0.1', port: 80 + id })),
    realServers: [5, 4, 6].map(id =>
      fill('realServer', { id, virtualService: (id % 3) + 1, address: '10.0.0.2', port: id }),
    ),
  };
  const turned = {
    ...config,
    virtualServices: config.virtualServices.toReversed(),
    realServers: config.realServers.toReversed(),
  };
  assert.deepEqual(compile(config, FACTS, PLACE), compile(turned, FACTS, PLACE));
});
