import { useQuery, useQueryClient } from '@tanstack/react-query';
import { call } from '../../api/call.ts';

const USERS = ['accounts', 'users'];
const KEYS = ['accounts', 'keys'];

export const useUsers = () => useQuery({ queryKey: USERS, queryFn: ({ signal }) => call('listUsers', { signal }) });

export const useKeys = () => useQuery({ queryKey: KEYS, queryFn: ({ signal }) => call('listKeys', { signal }) });

export const useOpenSessions = () =>
  useQuery({ queryKey: ['accounts', 'sessions'], queryFn: ({ signal }) => call('listSessions', { signal }) });

/** Asks again for users and keys: no event tells of them. */
export function useRefreshAccounts(): () => Promise<void> {
  const client = useQueryClient();
  return () => client.invalidateQueries({ queryKey: ['accounts'] });
}
