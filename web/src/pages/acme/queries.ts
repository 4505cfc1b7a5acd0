import { useQuery } from '@tanstack/react-query';
import { call } from '../../api/call.ts';
import { keys } from '../../api/events.ts';

/** Milliseconds between two looks while an order runs, and while none does. */
const WATCHED = 1_000;
const CALM = 30_000;

export function useAcmeAccounts() {
  return useQuery({
    queryKey: [...keys.config, 'acmeAccounts'],
    queryFn: ({ signal }) => call('listAcmeAccounts', { signal }),
  });
}

export function useAcmeCertificates() {
  return useQuery({
    queryKey: [...keys.config, 'acmeCertificates'],
    queryFn: ({ signal }) => call('listAcmeCertificates', { signal }),
    refetchInterval: query => (query.state.data?.some(one => one.step !== '') ? WATCHED : CALM),
  });
}
