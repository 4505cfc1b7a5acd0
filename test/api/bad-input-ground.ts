import assert from 'node:assert/strict';
import { selfSigned } from '../../server/api/certificates/self-signed.ts';
import type { CertificateView, Changed } from '../../server/schema/endpoints.ts';
import type { FaultCode } from '../../server/schema/faults.ts';
import type { RealServer } from '../../server/schema/real-server.ts';
import type { VirtualService } from '../../server/schema/virtual-service.ts';
import { Authority, type Pair } from '../certificates/authority.ts';

export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

/** One call as an administrator. Text and bytes go out as they are, said to be JSON; anything else as JSON. */
export type Call = (
  method: Method,
  path: string,
  body?: unknown,
  headers?: Record<string, string>,
) => Promise<{ status: number; body: unknown }>;

/** Where the services of these tests may be: a fake appliance takes any address, a real one only its own. */
export interface Place {
  /** Two addresses for services and one for servers. */
  address: string;
  otherAddress: string;
  serverAddress: string;
  /** An IPv6 address in two spellings. */
  address6: string;
  address6Again: string;
  /** Three ports in a row from here are free. */
  port: number;
  consolePort: number;
  /** Does the appliance take loopback addresses? */
  loopback: boolean;
}

/** An appliance with something of everything, and what to trouble it with. */
export interface Ground extends Place {
  /** HTTP with TLS, a server and the certificate in use. */
  service: number;
  server: number;
  certificateInUse: number;
  /** Generic TCP at the IPv6 address. */
  tcpService: number;
  /** Used by nothing; its name is “free”. */
  certificate: number;
  /** A signing request without its answer. */
  request: number;
  requestText: string;
  files: Record<'good' | 'other' | 'rsa' | 'expired' | 'weak' | 'sha1', Pair> & { locked: string; pfx: string };
}

/** Pass phrase of the locked key and of the PFX. */
export const PASSPHRASE = 'open sesame';

export async function prepare(call: Call, place: Place): Promise<Ground> {
  const made = async <T extends { id: number }>(path: string, body: unknown): Promise<T> => {
    const reply = await call('POST', path, body);
    assert.equal(reply.status, 200, JSON.stringify(reply.body));
    return (reply.body as Changed<T>).object as T;
  };
  const own = await made<CertificateView>('/api/certificates/self-signed', { name: 'in use', commonName: 'a.example' });
  const free = await made<CertificateView>('/api/certificates/self-signed', { name: 'free', commonName: 'b.example' });
  const request = await made<CertificateView>('/api/certificates/request', { name: 'asked', commonName: 'c.example' });
  const service = await made<VirtualService>('/api/virtual-services', {
    address: place.address,
    port: place.port,
    name: 'web',
    tls: true,
    certificates: [own.id],
  });
  const tcp = await made<VirtualService>('/api/virtual-services', {
    address: place.address6,
    port: place.port + 1,
    type: 'tcp',
  });
  const server = await made<RealServer>(`/api/virtual-services/${service.id}/real-servers`, {
    address: place.serverAddress,
    port: 8080,
  });
  return {
    ...place,
    service: service.id,
    server: server.id,
    certificateInUse: own.id,
    tcpService: tcp.id,
    certificate: free.id,
    request: request.id,
    requestText: request.request,
    files: await files(),
  };
}

async function files(): Promise<Ground['files']> {
  const authority = new Authority();
  try {
    const issuer = authority.issue('Test Issuer', undefined, { authority: true });
    const good = authority.issue('good.example', issuer);
    const past = await selfSigned({ commonName: 'past.example', days: 1 }, Date.now() - 40 * 86_400_000);
    return {
      good,
      other: authority.issue('other.example', issuer),
      rsa: authority.issue('rsa.example', issuer, { keyKind: 'rsa2048' }),
      expired: { certificate: past.chain, key: past.key },
      weak: authority.issue('weak.example', issuer, { keyKind: 'rsa1024' }),
      sha1: authority.issue('sha1.example', issuer, { digest: 'sha1' }),
      locked: authority.locked(good.key, PASSPHRASE),
      pfx: authority.pfx(good, [issuer.certificate], PASSPHRASE),
    };
  } finally {
    authority.remove();
  }
}

/** Everything that a refused call must leave as it was. */
export async function stateOf(call: Call): Promise<Record<string, unknown>> {
  const read = async (path: string) => {
    const { status, body } = await call('GET', path);
    assert.equal(status, 200, `${path}: ${JSON.stringify(body)}`);
    return body;
  };
  const { head } = (await read('/api/health')) as { head: number };
  return {
    head,
    services: await read('/api/virtual-services'),
    servers: await read('/api/real-servers'),
    certificates: await read('/api/certificates'),
    revisions: await read('/api/revisions?limit=200'),
    users: await read('/api/users'),
    // When a key was used last is no setting.
    keys: ((await read('/api/keys')) as { id: number }[]).map(key => key.id),
  };
}

/** A call that must be refused, and how. */
export interface BadInput {
  name: string;
  method: Method;
  path: string;
  body?: unknown;
  headers?: Record<string, string>;
  code: FaultCode;
  /** JSON pointer to the field; undefined where no field is at fault. */
  at?: string;
  /** What the sentence must tell. */
  says?: RegExp;
}

export type Row = [name: string, body: unknown, code: FaultCode, at?: string | undefined, says?: RegExp];

/** Bodies that one call must refuse. */
export const table = (method: Method, path: string, rows: Row[]): BadInput[] =>
  rows.map(([name, body, code, at, says]) => ({
    name: `${method} ${path.replace(/^\/api/, '')}: ${name}`,
    method,
    path,
    body,
    code,
    ...(at !== undefined && { at }),
    ...(says && { says }),
  }));
