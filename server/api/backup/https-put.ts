import { request } from 'node:https';
import { agentFor } from '../acme/agent.ts';
import type { Delivery, Target } from './target.ts';

const TIMEOUT = 120_000;

/** Puts a file at the address, then removes the old ones. Follows no redirect. Throws an Error with a sentence. */
export async function putByHttps(target: Target, { name, body, old }: Delivery): Promise<void> {
  const status = await send(target, 'PUT', name, body);
  if (status < 200 || status > 299)
    throw new Error(`The host answered PUT with status ${status}${reasons[status] ?? ''}.`);
  // Whoever takes files need not remove them: that is no failure of the backup.
  for (const file of old) await send(target, 'DELETE', file).catch(() => {});
}

const reasons: Record<number, string> = {
  401: ', which means that it wants another user or password',
  403: ', which means that this user may not',
  404: ', which means that the folder is not there',
  405: ', which means that it takes no files in this way',
  409: ', which means that the folder is not there',
  413: ', which means that the file is too large for it',
  507: ', which means that it has no room left',
};

function send(target: Target, method: 'PUT' | 'DELETE', name: string, body?: Buffer): Promise<number> {
  const { host, port, path, user, password, trust, loopback } = target;
  const folder = path.split('/').filter(part => part !== '' && part !== '.' && part !== '..');
  return new Promise((resolve, reject) => {
    const asked = request(
      {
        host,
        port,
        method,
        path: `/${[...folder, name].map(encodeURIComponent).join('/')}`,
        agent: agentFor(trust, loopback),
        ...(user !== '' && { auth: `${user}:${password}` }),
        headers: body ? { 'content-type': 'application/octet-stream', 'content-length': body.length } : {},
        signal: AbortSignal.timeout(TIMEOUT),
      },
      reply => {
        reply.resume();
        reply.once('error', reject);
        reply.once('end', () => resolve(reply.statusCode ?? 0));
      },
    );
    asked.once('error', error => reject(new Error(sentenceOf(error as NodeJS.ErrnoException, target))));
    asked.end(body);
  });
}

function sentenceOf(error: NodeJS.ErrnoException, { host, port }: Target): string {
  const { code = '', message } = error;
  if (code === 'ECONNREFUSED') return `Nobody answers at ${host} port ${port}.`;
  if (/CERT|SIGNED|UNABLE_TO|ERR_TLS/.test(code)) return `The certificate of ${host} is not trusted: ${message}.`;
  if (error.name === 'TimeoutError' || error.name === 'AbortError')
    return `The host took longer than ${TIMEOUT / 1000} s.`;
  return `${message.replace(/[.\s]+$/, '')}.`;
}
