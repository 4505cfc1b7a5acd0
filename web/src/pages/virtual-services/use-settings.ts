import { useQuery } from '@tanstack/react-query';
import type { Settings } from '../../../../server/schema/settings.ts';
import { call } from '../../api/call.ts';
import { keys } from '../../api/events.ts';

/** The settings of the appliance; undefined until they are there. */
export function useSettings(): Settings | undefined {
  return useQuery({
    queryKey: [...keys.config, 'settings'],
    queryFn: ({ signal }) => call('getSettings', { signal }),
  }).data;
}
