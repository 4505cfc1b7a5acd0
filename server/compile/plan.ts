import type { Effect } from '../schema/status.ts';
import { BUFFER_SIZE } from './haproxy/global.ts';
import type { ProxySet, Section, Server } from './proxy.ts';
import { portWord, serverWords } from './render.ts';

/** A command for HAProxy's runtime socket. `expect` is the source of an expression its answer must match. */
export interface Command {
  line: string;
  payload?: string;
  expect: string;
}

export interface Plan {
  effect: Effect;
  commands: Command[];
}

const QUIET = '^\\s*$';
/** Bytes. A command with its payload must fit into one buffer of HAProxy, less a reserve. */
const LARGEST_PAYLOAD = BUFFER_SIZE - 2048;
const RELOAD: Plan = { effect: 'reload', commands: [] };

/**
 * How to get from one set to another: nothing, runtime commands, or a reload (which needs no command).
 * Whatever is not known to be possible at runtime is a reload.
 */
export function plan(now: ProxySet, wanted: ProxySet): Plan {
  const files = fileCommands(now.files, wanted.files);
  if (!files || now.sections.length !== wanted.sections.length) return RELOAD;
  const commands: Command[] = [...files];
  for (const [at, section] of wanted.sections.entries()) {
    const more = sectionCommands(now.sections[at] as Section, section);
    if (!more) return RELOAD;
    commands.push(...more);
  }
  return { effect: commands.length > 0 ? 'runtime' : 'none', commands };
}

/** A certificate whose content alone changed is replaced in place; any other difference of files is a reload. */
function fileCommands(now: Record<string, string>, wanted: Record<string, string>): Command[] | undefined {
  const names = Object.keys(wanted);
  if (names.length !== Object.keys(now).length || names.some(name => !(name in now))) return undefined;
  const commands: Command[] = [];
  for (const name of names) {
    // What is below ocsp/ is ours, not the engine's.
    if (now[name] === wanted[name] || name.startsWith('ocsp/')) continue;
    const payload = wanted[name] as string;
    if (!name.startsWith('certs/') || payload.length > LARGEST_PAYLOAD) return undefined;
    commands.push(
      { line: `set ssl cert ${name}`, payload, expect: 'Transaction (created|updated)' },
      { line: `commit ssl cert ${name}`, expect: 'Success' },
    );
  }
  return commands;
}

function sectionCommands(now: Section, wanted: Section): Command[] | undefined {
  if (now.kind !== wanted.kind || now.name !== wanted.name || !same(now.lines, wanted.lines)) return undefined;
  const commands: Command[] = [];
  const before = new Map(now.servers.map(server => [server.name, server]));
  for (const server of wanted.servers) {
    const old = before.get(server.name);
    before.delete(server.name);
    const more = old ? serverCommands(wanted.name, old, server) : addCommands(wanted.name, server);
    if (!more) return undefined;
    commands.push(...more);
  }
  // A server that goes may still have connections, which `del server` refuses to cut: a reload lets them end.
  return before.size > 0 ? undefined : commands;
}

function serverCommands(backend: string, old: Server, server: Server): Command[] | undefined {
  if (!same(old.options, server.options) || old.moved !== server.moved) return undefined;
  // HAProxy 2.6 forgets the requests in a server's queue when its limit goes: they wait until they time out (seen).
  if (old.maxconn > 0 && server.maxconn === 0) return undefined;
  const name = `${backend}/${server.name}`;
  const admin: Command = { line: `set server ${name} state ${server.admin}`, expect: QUIET };
  const commands: Command[] = [];
  // Out first and in last: no client meets the server half changed.
  if (old.admin !== server.admin && server.admin === 'maint') commands.push(admin);
  if (old.address !== server.address || old.port !== server.port)
    commands.push({
      line: `set server ${name} addr ${server.address} port ${portWord(server)}`,
      expect: 'changed from|no need to change',
    });
  if (old.weight !== server.weight)
    commands.push({ line: `set server ${name} weight ${server.weight}`, expect: QUIET });
  if (old.maxconn !== server.maxconn)
    commands.push({ line: `set maxconn server ${name} ${server.maxconn}`, expect: QUIET });
  if (old.admin !== server.admin && server.admin === 'ready') commands.push(admin);
  return commands;
}

/** A new server at the end of a backend that allows it. HAProxy starts it in maintenance and without its check. */
function addCommands(backend: string, server: Server): Command[] | undefined {
  if (!server.dynamic) return undefined;
  const name = `${backend}/${server.name}`;
  // HAProxy refuses the word here and needs it not: the check of a server added at runtime speaks TLS only if told to.
  const words = serverWords(server).filter(one => one !== 'no-check-ssl');
  return [
    { line: `add server ${name} ${words.join(' ')}`, expect: 'New server registered' },
    ...(server.options.includes('check') ? [{ line: `enable health ${name}`, expect: QUIET }] : []),
    ...(server.options.includes('agent-check') ? [{ line: `enable agent ${name}`, expect: QUIET }] : []),
    ...(server.admin === 'ready' ? [{ line: `enable server ${name}`, expect: QUIET }] : []),
  ];
}

const same = (a: readonly string[], b: readonly string[]) =>
  a.length === b.length && a.every((line, at) => line === b[at]);
