import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { Authority } from '../certificates/authority.ts';
import { applied } from '../support/appliance.ts';
import { freePort } from '../support/ports.ts';
import { Setting } from '../support/setting.ts';
import { type Finding, findings, gradeOf } from '../support/tls-grade.ts';

/** A stranger's eye on TLS as a new service has it: testssl.sh, which must find nothing grave. */

const maker = new Authority();
after(maker.remove);
const setting = Setting.forThisFile();

/** Of the test's own certificate authority, not of TLS. */
const OURS = new Set([
  'cert_trust',
  'cert_expirationStatus',
  'cert_notAfter',
  'DNS_CAArecord',
  'cert_revocation',
  'engine_problem',
  'RC4',
]);

test('the default set has grade A, with Strict-Transport-Security A+, and nothing grave is found', async () => {
  const root = maker.issue('Grade Root', undefined, { authority: true });
  const issuer = maker.issue('Grade Issuer', root, { authority: true });
  const leaf = maker.issue('graded.example', issuer, { names: 'DNS:graded.example' });
  const body = { name: 'graded', pem: leaf.certificate + issuer.certificate, key: leaf.key };
  const { id } = applied(await setting.appliance.call('importCertificate', { body }));
  const port = await freePort();
  const own = { address: '127.0.0.1', port, tls: true, certificates: [id], securityHeaders: 'host' as const };
  await setting.appliance.addService({ ...own, realServers: setting.servers() });

  const all = await findings('graded.example', port, maker.file(root.certificate), maker.path('findings.json'));
  assert.ok(all.length > 50, `only ${all.length} findings`);
  const grave = all.filter(one => /HIGH|CRITICAL|FATAL/.test(one.severity) && !OURS.has(one.id));
  assert.deepEqual(grave, []);
  assert.equal(gradeOf(all), 'A+');

  const altered = (id: string, change: Partial<Finding>) =>
    gradeOf(all.map(one => (one.id === id ? { ...one, ...change } : one)));
  assert.equal(altered('HSTS_time', { finding: 'not offered' }), 'A');
  assert.equal(altered('TLS1', { finding: 'offered (deprecated)' }), 'B');
  assert.equal(altered('ROBOT', { severity: 'CRITICAL' }), 'F');
  assert.equal(altered('cert_chain_of_trust', { finding: 'failed' }), 'T');
});
