import { useQuery } from '@tanstack/react-query';
import { call } from '../../api/call.ts';

/** What the API answers to does not change while it runs. */
export const useCommands = () =>
  useQuery({
    queryKey: ['loadmaster-commands'],
    queryFn: ({ signal }) => call('listLoadMasterCommands', { signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });
