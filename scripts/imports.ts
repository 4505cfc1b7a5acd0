import { existsSync, readFileSync } from 'node:fs';
import { basename, join, normalize } from 'node:path';
import { forbidden, type Room, rooms } from './rooms.ts';
import { filesIn, root } from './source-files.ts';

/** Every import of a source text, static, dynamic or for side effects: what it takes and from where. */
export function importsOf(source: string): { from: string; what: string }[] {
  const found: { from: string; what: string }[] = [];
  for (const [, what = '', from = ''] of source.matchAll(
    /^\s*(?:import|export)\s([^'"`;]*?)\bfrom\s*['"]([^'"]+)['"]/gm,
  ))
    found.push({ from, what });
  for (const [, from = ''] of source.matchAll(/^\s*import\s*['"]([^'"]+)['"]|/gm))
    if (from) found.push({ from, what: '' });
  for (const [, from = ''] of source.matchAll(/\bimport\(\s*['"]([^'"]+)['"]/g)) found.push({ from, what: '*' });
  return found;
}

/** What is wrong with the imports and the words of one file; `path` is relative to the project. Empty when all is well. */
export function complaintsOf(path: string, source: string): string[] {
  const room = rooms.find(r => path.startsWith(r.path));
  if (!room) return ['belongs to no room: add it to scripts/rooms.ts'];
  const complaints = importsOf(source).flatMap(({ from, what }) => whyNot(room, path, from, what) ?? []);
  if (/^index\.[jt]sx?$/.test(basename(path)))
    complaints.push('is a barrel: an import names the file that holds the thing');
  for (const { text, why, within = '', but } of forbidden)
    if (path.startsWith(within) && path !== but && text.test(source)) complaints.push(`holds ${text}: ${why}`);
  return complaints;
}

function whyNot(room: Room, path: string, from: string, what: string): string | undefined {
  if (from.startsWith('node:')) return whyNotNode(room, from, what);
  if (from.startsWith('.')) {
    const target = normalize(join(path, '..', from));
    if (target.startsWith('test/') && !room.mayImport.includes('test/'))
      return `imports ${target}: nothing imports a test`;
    const allowed = target.startsWith(room.path) || room.mayImport.some(start => target.startsWith(start));
    return allowed ? undefined : `imports ${target}, which ${room.path} may not`;
  }
  if (room.packages === 'any') return undefined;
  const allowed = room.packages.some(p => from === p || from.startsWith(p.endsWith('/') ? p : `${p}/`));
  return allowed ? undefined : `imports the package ${from}, which ${room.path} may not`;
}

function whyNotNode(room: Room, from: string, what: string): string | undefined {
  const allowed = Array.isArray(room.node) ? room.node.includes(from) : room.node;
  if (!allowed) return `imports ${from}, which ${room.path} may not`;
  if (from !== 'node:child_process') return undefined;
  if (!room.processes) return `starts programs (${from}), which ${room.path} may not`;
  if (/\bexec\b/.test(what) || !what.includes('{'))
    return 'takes exec of node:child_process, which runs a shell: take execFile or spawn';
  return undefined;
}

const SOURCES = ['server', 'web', 'firmware', 'scripts', 'bench', 'test'];

/** All complaints of the project, as `path: complaint`. */
export function allComplaints(): string[] {
  const known = new Set(['scripts/rooms.ts', 'scripts/imports.ts', 'test/imports.test.ts']);
  return filesIn(SOURCES, ['.ts', '.tsx', '.js', '.mjs'])
    .filter(path => !known.has(path) && existsSync(join(root, path)))
    .flatMap(path => complaintsOf(path, readFileSync(join(root, path), 'utf8')).map(text => `${path}: ${text}`));
}

if (import.meta.main) {
  const complaints = allComplaints();
  for (const complaint of complaints) console.log(complaint);
  process.exitCode = complaints.length > 0 ? 1 : 0;
}
