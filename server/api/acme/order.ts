import acme from 'acme-client';
import type { AcmeAccount } from '../../schema/acme-account.ts';
import { CHALLENGE_TOKEN, type ChallengeRequest } from '../../schema/control.ts';
import type { Material } from '../certificates/material.ts';
import { readMaterial } from '../certificates/material.ts';
import { signingRequest } from '../certificates/signing-request.ts';
import { newKeys } from '../certificates/subject.ts';
import { agentFor } from './agent.ts';

export interface OrderWish {
  account: AcmeAccount;
  names: readonly string[];
  /** PEM of the authorities the directory is trusted through; empty: the usual ones. */
  trust: string;
  loopback: boolean;
  challenge: (request: ChallengeRequest) => Promise<{ served: boolean }>;
  /** The account's key and URL, before anything is ordered with them. */
  registered: (account: Pick<AcmeAccount, 'key' | 'url'>) => Promise<void>;
  step: (sentence: string) => void;
}

const TIMEOUT = 20_000;
const LARGEST = 1_048_576;
const COMMON_NAME_LIMIT = 64;

/** One order (RFC 8555, 7.4) from the account to the certificate. Throws with a reason. Never two at once: see below. */
export async function order(wish: OrderWish): Promise<Material> {
  // acme-client has one set of HTTP options for the whole process.
  Object.assign(acme.axios.defaults, {
    httpsAgent: agentFor(wish.trust, wish.loopback),
    timeout: TIMEOUT,
    maxRedirects: 0,
    maxContentLength: LARGEST,
    proxy: false,
  });
  Object.assign((acme.axios.defaults as unknown as { acmeSettings: object }).acmeSettings, {
    retryMaxAttempts: 2,
    retryDefaultDelay: 2,
  });
  wish.step('Asks the authority for its directory.');
  const client = await registered(wish);
  wish.step('Orders the certificate.');
  const placed = await client.createOrder({ identifiers: wish.names.map(value => ({ type: 'dns', value })) });
  // One after the other: few names, and a sentence that says which.
  for (const authorization of await client.getAuthorizations(placed)) await prove(client, authorization, wish);
  wish.step('Waits for the certificate.');
  // Some authorities take a moment from the last proof to a ready order.
  await client.waitForValidStatus(placed);
  const [first = ''] = wish.names;
  const { request, requestKey } = await signingRequest({
    commonName: first.length <= COMMON_NAME_LIMIT ? first : '',
    names: [...wish.names],
  });
  const pem = await client.getCertificate(await client.finalizeOrder(placed, request));
  return readMaterial({ pem, key: requestKey }, Date.now());
}

async function registered({ account, registered: keep, step }: OrderWish): Promise<acme.Client> {
  // Somebody may have changed the directory since.
  const known = account.key !== '' && hostOf(account.url) === hostOf(account.directory);
  const accountKey = account.key || (await newKeys()).key;
  const client = new acme.Client({
    directoryUrl: account.directory,
    accountKey,
    backoffAttempts: 12,
    backoffMin: 1_000,
    backoffMax: 15_000,
    ...(known && { accountUrl: account.url }),
    ...(account.keyId && { externalAccountBinding: { kid: account.keyId, hmacKey: account.hmac } }),
  });
  if (known) return client;
  if (!account.termsAgreed && (await client.getTermsOfServiceUrl()))
    throw new Error(
      `the authority registers only who agrees to its terms: read ${await client.getTermsOfServiceUrl()} and set “Terms Agreed” of the account`,
    );
  step('Registers the account.');
  await client.createAccount({
    termsOfServiceAgreed: account.termsAgreed,
    ...(account.email && { contact: [`mailto:${account.email}`] }),
  });
  await keep({ key: accountKey, url: client.getAccountUrl() });
  return client;
}

const hostOf = (url: string) => (URL.canParse(url) ? new URL(url).host : '');

async function prove(client: acme.Client, authorization: acme.Authorization, wish: OrderWish): Promise<void> {
  if (authorization.status === 'valid') return;
  const name = authorization.identifier.value;
  const challenge = authorization.challenges.find(({ type }) => type === 'http-01');
  if (!challenge) throw new Error(`the authority does not offer to prove ${name} over HTTP`);
  const { token } = challenge;
  if (!new RegExp(CHALLENGE_TOKEN).test(token))
    throw new Error('the authority sent a token of a form that is not allowed');
  wish.step(`Proves that ${name} is here.`);
  try {
    const answer = await client.getChallengeKeyAuthorization(challenge);
    const { served } = await wish.challenge({ token, answer });
    if (!served) throw new Error('no plain HTTP service runs that could answer the authority');
    await client.completeChallenge(challenge);
    await client.waitForValidStatus(challenge).catch(async error => {
      throw new Error(`The name ${name} could not be proved: ${await whyNot(client, authorization.url, error)}`);
    });
  } finally {
    await wish.challenge({ token, answer: null }).catch(() => {});
  }
}

/** The authority's own words about a challenge that failed (RFC 8555, 8: `error` of the challenge). */
async function whyNot(client: acme.Client, url: string, error: Error): Promise<string> {
  const [now] = await client.getAuthorizations({ authorizations: [url] } as never).catch(() => []);
  const told = now?.challenges.find(one => one.type === 'http-01') as { error?: { detail?: string } } | undefined;
  return told?.error?.detail ?? error.message;
}
