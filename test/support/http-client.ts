import { request as requestPlain } from 'node:http';
import { request as requestTls } from 'node:https';
import type { TLSSocket } from 'node:tls';
import type { Place } from './raw-client.ts';

export interface Answer {
  status: number;
  headers: Record<string, string>;
  cookies: string[];
  body: string;
  /** SHA-256 of the server's certificate, over TLS. */
  fingerprint: string;
}

interface Ask {
  path?: string;
  method?: string;
  headers?: Record<string, string>;
  body?: string;
  /** Address the connection comes from. */
  from?: string;
  maxTls?: 'TLSv1.2' | 'TLSv1.3';
}

/** One request on a connection of its own; `serverName` is also the Host. Fails after ten seconds. */
export function ask(place: Place, { path = '/', method = 'GET', headers = {}, body, from, maxTls }: Ask = {}) {
  return new Promise<Answer>((done, fail) => {
    const options = {
      host: place.address ?? '127.0.0.1',
      port: place.port,
      path,
      method,
      agent: false as const,
      timeout: 10_000,
      headers: { ...(place.serverName && { host: place.serverName }), ...headers },
      ...(from && { localAddress: from }),
      ...(place.tls && {
        rejectUnauthorized: false,
        servername: place.serverName ?? '',
        ...(maxTls && { maxVersion: maxTls }),
      }),
    };
    const sent = (place.tls ? requestTls : requestPlain)(options, response => {
      const fingerprint = place.tls ? ((response.socket as TLSSocket).getPeerCertificate().fingerprint256 ?? '') : '';
      let text = '';
      response.setEncoding('latin1');
      response.on('data', chunk => {
        text += chunk;
      });
      response.on('error', fail);
      response.on('end', () =>
        done({
          status: response.statusCode ?? 0,
          headers: response.headers as Record<string, string>,
          cookies: response.headers['set-cookie'] ?? [],
          body: text,
          fingerprint,
        }),
      );
    });
    sent.on('timeout', () => sent.destroy(new Error('no answer for 10 s')));
    sent.on('error', fail);
    sent.end(body);
  });
}

/** How many of so many requests, each on a new connection, had each body; other answers than 200 count as their status. */
export async function shares(place: Place, requests: number, options: Ask = {}): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (let i = 0; i < requests; i++) {
    const answer = await ask(place, options);
    const key = answer.status === 200 ? answer.body : String(answer.status);
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}
