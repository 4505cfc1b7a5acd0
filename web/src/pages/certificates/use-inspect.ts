import { useEffect, useRef, useState } from 'react';
import type { CertificateView } from '../../../../server/schema/endpoints.ts';
import type { Preview } from '../../../../server/schema/status.ts';
import { call, Problem } from '../../api/call.ts';
import type { Material } from './read-files.ts';

const SETTLED = 300;

export interface Asked<T> {
  seen: T | undefined;
  problem: Problem | undefined;
  busy: boolean;
}

const NOTHING = { seen: undefined, problem: undefined, busy: false };

/** What is in the material, shortly after it was given; stores nothing. */
export function useInspect(material: Material | undefined): Asked<CertificateView> {
  const body = material?.pem || material?.pfx ? material : undefined;
  return useAsked(body, (given, signal) => call('inspectCertificate', { body: given, signal }));
}

/** What installing an answer to the request of certificate `id` would do; stores nothing. */
export function useAnswerCheck(id: number, pem: string | undefined): Asked<Preview> {
  return useAsked(pem || undefined, (given, signal) =>
    call('installAnswer', { params: { id }, body: { pem: given }, dryRun: true, signal }),
  );
}

/** Asks about what was given once it stays the same for a moment; undefined asks nothing. */
function useAsked<G, T>(given: G | undefined, ask: (given: G, signal: AbortSignal) => Promise<T>): Asked<T> {
  const [state, setState] = useState<Asked<T>>(NOTHING);
  const latest = useRef(ask);
  latest.current = ask;
  const key = JSON.stringify(given);

  useEffect(() => {
    if (key === undefined) {
      setState(NOTHING);
      return;
    }
    const stop = new AbortController();
    setState(old => ({ ...old, busy: true }));
    const timer = setTimeout(() => {
      latest.current(JSON.parse(key) as G, stop.signal).then(
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
  }, [key]);

  return state;
}
