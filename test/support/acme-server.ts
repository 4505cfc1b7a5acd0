import {
  createHash,
  createHmac,
  createPublicKey,
  type JsonWebKey,
  type KeyObject,
  randomBytes,
  verify,
} from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { Authority, type Pair } from '../certificates/authority.ts';
import { ask } from './http-client.ts';

interface Jws {
  protected: string;
  payload: string;
  signature: string;
}
interface Order {
  names: string[];
  authorizations: string[];
  status: string;
  certificate?: string;
}
interface Authorization {
  name: string;
  token: string;
  account: string;
  status: string;
  error?: object;
}

/** A problem document (RFC 8555, 6.7). */
class Refusal extends Error {
  readonly status: number;
  readonly type: string;
  constructor(type: string, detail: string, status = 400) {
    super(detail);
    this.type = type;
    this.status = status;
  }
}

/**
 * An ACME authority for tests: verifies every signature and nonce, asks for the proof of a name with a real request
 * and signs real requests. Every name is at `service`, whose port may change.
 */
export class AcmeServer {
  readonly authority = new Authority();
  readonly root: Pair = this.authority.issue('ACME Test Root', undefined, { authority: true });
  /** Where all names are. */
  servicePort = 0;
  /** Key id and HMAC key, when only the bound may register. */
  binding: { kid: string; hmac: string } | undefined;
  /** So many requests are refused with badNonce first. */
  badNonces = 0;
  /** Runs before a name is asked for its proof. */
  beforeProof: (name: string, token: string) => Promise<void> = async () => {};
  /** What was asked for, newest last. */
  readonly proofs: { name: string; status: number; body: string }[] = [];
  readonly contacts: string[] = [];
  orders = 0;
  accounts = 0;
  readonly #server: Server;
  readonly #nonces = new Set<string>();
  readonly #keys = new Map<string, JsonWebKey>();
  readonly #orders = new Map<string, Order>();
  readonly #authorizations = new Map<string, Authorization>();
  readonly #certificates = new Map<string, string>();

