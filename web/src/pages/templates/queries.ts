import { useQuery } from '@tanstack/react-query';
import { call } from '../../api/call.ts';
import { keys } from '../../api/events.ts';

/** Every template, shipped ones first. */
export function useTemplates() {
  return useQuery({
    queryKey: [...keys.config, 'templates'],
    queryFn: ({ signal }) => call('listTemplates', { signal }),
  });
}
