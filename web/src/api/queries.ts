import { QueryClient, skipToken, useQuery, useQueryClient } from '@tanstack/react-query';
import type { RealServer } from '../../../server/schema/real-server.ts';
import type { ServerStatus, ServiceStatus } from '../../../server/schema/status.ts';

import { call, Problem } from './call.ts';
import { type Connection, keys } from './events.ts';
import type { Live } from './live.ts';

/** The one cache. What a revision can change is fresh until an event says otherwise. */
export function makeClient(): QueryClient {
  const client = new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: Number.POSITIVE_INFINITY,
        refetchOnWindowFocus: false,
        retry: (count, error) => count < 2 && error instanceof Problem && error.code === 'UNREACHABLE',
      },
    },
  });
  // Written once a second and by hand with care for identity; comparing a thousand objects deeply would cost more.
  client.setQueryDefaults(keys.status, { structuralSharing: false, gcTime: Number.POSITIVE_INFINITY });
  client.setQueryDefaults(keys.connection, { gcTime: Number.POSITIVE_INFINITY });
  client.setQueryDefaults(keys.history, { structuralSharing: false });
  return client;
}

export function useServices() {
  return useQuery({
    queryKey: [...keys.config, 'virtualServices'],
    queryFn: ({ signal }) => call('listVirtualServices', { signal }),
  });
}

/** All Real Servers, or with `virtualService` those of one service, out of the same answer. */
export function useServers(virtualService?: number) {
  return useQuery({
    queryKey: [...keys.config, 'realServers'],
    queryFn: ({ signal }) => call('listRealServers', { signal }),
    select: (servers: RealServer[]) =>
      virtualService === undefined ? servers : servers.filter(rs => rs.virtualService === virtualService),
  });
}

export function useCertificates() {
  return useQuery({
    queryKey: [...keys.config, 'certificates'],
    queryFn: ({ signal }) => call('listCertificates', { signal }),
  });
}

export function useContentRules() {
  return useQuery({
    queryKey: [...keys.config, 'contentRules'],
    queryFn: ({ signal }) => call('listContentRules', { signal }),
  });
}

export function useAuthorities() {
  return useQuery({
    queryKey: [...keys.config, 'authorities'],
    queryFn: ({ signal }) => call('listAuthorities', { signal }),
  });
}

/** What the certificates of authorities say. */
export function useAuthorityFacts() {
  return useQuery({
    queryKey: [...keys.config, 'authorityFacts'],
    queryFn: ({ signal }) => call('listAuthorityFacts', { signal }),
  });
}

export function useCipherSets() {
  return useQuery({
    queryKey: [...keys.config, 'cipherSets'],
    queryFn: ({ signal }) => call('listCipherSets', { signal }),
  });
}

/** The settings of the appliance. */
export function useSettings() {
  return useQuery({
    queryKey: [...keys.config, 'settings'],
    queryFn: ({ signal }) => call('getSettings', { signal }),
  });
}

/** Revisions, newest first, older than `before` when given. */
export function useRevisions(limit: number, before?: number) {
  return useQuery({
    queryKey: [...keys.config, 'revisions', limit, before],
    queryFn: ({ signal }) =>
      call('listRevisions', { query: { limit, ...(before !== undefined && { before }) }, signal }),
  });
}

export function useRevision(id: number | undefined) {
  return useQuery({
    queryKey: [...keys.config, 'revision', id],
    queryFn: id === undefined ? skipToken : ({ signal }) => call('getRevision', { params: { id }, signal }),
  });
}

/** Samples for graphs of 'system', 'service:ID' or 'server:ID'; grows with every status event. */
export function useHistory(of: string, seconds: number) {
  return useQuery({
    queryKey: [...keys.history, of, seconds],
    queryFn: ({ signal }) => call('getHistory', { query: { of, seconds }, signal }),
    gcTime: 0,
  });
}

export function useOccurrences() {
  return useQuery({ queryKey: keys.occurrences, queryFn: ({ signal }) => call('listOccurrences', { signal }) });
}

/** The last status heard, or a part of it; undefined before the first. Renders again only when the part changes. */
export function useStatus(): Live | undefined;
export function useStatus<T>(select: (live: Live) => T): T | undefined;
export function useStatus<T>(select?: (live: Live) => T): Live | T | undefined {
  return useQuery<Live, Error, Live | T>({
    queryKey: keys.status,
    queryFn: skipToken,
    ...(select && { select }),
    structuralSharing: false,
  }).data;
}

export function useServiceStatus(id: number): ServiceStatus | undefined {
  return useStatus(live => live.services.get(id));
}

export function useServerStatus(id: number): ServerStatus | undefined {
  return useStatus(live => live.servers.get(id));
}

export function useConnection(): Connection {
  const { data } = useQuery<Connection>({ queryKey: keys.connection, queryFn: skipToken });
  return data ?? { state: 'connecting', heard: 0 };
}

/** The revision that the lists on screen come from, for `ifMatch`; undefined before the first status. */
export function useHead(): number | undefined {
  return useStatus(live => live.apply.head);
}

/** Asks again for all that a revision can change. */
export function useRefreshConfig(): () => Promise<void> {
  const client = useQueryClient();
  return () => client.invalidateQueries({ queryKey: keys.config });
}
