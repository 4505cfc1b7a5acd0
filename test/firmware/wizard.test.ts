import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import type { Key } from '../../firmware/console/tui/key.ts';
import { COLUMNS, draw, ROWS } from '../../firmware/console/tui/page.ts';
import { type Answers, faultsOf, type Name, proposed, withPrefix } from '../../firmware/console/wizard/answers.ts';
import { steps } from '../../firmware/console/wizard/steps.ts';
import { at, begun, firstWrong, pageOf, pressed, type Wizard } from '../../firmware/console/wizard/wizard.ts';
import { machine, port } from '../support/machine.ts';

/** The first set-up without a machine: what is proposed, what is refused beside which field, and each screen. */

const good: Answers = { ...proposed(machine, 'Europe/Berlin'), password: 'correct horse', again: 'correct horse' };
const fault = (name: Name, value: string, more: Partial<Answers> = {}) =>
  faultsOf({ ...good, ...more, [name]: value }, machine)[name];

test('what the machine has is proposed, but no link-local address and no resolver of its own', () => {
  const { eth0Address4, eth0Address6, eth1Address4, gateway4, hostName, dns, search } = proposed(machine, '');
  assert.deepEqual(
    { eth0Address4, eth0Address6, eth1Address4, gateway4, hostName, dns, search },
    {
      ...{ eth0Address4: '192.0.2.77/24', eth0Address6: '', eth1Address4: '', gateway4: '192.0.2.1' },
      ...{ hostName: 'ballast', dns: '192.0.2.53', search: 'example.net' },
    },
  );
  assert.deepEqual(faultsOf(good, machine), {});
});

test('a mask is as good as a prefix', () => {
  for (const text of ['10.0.0.5/24', '10.0.0.5/255.255.255.0', ' 10.0.0.5  255.255.255.0 '])
    assert.equal(withPrefix(text), '10.0.0.5/24');
  assert.match(fault('eth1Address4', '10.0.0.5/255.0.255.0') ?? '', /prefix/);
});

const wrong: [Name, string, RegExp, Partial<Answers>?][] = [
  ['eth0Address4', '192.0.2.255/24', /broadcast/],
  ['eth0Address4', '192.0.2.0/24', /the network itself/],
  ['eth0Address4', '192.0.2.300/24', /prefix/],
  ['eth0Address4', '192.0.2.5', /prefix/],
  ['eth0Address4', '127.0.0.1/8', /loopback/],
  ['eth0Address4', '224.0.0.1/24', /one host/],
  ['eth0Address4', '2001:db8::5/64', /no IPv4 address/, { gateway4: '' }],
  ['eth0Address4', '', /console is reached/, { gateway4: '' }],
  ['eth0Address6', '2001:db8::5', /prefix/],
  ['eth0Address6', '10.0.0.5/24', /no IPv6 address/],
  ['eth0Address6', 'fe80::5/64', /link-local/],
  ['eth1Address4', '192.0.2.77/24', /already/],
  ['eth1Address4', '192.0.2.130/25', /overlaps/],
  ['gateway4', '192.0.3.1', /subnet of no interface/],
  ['gateway4', '192.0.2.77', /this appliance itself/],
  ['gateway4', '192.0.2.255', /broadcast/],
  ['gateway4', '192.0.2', /IPv4/],
  ['gateway4', 'router', /IPv4/],
  ['gateway6', '2001:db8::1', /subnet of no interface/],
  ['gateway6', '192.0.2.1', /IPv6/],
  ['hostName', '-lb', /letters, digits and hyphens/],
  ['hostName', 'lb.example', /letters, digits and hyphens/],
  ['hostName', '7', /needs a letter/],
  ['dns', '192.0.2.53 ns1', /ns1.*not an IPv4/],
  ['dns', '192.0.2.1 192.0.2.2 192.0.2.3 192.0.2.4', /up to three/],
  ['search', 'example..net', /names of domains/],
  ['ntp', '999.1.1.1', /not an IPv4/],
  ['timeZone', 'Europe/Nowhere', /none that is known/],
  ['password', 'short', /at least 12/],
  ['again', 'correct horses', /not the same/],
];
for (const [name, value, expected, more] of wrong)
  test(`${name} “${value}” is refused beside it`, () => assert.match(fault(name, value, more) ?? 'taken', expected));

