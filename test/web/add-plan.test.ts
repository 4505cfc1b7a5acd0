import assert from 'node:assert/strict';
import test from 'node:test';
import { fill } from '../../server/schema/derive.ts';
import { handlingOf, planWords, settingsOf } from '../../web/src/pages/virtual-services/add-plan.ts';

/** What a new service is proposed to be, from its port alone. */

const proposed = (port: number) => settingsOf(handlingOf(port), port);
const checks: [number, string, boolean][] = [
  [21, 'ftp', false],
  [23, 'telnet', false],
  [25, 'smtp', false],
  [53, 'dns', false],
  [80, 'http', false],
  [110, 'pop3', false],
  [119, 'nntp', false],
  [143, 'imap', false],
  [389, 'ldap', false],
  [465, 'smtp', true],
  [636, 'ldap', true],
  [993, 'imap', true],
  [995, 'pop3', true],
  [3389, 'rdp', false],
  [5432, 'tcp', false],
];

for (const [port, checkType, tls] of checks)
  test(`port ${port}: the check is ${checkType}${tls ? ' over TLS' : ''}`, () => {
    const settings = proposed(port);
    assert.deepEqual([settings.checkType, settings.checkTls ?? false], [checkType, tls]);
  });

test('port 443: servers are checked as they are spoken to', () => {
  assert.equal(settingsOf('offload', 443).checkType, 'http');
  assert.equal(settingsOf('reencrypt', 443).checkType, 'https');
  assert.equal(settingsOf('relay', 443).checkType, 'https');
});

test('the plan says the check in words', () => {
  const words = (port: number, more: object = {}) =>
    planWords(fill('virtualService', { id: 1, address: '192.0.2.1', port, ...proposed(port), ...more }));
  assert.match(words(636), /health check LDAP over TLS\.$/);
  assert.match(words(80, { checkInterval: 20 }), /health check HTTP \/ every 20 s\.$/);
  assert.match(words(5432), /health check opens a connection\.$/);
});
