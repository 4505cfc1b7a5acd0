import { createContext, useContext } from 'react';
import { type Role, roles, type Session } from '../../../server/schema/account.ts';

const Context = createContext<Session | null>(null);

export const SessionProvider = Context.Provider;

/** Who is logged in. Only below the frame. */
export function useSession(): Session {
  const session = useContext(Context);
  if (!session) throw new Error('useSession outside of a session');
  return session;
}

/** Does the role of this session allow what needs at least `role`? Only for showing: the API decides. */
export function useMay(role: Role): boolean {
  const session = useSession();
  return roles.indexOf(session.role) >= roles.indexOf(role);
}
