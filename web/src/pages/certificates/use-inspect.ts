import { useEffect, useState } from 'react';
import type { CertificateView } from '../../../../server/schema/endpoints.ts';
import { call, Problem } from '../../api/call.ts';
import type { Material } from './read-files.ts';

const SETTLED = 300;

export interface Inspected {
  seen: CertificateView | undefined;
  problem: Problem | undefined;
  busy: boolean;
}

const NOTHING: Inspected = { seen: undefined, problem: undefined, busy: false };

/** Asks what is in the material, shortly after it was given; stores nothing. */
export function useInspect(material: Material): Inspected {
  const [state, setState] = useState(NOTHING);
  const { pem, pfx, passphrase } = material;

  useEffect(() => {
    if (!pem && !pfx) {
      setState(NOTHING);
      return;
    }
    const stop = new AbortController();
    setState(old => ({ ...old, busy: true }));
    const timer = setTimeout(() => {
      const body = { ...(pem && { pem }), ...(pfx && { pfx }), ...(passphrase && { passphrase }) };
      call('inspectCertificate', { body, signal: stop.signal }).then(
        seen => setState({ seen, problem: undefined, busy: false }),
        error => {
          if (stop.signal.aborted) return;
          const problem = error instanceof Problem ? error : new Problem('INTERNAL', 0, String(error));
          setState({ seen: undefined, problem, busy: false });
        },
      );
    }, SETTLED);
    return () => {
      stop.abort();
      clearTimeout(timer);
    };
  }, [pem, pfx, passphrase]);

  return state;
}