  constructor() {
    const own = this.authority.issue('localhost', this.root, { names: 'DNS:localhost,IP:127.0.0.1' });
    this.#server = createServer({ cert: own.certificate, key: own.key }, (request, reply) => {
      this.#handle(request, reply).catch(error => {
        const { type = 'serverInternal', status = 500, message } = error as Refusal;
        this.#send(reply, status, { type: `urn:ietf:params:acme:error:${type}`, detail: message, status });
      });
    });
  }

  async start(): Promise<this> {
    await new Promise<void>(done => this.#server.listen(0, '127.0.0.1', done));
    return this;
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
    this.authority.remove();
  }

  get url(): string {
    return `https://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get directory(): string {
    return `${this.url}/directory`;
  }

  async #handle(request: IncomingMessage, reply: ServerResponse): Promise<void> {
    const [, what = '', id = ''] = (request.url ?? '').split('/');
    if (what === 'directory')
      return this.#send(reply, 200, {
        newNonce: `${this.url}/nonce`,
        newAccount: `${this.url}/account`,
        newOrder: `${this.url}/order`,
        revokeCert: `${this.url}/revoke`,
        keyChange: `${this.url}/key`,
        meta: { termsOfService: 'https://acme.example/terms', externalAccountRequired: this.binding !== undefined },
      });
    if (what === 'nonce') return this.#send(reply, 200, undefined);
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const jws = JSON.parse(Buffer.concat(chunks).toString()) as Jws;
    const { account, jwk, payload } = this.#verified(jws, `${this.url}${request.url}`);
    switch (id === '' ? `new ${what}` : what) {
      case 'new account':
        return this.#register(reply, jwk, payload);
      case 'new order':
        return this.#newOrder(reply, account, payload);
      case 'order':
        return this.#send(reply, 200, this.#orderView(id));
      case 'authz':
        return this.#send(reply, 200, this.#authorizationView(id));
      case 'challenge':
        // Asked again with an empty payload it only tells how it stands (RFC 8555, 7.5.1).
        if (jws.payload !== '') void this.#prove(id);
        return this.#send(reply, 200, this.#authorizationView(id).challenges[0]);
      case 'finalize':
        return this.#finalize(reply, id, payload);
      case 'certificate':
        reply.writeHead(200, { 'content-type': 'application/pem-certificate-chain', 'replay-nonce': this.#nonce() });
        return void reply.end(this.#certificates.get(id));
      default:
        throw new Refusal('malformed', `nothing is at ${request.url}`, 404);
    }
  }

  #verified(jws: Jws, url: string) {
    const head = decoded(jws.protected) as { alg: string; nonce: string; url: string; kid?: string; jwk?: JsonWebKey };
    if (!this.#nonces.delete(head.nonce) || this.badNonces-- > 0)
      throw new Refusal('badNonce', 'the nonce is not one of ours');
    this.badNonces = Math.max(0, this.badNonces);
    if (head.url !== url) throw new Refusal('unauthorized', `signed for ${head.url}, sent to ${url}`, 403);
    const jwk = head.kid ? this.#keys.get(head.kid) : head.jwk;
    if (!jwk) throw new Refusal('accountDoesNotExist', 'there is no such account');
    const key: KeyObject = createPublicKey({ key: jwk, format: 'jwk' });
    const signed = Buffer.from(`${jws.protected}.${jws.payload}`);
    const signature = Buffer.from(jws.signature, 'base64url');
    if (head.alg !== 'ES256' || !verify('sha256', signed, { key, dsaEncoding: 'ieee-p1363' }, signature))
      throw new Refusal('unauthorized', 'the signature is wrong', 403);
    const payload = jws.payload === '' ? {} : (decoded(jws.payload) as Record<string, unknown>);
    return { account: head.kid ?? '', jwk, payload };
  }

  #register(reply: ServerResponse, jwk: JsonWebKey, payload: Record<string, unknown>): void {
    if (payload.termsOfServiceAgreed !== true) throw new Refusal('userActionRequired', 'agree to the terms first', 403);
    if (this.binding) {
      const bound = payload.externalAccountBinding as Jws | undefined;
      if (!bound) throw new Refusal('externalAccountRequired', 'an account here must be bound', 403);
      const { kid } = decoded(bound.protected) as { kid: string };
      const mac = createHmac('sha256', Buffer.from(this.binding.hmac, 'base64url'))
        .update(`${bound.protected}.${bound.payload}`)
        .digest('base64url');
      if (kid !== this.binding.kid || mac !== bound.signature || thumbprint(decoded(bound.payload)) !== thumbprint(jwk))
        throw new Refusal('unauthorized', 'the account binding is wrong', 403);
    }
    const url = `${this.url}/account/${++this.accounts}`;
    this.#keys.set(url, jwk);
    this.contacts.push(...((payload.contact as string[] | undefined) ?? []));
    this.#send(reply, 201, { status: 'valid' }, { location: url });
  }

  #newOrder(reply: ServerResponse, account: string, payload: Record<string, unknown>): void {
    const id = String(++this.orders);
    const names = (payload.identifiers as { value: string }[]).map(one => one.value);
    const refused = names.find(name => name.endsWith('.refused.example'));
    if (refused) throw new Refusal('rejectedIdentifier', `the policy forbids issuing for ${refused}`, 403);
    const authorizations = names.map((name, at) => {
      const key = `${id}-${at}`;
      const token = randomBytes(32).toString('base64url');
      this.#authorizations.set(key, { name, token, account, status: 'pending' });
      return key;
    });
    this.#orders.set(id, { names, authorizations, status: 'pending' });
    this.#send(reply, 201, this.#orderView(id), { location: `${this.url}/order/${id}` });
  }

  async #prove(id: string): Promise<void> {
    const it = this.#authorizations.get(id) as Authorization;
    const expected = `${it.token}.${thumbprint(this.#keys.get(it.account))}`;
    try {
      await this.beforeProof(it.name, it.token);
      const path = `/.well-known/acme-challenge/${it.token}`;
      const { status, body } = await ask({ port: this.servicePort }, { path, headers: { host: it.name } });
      this.proofs.push({ name: it.name, status, body });
      if (status !== 200 || body !== expected) throw new Error(`${it.name} answered ${status} with another text`);
      it.status = 'valid';
    } catch (error) {
      it.status = 'invalid';
      it.error = { type: 'urn:ietf:params:acme:error:unauthorized', detail: (error as Error).message };
    }
  }

  #finalize(reply: ServerResponse, id: string, payload: Record<string, unknown>): void {
    const order = this.#orders.get(id) as Order;
    if (this.#orderView(id).status !== 'ready') throw new Refusal('orderNotReady', 'not every name is proved', 403);
    const lines = Buffer.from(payload.csr as string, 'base64url')
      .toString('base64')
      .replace(/(.{64})/g, '$1\n');
    const request = `-----BEGIN CERTIFICATE REQUEST-----\n${lines}\n-----END CERTIFICATE REQUEST-----\n`;
    this.#certificates.set(id, `${this.authority.answer(request, this.root)}${this.root.certificate}`);
    order.status = 'valid';
    this.#send(reply, 200, this.#orderView(id), { location: `${this.url}/order/${id}` });
  }

  #orderView(id: string) {
    const order = this.#orders.get(id) as Order;
    const states = order.authorizations.map(key => this.#authorizations.get(key)?.status);
    const open = states.every(state => state === 'valid')
      ? 'ready'
      : states.includes('invalid')
        ? 'invalid'
        : 'pending';
    const status = order.status === 'valid' ? 'valid' : open;
    return {
      status,
      identifiers: order.names.map(value => ({ type: 'dns', value })),
      authorizations: order.authorizations.map(key => `${this.url}/authz/${key}`),
      finalize: `${this.url}/finalize/${id}`,
      ...(status === 'valid' && { certificate: `${this.url}/certificate/${id}` }),
    };
  }

  #authorizationView(id: string) {
    const { name, token, status, error } = this.#authorizations.get(id) as Authorization;
    const url = `${this.url}/challenge/${id}`;
    const challenge = { type: 'http-01', url, token, status, ...(error && { error }) };
    return { status, identifier: { type: 'dns', value: name }, challenges: [challenge] };
  }

  #nonce(): string {
    const nonce = randomBytes(16).toString('base64url');
    this.#nonces.add(nonce);
    return nonce;
  }

  #send(reply: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
    const type = status >= 400 ? 'application/problem+json' : 'application/json';
    reply.writeHead(status, { 'content-type': type, 'replay-nonce': this.#nonce(), ...headers });
    reply.end(body === undefined ? undefined : JSON.stringify(body));
  }
}

const decoded = (text: string): unknown => JSON.parse(Buffer.from(text, 'base64url').toString());

/** RFC 7638, of an EC key. */
const thumbprint = (jwk: unknown) => {
  const { crv, kty, x, y } = jwk as Record<string, string>;
  return createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url');
};
