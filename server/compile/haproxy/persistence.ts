import { followed, hasTable, setsCookie, usesSource } from '../../schema/persistence.ts';
import { canonical } from '../../schema/rules.ts';
import type { VirtualService } from '../../schema/virtual-service.ts';
import type { Lines, World } from '../lines.ts';
import { word } from '../word.ts';

/** Entries of one table; the oldest goes when there is one more. */
const SIZE = '200k';
/**
 * What clients send is not kept as it is: it may be long, or a secret. 128 bits of its SHA-256, in letters of which no
 * address consists, so that nobody can write over the entry of an address.
 */
const DIGEST = 'sha2(256),hex,bytes(0,32)';
/** How long a client may take to send the bytes that persistence needs; then it is scheduled without. */
const INSPECT = ['tcp-request inspect-delay 5s', 'tcp-response inspect-delay 5s'];
const KEY = 'txn.key';
const found = `{ var(${KEY}) -m found }`;

/**
 * How a returning client finds its server. The engine looks here before it schedules, and an entry that names a server
 * which is down counts as none: the client is scheduled and the entry overwritten.
 */
export function persistenceLines(vs: VirtualService, world: World): Lines {
  if (vs.persistence === 'none') return pinned(vs, world);
  const keys = keyLines(vs);
  const table = hasTable(vs.persistence) ? tableLines(vs, world) : [];
  const pin = pinned(vs, world);
  return { ...pin, backend: [...keys, ...table, ...(pin.backend ?? [])] };
}

const source = ({ persistenceMask4: v4, persistenceMask6: v6 }: VirtualService) =>
  v4 === 32 && v6 === 128 ? 'src' : `src,ipmask(${word(v4)},${word(v6)})`;

/** Where the key comes from: variable `txn.key`, not set when the client lacks the mark. */
function keyLines(vs: VirtualService): string[] {
  const set = (expression: string, condition = '') =>
    `${vs.type === 'http' ? 'http-request' : 'tcp-request content'} set-var(${KEY}) ${expression}${condition && ` if ${condition}`}`;
  const own = (): string[] => {
    switch (vs.persistence) {
      case 'none':
        return [];
      case 'source-ip':
        return [];
      case 'super-http':
      case 'super-http-or-source-ip':
        return [
          'http-request set-var(txn.login) req.fhdr(authorization)',
          set(`req.fhdr(user-agent),concat(|,txn.login),${DIGEST}`),
          set(`var(txn.login),${DIGEST}`, `!${found} { var(txn.login) -m found }`),
        ];
      case 'server-cookie':
      case 'server-cookie-or-source-ip':
        return [set(`req.cook(${word(vs.persistenceCookie)}),${DIGEST}`)];
      case 'active-cookie':
        return [cookieLine(vs)];
      case 'active-cookie-or-source-ip':
        // Before the engine takes its cookie out of the request.
        return [cookieLine(vs), set(source(vs), `!{ req.cook(BALLAST${word(vs.id)}) -m found }`)];
      case 'cookie-hash':
      case 'cookie-hash-or-source-ip':
        return [set(`req.fhdr(cookie),${DIGEST}`)];
      case 'url-hash':
        return [set(`path,${DIGEST}`)];
      case 'host-header':
        return [set('req.fhdr(host),lower')];
      case 'query-hash':
        return [set(`url_param(${word(vs.persistenceQuery)}),${DIGEST}`)];
      case 'header':
        return [set(`req.fhdr(${word(vs.persistenceHeader)}),${DIGEST}`)];
      case 'ssl-session':
        // RFC 5246, 7.4.1.2: the session id stands behind 43 bytes of record, message, version and random.
        return [
          ...INSPECT,
          set('req.payload_lv(43,1),hex', '{ req.ssl_hello_type 1 }'),
          'tcp-response content accept if { res.ssl_hello_type 2 }',
        ];
      case 'rdp-login':
      case 'rdp-login-or-source-ip':
        return [
          ...INSPECT.slice(0, 1),
          'tcp-request content set-var(txn.login) req.rdp_cookie(mstshash),lower if { req.rdp_cookie(mstshash) -m found }',
          set('str(user),concat(:,txn.login)', '{ var(txn.login) -m found }'),
        ];
      case 'rdp-broker':
      case 'rdp-broker-or-source-ip':
        return [
          ...INSPECT.slice(0, 1),
          'tcp-request content set-var(txn.token) req.rdp_cookie(msts) if { req.rdp_cookie(msts) -m found }',
          'persist rdp-cookie(msts)',
          ...(vs.persistence === 'rdp-broker' ? [] : [set(source(vs), '!{ var(txn.token) -m found }')]),
        ];
    }
  };
  const lines = own();
  const late = vs.persistence === 'active-cookie-or-source-ip' || vs.persistence === 'rdp-broker-or-source-ip';
  return usesSource(vs.persistence) && vs.persistence !== 'source-ip' && !late
    ? [...lines, set(source(vs), `!${found}`)]
    : lines;
}

