import { useQuery } from '@tanstack/react-query';
import { type Config, emptyConfig } from '../../../../server/schema/config.ts';
import { call } from '../../api/call.ts';
import { keys } from '../../api/events.ts';
import { useSettings } from '../../api/queries.ts';

export function useInterfaces() {
  return useQuery({
    queryKey: [...keys.config, 'interfaces'],
    queryFn: ({ signal }) => call('listInterfaces', { signal }),
  });
}

export function useRoutes() {
  return useQuery({ queryKey: [...keys.config, 'routes'], queryFn: ({ signal }) => call('listRoutes', { signal }) });
}

/** Links change by themselves and nobody tells: asked again every few seconds while it is on screen. */
export function useNetworkState() {
  return useQuery({
    queryKey: [...keys.config, 'networkState'],
    queryFn: ({ signal }) => call('getNetworkState', { signal }),
    refetchInterval: 3_000,
  });
}

/** All of the configuration that the network's own rules look at; undefined until it is there. */
export function useNetworkConfig(): Config | undefined {
  const interfaces = useInterfaces().data;
  const routes = useRoutes().data;
  const settings = useSettings().data;
  if (!interfaces || !routes || !settings) return undefined;
  return { ...emptyConfig(), interfaces, routes, settings: [settings] };
}
