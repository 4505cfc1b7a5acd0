import { existsSync, writeFileSync } from 'node:fs';
import { mkdir, open, readdir, readFile, realpath, rename, rm, symlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Compiled } from '../compile/compile.ts';
import { render } from '../compile/render.ts';
import type { Paths } from '../paths.ts';
import { type Config, emptyConfig } from '../schema/config.ts';
import { staple } from './stapling.ts';

/** A complete set of files on disk, in a folder of its own that is never changed afterwards. */
export interface Stage {
  folder: string;
  compiled: Compiled;
}

/** What is in force, as it is kept beside the live link for a start without a database. */
export interface Applied {
  revision: number;
  stage: string;
  config: Config;
  compiled: Compiled;
}

const KEPT = 5;

/** Writes a set into a fresh folder, on disk when it returns. */
export async function writeStage(paths: Paths, name: string, compiled: Compiled): Promise<Stage> {
  const folder = join(paths.stages, name);
  await rm(folder, { recursive: true, force: true });
  const files = Object.entries(render(compiled.proxy));
  const directories = [...new Set(['.', ...files.map(([file]) => dirname(file))])].map(part => join(folder, part));
  for (const directory of directories) await mkdir(directory, { recursive: true, mode: 0o700 });
  await Promise.all(files.map(([file, text]) => writeWhole(join(folder, file), text)));
  await staple(paths, folder, compiled.proxy.files);
  await Promise.all([paths.stages, ...directories].map(syncFolder));
  return { folder, compiled };
}

/** Does the folder hold exactly this set? Not after a disk that lost something. */
export async function isWhole(folder: string, compiled: Compiled): Promise<boolean> {
  const files = Object.entries(render(compiled.proxy));
  const found = await Promise.all(files.map(([file]) => readFile(join(folder, file), 'utf8').catch(() => undefined)));
  return files.every(([, text], at) => text === found[at]);
}

/** Makes a stage the live one: the only moment anything changes on disk. Atomic: a link is renamed over the old one. */
export async function flip(paths: Paths, folder: string): Promise<void> {
  const next = `${paths.live}.next`;
  await rm(next, { force: true });
  await symlink(join('stage', basename(folder)), next);
  await rename(next, paths.live);
}

/** Keeps what is in force for the next start; whole or not at all. */
export async function remember(paths: Paths, applied: Applied): Promise<void> {
  await writeWhole(`${paths.applied}.next`, JSON.stringify(applied));
  await rename(`${paths.applied}.next`, paths.applied);
  await syncFolder(paths.dataplane);
}

/**
 * From before the engine is told anything until that is remembered, a note says that it may run something else than
 * what is remembered. It need not outlast the machine: then the engine is gone as well.
 */
export const noteUnsure = (paths: Paths) => writeFileSync(unsureOf(paths), '', { mode: 0o600 });
export const isUnsure = (paths: Paths) => existsSync(unsureOf(paths));
export const forgetUnsure = (paths: Paths) => rm(unsureOf(paths), { force: true });
const unsureOf = (paths: Paths) => join(paths.dataplane, 'unsure');

/** Undefined before the first apply, or when the file cannot be read as what it is. */
export async function recall(paths: Paths): Promise<Applied | undefined> {
  try {
    const applied = JSON.parse(await readFile(paths.applied, 'utf8')) as Applied;
    return isKnown(applied) ? applied : undefined;
  } catch {
    return undefined;
  }
}

/**
 * What is live when nothing tells what it means: its files can run, and whatever is applied next replaces all of
 * them. Undefined when there are none.
 */
export async function recallLive(paths: Paths): Promise<Applied | undefined> {
  const stage = await realpath(paths.live).catch(() => undefined);
  if (!stage || !existsSync(join(stage, 'haproxy.cfg'))) return undefined;
  return {
    revision: 0,
    stage,
    config: emptyConfig(),
    compiled: {
      proxy: { sections: [], files: {} },
      addresses: [],
      packets: { services: [], outbound: [], transparent: false, dropOnFailure: false },
    },
  };
}

/** False for what recallLive() found. */
export const isKnown = (applied: Applied) => applied.compiled.proxy.sections.length > 0;

/** Removes all stages but the newest few and the named ones. */
export async function prune(paths: Paths, keep: readonly string[]): Promise<void> {
  const names = await readdir(paths.stages);
  const kept = new Set(keep.map(folder => basename(folder)));
  const old = names
    .filter(name => !kept.has(name))
    .sort((a, b) => Number.parseInt(b, 10) - Number.parseInt(a, 10))
    .slice(KEPT);
  for (const name of old) await rm(join(paths.stages, name), { recursive: true, force: true });
}

async function writeWhole(path: string, text: string): Promise<void> {
  const file = await open(path, 'w', 0o600);
  try {
    await file.writeFile(text);
    await file.datasync();
  } finally {
    await file.close();
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