function cookieLine(vs: VirtualService): string {
  const secure = vs.tls ? ' secure' : '';
  return `cookie BALLAST${word(vs.id)} insert indirect nocache httponly${secure} maxidle ${word(vs.persistenceTimeout)}s`;
}

/** The table, or that of the service which is followed, and what is looked up and left there. */
function tableLines(vs: VirtualService, world: World): string[] {
  const leader = followed(vs, world.config);
  const bySource = vs.persistence === 'source-ip';
  // Type ipv6 holds both families.
  const type = bySource ? 'ipv6' : `string len ${vs.persistence === 'host-header' ? 255 : 64}`;
  const where = leader ? ` table vs${word(leader.id)}` : '';
  const key = bySource ? source(vs) : `var(${KEY})`;
  const tracked = `track-sc2 ${key}${where}`;
  return [
    ...(leader ? [] : [`stick-table type ${type} size ${SIZE} expire ${word(vs.persistenceTimeout)}s peers tables`]),
    ...(vs.refreshPersistence ? [`${vs.type === 'http' ? 'http-request' : 'tcp-request content'} ${tracked}`] : []),
    ...stickLines(vs, world, key, where),
    ...learned(vs).map(expression => `stick store-response ${expression}${where}`),
  ];
}

/**
 * Settings, Always Check Persist: unless changes are accepted, a request behind the first of its connection leaves no
 * new entry; it may give an entry there is another server, for the one it names may be gone.
 */
function stickLines(vs: VirtualService, world: World, key: string, where: string): string[] {
  if (vs.type !== 'http' || world.settings.alwaysCheckPersistence === 'accept') return [`stick on ${key}${where}`];
  const table = where ? where.replace(' table ', '') : `vs${word(vs.id)}`;
  const seen = `sess.seen${word(vs.id)}`;
  return [
    `http-response set-var(${seen}) bool(true)`,
    `stick match ${key}${where}`,
    `stick store-request ${key}${where} if !{ var(${seen}) -m found } or { ${key},in_table(${table}) }`,
  ];
}

/** Marks that the server gives the client in its answer. */
function learned(vs: VirtualService): string[] {
  switch (vs.persistence) {
    case 'server-cookie':
    case 'server-cookie-or-source-ip':
      return [`res.cook(${word(vs.persistenceCookie)}),${DIGEST}`];
    case 'ssl-session':
      return ['res.payload_lv(43,1),hex'];
    default:
      return [];
  }
}

/**
 * Settings, Always Check Persist off: the server of a connection's first request gets all of them, unless it is down.
 * Content Switching looks at every request anyway.
 */
function pinned(vs: VirtualService, world: World): Lines {
  if (vs.type !== 'http' || vs.contentSwitching || world.settings.alwaysCheckPersistence !== 'no') return {};
  const at = `var(sess.at${word(vs.id)})`;
  return {
    backend: [`http-response set-${at} srv_name`],
    last: [`use-server %[${at}] if { ${at} -m found }`],
  };
}

/** Keeps numbers that stand for nothing in the followed service apart from those that do. */
const OWN_NUMBERS = 1_000_000;

/**
 * The numbers by which the engine knows servers, where names do not agree. Usually the server's own: one counted by
 * position would move clients of every server behind a removed one. Under fixed weighting the rank, for the engine
 * takes the lowest. A service that follows another has that one's number for each address both have, so that an entry
 * left under the one leads to the same machine under the other; of several ports at an address the first to the first.
 */
export function serverNumbers(vs: VirtualService, world: World): ReadonlyMap<number, number> {
  const leader = followed(vs, world.config);
  if (!leader) return ownNumbers(vs, world.servers);
  const theirs = world.config.realServers.filter(rs => rs.virtualService === leader.id).toSorted((a, b) => a.id - b.id);
  const numbers = ownNumbers(leader, theirs);
  const free = Map.groupBy(theirs, rs => canonical(rs.address));
  return new Map(
    world.servers.map(rs => {
      const same = free.get(canonical(rs.address))?.shift();
      return [rs.id, (same && numbers.get(same.id)) ?? OWN_NUMBERS + rs.id];
    }),
  );
}

function ownNumbers(vs: VirtualService, servers: World['servers']): ReadonlyMap<number, number> {
  if (vs.scheduling !== 'fixed-weighting') return new Map(servers.map(rs => [rs.id, rs.id]));
  return new Map(servers.toSorted((a, b) => b.weight - a.weight || a.id - b.id).map((rs, at) => [rs.id, at + 1]));
}

/** Words of one server's line; a server that has them cannot be added while the engine runs (2.6). */
export const cookieWords = (vs: VirtualService, id: number): string[] =>
  setsCookie(vs.persistence) ? ['cookie', word(`s${id}`)] : [];