test('what people have is taken', () => {
  for (const [name, value, more] of [
    ['eth0Address4', '10.0.0.5/31', { gateway4: '10.0.0.4' }],
    ['eth0Address6', '2001:db8::5/64', { gateway6: '2001:db8::1' }],
    ['gateway6', 'fe80::1', { eth0Address6: '2001:db8::5/64' }],
    ['gateway4', '', {}],
    ['dns', '192.0.2.53, 2001:db8::53', {}],
    ['timeZone', '', {}],
  ] as [Name, string, Partial<Answers>][])
    assert.deepEqual(faultsOf({ ...good, ...more, [name]: value }, machine), {}, `${name} ${value}`);
});

const type = (wizard: Wizard, ...keys: Key['name'][]): Wizard =>
  keys.reduce((now, name) => pressed(now, machine, { name } as Key).wizard, wizard);
const write = (wizard: Wizard, letters: string): Wizard =>
  [...letters].reduce((now, text) => pressed(now, machine, { name: 'text', text }).wizard, wizard);

test('keys: from the welcome to the summary, back, and no further than a wrong answer', () => {
  let now = type(begun(good), 'enter');
  assert.equal(now.step, 'eth0');
  now = type(write(type(now, 'clear'), '192.0.2.255/24'), 'tab');
  assert.match(draw(pageOf(now, machine)).lines.join('\n'), /! is the broadcast address/);
  now = type(now, 'tab', 'tab', 'enter');
  assert.equal(now.step, 'eth0', 'a wrong answer holds back');
  assert.equal(now.focus.at, 0, 'at the field at fault');
  now = write(type(now, 'left', 'left', 'left', 'backspace'), '4');
  assert.equal(now.answers.eth0Address4, '192.0.2.254/24');
  now = type(now, 'escape');
  assert.equal(now.step, 'welcome');
  for (let page = 0; page < 7; page++) {
    const fields = steps.find(step => step.id === now.step)?.fields.length ?? 0;
    // Through the fields to Back, then to Next; without fields Next has the focus.
    now = type(
      now,
      ...Array.from({ length: fields }, () => 'enter' as const),
      ...(fields > 0 ? (['right'] as const) : []),
      'enter',
    );
  }
  assert.equal(now.step, 'summary');
  assert.equal(pressed(now, machine, { name: 'enter' }).apply, true);
  assert.equal(type(now, 'left', 'enter').step, 'password');
});

test('a machine with one port is not asked for a second one', () => {
  const single = { ...machine, links: [port('ens3')] };
  let now = at(begun(good), 'eth0');
  now = pressed({ ...now, focus: { at: 3, caret: 0 } }, single, { name: 'enter' }).wizard;
  assert.equal(now.step, 'gateway');
});

test('answers that lay ready are judged like typed ones', () => {
  assert.equal(firstWrong(good, machine), undefined);
  assert.equal(firstWrong({ ...good, dns: 'x' }, machine), 'names');
});

const golden = join(import.meta.dirname, 'screens.txt');
test('every screen, letter by letter, in 80 by 24', () => {
  const said = steps
    .filter(step => step.id !== 'time')
    .map(step => {
      const touched = new Set(step.fields.map(field => field.name));
      const page = pageOf({ ...at(begun({ ...good, eth1Address4: '192.0.2.5/24' }), step.id), touched }, machine);
      const { lines, caret } = draw(page);
      assert.equal(lines.length, ROWS);
      for (const line of lines) assert.ok(line.length < COLUMNS && /^[\x20-\x7e]*$/.test(line), line);
      assert.ok(caret && caret.row < ROWS && caret.column < COLUMNS);
      return `${lines.map(line => line.trimEnd()).join('\n')}\n-- cursor ${caret.row} ${caret.column} --\n`;
    })
    .join('\n');
  if (process.env.BALLAST_WRITE_SCREENS) writeFileSync(golden, said);
  assert.equal(said, readFileSync(golden, 'utf8'));
});
