import { useQuery, useQueryClient } from '@tanstack/react-query';
import type { HistoryValues } from '../../../../server/schema/status.ts';
import { call } from '../../api/call.ts';
import { keys } from '../../api/events.ts';
import type { Live } from '../../api/live.ts';
import type { TimeLine } from './amounts.ts';

const SERIES = ['series'];
/** As many names fit into one address. */
const AT_ONCE = 500;

/** What was measured of one object, by measure. */
export interface MeasuredObject extends TimeLine {
  of: string;
  values: Record<string, HistoryValues>;
}

export interface Measured {
  /** When it was asked for, by the appliance's clock. */
  now: number;
  objects: MeasuredObject[];
}

interface Asked {
  of: readonly string[];
  seconds: number;
  /** The most periods wanted. */
  points: number;
  /** Only these measures, with commas; all when left out. */
  values?: string;
  /** Milliseconds until it is asked again. */
  every: number;
}

/** Averages and peaks of objects over the last `seconds`. Nothing is asked without objects. */
export function useSeries({ of, seconds, points, values, every }: Asked) {
  const client = useQueryClient();
  return useQuery({
    queryKey: [...SERIES, of, seconds, points, values],
    enabled: of.length > 0,
    refetchInterval: every,
    gcTime: 0,
    structuralSharing: false,
    queryFn: async ({ signal }): Promise<Measured> => {
      const parts = Array.from({ length: Math.ceil(of.length / AT_ONCE) }, (_, i) =>
        of.slice(i * AT_ONCE, (i + 1) * AT_ONCE).join(','),
      );
      const answers = await Promise.all(
        parts.map(part =>
          call('getHistorySeries', { query: { of: part, seconds, points, ...(values && { values }) }, signal }),
        ),
      );
      return {
        now: client.getQueryData<Live>(keys.status)?.time ?? Date.now(),
        // Each answer has a time line of its own.
        objects: answers.flatMap(({ step, time, objects }) => objects.map(one => ({ ...one, step, time }))),
      };
    },
  });
}

/** Asks again for everything that was measured. */
export function useMeasureAnew(): () => Promise<void> {
  const client = useQueryClient();
  return async () => {
    await client.invalidateQueries({ queryKey: SERIES });
    await client.invalidateQueries({ queryKey: keys.history });
  };
}
