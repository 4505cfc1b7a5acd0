import { X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './host.ts';
import { fetchOcsp } from './ocsp-fetch.ts';

/** A certificate, who issued it and where to ask about it. */
export interface Asked {
  certificate: X509Certificate;
  issuer: X509Certificate;
  url: string;
}

/** An answer that was verified. Times are ms UTC. */
export interface Answer {
  /** DER, base64. */
  response: string;
  thisUpdate: number;
  nextUpdate: number;
}

/** Without an end an answer holds for a day: nobody says how long. */
const DAY = 86_400_000;

/** What can be asked about the first certificate of a PEM text; a string says why nothing can. */
export function askedOf(pem: string): Asked | string {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  const [certificate, ...others] = blocks.map(block => new X509Certificate(block));
  const url = /^OCSP - URI:(http:\/\/\S+)$/m.exec(certificate?.infoAccess ?? '')?.[1];
  if (!certificate || !url) return 'its issuer runs no OCSP responder';
  const issuer = others.find(one => certificate.checkIssued(one) && certificate.verify(one.publicKey));
  return issuer ? { certificate, issuer, url } : 'the certificate of its issuer is not here';
}

/** Asks the responder, and verifies its answer with openssl. Rejects with a reason. */
export async function askResponder(folder: string, asked: Asked, loopback: boolean): Promise<Answer> {
  const scratch = await mkdtemp(join(folder, 'asking-'));
  const file = (name: string) => join(scratch, name);
  const who = ['-issuer', file('issuer.pem'), '-cert', file('certificate.pem')];
  try {
    await writeFile(file('issuer.pem'), asked.issuer.toString());
    await writeFile(file('certificate.pem'), asked.certificate.toString());
    const made = await run('openssl', ['ocsp', ...who, '-no_nonce', '-reqout', file('request')]);
    if (made.code !== 0) throw new Error('openssl could not make the question');
    const answer = await fetchOcsp(asked.url, await readFile(file('request')), loopback);
    await writeFile(file('answer'), answer);
    const read = await run('openssl', [
      ...['ocsp', ...who, '-respin', file('answer'), '-no_nonce'],
      // Signed by the issuer itself or by somebody it named for this (RFC 6960, 4.2.2.2).
      ...['-CAfile', file('issuer.pem'), '-no-CApath', '-no-CAstore', '-partial_chain'],
    ]);
    return { response: answer.toString('base64'), ...timesOf(read.code, read.said) };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Of what openssl printed; throws unless it verified a good, current answer. */
export function timesOf(code: number, said: string): Pick<Answer, 'thisUpdate' | 'nextUpdate'> {
  if (/: revoked$/m.test(said)) throw new Error('its issuer says that it is revoked');
  const time = (name: string) => Date.parse(new RegExp(`${name}: (.*)$`, 'm').exec(said)?.[1] ?? '');
  const thisUpdate = time('This Update');
  const good =
    code === 0 && /^Response verify OK$/m.test(said) && /: good$/m.test(said) && !/WARNING: Status times/.test(said);
  if (!good || Number.isNaN(thisUpdate)) throw new Error('the answer of the responder cannot be verified');
  return { thisUpdate, nextUpdate: time('Next Update') || thisUpdate + DAY };
}
