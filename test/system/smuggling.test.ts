import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import type { ContentRule } from '../../server/schema/content-rule.ts';
import type { NewRealServer, NewVirtualService } from '../../server/schema/endpoints.ts';
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
 * the client was told. Over plain HTTP and over TLS; HTTP/1 and HTTP/2; and with each profile of a service.
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
  for (const [profile, { both = true, properties, server = {} }] of Object.entries(await profiles()))
    for (const tls of both ? [false, true] : [false]) {
      const origin = new StrictOrigin();
      for (const [name, bytes] of Object.entries(answers)) origin.answers.set(name, bytes);
      await origin.start();
      const port = await freePort();
      entrances.push({ name: `${profile}, ${tls ? 'TLS' : 'plain'}`, place: { port, tls }, origin });
      await appliance.addService({
        address: '127.0.0.1',
        port,
        tls,
        certificates: tls ? [certificate.id] : [],
        checkType: 'none',
        ...properties,
        realServers: [{ address: '127.0.0.1', port: origin.port, ...server }],
      });
    }
});

interface Profile {
  /** False: over plain HTTP only. */
  both?: boolean;
  properties: Partial<NewVirtualService>;
  server?: Partial<NewRealServer>;
}

/** Services as they may be set up: whatever a service does with requests, it must let none of these through. */
async function profiles(): Promise<Record<string, Profile>> {
  const rules: number[] = [];
  for (const [at, body] of changing.entries())
    rules.push(applied(await appliance.call('createContentRule', { body: { name: `rule-${at}`, ...body } })).id);
  const [pre = 0, path = 0, body = 0, ...headers] = rules;
  const answer = headers.pop() ?? 0;
  const shared = { persistence: 'active-cookie' as const, preRules: [pre], responseRules: [answer] };
  return {
    usual: { properties: {} },
    'header rules': { properties: { ...shared, requestRules: headers } },
    'content switching': {
      properties: { ...shared, contentSwitching: true },
      server: { rules: [path], defaultRule: true },
    },
    'content switching with header rules': {
      properties: { ...shared, contentSwitching: true, requestRules: headers },
      server: { rules: [path], defaultRule: true },
    },
    'compression, caching and the rest': {
      properties: {
        ...{ compression: true, caching: true, reschedule: true, statusMap: ['404 410'], connectionReuse: 'always' },
        ...{ addedHeader: 'x-added', addedHeaderValue: 'yes', copiedHeader: 'user-agent', copiedHeaderTo: 'x-agent' },
        ...{ forwardedHeader: 'x-forwarded-for-via', requestRateLimit: 100_000, concurrentLimit: 10_000 },
      },
    },
    'content switching by body': {
      both: false,
      properties: { ...shared, contentSwitching: true },
      server: { rules: [path, body], defaultRule: true },
    },
  };
}

/** Rules that look at everything and change what the judge does not look at. */
const changing: Partial<ContentRule>[] = [
  { source: 'header', header: 'content-length', pattern: '0', setFlag: 1 },
  { pattern: '1$' },
  { source: 'body', pattern: 'smuggled' },
  { type: 'delete-header', pattern: 'length|encoding|^connection|^host|^te$|^x-never' },
  { type: 'add-header', header: 'X-Added', replacement: 'yes' },
  { type: 'replace-header', header: 'X-Never', pattern: '.*', replacement: 'changed' },
  { type: 'modify-url', pattern: '^/never/', replacement: '/other/', includeQuery: true },
  { type: 'replace-header', header: 'Server', pattern: '.*', replacement: 'hidden' },
];

after(async () => {
  await appliance?.stop();
  await Promise.all(entrances.map(({ origin }) => origin.stop()));
});

const http1 = (cases: typeof attacks): Conversation[] =>
  cases.map(c => ({ ...c, pieces: path => c.pieces.map(piece => piece.replaceAll(anyPath, path)) }));
const http2 = (cases: typeof h2Attacks): Conversation[] =>
  cases.map(c => ({ ...c, h2: true, pieces: path => [c.bytes(path)] }));

/** Four services at a time: with more, a loaded machine would not be done with one piece when the next comes. */
async function judgeAll(conversations: Conversation[]): Promise<string[]> {
  const wrong: string[] = [];
  const left = [...entrances];
  const judgeNext = async (): Promise<void> => {
    const next = left.shift();
    if (!next) return;
    for (const conversation of conversations)
      wrong.push(...(await judge(next.place, next.origin, conversation)).map(text => `${next.name}: ${text}`));
    return judgeNext();
  };
  await Promise.all([judgeNext(), judgeNext(), judgeNext(), judgeNext()]);
  return wrong;
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
