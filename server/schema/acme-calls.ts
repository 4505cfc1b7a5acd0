import Type from 'typebox';
import { certificate } from './certificate.ts';
import type { Changed } from './endpoints.ts';

/** How a certificate that is issued by itself is doing. Times are ms UTC. */
export interface AcmeCertificate {
  id: number;
  name: string;
  account: number;
  names: string[];
  renewDays: number;
  /** Null before the first was issued. */
  notAfter: number | null;
  state: 'waiting' | 'running' | 'failed' | 'issued';
  /** What a running order is at, as a sentence. */
  step: string;
  /** Why the last order failed, as a sentence; empty when it did not. */
  error: string;
  lastTry: number | null;
  /** When the next order begins by itself; null while one runs. */
  nextTry: number | null;
}

const { acmeNames, renewDays, name } = certificate.properties;
const closed = { additionalProperties: false } as const;
const account = Type.Integer({ minimum: 0, description: 'The ACME account; 0 when changed: not renewed any more.' });
const changed = Type.Unsafe<Changed<AcmeCertificate>>({
  type: 'object',
  additionalProperties: true,
  description: 'Changed, with how the certificate is doing',
});
const one = Type.Unsafe<AcmeCertificate>({ type: 'object', additionalProperties: true });
const common = { role: 'administrator', tag: 'Certificates' } as const;

/** Calls about certificates that are issued and renewed by themselves. */
export const acmeCalls = {
  listAcmeCertificates: {
    method: 'GET',
    path: '/api/acme-certificates',
    role: 'read-only',
    tag: 'Certificates',
    summary: 'Certificates that are issued and renewed by themselves, and how that goes.',
    reply: Type.Unsafe<AcmeCertificate[]>({ type: 'array', items: { type: 'object', additionalProperties: true } }),
  },
  orderAcmeCertificate: {
    ...common,
    method: 'POST',
    path: '/api/acme-certificates',
    writes: true,
    summary: 'Have a new certificate issued; the order runs in the background.',
    body: Type.Object(
      {
        name,
        account: Type.Integer({ minimum: 1 }),
        names: { ...acmeNames, minItems: 1 } as typeof acmeNames,
        renewDays: Type.Optional(renewDays),
      },
      closed,
    ),
    reply: changed,
  },
  changeAcmeCertificate: {
    ...common,
    method: 'PATCH',
    path: '/api/acme-certificates/:id',
    writes: true,
    summary: 'Change account, names or renew period; other names count from the next order.',
    body: Type.Object(
      { account: Type.Optional(account), names: Type.Optional(acmeNames), renewDays: Type.Optional(renewDays) },
      { ...closed, minProperties: 1 },
    ),
    reply: changed,
  },
  renewAcmeCertificate: {
    ...common,
    method: 'POST',
    path: '/api/acme-certificates/:id/renew',
    summary: 'Order a new certificate now; the old one stays until the new one is there.',
    reply: one,
  },
} as const;
