import { useQuery } from '@tanstack/react-query';
import { call } from '../../api/call.ts';
import { keys } from '../../api/events.ts';

/** Both change by themselves and nobody tells. */
const ASK_EVERY = 5_000;

export const syslogKey = [...keys.config, 'syslog'];

export function useSyslogState() {
  return useQuery({
    queryKey: syslogKey,
    queryFn: ({ signal }) => call('getSyslog', { signal }),
    refetchInterval: ASK_EVERY,
  });
}

export function useMailState() {
  return useQuery({
    queryKey: [...keys.config, 'mail'],
    queryFn: ({ signal }) => call('getMail', { signal }),
    refetchInterval: ASK_EVERY,
  });
}
