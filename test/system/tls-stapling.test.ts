import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { Authority, type Pair } from '../certificates/authority.ts';
import { applied } from '../support/appliance.ts';
import { OcspResponder } from '../support/ocsp-responder.ts';
import { freePort } from '../support/ports.ts';
import { Setting } from '../support/setting.ts';
import { greet } from '../support/tls-client.ts';
import { until } from '../support/wait.ts';

/** The issuer's word about a certificate, fetched from a real responder and seen by a client in its handshake. */

const maker = new Authority();
const running: OcspResponder[] = [];
after(() => {
  for (const responder of running) responder.stop();
  maker.remove();
});
const setting = Setting.forThisFile();
const root = maker.issue('Stapling Root', undefined, { authority: true });
const issuer = maker.issue('Stapling Issuer', root, { authority: true });

/** As openssl reads what a client was given. */
function read(response: Buffer, of: Pair, from: Pair): string {
  const who = ['-issuer', maker.file(from.certificate), '-cert', maker.file(of.certificate)];
  const trust = ['-CAfile', maker.file(from.certificate), '-partial_chain'];
  return maker.openssl(['ocsp', ...who, ...trust, '-respin', maker.file(response)]).toString();
}

async function service(chain: string, key: string, properties: object = {}) {
  const port = await freePort();
  const body = { name: `certificate of ${port}`, pem: chain, key };
  const { id } = applied(await setting.appliance.call('importCertificate', { body }));
  const own = { address: '127.0.0.1', port, tls: true, certificates: [id], ocspStapling: true };
  const made = await setting.appliance.addService({ ...own, ...properties, realServers: setting.servers() });
  return { port, id: made.service.id, certificate: id };
}

const stapled = async (port: number) => (await greet(port, { requestOCSP: true })).ocsp;
const aia = (port: number) => ({ extensions: [`authorityInfoAccess=OCSP;URI:http://127.0.0.1:${port}/`] });

test('a client is shown a good, current answer; it outlives reloads and a replaced certificate', async () => {
  const port = await freePort();
  const first = maker.issue('stapled.example', issuer, aia(port));
  // The new one has another issuer, with a responder of its own.
  const other = maker.issue('Stapling Other', root, { authority: true });
  const otherPort = await freePort();
  const second = maker.issue('stapled.example', other, aia(otherPort));
  running.push(
    await OcspResponder.start(maker, { port, issuer, good: [first] }),
    await OcspResponder.start(maker, { port: otherPort, issuer: other, good: [second] }),
  );
  const { appliance } = setting;
  const it = await service(first.certificate + issuer.certificate, first.key);
  const response = await until('an answer to be stapled', () => stapled(it.port), { limit: 20_000 });
  assert.match(read(response, first, issuer), /: good\n/);

  await appliance.changeService(it.id, { idleTimeout: 333 });
  assert.match(read((await stapled(it.port)) ?? Buffer.alloc(0), first, issuer), /: good\n/);

  const body = { pem: second.certificate + other.certificate, key: second.key };
  applied(await appliance.call('replaceCertificate', { at: { id: it.certificate }, body }));
  const next = await until(
    'the answer about the new one',
    async () => {
      const shown = await stapled(it.port);
      return shown && !shown.equals(response) ? shown : undefined;
    },
    { limit: 20_000 },
  );
  assert.match(read(next, second, other), /: good\n/);

  await appliance.changeService(it.id, { ocspStapling: false });
  assert.equal(await stapled(it.port), undefined);
  await appliance.changeService(it.id, { ocspStapling: true });
  await until('the kept answer', () => stapled(it.port));
  await appliance.deleteService(it.id);
});

test('an issuer that is only among the authorities will do', async () => {
  const port = await freePort();
  const direct = maker.issue('direct.example', root, aia(port));
  running.push(await OcspResponder.start(maker, { port, issuer: root, good: [direct] }));
  const body = { name: 'root', chain: root.certificate };
  applied(await setting.appliance.call('createAuthority', { body }));
  const it = await service(direct.certificate, direct.key);
  const response = await until('an answer to be stapled', () => stapled(it.port), { limit: 20_000 });
  assert.match(read(response, direct, root), /: good\n/);
  await setting.appliance.deleteService(it.id);
});

test('what is revoked, forged or unanswered is not stapled, and said', async () => {
  const [one, two, three] = [await freePort(), await freePort(), await freePort()];
  const revoked = maker.issue('revoked.example', issuer, aia(one));
  const forged = maker.issue('forged.example', issuer, aia(two));
  const silent = maker.issue('silent.example', issuer, aia(three));
  running.push(
    await OcspResponder.start(maker, { port: one, issuer, revoked: [revoked] }),
    await OcspResponder.start(maker, {
      ...{ port: two, good: [forged] },
      issuer: maker.issue('Stapling Issuer', undefined, { authority: true }),
    }),
  );
  const all = [revoked, forged, silent];
  const made = [];
  for (const pair of all) made.push(await service(pair.certificate + issuer.certificate, pair.key));
  const said = async (text: RegExp) =>
    (await setting.appliance.call('listOccurrences')).some(occurrence => text.test(occurrence.text));
  for (const text of [
    /“revoked\.example” .*: its issuer says that it is revoked/,
    /“forged\.example” .*: the answer of the responder cannot be verified/,
    /“silent\.example” .*ECONNREFUSED/,
  ])
    await until(String(text), () => said(text), { limit: 20_000 });
  for (const { port } of made) assert.equal(await stapled(port), undefined);
  for (const { id } of made) await setting.appliance.deleteService(id);
});
