import { useMemo } from 'react';
import type { CertificateView } from '../../../../server/schema/endpoints.ts';
import { useAuthorities, useCipherSets } from '../../api/queries.ts';
import type { Choice } from '../../form/controls.tsx';
import { certificateChoices } from './certificate-choices.ts';

/** What the properties of TLS may name, by property. */
export function useTlsChoices(certificates: readonly CertificateView[]): Readonly<Record<string, readonly Choice[]>> {
  const authorities = useAuthorities().data;
  const cipherSets = useCipherSets().data;
  return useMemo(() => {
    const named = (list: readonly { id: number; name: string }[] = []) =>
      list.map(({ id, name }): Choice => ({ id, label: name }));
    const known = certificateChoices(certificates);
    return {
      certificates: known,
      customCipherSet: [{ id: 0, label: 'None' }, ...named(cipherSets)],
      clientAuthority: [{ id: 0, label: 'None' }, ...named(authorities)],
      serverAuthority: [{ id: 0, label: 'None: servers are not verified' }, ...named(authorities)],
      serverCertificate: [{ id: 0, label: 'None' }, ...known],
    };
  }, [certificates, authorities, cipherSets]);
}
