import { hasTable, setsCookie, usesSource } from './persistence.ts';
import { parameter, type State, type TestedPersistence, valuesOf } from './rule-test.ts';
import type { VirtualService } from './virtual-service.ts';

/**
 * What persistence makes of a request by itself: its key, and the server where a cookie names it. Which server an
 * entry of the table names only the engine knows.
 */
export function persistenceWords(vs: VirtualService, state: State, table = `vs${vs.id}`): TestedPersistence {
  const base = { mode: vs.persistence, service: vs.id, table, key: '', server: 0 };
  if (vs.persistence === 'none') return { ...base, words: 'Nothing is remembered of a client.' };
  if (setsCookie(vs.persistence)) {
    const own = cookiesOf(state).find(cookie => cookie.startsWith(`BALLAST${table.slice(2)}=`));
    const server = Number(/=s(\d+)/.exec(own ?? '')?.[1] ?? 0);
    if (own) return { ...base, key: own, server, words: 'Its cookie names a server.' };
    if (!usesSource(vs.persistence))
      return { ...base, words: 'It has no cookie of this service: a server is scheduled and set as cookie.' };
  }
  if (!hasTable(vs.persistence)) return { ...base, words: 'The engine finds the server.' };
  const key = markOf(vs, state) || (usesSource(vs.persistence) ? state.client : '');
  return { ...base, key, words: key ? '' : 'It lacks the mark by which clients are known: a server is scheduled.' };
}

const cookiesOf = (state: State) => valuesOf(state, 'cookie').flatMap(value => value.split(/;\s*/));

/** What a client is known by, before any digest is made of it. */
function markOf(vs: VirtualService, state: State): string {
  const first = (header: string) => valuesOf(state, header)[0] ?? '';
  switch (vs.persistence) {
    case 'super-http':
    case 'super-http-or-source-ip': {
      const [agent, login] = [first('user-agent'), first('authorization')];
      return agent ? `${agent}|${login}` : login;
    }
    case 'server-cookie':
    case 'server-cookie-or-source-ip': {
      const own = cookiesOf(state).find(cookie => cookie.startsWith(`${vs.persistenceCookie}=`));
      return own?.slice(vs.persistenceCookie.length + 1) ?? '';
    }
    case 'cookie-hash':
    case 'cookie-hash-or-source-ip':
      return first('cookie');
    case 'url-hash':
      return state.path;
    case 'host-header':
      return first('host').toLowerCase();
    case 'query-hash':
      return parameter(state.query, vs.persistenceQuery)[0] ?? '';
    case 'header':
      return first(vs.persistenceHeader);
    default:
      return '';
  }
}
