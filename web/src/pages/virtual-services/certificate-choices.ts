import type { CertificateView } from '../../../../server/schema/endpoints.ts';
import type { Choice } from '../../form/controls.tsx';
import { dateOf } from '../../parts/format.ts';

/** Certificates as a service may name them; one that waits for its answer is shown and cannot be chosen. */
export function certificateChoices(certificates: readonly CertificateView[]): Choice[] {
  return certificates.map(({ id, name, subject, notAfter, chain }) => {
    const own = subject && subject !== name ? subject : '';
    const ends = notAfter === null ? '' : `${notAfter < Date.now() ? 'ended' : 'until'} ${dateOf(notAfter)}`;
    return {
      id,
      label: name,
      note: [own, ends].filter(Boolean).join(', '),
      ...(!chain && { blocked: 'waits for the answer to its signing request' }),
    };
  });
}
