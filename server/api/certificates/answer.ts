import type { Certificate } from '../../schema/certificate.ts';
import { Fault } from '../../schema/faults.ts';
import { readMaterial } from './material.ts';

/** The certificate with its issuer's answer installed. Throws NO_REQUEST, or why the answer does not fit. */
export async function answered(certificate: Certificate, pem: string, now: number): Promise<Certificate> {
  if (!certificate.request) throw new Fault('NO_REQUEST', { name: certificate.name });
  try {
    const material = await readMaterial({ pem, key: certificate.requestKey }, now);
    return { ...certificate, ...material, request: '', requestKey: '' };
  } catch (error) {
    // The key is ours: what does not fit is the answer.
    if (error instanceof Fault && error.code === 'KEY_MISMATCH')
      throw new Fault('CERTIFICATE_UNREADABLE', { reason: 'it is the answer to another request' }, '/pem');
    throw error;
  }
}
