import type { Certificate } from '../../schema/certificate.ts';
import { Fault } from '../../schema/faults.ts';
import { readMaterial } from './material.ts';

/** The certificate with its issuer's answer installed. Throws NO_REQUEST, or why the answer does not fit, at `/pem`. */
export async function answered(certificate: Certificate, pem: string, now: number): Promise<Certificate> {
  if (!certificate.request) throw new Fault('NO_REQUEST', { name: certificate.name });
  const material = await readMaterial({ pem, key: certificate.requestKey }, now).catch(error => {
    if (!(error instanceof Fault) || error.at !== '/key') throw error;
    // The key is ours, so what does not fit is what was sent.
    if (error.code === 'KEY_MISMATCH') throw new Fault('ANSWER_MISMATCH', { name: certificate.name }, '/pem');
    throw new Fault(error.code, error.facts, '/pem');
  });
  return { ...certificate, ...material, request: '', requestKey: '' };
}
