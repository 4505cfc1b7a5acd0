import assert from 'node:assert/strict';
import test from 'node:test';
import { emptyConfig } from '../../server/schema/config.ts';
import { fill } from '../../server/schema/derive.ts';
import { problemsOf } from '../../server/schema/rules.ts';
import { handlingOf, handlings, planWords, settingsOf } from '../../web/src/pages/virtual-services/add-plan.ts';

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

test('every handling is one that the rules allow, and each port has a sentence', () => {
  const facts = { managementPort: 8443, loopback: true };
  for (const handling of handlings)
    for (const port of [25, 53, 80, 443, 5432]) {
      const vs = fill('virtualService', { id: 1, address: '192.0.2.1', port, ...settingsOf(handling, port) });
      const faults = problemsOf({ ...emptyConfig(), virtualServices: [vs] }, facts).map(({ fault }) => fault);
      // A certificate is chosen by a person.
      assert.deepEqual(faults.filter(fault => fault.at !== '/certificates').map(String), [], `${handling} ${port}`);
      assert.match(planWords(vs), /^\S.* on \d+: .*\.$/);
    }
  assert.match(
    planWords(fill('virtualService', { id: 1, address: '192.0.2.1', port: 53, ...proposed(53) })),
    /^DNS over UDP on 53/,
  );
});
