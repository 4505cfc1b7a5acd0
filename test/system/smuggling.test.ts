import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { Appliance, applied } from '../support/appliance.ts';
import { anyPath, type Conversation, judge } from '../support/judge.ts';
import { makePem } from '../support/pem.ts';
import { freePort } from '../support/ports.ts';
import type { Place } from '../support/raw-client.ts';
import { StrictOrigin } from '../support/strict-origin.ts';
import { answers, attacks, benign } from './smuggling-cases.ts';
import { h2Attacks, h2Benign } from './smuggling-h2-cases.ts';

/**
 * Request smuggling and malformed HTTP: raw bytes go to a service, and a strict recording server behind it is
 * the judge. A case fails when a request reached that server which the client did not cleanly send, whatever
 * the client was told. Over plain HTTP and over TLS; HTTP/1 and HTTP/2.
 */

let appliance: Appliance;
/** A service and a server of its own for each, so that both can be judged at the same time. */
const entrances: { name: string; place: Place; origin: StrictOrigin }[] = [];

before(async () => {
  appliance = await Appliance.start();
  const pem = await makePem('test');
  const certificate = applied(
    await appliance.call('importCertificate', { body: { name: 'test', pem: pem.chain, key: pem.key } }),
  );
  for (const tls of [false, true]) {
    const origin = new StrictOrigin();
    for (const [name, bytes] of Object.entries(answers)) origin.answers.set(name, bytes);
    await origin.start();
    const port = await freePort();
    entrances.push({ name: tls ? 'TLS' : 'plain', place: { port, tls }, origin });
    await appliance.addService({
      address: '127.0.0.1',
      port,
      tls,
      certificates: tls ? [certificate.id] : [],
      checkType: 'none',
      realServers: [{ address: '127.0.0.1', port: origin.port }],
    });
  }
});

after(async () => {
  await appliance?.stop();
  await Promise.all(entrances.map(({ origin }) => origin.stop()));
});

const http1 = (cases: typeof attacks): Conversation[] =>
  cases.map(c => ({ ...c, pieces: path => c.pieces.map(piece => piece.replaceAll(anyPath, path)) }));
const http2 = (cases: typeof h2Attacks): Conversation[] =>
  cases.map(c => ({ ...c, h2: true, pieces: path => [c.bytes(path)] }));

async function judgeAll(conversations: Conversation[]): Promise<string[]> {
  const wrong = await Promise.all(
    entrances.map(async ({ name, place, origin }) => {
      const found: string[] = [];
      for (const conversation of conversations) found.push(...(await judge(place, origin, conversation)));
      return found.map(text => `${name}: ${text}`);
    }),
  );
  return wrong.flat();
}

test(`${attacks.length} malformed HTTP/1 conversations, plain and TLS: none gets through`, async () => {
  assert.deepEqual(await judgeAll(http1(attacks)), []);
});

test(`${h2Attacks.length} malformed HTTP/2 conversations, plain and TLS: none gets through`, async () => {
  assert.deepEqual(await judgeAll(http2(h2Attacks)), []);
});

test(`${benign.length + h2Benign.length} good conversations, plain and TLS: all work`, async () => {
  assert.deepEqual(await judgeAll([...http1(benign), ...http2(h2Benign)]), []);
});
