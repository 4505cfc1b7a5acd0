import { mkdir, open, readdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Compiled } from '../compile/compile.ts';
import { render } from '../compile/render.ts';
import type { Paths } from '../paths.ts';
import type { Config } from '../schema/config.ts';

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

/** Writes a set into a fresh folder. On disk when it returns only if `durable`. */
export async function writeStage(paths: Paths, name: string, compiled: Compiled, durable: boolean): Promise<Stage> {
  const folder = join(paths.stages, name);
  await rm(folder, { recursive: true, force: true });
  const files = Object.entries(render(compiled.proxy));
  for (const directory of new Set(['.', ...files.map(([file]) => dirname(file))]))
    await mkdir(join(folder, directory), { recursive: true, mode: 0o700 });
  await Promise.all(files.map(([file, text]) => writeWhole(join(folder, file), text, durable)));
  return { folder, compiled };
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
  await writeWhole(`${paths.applied}.next`, JSON.stringify(applied), true);
  await rename(`${paths.applied}.next`, paths.applied);
}

/** Undefined before the first apply, or when the file cannot be read as what it is. */
export async function recall(paths: Paths): Promise<Applied | undefined> {
  try {
    const applied = JSON.parse(await readFile(paths.applied, 'utf8')) as Applied;
    return applied.compiled.proxy.sections.length > 0 ? applied : undefined;
  } catch {
    return undefined;
  }
}

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

async function writeWhole(path: string, text: string, durable: boolean): Promise<void> {
  const file = await open(path, 'w', 0o600);
  try {
    await file.writeFile(text);
    if (durable) await file.datasync();
  } finally {
    await file.close();
  }
}
