import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { authorityFacts, readAuthority } from '../../server/api/certificates/authority.ts';
import { completed, holderOf } from '../../server/api/certificates/complete.ts';
import { certificateView } from '../../server/api/certificates/view.ts';
import { type Config, emptyConfig } from '../../server/schema/config.ts';
import { fill } from '../../server/schema/derive.ts';
import type { Fault } from '../../server/schema/faults.ts';
import { Authority } from './authority.ts';

/** Chains that lack an intermediate, and the authorities that have it. */

const maker = new Authority();
after(maker.remove);
const DAY = 86_400_000;
const root = maker.issue('Test Root', undefined, { authority: true, days: 900 });
const upper = maker.issue('Test Upper', root, { authority: true, days: 800 });
const lower = maker.issue('Test Lower', upper, { authority: true, days: 700 });
const url = ['authorityInfoAccess=caIssuers;URI:http://issuer.example/lower.crt'];
const leaf = maker.issue('www.example.com', lower, { extensions: url });
const all = [lower, upper, root].map(pair => pair.certificate).join('');

/** After all of them were made. */
const now = Date.now() + 60_000;

const certificate = (chain: string, id = 1) => fill('certificate', { id, name: `c${id}`, chain, key: 'k' });
const authority = (chain: string, more: object = {}) => fill('authority', { id: 1, name: 'a', chain, ...more });
const tree = (chains: string[], authorities: string[]): Config => ({
  ...emptyConfig(),
  certificates: chains.map((chain, at) => certificate(chain, at + 1)),
  authorities: authorities.map((chain, at) => ({ ...authority(chain), id: at + 1 })),
});
const refused = (work: () => unknown) => {
  try {
    work();
  } catch (error) {
    const { code, at, message } = error as Fault;
    return { code, at, message };
  }
  return assert.fail('was accepted');
};

test('what a chain lacks is taken from the authorities, without the root, from any order', () => {
  const wanted = leaf.certificate + lower.certificate + upper.certificate;
  for (const pool of [[all], [root.certificate + upper.certificate, lower.certificate]]) {
    const config = tree([leaf.certificate, leaf.certificate + lower.certificate, wanted], pool);
    const after = completed(config, emptyConfig(), now);
    assert.deepEqual(
      after.certificates.map(one => one.chain),
      [wanted, wanted, wanted],
    );
    // Once whole, nothing changes any more.
    assert.equal(completed(after, emptyConfig(), now), after);
  }
});

test('nothing is taken that does not fit, has ended or is no issuer; nothing is looked at when nothing changed', () => {
  const namesake = maker.issue('Test Lower', root, { authority: true });
  const server = maker.issue('Test Lower', upper);
  for (const [pool, at] of [
    [namesake.certificate, now],
    [server.certificate, now],
    [lower.certificate, now + 701 * DAY],
    ['garbage', now],
  ] as const) {
    const config = tree([leaf.certificate], [pool]);
    assert.equal(completed(config, emptyConfig(), at), config);
  }
  const config = tree([leaf.certificate], [all]);
  assert.equal(completed(config, config, now), config);
  const own = maker.issue('own.example');
  const selfSigned = tree([own.certificate], [all]);
  assert.equal(completed(selfSigned, emptyConfig(), now), selfSigned);
});

test('the sentence says which issuer is missing, where it is to be had, and who has it', () => {
  const config = tree([leaf.certificate, maker.issue('b.example', lower).certificate + lower.certificate], []);
  const [first] = config.certificates;
  assert.ok(first);
  const view = certificateView(first, config, now);
  assert.equal(
    view.chainProblem,
    'The intermediate “Test Lower” is missing: clients that do not know it will refuse. Its issuer offers it at http://issuer.example/lower.crt; add it under Intermediate Certificates.',
  );
  assert.equal(view.issuerFrom, 'c2');
  assert.equal(holderOf(first, config, now)?.id, 2);
  // Of a chain that ends below one whose issuer is known to be no root, the next one is missing.
  const longer = tree([leaf.certificate + lower.certificate], [upper.certificate]);
  assert.match(
    certificateView(longer.certificates[0] as never, longer, now).chainProblem,
    /^The intermediate “Test Upper” is missing/,
  );
  const direct = maker.issue('direct.example', root).certificate;
  assert.equal(certificateView(certificate(direct), tree([], [root.certificate]), now).chainProblem, '');
});

test('an authority is stored clean, and told what is in it', () => {
  const lists = maker.revocations(root, [leaf, lower]);
  const read = readAuthority(
    authority(`some words\n${root.certificate}\r\nmore\n${root.certificate}`, { revocations: `x\n${lists}` }),
  );
  assert.equal(read.chain, root.certificate);
  assert.equal(read.revocations, lists);
  const { certificates, lists: told } = authorityFacts(read, emptyConfig());
  assert.deepEqual(
    certificates.map(({ subject, root: isRoot }) => [subject, isRoot]),
    [['Test Root', true]],
  );
  assert.deepEqual(
    told.map(({ issuer, revoked }) => [issuer, revoked]),
    [['CN=Test Root', 2]],
  );
});

test('what is no authority is refused at its field', () => {
  const cases: [string, string, string, string, RegExp][] = [
    ['words', '', 'CERTIFICATE_UNREADABLE', '/chain', /BEGIN CERTIFICATE/],
    [leaf.certificate, '', 'CERTIFICATE_UNREADABLE', '/chain', /“www\.example\.com” is not an issuer/],
    [root.certificate + root.key, '', 'CERTIFICATE_UNREADABLE', '/chain', /private key/],
    [root.certificate.slice(0, 300), '', 'CERTIFICATE_UNREADABLE', '/chain', /middle/],
    [root.certificate, 'words', 'CRL_UNREADABLE', '/revocations', /BEGIN X509 CRL/],
    [root.certificate, maker.revocations(upper), 'CRL_UNREADABLE', '/revocations', /none of the issuers/],
    [all, maker.revocations(root), 'CRL_UNREADABLE', '/revocations', /is missing: with one list/],
  ];
  for (const [chain, revocations, code, at, message] of cases) {
    const fault = refused(() => readAuthority(authority(chain, { revocations })));
    assert.deepEqual([fault.code, fault.at], [code, at], fault.message);
    assert.match(fault.message, message);
    assert.doesNotMatch(fault.message, /PRIVATE KEY-----/);
  }
});
