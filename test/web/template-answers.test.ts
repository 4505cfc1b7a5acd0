import assert from 'node:assert/strict';
import test from 'node:test';
import type { TemplateInput } from '../../server/schema/template-file.ts';
import { answersOf, missingOf, serversIn, untouched } from '../../web/src/pages/templates/answers.ts';

const inputs: TemplateInput[] = [
  { name: 'address', label: 'Virtual Address', kind: 'address' },
  { name: 'port', label: 'Port', kind: 'port', default: 514 },
  { name: 'host', label: 'Host Name', kind: 'hostname', default: '' },
  { name: 'certificate', label: 'Certificate', kind: 'certificate' },
  { name: 'servers', label: 'Real Servers', kind: 'servers', default: '' },
];

test('a form begins with the defaults, and what has none is missing', () => {
  const typed = untouched(inputs);
  assert.deepEqual(typed, { address: '', port: 514, host: '', certificate: [], servers: '' });
  assert.deepEqual(missingOf(inputs, typed), ['Virtual Address', 'Certificate']);
  assert.deepEqual(missingOf(inputs, { ...typed, address: ' ', certificate: [3] }), ['Virtual Address']);
});

test('servers are read by line, blank and comma, comments passed over', () => {
  assert.deepEqual(serversIn('10.0.0.1\n\n10.0.0.2:81, 10.0.0.3 # the old one\n# none\n[2001:db8::1]:80'), [
    '10.0.0.1',
    '10.0.0.2:81',
    '10.0.0.3',
    '[2001:db8::1]:80',
  ]);
});

test('what is left empty is not given', () => {
  const typed = { ...untouched(inputs), address: '192.0.2.1', certificate: [3], servers: '10.0.0.1' };
  assert.deepEqual(answersOf(inputs, typed), {
    address: '192.0.2.1',
    port: 514,
    certificate: [3],
    servers: ['10.0.0.1'],
  });
});
