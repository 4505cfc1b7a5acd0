import { lookup as resolve } from 'node:dns';
import { request } from 'node:http';
import { isIP, type LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';

/** Milliseconds. */
const PATIENCE = 10_000;
/** Bytes. An answer about one certificate with its signer's is some 2 kB. */
const LARGEST = 65_536;

/**
 * Asks an OCSP responder over HTTP (RFC 6960, A.1) and gives its answer as it came: it is signed, and read with
 * suspicion by who asked. The certificate says where to ask, so the address is looked at: no loopback unless allowed,
 * nothing link-local. Redirects are not followed. Rejects with a reason that follows “could not be fetched:”.
 */
export function fetchOcsp(url: string, body: Buffer, loopback: boolean): Promise<Buffer> {
  const { protocol, hostname, port, pathname, search } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, '');
  if (protocol !== 'http:') return Promise.reject(new Error(`${protocol} is not how responders are asked`));
  if (isIP(host) && !mayAsk(host, loopback)) return Promise.reject(new Error(`${host} is an address of our own`));
  return new Promise((done, fail) => {
    const sent = request(
      {
        host,
        port: Number(port || 80),
        path: `${pathname}${search}`,
        method: 'POST',
        headers: { 'content-type': 'application/ocsp-request', 'content-length': body.length },
        lookup: guarded(loopback),
        signal: AbortSignal.timeout(PATIENCE),
        agent: false,
      },
      response => {
        const chunks: Buffer[] = [];
        let size = 0;
        response.on('data', (chunk: Buffer) => {
          size += chunk.length;
          if (size > LARGEST) sent.destroy(new Error('its answer is too large'));
          else chunks.push(chunk);
        });
        response.on('error', fail);
        response.on('end', () =>
          response.statusCode === 200
            ? done(Buffer.concat(chunks))
            : fail(new Error(`${host} answers ${response.statusCode}`)),
        );
      },
    );
    sent.on('error', error => fail(error.name === 'AbortError' ? new Error(`${host} does not answer`) : error));
    sent.end(body);
  });
}

/** Looked at again after the name was resolved: a name may lead anywhere. */
const guarded =
  (loopback: boolean): LookupFunction =>
  (name, options, answer) =>
    resolve(name, { ...options, all: true }, (error, found) => {
      if (error) return answer(error, []);
      const good = found.filter(({ address }) => mayAsk(address, loopback));
      if (good.length === 0) return answer(new Error(`${name} leads to an address of our own`), []);
      return answer(null, options.all ? good : (good[0]?.address ?? ''), good[0]?.family);
    });

function mayAsk(address: string, loopback: boolean): boolean {
  const range = ipaddr.process(address).range();
  if (range === 'loopback') return loopback;
  return !['unspecified', 'linkLocal', 'multicast', 'broadcast'].includes(range);
}
